package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"workbench/experiments"
	"workbench/experiments/escape"
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
	done    atomic.Int64
	failed  atomic.Int64
	lost    atomic.Int64 // diverged
	left    atomic.Int64 // nanoseconds of the whole study; 0: not known
}

// runBar is what the bar of a run shows; the terminal is drawn from another goroutine.
type runBar struct {
	bar   *mpb.Bar
	state atomic.Pointer[experiments.Progress]
}

const barWidth = 20 // characters

func newBars(out *os.File, t tracker) *bars {
	b := &bars{tracker: t, running: map[string]*runBar{}, plain: out}
	b.screen = mpb.New(mpb.WithOutput(out), mpb.WithWidth(barWidth), mpb.WithRefreshRate(150*time.Millisecond))
	began, runs := t.now(), t.runs
	b.all = b.screen.New(int64(runs), barStyle(), mpb.BarPriority(1<<20), b.labelled("all runs"),
		mpb.AppendDecorators(decor.Any(func(s decor.Statistics) string {
			parts := []part{{fmt.Sprintf("%d/%d done", b.done.Load(), runs), 9}, {took(t.now().Sub(began)), 1}}
			if n := b.failed.Load(); n > 0 {
				parts = append(parts, part{fmt.Sprintf("%d failed", n), 3})
			}
			if n := b.lost.Load(); n > 0 {
				parts = append(parts, part{fmt.Sprintf("%d diverged", n), 3})
			}
			if left := time.Duration(b.left.Load()); left > 0 {
				parts = append(parts, part{"left " + took(left), 2})
			}
			return " " + joined(parts, s.AvailableWidth-1)
		})))
	return b
}

// labelled puts a name before a bar, in a column as wide as the longest, if the terminal has room for that. The name
// takes half of a terminal at most.
func (b *bars) labelled(name string) mpb.BarOption {
	return mpb.PrependDecorators(decor.Any(func(s decor.Statistics) string {
		width := min(b.width, s.AvailableWidth/2)
		short := shortened(name, width)
		return short + strings.Repeat(" ", max(width-len([]rune(short)), 0)+1)
	}))
}

// part is a piece of a line; where the line is too short, those with the least worth go.
type part struct {
	text  string
	worth int
}

// joined are as many parts as fit into the width.
func joined(parts []part, width int) string {
	for {
		var texts []string
		least := 0
		for i, p := range parts {
			texts = append(texts, p.text)
			if p.worth < parts[least].worth {
				least = i
			}
		}
		line := strings.Join(texts, "  ")
		if len([]rune(line)) <= width || len(parts) <= 1 {
			return line
		}
		parts = slices.Delete(slices.Clone(parts), least, least+1)
	}
}

func barStyle() mpb.BarFillerBuilder {
	return mpb.BarStyle().Lbound("").Rbound("").Filler("━").Tip("━").Padding("─")
}

// observe is called for one event at a time.
func (b *bars) observe(e supervise.Event) {
	line := b.follow(e)
	if left, known := b.study.left(); known {
		b.left.Store(int64(left))
	}
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
	bar, err := b.screen.Add(0, barStyle().Build(), mpb.BarRemoveOnComplete(), b.labelled(escape.Text(label(run))),
		mpb.AppendDecorators(decor.Any(func(s decor.Statistics) string { return " " + r.line(s.AvailableWidth-1) })))
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
	switch e.Status {
	case experiments.Done:
		b.done.Add(1)
	case experiments.Failed:
		b.failed.Add(1)
	case experiments.Diverged:
		b.lost.Add(1)
	}
	b.all.Increment()
}

// line is what stands right of the bar, in so many characters. Loss and accuracy are those of the training split.
func (r *runBar) line(width int) string {
	p := r.state.Load()
	if p == nil {
		return "starting"
	}
	scale, percent := percentOf(metric.TrainTop1)
	parts := []part{{epochOf(*p), 9}, {"train loss " + value(metric.TrainLoss, p.Loss).text, 3},
		{"train accuracy " + decimal(scale*p.Top1, 1) + percent, 2}}
	if p.ImagesPerSec > 0 {
		parts = append(parts, part{decimal(p.ImagesPerSec, 0) + speedUnit(), 1}, part{"left " + took(p.Left), 4})
	}
	return joined(parts, width)
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
