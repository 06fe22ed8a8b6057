package main

import (
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"workbench/experiments"
	"workbench/experiments/escape"
	"workbench/experiments/metric"
	"workbench/experiments/supervise"
)

// display shows the training of a study while it goes on.
type display interface {
	observe(supervise.Event)
	errors() io.Writer // takes messages meanwhile
	close()
}

// newDisplay gives bars where lines can be rewritten, else a line an epoch. Todo are the runs that are to be trained,
// so many jobs at a time.
func (a *app) newDisplay(w worklist, todo []experiments.Run, jobs int, quiet bool) (display, error) {
	t := tracker{now: a.now, tracks: map[string]*track{}, study: newForecast(jobs), runs: len(todo), judged: metric.Test}
	if metric.Parse(w.study.Metric).Split == metric.Val {
		t.judged = metric.Val
	}
	for _, r := range todo {
		t.width = max(t.width, len([]rune(label(r))))
		work, err := w.work(r)
		if err != nil {
			return nil, err
		}
		t.study.expect(r, work.All())
	}
	switch {
	case quiet:
		return silence{os.Stderr}, nil
	case movable(os.Stderr):
		return newBars(os.Stderr, t), nil
	}
	return &lines{out: os.Stderr, tracker: t}, nil
}

func label(r experiments.Run) string { return fmt.Sprintf("%s seed %d", r.Cell, r.Seed) }

// tracker keeps what is known about the runs that are being trained.
type tracker struct {
	now    func() time.Time
	width  int // of the longest label, in characters
	tracks map[string]*track
	study  *forecast
	runs   int    // to be trained
	judged string // the split that is told of: where rates are chosen by held-out images, no test images'
	ended  int
}

type track struct {
	run      experiments.Run
	began    time.Time
	progress experiments.Progress
	last     map[string]float64 // newest values of metrics
	judged   string             // the split that is told of
	phase    string             // the running one
}

// follow takes an event in and gives the line that it deserves, "" if none.
func (t *tracker) follow(e supervise.Event) string {
	tr, known := t.tracks[e.Run.ID]
	if !known {
		tr = &track{run: e.Run, began: t.now(), last: map[string]float64{}, judged: t.judged}
		t.tracks[e.Run.ID] = tr
		t.study.begin(e.Run.ID)
	}
	switch {
	case e.Record == nil && e.Status == experiments.Running:
		if e.Attempt.Resume {
			return t.line(e.Run, "continues from its checkpoint")
		}
		return ""
	case e.Record == nil:
		delete(t.tracks, e.Run.ID)
		if e.Status == experiments.Interrupted { // it has not ended, and the study does not go on
			return t.line(e.Run, tr.end(e, t.now()))
		}
		t.study.end(e.Run.ID)
		t.ended++
		return t.line(e.Run, tr.end(e, t.now())+t.remaining())
	case e.Record.Progress != nil:
		tr.progress = *e.Record.Progress
		t.study.report(tr.progress, tr.run.Config.Batch)
	case e.Record.Phase != nil && e.Record.Phase.Name != "":
		p := e.Record.Phase
		tr.phase = p.Name
		return t.line(e.Run, fmt.Sprintf("phase %s, %d of %d", escape.Text(p.Name), p.Index+1, p.Count))
	case e.Record.Log != "":
		first, _, _ := strings.Cut(e.Record.Log, "\n")
		return t.line(e.Run, escape.Text(first))
	case len(e.Record.Points) > 0:
		return t.points(tr, e.Record.Points)
	}
	return ""
}

// remaining says how much of the study is left, "" if nothing is.
func (t *tracker) remaining() string {
	if t.ended >= t.runs {
		return ""
	}
	s := fmt.Sprintf("  (%d of %d runs", t.ended, t.runs)
	if left, known := t.study.left(); known {
		s += ", about " + took(left) + " left"
	}
	return s + ")"
}

// points are an epoch's if the mean training loss is among them, and the learning rate, which a run that diverges
// within an epoch does not tell. The last epoch of a length may be a part of one.
func (t *tracker) points(tr *track, points []experiments.Point) string {
	epoch, ended, phase := 0.0, false, ""
	for _, p := range points {
		tr.last[p.Metric] = p.Value
		switch n := metric.Parse(p.Metric); (metric.Name{Split: n.Split, Quantity: n.Quantity}).String() {
		case metric.TrainLoss:
			epoch, phase = p.Epoch, n.Phase
		case metric.TrainRate:
			ended = true
		}
	}
	if epoch == 0 || !ended && epoch != math.Trunc(epoch) {
		return ""
	}
	of := func(name string) string { return strings.TrimPrefix(phase+"/"+name, "/") }
	parts := []string{fmt.Sprintf("epoch %d", int(math.Ceil(epoch)))}
	whole := tr.run.Config.Epochs > 0 && phase == ""
	if whole {
		parts[0] += fmt.Sprintf("/%d", tr.run.Config.Epochs)
	}
	parts = append(parts, tr.values(of(metric.TrainLoss), of(metric.TrainTop1), of(tr.judged+"/top1"), of(tr.judged+"/knn_top1"))...)
	if speed, ok := tr.last[of(metric.TrainSpeed)]; ok {
		parts = append(parts, decimal(speed, 0)+speedUnit())
	}
	if tr.last[of(metric.TrainWait)] >= worthSaying {
		parts = append(parts, tr.values(of(metric.TrainWait))...)
	}
	if tr.progress.Left > 0 && (!whole || int(epoch+0.5) < tr.run.Config.Epochs) {
		parts = append(parts, "left "+took(tr.progress.Left))
	}
	return t.line(tr.run, strings.Join(parts, "  "))
}

func (tr *track) values(metrics ...string) []string {
	var parts []string
	for _, m := range metrics {
		if v, ok := tr.last[m]; ok {
			_, percent := percentOf(m)
			parts = append(parts, m+" "+value(m, v).text+percent)
		}
	}
	return parts
}

// worthSaying is from which share of the time on a wait for data is told while a run trains.
const worthSaying = 0.1

// speedUnit follows a training speed.
func speedUnit() string {
	_, unit := metric.Of(metric.TrainSpeed).Shown()
	return " " + unit
}

// end says how the run ended.
func (tr *track) end(e supervise.Event, now time.Time) string {
	switch e.Status {
	case experiments.Done:
		top1 := metric.Counterpart(metric.TestTop1, tr.judged)
		values := tr.values(metric.TrainTop1, top1)
		if len(values) == 0 { // of the last phase
			values = tr.values(metric.Kin(top1, tr.phase, slices.Collect(maps.Keys(tr.last))))
		}
		return strings.Join(append([]string{"done in " + took(now.Sub(tr.began))}, values...), "  ")
	case experiments.Interrupted:
		return "interrupted: " + escape.Text(e.Reason)
	case experiments.Diverged:
		return "DIVERGED: " + escape.Text(e.Reason)
	}
	return "FAILED: " + escape.Text(e.Reason)
}

// epochOf says where a run is, with the phase if it has several.
func epochOf(p experiments.Progress) string {
	s := fmt.Sprintf("epoch %d/%d", p.Epoch, p.Epochs)
	if p.Phase != "" {
		s = escape.Text(p.Phase) + " " + s
	}
	return s
}

func (t *tracker) line(r experiments.Run, said string) string {
	return fmt.Sprintf("%s  %s", t.padded(r), said)
}

func (t *tracker) padded(r experiments.Run) string {
	l := label(r)
	return escape.Text(l) + strings.Repeat(" ", max(t.width-len([]rune(l)), 0))
}

// lines is the display where output is no terminal: one line an epoch.
type lines struct {
	out io.Writer
	tracker
}

func (l *lines) observe(e supervise.Event) {
	if line := l.follow(e); line != "" {
		fmt.Fprintln(l.out, line)
	}
}

func (l *lines) errors() io.Writer { return l.out }
func (l *lines) close()            {}

// silence shows nothing; messages pass.
type silence struct{ out io.Writer }

func (s silence) observe(supervise.Event) {}
func (s silence) errors() io.Writer       { return s.out }
func (s silence) close()                  {}
