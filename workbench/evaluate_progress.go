package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"workbench/experiments/answers"
	"workbench/experiments/data"
	"workbench/experiments/evaluate"
	"workbench/experiments/strategy"
)

// passing tells on a terminal how far an evaluation is, in one line that is written over and taken away at the end.
type passing struct {
	out  io.Writer // nil: nothing is told
	now  func() time.Time
	name string // of the network
	all  int    // images to pass; one that is seen in several ways counts several times

	done        int
	began, last time.Time
}

// passing tells of an evaluation where lines can be written over, and nothing elsewhere.
func (a *app) passing(quiet bool) *passing {
	p := &passing{now: a.now}
	if movable(os.Stderr) && !quiet {
		p.out = a.errors()
	}
	return p
}

const tellEvery = 200 * time.Millisecond

// begin is called before images of a network pass.
func (p *passing) begin(name string, all int) {
	p.name, p.all, p.done, p.began = name, all, 0, p.now()
}

// pass counts images.
func (p *passing) pass(n int) {
	p.done += n
	now := p.now()
	if p.out == nil || now.Sub(p.last) < tellEvery {
		return
	}
	p.last = now
	line := fmt.Sprintf("%s: %s of %s images", shortened(p.name, 40), count(int64(p.done)), count(int64(p.all)))
	if spent := now.Sub(p.began); p.done < p.all && spent > time.Second {
		line += ", left " + took(time.Duration(float64(spent)/float64(p.done)*float64(p.all-p.done)))
	}
	fmt.Fprint(p.out, "\r\x1b[K"+line)
}

// end takes the line away.
func (p *passing) end() {
	if p.out != nil && !p.last.IsZero() {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.last = time.Time{}
	}
}

// watchedLooker is a network whose answers are counted.
type watchedLooker struct {
	answers.Looker
	told *passing
}

func (w watchedLooker) Shape() evaluate.Shape { return w.Looker.Shape() }

func (w watchedLooker) Look(ctx context.Context, p data.Part, v data.View, each func(strategy.Seen) error) error {
	return w.Looker.Look(ctx, p, v, func(s strategy.Seen) error {
		w.told.pass(len(s.Rows))
		return each(s)
	})
}

// passes is how many images pass a network: what is measured, spoilt too, and what evaluators compare with.
func (e evaluation) passes(m *examined, parts answers.Parts, meters []*evaluate.Meter) int {
	all := parts.Test.Len() * (1 + len(e.uses))
	banks := map[evaluate.Bank]int{evaluate.Training: parts.Train.Len(), evaluate.HeldOut: parts.Val.Len()}
	for _, meter := range meters {
		all += banks[meter.Bank]
		delete(banks, meter.Bank)
	}
	return all * max(1, m.ways)
}
