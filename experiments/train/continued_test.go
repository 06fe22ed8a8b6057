//go:build !race

package train

import (
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
)

// continuing is a small run of so many epochs, which continues one of a single epoch or none.
func continuing(epochs int, continued bool) experiments.Job {
	job := smallJob()
	job.Run.Config = job.Run.Config.Clone()
	if job.Run.ID, job.Run.Config.Epochs = "10000000", epochs; continued {
		job.Run.ID, job.Run.Config.Start = "c0000000", map[string]any{"continue": []float64{1}}
	}
	return job
}

// A run that continues a shorter one ends with the bits of one from scratch where the rates of the past agree: weights,
// state of the optimizer, and all that is measured. It says whom it continues, and what is its own.
func TestContinuedRunsAreThoseFromScratch(t *testing.T) {
	for name, options := range map[string]map[string]any{"constant": nil, "step": {"milestones": []float64{2}}} {
		of := func(job experiments.Job) experiments.Job {
			job.Run.Config.Schedule = experiments.Choice{Name: name, Options: options}
			return job
		}
		whole, err := record(t, of(continuing(3, false)), 0)
		if err != nil {
			t.Fatal(err)
		}
		parent := of(continuing(1, false))
		parent.Run.Config.Schedule = experiments.Choice{Name: "constant"} // a milestone behind its end is refused
		shorter, err := record(t, parent, 0)
		if err != nil {
			t.Fatal(err)
		}
		job, last := of(continuing(3, true)), lastCheckpoint(t, shorter)
		last.Run, job.Resume = "10000000", &last
		longer, err := record(t, job, 0)
		if err != nil {
			t.Fatal(err)
		}
		sameTensors(t, last.Step, lastCheckpoint(t, longer), lastCheckpoint(t, whole))
		want := values(whole)
		for metric, own := range values(longer) {
			if strings.HasPrefix(metric, "train/images") || strings.HasPrefix(metric, "train/data_wait") || len(own) == 0 {
				continue // of time
			}
			all := want[metric]
			for i, v := range own {
				if v != all[len(all)-len(own)+i] {
					t.Errorf("%s: %s[%d] is %v, from scratch %v", name, metric, i, v, all[len(all)-len(own)+i])
				}
			}
		}
		var log string
		var phase *experiments.Phase
		for _, r := range longer {
			if log += logLine(r); r.Phase != nil {
				phase = r.Phase
			}
		}
		if log != "continues run 10000000 after 1 epoch" {
			t.Errorf("the log says %q", log)
		}
		if phase == nil || phase.First != 3 || phase.Steps != 6 || phase.Epochs != 2 {
			t.Errorf("its own part is %+v, want 6 steps after 3", phase)
		}
	}
}

// What follows a course of all epochs is refused unless the study allows it.
func TestContinuingOtherRates(t *testing.T) {
	set, err := data.Open(t.Context(), "shapes", "", smallJob().Run.Config.Dataset.Options)
	if err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*experiments.Config){
		"": func(*experiments.Config) {},
		"start.continue: at step 1 the run of 1 epochs had another learning rate than one of 3 epochs has there": func(c *experiments.Config) {
			c.Schedule.Name = "cosine"
		},
		"start.continue: with patience 1": func(c *experiments.Config) { c.Patience = 1 },
		"start.continue: with optim.swa 0.5": func(c *experiments.Config) {
			c.Optim.Options["swa"] = 0.5
		},
	} {
		c := continuing(3, true).Run.Config
		change(&c)
		err := Check(c, set, 1)
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	c := continuing(3, true).Run.Config
	c.Schedule.Name, c.Start["other_rates"] = "cosine", true
	if err := Check(c, set, 1); err != nil {
		t.Errorf("allowed: got %v", err)
	}
}
