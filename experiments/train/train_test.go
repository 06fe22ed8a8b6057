package train

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
	"workbench/nn/plan"
)

// smallJob trains resnet_mini-8 on 48 small pictures: 3 steps an epoch.
func smallJob() experiments.Job {
	c := experiments.Defaults()
	c.Dataset = experiments.Choice{Name: "shapes", Options: map[string]any{"train": 48, "test": 20}}
	c.Model = experiments.Choice{Name: "resnet_mini", Options: map[string]any{"depth": 8, "width": 4}}
	c.Augment = map[string]any{"pad": 2, "flip": true}
	c.Optim.Options["lr"], c.Batch, c.Epochs = 0.05, 16, 2
	return experiments.Job{
		Run:     experiments.Run{ID: "test", Config: c, Seed: 3},
		Attempt: experiments.Attempt{Run: "test", Number: 1},
		Threads: 1,
	}
}

// record trains the job and keeps what it reports, without progress, which depends on the clock; after stop records
// it is interrupted (0: never).
func record(t *testing.T, job experiments.Job, stop int) ([]experiments.Record, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var records []experiments.Record
	err := Run(ctx, job, plan.Reference{}, func(r experiments.Record) error {
		if r.Progress != nil {
			return nil
		}
		records = append(records, r)
		if len(records) == stop {
			cancel()
		}
		return nil
	})
	return records, err
}

// logLine is what a record says in the run's log, but for what a portrait lacks, which depends on the clock.
func logLine(r experiments.Record) string {
	if strings.HasPrefix(r.Log, "portrait, ") {
		return ""
	}
	return r.Log
}

func lastCheckpoint(t *testing.T, records []experiments.Record) experiments.Checkpoint {
	t.Helper()
	for i := len(records) - 1; i >= 0; i-- {
		if c := records[i].Checkpoint; c != nil {
			return *c
		}
	}
	t.Fatal("no checkpoint was reported")
	return experiments.Checkpoint{}
}

func values(records []experiments.Record) map[string][]float64 {
	m := map[string][]float64{}
	for _, r := range records {
		for _, p := range r.Points {
			if !metric.Of(p.Metric).Timed { // a measurement, not a result
				m[p.Metric] = append(m[p.Metric], p.Value)
			}
		}
	}
	return m
}

func TestTrainReportsEverything(t *testing.T) {
	began := time.Now()
	records, err := record(t, smallJob(), 0)
	if err != nil {
		t.Fatal(err)
	}
	slowest := 48 / time.Since(began).Seconds() // as if an epoch took as long as the whole run
	speeds := 0
	for _, r := range records {
		for _, p := range r.Points {
			if p.Metric != metric.TrainSpeed {
				continue
			}
			if speeds++; !(p.Value >= slowest) || math.IsInf(p.Value, 0) {
				t.Errorf("the speed of an epoch is %v images a second, want %v or more", p.Value, slowest)
			}
		}
	}
	if speeds != 2 {
		t.Errorf("%d speeds are recorded, want one an epoch", speeds)
	}
	if records[0].Environment["parameters"] == "" || records[0].Environment["backend"] != "reference" {
		t.Errorf("first record is %+v, want the environment", records[0])
	}
	if p := records[1].Phase; p == nil || p.Name != "" || p.Count != 1 || p.Steps != 6 {
		t.Errorf("second record is %+v, want the only phase, which begins now", records[1])
	}
	got := values(records)
	for metric, want := range map[string]int{
		metric.TrainLoss: 2, metric.TrainTop1: 2, metric.TrainRate: 2,
		metric.TestLoss: 2, metric.TestTop1: 2, metric.TestTop5: 2,
		metric.StepLoss: 6,
	} {
		if len(got[metric]) != want {
			t.Errorf("%s: got %d points, want %d", metric, len(got[metric]), want)
		}
	}
	c := lastCheckpoint(t, records)
	if !c.Final || c.Step != 6 {
		t.Errorf("last checkpoint: final %v at step %d, want true at 6", c.Final, c.Step)
	}
}

func sameTensors(t *testing.T, step int64, got, want experiments.Checkpoint) {
	t.Helper()
	if len(got.Tensors) != len(want.Tensors) || got.Step != want.Step {
		t.Fatalf("resumed at step %d: %d tensors at step %d, want %d at %d", step, len(got.Tensors), got.Step, len(want.Tensors), want.Step)
	}
	for i, tensor := range want.Tensors {
		for j, v := range tensor.Data {
			if math.Float32bits(got.Tensors[i].Data[j]) != math.Float32bits(v) {
				t.Fatalf("resumed at step %d: %s[%d] is %v, want %v", step, tensor.Name, j, got.Tensors[i].Data[j], v)
			}
		}
	}
}

func TestTrainRefusesOtherDataAndForeignCheckpoints(t *testing.T) {
	job := smallJob()
	job.Run.DataDigest = "0000"
	if _, err := record(t, job, 0); err == nil {
		t.Error("other data were accepted")
	}
	records, err := record(t, smallJob(), 2)
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	c := lastCheckpoint(t, records)
	c.Tensors = c.Tensors[1:]
	job = smallJob()
	job.Resume = &c
	if _, err := record(t, job, 0); err == nil {
		t.Error("a checkpoint without conv1.weight was accepted")
	}
}

// An attempt that continues on another number of threads, or with another backend, says that it gives other bits. One
// that continues as it began says nothing.
func TestResumeOnOtherThreadsIsSaid(t *testing.T) {
	fresh := func() experiments.Job { return updateJob(func(*experiments.Config) {}) }
	first, err := record(t, fresh(), 3)
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	resumed := func(c experiments.Checkpoint, backend plan.Backend, threads int) (logs string, last experiments.Checkpoint) {
		job := fresh()
		job.Resume, job.Attempt.Number, job.Threads = &c, 2, threads
		err := Run(t.Context(), job, backend, func(r experiments.Record) error {
			if logs += logLine(r); r.Checkpoint != nil {
				last = *r.Checkpoint
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return logs, last
	}
	begun := lastCheckpoint(t, first)
	const said = "continues, but not bit for bit: the checkpoint was made with reference on 1 threads, this attempt uses "
	for _, c := range []struct {
		backend plan.Backend
		threads int
		want    string
	}{{plan.Reference{}, 1, ""}, {plan.Reference{}, 2, said + "reference on 2"}, {renamed{}, 1, said + "another on 1"}} {
		logs, last := resumed(begun, c.backend, c.threads)
		if logs != c.want {
			t.Errorf("with %s on %d threads: the log is %q, want %q", c.backend.Name(), c.threads, logs, c.want)
		}
		if again, _ := resumed(last, c.backend, c.threads); again != "" {
			t.Errorf("with %s on %d threads: the second resume says so again: %q", c.backend.Name(), c.threads, again)
		}
	}
}

// renamed is the reference under another name.
type renamed struct{ plan.Reference }

func (renamed) Name() string { return "another" }
