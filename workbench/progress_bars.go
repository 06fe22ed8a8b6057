package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"workbench/experiments"
	"workbench/experiments/metric"
	"workbench/experiments/supervise"
)

// bars is the display on a terminal: a bar a running run, one for the study below, and lines that stay above.
type bars struct {
	tracker
	screen  *mpb.Progress
	plain   io.Writer // takes lines once the terminal is gone
	all     *mpb.Bar
	running map[string]*runBar
	ended   atomic.Int64
	failed  atomic.Int64
	lost    atomic.Int64 // diverged
}

// runBar is what the bar of a run shows; the terminal is drawn from another goroutine.
type runBar struct {
	bar   *mpb.Bar
	state atomic.Pointer[experiments.Progress]
}

const barWidth = 20 // characters

func newBars(out *os.File, t tracker, runs int) *bars {
	b := &bars{tracker: t, running: map[string]*runBar{}, plain: out}
	b.screen = mpb.New(mpb.WithOutput(out), mpb.WithWidth(barWidth), mpb.WithRefreshRate(150*time.Millisecond))
	began := t.now()
	name := "all runs"
	b.all = b.screen.New(int64(runs), barStyle(), mpb.BarPriority(1<<20),
		mpb.PrependDecorators(decor.Name(name+strings.Repeat(" ", max(t.width-len(name), 0)+1))),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string {
			line := fmt.Sprintf(" %d/%d done  %s", b.ended.Load(), runs, took(t.now().Sub(began)))
			if n := b.failed.Load(); n > 0 {
				line += fmt.Sprintf("  %d failed", n)
			}
			if n := b.lost.Load(); n > 0 {
				line += fmt.Sprintf("  %d diverged", n)
			}
			return line
		})))
	return b
}

func barStyle() mpb.BarFillerBuilder {
	return mpb.BarStyle().Lbound("").Rbound("").Filler("━").Tip("━").Padding("─")
}

// observe is called for one event at a time.
func (b *bars) observe(e supervise.Event) {
	line := b.follow(e)
	switch {
	case e.Record == nil && e.Status == experiments.Running:
		b.start(e.Run)
	case e.Record == nil:
		b.end(e)
	case e.Record.Progress != nil:
		if r := b.running[e.Run.ID]; r != nil {
			r.state.Store(e.Record.Progress)
			r.bar.SetTotal(e.Record.Progress.Steps+1, false) // a full bar would be complete before its last evaluation
			r.bar.SetCurrent(e.Record.Progress.Step)
		}
	case len(e.Record.Points) > 0:
		line = "" // epochs are seen in the bar
	}
	if line != "" {
		fmt.Fprintln(b, line)
	}
}

// Write puts lines above the bars. Once the terminal is gone there are no bars, and training goes on without them.
func (b *bars) Write(p []byte) (int, error) {
	n, err := b.screen.Write(p)
	if errors.Is(err, mpb.ErrDone[*mpb.Progress]{}) {
		return b.plain.Write(p)
	}
	return n, err
}

func (b *bars) start(run experiments.Run) {
	r := &runBar{}
	bar, err := b.screen.Add(0, barStyle().Build(), mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name(b.padded(run)+" ")),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return " " + r.String() })))
	if err != nil {
		return // the terminal is gone
	}
	r.bar = bar
	b.running[run.ID] = r
}

func (b *bars) end(e supervise.Event) {
	if r := b.running[e.Run.ID]; r != nil {
		r.bar.Abort(true)
		delete(b.running, e.Run.ID)
	}
	b.ended.Add(1)
	switch e.Status {
	case experiments.Failed:
		b.failed.Add(1)
	case experiments.Diverged:
		b.lost.Add(1)
	}
	b.all.Increment()
}

// String is what stands right of the bar.
func (r *runBar) String() string {
	p := r.state.Load()
	if p == nil {
		return "starting"
	}
	scale, percent := percentOf(metric.TrainTop1)
	return fmt.Sprintf("%s  loss %s  accuracy %s%s  %s%s  left %s", epochOf(*p), value(metric.TrainLoss, p.Loss).text,
		decimal(scale*p.Top1, 1), percent, decimal(p.ImagesPerSec, 0), speedUnit(), took(p.Left))
}

func (b *bars) errors() io.Writer { return b }

// close takes the bars away and leaves the lines.
func (b *bars) close() {
	for _, r := range b.running {
		r.bar.Abort(true)
	}
	b.all.Abort(true)
	b.screen.Wait()
}
