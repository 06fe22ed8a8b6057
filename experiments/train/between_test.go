//go:build !race

package train

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/strategy"
	"workbench/nn/rng"
)

// What is looked at between epochs is of the phase's streams, with the row and the label of each image.
func TestLookingAtStreams(t *testing.T) {
	job := strategyJob(t, "relabelled")
	x := begunTrainer(t, job)
	var rows, labels []int32
	part := data.Part{Set: x.set, Split: data.Train, Index: []int32{5, 4, 3, 2, 1, 0, 7, 6, 9}}
	logits := 0
	err := x.look(t.Context(), part, func(s strategy.Seen) error {
		rows, labels, logits = append(rows, s.Rows...), append(labels, s.Labels...), logits+len(s.Logits)
		return nil
	})
	if err != nil || fmt.Sprint(rows) != "[0 1 2 3 4 5 6 7 8]" || logits != 9*x.classes {
		t.Errorf("seen are the rows %v with %d logits (%v)", rows, logits, err)
	}
	for row, label := range labels {
		if want := x.set.Label(data.Train, part.Sample(row)); int(label) != want {
			t.Errorf("row %d has label %d, want %d", row, label, want)
		}
	}
	if err := x.look(t.Context(), part, func(strategy.Seen) error { return errBroken }); !errors.Is(err, errBroken) {
		t.Errorf("an error of who looks is lost: %v", err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := x.look(over, part, func(strategy.Seen) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted look ends with %v", err)
	}
}

// What a phase does before an epoch is told how far the run is, may draw numbers for that epoch, and is done once.
func TestWhatIsDoneBetweenEpochs(t *testing.T) {
	x := begunTrainer(t, strategyJob(t, "relabelled"))
	x.state.Epoch = 1
	calls := 0
	x.stage.Between = func(ctx context.Context, b strategy.Between) error {
		calls++
		if want := (strategy.At{Step: 3, Steps: 6, Epoch: 1, Epochs: 2}); b.At != want {
			t.Errorf("told is %+v, want %+v", b.At, want)
		}
		if got, want := b.Random("x"), rng.Key(3, "between/pretrain/x", 1); got != want {
			t.Errorf("the key is %d, want %d", got, want)
		}
		if err := b.Look(ctx, "more", nil); errorText(err) != `the phase has no stream "more"` {
			t.Errorf("another stream: %v", err)
		}
		if _, err := b.Read("none"); err == nil {
			t.Error("a state that is not there was read")
		}
		const path = "pretrain.targets.rows"
		values, err := b.Read(path)
		if err != nil || len(values) != 240 || values[0] != 0.25 {
			t.Errorf("read are %d values (%v)", len(values), err)
		}
		if err := b.Write(path, values[1:]); err == nil {
			t.Error("too few values were written")
		}
		return nil
	}
	for range 2 {
		if err := x.between(t.Context()); err != nil || calls != 1 || !x.state.Prepared {
			t.Errorf("called %d times (%v), prepared %v", calls, err, x.state.Prepared)
		}
	}
	x.state.Prepared = false
	x.stage.Between = func(context.Context, strategy.Between) error { return errBroken }
	if err := x.between(t.Context()); errorText(err) != "before the epoch: broken" || x.state.Prepared {
		t.Errorf("got %v, prepared %v", err, x.state.Prepared)
	}
}

// When the test split is measured and the state is saved: every so many epochs, and at the end.
func TestWhenIsMeasuredAndSaved(t *testing.T) {
	for _, c := range []struct {
		epochs, evaluate, save int
		measured, saved        string
	}{
		{5, 2, 3, "6 12 15", "9 15!"}, {5, 1, 1, "3 6 9 12 15", "3 6 9 12 15!"}, {4, 2, 2, "6 12", "6 12!"},
		{3, 0, 0, "3 6 9", "3 6 9!"}, {3, 7, 7, "9", "9!"}, {1, 1, 1, "3", "3!"},
	} {
		job := updateJob(func(config *experiments.Config) {
			config.Epochs, config.Evaluate.Every, config.Checkpoint.Every = c.epochs, c.evaluate, c.save
		})
		records, err := record(t, job, 0)
		if err != nil {
			t.Fatal(err)
		}
		measured, saved, trained := "", "", 0
		for _, r := range records {
			for _, p := range r.Points {
				switch p.Metric {
				case "test/top1":
					measured += fmt.Sprint(" ", p.Step)
				case "train/loss":
					trained++
				}
			}
			if r.Checkpoint != nil {
				saved += fmt.Sprint(" ", r.Checkpoint.Step)
				if r.Checkpoint.Final {
					saved += "!"
				}
			}
		}
		if measured != " "+c.measured || saved != " "+c.saved || trained != c.epochs {
			t.Errorf("%d epochs, measured every %d and saved every %d: measured at%s, saved at%s, %d means; want %s and %s", c.epochs,
				c.evaluate, c.save, measured, saved, trained, c.measured, c.saved)
		}
	}
}

// A run that ends with a phase has those up to it, and its phases are counted so.
func TestARunUntilAPhase(t *testing.T) {
	for until, want := range map[string]string{
		"":         "pretrain 0 of 2 from 0, 6 steps, 2 epochs from 0; probe 1 of 2 from 6, 20 steps, 10 epochs from 2; ",
		"pretrain": "pretrain 0 of 1 from 0, 6 steps, 2 epochs from 0; ",
	} {
		job := strategyJob(t, "byol")
		job.Run.Config.Strategy.Options = map[string]any{"hidden": 6, "projection": 4, "then": "probe"}
		job.Run.Config.Until = until
		if until == "" {
			job.Run.Config.Phases = map[string]any{"probe.batch": 12}
		}
		all, err := stages(job.Run.Config, opened(t, job), 3)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, s := range all {
			d := s.described()
			got += fmt.Sprintf("%s %d of %d from %d, %d steps, %g epochs from %g; ", d.Name, d.Index, d.Count, d.First, d.Steps, s.epochs(),
				s.before)
		}
		if got != want {
			t.Errorf("until %q: %s, want %s", until, got, want)
		}
	}
}
