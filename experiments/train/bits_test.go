// The tests of this file compare bits that one goroutine computes. The race detector has nothing to see there, and
// makes that arithmetic ten times as slow.

//go:build !race

package train

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"

	"workbench/experiments"
	"workbench/nn/plan"
)

func TestResumeIsBitExactFromEveryStep(t *testing.T) { resumesAnywhere(t, smallJob()) }

// A network that a user has described is trained and continued as one of the zoo.
func TestResumeOfADescribedNetworkIsBitExact(t *testing.T) {
	job := smallJob()
	job.Run.Config.Model.Options = map[string]any{"width": 3}
	job.Run.Config.Model.Name = `mine{"layers":[{"conv":{"out":"$width","stride":4}},"batch_norm","relu",{"residual":["batch_norm",{"conv":"$in"},{"dropout":0.2}]},` +
		`{"max_pool":2},"flatten","classifier"],"name":"mine","parameters":{"width":4}}`
	resumesAnywhere(t, job)
}

// resumesAnywhere interrupts a run at each of its records, and continues it: it ends with the same bits, and records
// the same values, as one that nobody interrupted.
func resumesAnywhere(t *testing.T, job experiments.Job) {
	t.Helper()
	whole, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	want, wantPoints := lastCheckpoint(t, whole), values(whole)
	end := len(whole) - 2 // its points and its checkpoint are what a run ends with, after notes on its last evaluation and artefacts
	for whole[end-1].Log != "" || whole[end-1].Artefact != nil {
		end--
	}
	for stop := 1; stop <= end; stop++ {
		first, err := record(t, job, stop)
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("interrupted after record %d: got error %v, want context.Canceled", stop, err)
		}
		again := job
		c := lastCheckpoint(t, first)
		again.Resume, again.Attempt.Number = &c, 2
		second, err := record(t, again, 0)
		if err != nil {
			t.Fatalf("resumed at step %d: %v", c.Step, err)
		}
		sameTensors(t, c.Step, lastCheckpoint(t, second), want)
		points := values(second)
		for metric, all := range wantPoints {
			tail := all[len(all)-len(points[metric]):]
			for i, v := range points[metric] {
				if math.Float64bits(v) != math.Float64bits(tail[i]) {
					t.Errorf("resumed at step %d: %s[%d] is %v, want %v", c.Step, metric, i, v, tail[i])
				}
			}
		}
	}
}

// That is why it is not part of a run's identity.
func TestRecomputingChangesNoResult(t *testing.T) {
	whole, err := record(t, smallJob(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range plan.Recomputations() {
		job := smallJob()
		job.Run.Config.Recompute = mode
		records, err := record(t, job, 0)
		if err != nil {
			t.Fatal(err)
		}
		sameTensors(t, 0, lastCheckpoint(t, records), lastCheckpoint(t, whole))
		if got, all := records[0].Environment["plan_bytes"], whole[0].Environment["plan_bytes"]; (got == all) != (mode == "none") {
			t.Errorf("%s: the plan has %s bytes, %s without", mode, got, all)
		}
		if !reflect.DeepEqual(values(records), values(whole)) {
			t.Errorf("%s: got %v, want %v", mode, values(records), values(whole))
		}
	}
}

// A run that is interrupted in the middle of an epoch and continued ends with the same bits as an uninterrupted one,
// whatever kind of update it makes.
func TestResumeIsBitExactWithEveryUpdate(t *testing.T) {
	for name, change := range updates() {
		t.Run(name, func(t *testing.T) {
			job := updateJob(change)
			if ps := job.Run.Config.Validate(); len(ps) > 0 {
				t.Fatal(ps)
			}
			whole, err := record(t, job, 0)
			if err != nil {
				t.Fatal(err)
			}
			first, err := record(t, job, 4) // environment, phase, two steps
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("got error %v, want context.Canceled", err)
			}
			c := lastCheckpoint(t, first)
			if c.Step != 2 {
				t.Fatalf("interrupted at step %d, want 2", c.Step)
			}
			job.Resume, job.Attempt.Number = &c, 2
			second, err := record(t, job, 0)
			if err != nil {
				t.Fatal(err)
			}
			sameTensors(t, c.Step, lastCheckpoint(t, second), lastCheckpoint(t, whole))
			for metric, points := range values(second) {
				all := values(whole)[metric]
				if !slices.Equal(points, all[len(all)-len(points):]) || math.IsNaN(points[0]) {
					t.Errorf("%s is %v, want the end of %v", metric, points, all)
				}
			}
		})
	}
}
