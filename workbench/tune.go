package main

import (
	"context"
	"fmt"
	"time"

	"workbench/nn/bench"
	"workbench/nn/plan"
	"workbench/nn/plan/algorithms"
)

// defaultRules is the file that tuning writes.
const defaultRules = "rules.yaml"

// How long an algorithm is tried for a layer and a direction, in turn with the others.
const (
	tuningTurn  = 40 * time.Millisecond
	tuningTurns = 8
)

// tune measures the algorithms for the networks' convolutions, writes the rules that follow and shows both.
func (a *app) tune(ctx context.Context, b benching, cases []bench.Case) error {
	chooser, ok := backend(b.like.Threads).(plan.Chooser)
	if !ok {
		return fmt.Errorf("--tune: the backend %s has no choice of algorithms", backend(1).Name())
	}
	t := bench.Tuner{Backend: backend(b.like.Threads), Choices: chooser, Turn: tuningTurn, Turns: tuningTurns}
	last := time.Now()
	table, trials, err := t.Tune(ctx, cases, func(done, all int, layer algorithms.Layer) {
		if done == 0 || time.Since(last) > 5*time.Second {
			last = time.Now()
			a.log.Info("timing convolutions", "number", fmt.Sprintf("%d of %d", done+1, all), "layer", layer.String())
		}
	})
	if err != nil {
		return err
	}
	if err := algorithms.Write(b.rules, table); err != nil {
		return err
	}
	d := document{listings: []listing{tunedRules(table), tunedTrials(table, trials, chooser.Algorithms())}}
	if names := chooser.Algorithms(); len(names) == 1 {
		d.remarks = append(d.remarks, fmt.Sprintf("%s has no algorithm here beside %s: there was nothing to measure",
			backend(1).Name(), names[0]))
	}
	d.remarks = append(d.remarks, fmt.Sprintf("written to %s; %s=%s makes runs with algorithms: auto follow it", b.rules,
		rulesVariable, b.rules))
	return a.show(d)
}

// tunedRules shows the rules as their file has them.
func tunedRules(t *algorithms.Table) listing {
	l := listing{key: "rules", title: fmt.Sprintf("Rules of %s, library %d (%s)", t.Processor, t.Library, t.Digest()), columns: []column{
		{"algorithm", "algorithm", false}, {"direction", "direction", false}, {"kernel", "kernel", true}, {"stride", "stride", true},
		{"grouped", "grouped", false}, {"channels", "channels from", true}, {"most_channels", "to", true},
		{"pixels", "pixels from", true}, {"most_pixels", "to", true}}}
	number := func(n int) cell {
		if n == 0 {
			return cell{nil, missing}
		}
		return counted(int64(n))
	}
	for _, r := range t.Rules {
		l.rows = append(l.rows, []cell{text(r.Algorithm), text(string(r.Direction)), number(r.Kernel), number(r.Stride),
			{r.Grouped, fmt.Sprint(r.Grouped)},
			number(r.Channels), number(r.MostChannels), number(r.Pixels), number(r.MostPixels)})
	}
	return l
}

// tunedTrials shows what was measured: the milliseconds of a step by each algorithm, and which one the rules choose.
func tunedTrials(t *algorithms.Table, trials []algorithms.Trial, names []string) listing {
	l := listing{key: "trials", title: "Fastest training steps around one convolution",
		columns: []column{{"layer", "batch × channels, kernel → image", false}, {"direction", "direction", false}}}
	for _, name := range names {
		l.columns = append(l.columns, column{name + "_seconds", name + " ms", true})
	}
	l.columns = append(l.columns, column{"choice", "choice", false})
	for _, trial := range trials {
		row := []cell{text(trial.Layer.String()), text(string(trial.Direction))}
		for _, name := range names {
			c := cell{nil, missing}
			if s, tried := trial.Seconds[name]; tried {
				c = milliseconds(s)
			}
			row = append(row, c)
		}
		choice := t.Algorithm(trial.Direction, trial.Layer, func(name string) bool { return trial.Seconds[name] > 0 })
		l.rows = append(l.rows, append(row, text(choice)))
	}
	return l
}
