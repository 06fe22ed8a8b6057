//go:build !race

package train

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/nn/plan"
)

var errBroken = errors.New("broken")

// failing computes as the reference does until it is told to fail: at a run of a training program or of another one,
// when it compiles, or when the memory is read or written.
type failing struct {
	plan.Reference
	compile, train, evaluate, read, write int // which one fails, from 1; 0: none
}

func (f *failing) fails(left *int) error {
	if *left--; *left == 0 {
		return errBroken
	}
	return nil
}

func (f *failing) Compile(p *plan.Program, m plan.Memory) (plan.Executable, error) {
	if err := f.fails(&f.compile); err != nil {
		return nil, err
	}
	exe, err := f.Reference.Compile(p, m.(failingMemory).Memory)
	left := &f.evaluate
	if p.Optimizer != nil {
		left = &f.train
	}
	return failingRuns{exe, f, left}, err
}

func (f *failing) NewMemory() plan.Memory { return failingMemory{f.Reference.NewMemory(), f} }

type failingRuns struct {
	plan.Executable
	backend *failing
	left    *int
}

func (f failingRuns) RunAll() error {
	if err := f.backend.fails(f.left); err != nil {
		return err
	}
	return f.Executable.RunAll()
}

type failingMemory struct {
	plan.Memory
	backend *failing
}

func (f failingMemory) Read(name string, dst []float32) error {
	if err := f.backend.fails(&f.backend.read); err != nil {
		return err
	}
	return f.Memory.Read(name, dst)
}

func (f failingMemory) Write(name string, src []float32) error {
	if err := f.backend.fails(&f.backend.write); err != nil {
		return err
	}
	return f.Memory.Write(name, src)
}

// Whatever fails ends the run with an error that says where.
func TestWhatFailsEndsTheRun(t *testing.T) {
	for _, c := range []struct {
		backend failing
		job     experiments.Job
		want    string
	}{
		{failing{compile: 1}, smallJob(), "resnet_mini: broken"},
		{failing{compile: 2}, smallJob(), "resnet_mini: broken"},
		{failing{write: 1}, smallJob(), "broken"},
		{failing{train: 2}, smallJob(), "epoch 1: step 1: broken"},
		{failing{train: 5}, smallJob(), "epoch 2: step 4: broken"},
		{failing{evaluate: 1}, smallJob(), "epoch 1: evaluate: broken"},
		{failing{evaluate: 4}, smallJob(), "epoch 2: evaluate: broken"},
		{failing{read: 3}, smallJob(), "epoch 1: checkpoint: broken"},
		{failing{evaluate: 1}, strategyJob(t, "relabelled"), "epoch 1: before the epoch: evaluate: broken"},
		{failing{compile: 3}, strategyJob(t, "relabelled"), "phase probe: resnet_mini: broken"},
	} {
		backend := c.backend
		err := Run(t.Context(), c.job, &backend, func(experiments.Record) error { return nil })
		if !errors.Is(err, errBroken) || err.Error() != c.want {
			t.Errorf("%+v: got error %v, want %s", c.backend, err, c.want)
		}
	}
}

// A record that cannot be kept ends the run, whichever it is, and nothing is reported after it.
func TestARecordThatCannotBeKeptEndsTheRun(t *testing.T) {
	for _, job := range []experiments.Job{updateJob(func(*experiments.Config) {}), strategyJob(t, "relabelled")} {
		whole, err := record(t, job, 0)
		if err != nil {
			t.Fatal(err)
		}
		for n := 1; n <= len(whole); n++ {
			kept := 0
			err := Run(t.Context(), job, plan.Reference{}, func(r experiments.Record) error {
				if r.Progress != nil {
					return nil
				}
				if kept++; kept >= n {
					return errBroken
				}
				return nil
			})
			if !errors.Is(err, errBroken) || kept != n {
				t.Errorf("record %d, %+v, is not kept: %d were reported, and the run ends with %v", n, whole[n-1], kept, err)
			}
		}
	}
}

// A run whose time is over saves where it is, as one that is interrupted does.
func TestADeadlineSavesTheState(t *testing.T) {
	inner, cancel := context.WithCancel(t.Context())
	defer cancel()
	var records []experiments.Record
	err := Run(timedOut{inner}, smallJob(), plan.Reference{}, func(r experiments.Record) error {
		if r.Progress == nil {
			records = append(records, r)
		}
		if len(records) == 4 { // environment, phase, two steps
			cancel()
		}
		return nil
	})
	c := lastCheckpoint(t, records)
	if !errors.Is(err, context.DeadlineExceeded) || c.Step != 2 || c.Final || c.Run != "test" || c.Attempt != 1 {
		t.Errorf("got %v, with a checkpoint of step %d (final %v) of attempt %d of %q", err, c.Step, c.Final, c.Attempt, c.Run)
	}
}

// timedOut says that its time is over when it is cancelled, and so does what is derived from it.
type timedOut struct{ context.Context }

func (timedOut) Value(any) any { return nil }

func (c timedOut) Err() error {
	if c.Context.Err() != nil {
		return context.DeadlineExceeded
	}
	return nil
}

// A checkpoint that is not of this run is refused, and the error says what is wrong with it.
func TestForeignCheckpointsAreRefused(t *testing.T) {
	records, err := record(t, smallJob(), 3)
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	good := lastCheckpoint(t, records)
	for _, c := range []struct {
		change func(*experiments.Checkpoint)
		want   string
	}{
		{func(*experiments.Checkpoint) {}, ""},
		{func(c *experiments.Checkpoint) { c.State = []byte("{") }, "checkpoint of step 1: unexpected end"},
		{func(c *experiments.Checkpoint) { c.State = []byte(`{"phase":1}`) }, "checkpoint of step 1 is of phase 1, the run has 1"},
		{func(c *experiments.Checkpoint) { c.State = []byte(`{"phase":-1}`) }, "checkpoint of step 1 is of phase -1, the run has 1"},
		{func(c *experiments.Checkpoint) { c.Tensors = c.Tensors[1:] }, "checkpoint of step 1 lacks model/conv1.weight"},
		{func(c *experiments.Checkpoint) { c.Tensors[0].Data = c.Tensors[0].Data[1:] }, "checkpoint of step 1: "},
		{func(c *experiments.Checkpoint) { c.Tensors = append(c.Tensors, experiments.Tensor{Name: "model/more"}) },
			fmt.Sprintf("checkpoint of step 1 has %d tensors, the network %d", len(good.Tensors)+1, len(good.Tensors))},
	} {
		job, changed := smallJob(), good
		changed.Tensors = slices.Clone(good.Tensors)
		c.change(&changed)
		job.Resume, job.Attempt.Number = &changed, 2
		_, err := record(t, job, 0)
		if got := errorText(err); !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("got error %q, want %q", got, c.want)
		}
	}
}

// A run is of certain data: others are refused, those and data that nobody noted are not.
func TestDigestOfTheData(t *testing.T) {
	job := smallJob()
	digest := opened(t, job).Digest()
	for noted, want := range map[string]string{"": "", digest: "",
		"0000": "data set shapes has digest " + digest + ", the run was made for 0000: the data have changed"} {
		job.Run.DataDigest = noted
		x, err := newTrainer(t.Context(), job, plan.Reference{}, func(experiments.Record) error { return nil })
		if err == nil {
			x.close()
		}
		if errorText(err) != want {
			t.Errorf("noted is %q: %v, want %q", noted, err, want)
		}
	}
	job.Run.DataDigest = ""
	job.Run.Config.Dataset.Name = "shape"
	if _, err := record(t, job, 0); err == nil {
		t.Error("a set that is not there is opened")
	}
}
