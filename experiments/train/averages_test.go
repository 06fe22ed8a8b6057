//go:build !race

package train

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/metric"
	"workbench/experiments/strategy"
	"workbench/nn/plan"
	"workbench/nn/weights"
)

//go:embed testdata/averages.safetensors
var recordedAverages []byte

// figures are the images of testdata/averages.py.
type figures struct{}

func (figures) Info() data.Info {
	return data.Info{Name: "figures", Classes: make([]string, 10), Channels: 3, Height: 8, Width: 8}
}
func (figures) Digest() string                { return "" }
func (figures) Len(s data.Split) int          { return map[data.Split]int{data.Train: 24, data.Test: 10}[s] }
func number(s data.Split, i int) int          { return map[data.Split]int{data.Test: 24}[s] + i }
func (figures) Label(s data.Split, i int) int { return 7 * number(s, i) % 10 }
func (figures) Pixels(s data.Split, i int, dst []uint8) error {
	for at, n := 0, number(s, i); at < len(dst); at++ {
		c, y, x := at/64, at/8%8, at%8
		dst[at] = uint8(37*n + 91*c + (n+3)*y*x + 29*(y+c)*(x+n))
	}
	return nil
}

func averaged(t *testing.T, epochs int, share float64) experiments.Job {
	t.Helper()
	job := strategyJob(t, "supervised")
	job.Run.Config.Epochs, job.Run.Config.Optim.Options["swa"] = epochs, share
	return job
}

// Six epochs from recorded weights, of which the last four are averaged: weights, statistics and losses are those of
// PyTorch's AveragedModel, update_bn and SWALR.
func TestAveragesAreThoseOfPyTorch(t *testing.T) {
	computesLong(t)
	file, err := weights.Read(bytes.NewReader(recordedAverages), int64(len(recordedAverages)))
	if err != nil {
		t.Fatal(err)
	}
	var facts struct {
		Losses []float64 `json:"test_loss"`
	}
	if err := json.Unmarshal([]byte(file.Metadata["facts"]), &facts); err != nil {
		t.Fatal(err)
	}
	job := averaged(t, 6, 0.5)
	c := &job.Run.Config
	c.Augment, c.Model.Options["width"] = nil, 4
	c.Optim.Options = map[string]any{"lr": 0.02, "momentum": 0.9, "weight_decay": 1e-4, "decay_all": true, "swa": 0.5, "swa_lr": 0.01}
	var records []experiments.Record
	tr := &trainer{job: job, backend: plan.Reference{}, set: figures{}, classes: 10, kept: map[string]experiments.Tensor{},
		emit: func(r experiments.Record) error { records = append(records, r); return nil }}
	defer tr.close()
	if tr.stages, err = stages(*c, tr.set, 1); err != nil {
		t.Fatal(err)
	}
	tr.stages[0].streams[0].Shuffle = false
	if err := tr.enter(0, 0); err != nil {
		t.Fatal(err)
	}
	if err := tr.start(); err != nil {
		t.Fatal(err)
	}
	want, written := map[string][]float32{}, 0
	for _, e := range file.Entries {
		values, err := file.Floats(e)
		if err != nil {
			t.Fatal(err)
		}
		if path, begins := strings.CutPrefix(e.Name, "start/"); begins {
			if err := tr.memory.Write(path, values); err != nil {
				t.Fatal(err)
			}
			written++
		} else {
			want[strings.TrimPrefix(e.Name, "final/")] = values
		}
	}
	if written != len(tr.params) || len(want) != written {
		t.Fatalf("recorded are %d and %d tensors, the network has %d", written, len(want), len(tr.params))
	}
	if err := tr.phase(t.Context()); err != nil {
		t.Fatal(err)
	}
	last := lastCheckpoint(t, records)
	for path, values := range want {
		most, off := 0.0, 0.0
		for i, got := range tensorOf(t, last, plan.AverageName(path)) {
			most, off = max(most, math.Abs(float64(values[i]))), max(off, math.Abs(float64(got-values[i])))
		}
		if !(off <= 1e-5*most) {
			t.Errorf("%s is off by %.1e of its largest number", path, off/most)
		}
	}
	for i, got := range values(records)[metric.TestLoss] {
		if !(math.Abs(got/facts.Losses[i]-1) <= 1e-5) {
			t.Errorf("after epoch %d the test loss is %v, PyTorch's %v", i+1, got, facts.Losses[i])
		}
	}
	if rates := values(records)[metric.TrainRate]; !slices.Equal(rates, []float64{0.02, 0.02, 0.02, 0.01, 0.01, 0.01}) {
		t.Errorf("the rates are %v", rates)
	}
}

// The first weights are taken at the end of the epoch where averaging begins, the last ones after the last step, also
// of an epoch that is not whole. Until then the average is the weights; between, nothing is taken.
func TestWhenWeightsAreTaken(t *testing.T) {
	for _, c := range []struct {
		share       float64
		steps, from int // steps of the phase, of which an epoch has 3
		want        []float64
	}{
		{0.5, 12, 2, []float64{0, 0, 0, 0, 0, 0, 1, 1, 0.5, 1, 1, 2. / 3}},
		{0.01, 6, 1, []float64{0, 0, 0, 1, 1, 0.5}},
		{0.5, 10, 2, []float64{0, 0, 0, 0, 0, 0, 1, 1, 0.5, 2. / 3}},
		{0.6, 15, 3, []float64{0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0.5, 1, 1, 2. / 3}},
		{0.61, 15, 4, []float64{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0.5}},
	} {
		s := stagesOf(t, averaged(t, 5, c.share))[0]
		s.total = int64(c.steps)
		if got := s.averagedFrom(); got != c.from {
			t.Errorf("%v of %d steps: averaging begins after epoch %d, want %d", c.share, c.steps, got, c.from)
		}
		var got []float64
		for i := range c.steps {
			got = append(got, s.decay(strategy.At{Step: i, Steps: c.steps}))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v of %d steps: the decays are %v, want %v", c.share, c.steps, got, c.want)
		}
	}
}

// Averaging leaves a training as it is; before it begins evaluations are those of the weights.
func TestAveragingChangesNoTraining(t *testing.T) {
	plain, err := record(t, averaged(t, 4, 0), 0)
	if err != nil {
		t.Fatal(err)
	}
	with, err := record(t, averaged(t, 4, 0.5), 0)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(values(plain)[metric.StepLoss], values(with)[metric.StepLoss]) {
		t.Error("averaging changes training")
	}
	a, b := values(plain)[metric.TestLoss], values(with)[metric.TestLoss]
	if len(b) != 4 || a[0] != b[0] || a[1] == b[1] || a[3] == b[3] {
		t.Errorf("test losses are %v, without averaging %v; want the first alike and no later one", b, a)
	}
	for _, tensor := range lastCheckpoint(t, plain).Tensors {
		if !slices.Equal(tensor.Data, tensorOf(t, lastCheckpoint(t, with), tensor.Name)) {
			t.Errorf("averaging changes %s", tensor.Name)
		}
	}
}

// A training that averages goes on bit for bit wherever it is interrupted, in an evaluation, too.
func TestAveragedTrainingsResumeBitForBit(t *testing.T) {
	computesLong(t)
	job := averaged(t, 3, 0.3)
	job.Run.Config.MicroBatch, job.Run.Config.Optim.Options["swa_lr"] = 4, 0.01
	job.Run.Config.Model.Options["dropout"] = 0.2
	resumesAnywhere(t, job)
}

// Where statistics cannot be computed, those of before stay, and the error says at what.
func TestStatisticsOfAveragesStayWhereTheyCannotBeComputed(t *testing.T) {
	job := averaged(t, 2, 0.1)
	tr, err := newTrainer(t.Context(), job, plan.Reference{}, func(experiments.Record) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	defer tr.close()
	if err := tr.start(); err != nil {
		t.Fatal(err)
	}
	before, err := tr.renewal.read()
	if err != nil || len(before) != 14 {
		t.Fatalf("%d running statistics (%v)", len(before), err)
	}
	tr.stages[0].streams[0].Part.Set = torn{tr.set}
	if err := tr.renew(t.Context()); err == nil || !strings.Contains(err.Error(), "statistics of averages: ") {
		t.Errorf("got error %v", err)
	}
	after, err := tr.renewal.read()
	for path, v := range before {
		if !slices.Equal(v, after[path]) {
			t.Errorf("%s is %v, was %v (%v)", path, after[path], v, err)
		}
	}
}

// torn is a set whose images can be read once in a while.
type torn struct{ data.Set }

func (f torn) Pixels(split data.Split, i int, dst []uint8) error {
	if i%5 == 0 {
		return errBroken
	}
	return f.Set.Pixels(split, i, dst)
}

// In each phase of every strategy that can average, the statistics that are computed anew have averages.
func TestEveryStrategyAverages(t *testing.T) {
	computesLong(t)
	const several = "moves the weights several times, an average takes them once; want 0"
	const short = "optim.swa: averaging would begin after epoch 1 of 1, which leaves nothing to average; want less, or more epochs"
	refused := map[string]string{
		"mean_teacher": "optim.swa: mean_teacher is evaluated by its teacher, which is an average already; want 0",
		"all_inputs":   "optim.swa: a step of all_inputs " + several,
		"in_turn":      "optim.swa: a step of in_turn " + several,
		"goes_on":      "phase second: " + short,
		"relabelled":   "phase probe: " + short,
	}
	for _, name := range strategy.Names() {
		job := strategyJob(t, name)
		job.Run.Config.Epochs, job.Run.Config.Optim.Options["swa"] = 4, 0.5
		all, err := stages(job.Run.Config, opened(t, job), 1)
		if want := refused[name]; want != "" {
			if got := errorText(err); !strings.HasSuffix(got, want) {
				t.Errorf("%s: got error %q, want %q", name, got, want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		tr, err := newTrainer(t.Context(), job, plan.Reference{}, func(experiments.Record) error { return nil })
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if tr.renewal == nil || len(tr.renewal.names) < 7 {
			t.Errorf("%s: no statistics are computed anew in its first phase of %d", name, len(all))
		}
		tr.close()
	}
}

// What leaves nothing to average is refused, and a network without batch norms has no statistics.
func TestAveragesThatCannotBe(t *testing.T) {
	for share, want := range map[float64]string{
		0.5: "", 0.51: "optim.swa: averaging would begin after epoch 2 of 2, which leaves nothing to average; want less, or more epochs",
	} {
		job := averaged(t, 2, share)
		if _, err := stages(job.Run.Config, opened(t, job), 1); errorText(err) != want {
			t.Errorf("%v: got error %v, want %q", share, err, want)
		}
	}
	job := averaged(t, 2, 0.5)
	job.Run.Config.Model.Options["norm"] = "group"
	tr, err := newTrainer(t.Context(), job, plan.Reference{}, func(experiments.Record) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	defer tr.close()
	if tr.renewal != nil {
		t.Error("a network without batch norms has statistics")
	}
}

// The work has a pass over the training images before each evaluation of an average.
func TestWorkHasThePassesForStatistics(t *testing.T) {
	for every, times := range map[int]float64{1: 3, 2: 2, 3: 2, 5: 1} {
		of := func(share float64) Work {
			job := averaged(t, 4, share)
			job.Run.Config.Evaluate.Every = every
			w, err := WorkOf(job.Run.Config, opened(t, job))
			if err != nil {
				t.Fatal(err)
			}
			return w
		}
		with, without := of(0.5), of(0)
		evaluations := math.Ceil(4/float64(every)) * 2 // batches of 8, of 10 images
		pass := without.Evaluation / evaluations
		if got := (with.Evaluation - without.Evaluation) / pass / 3; !(math.Abs(got-times) <= 0.02*times) || with.Training != without.Training {
			t.Errorf("evaluated every %d epochs: %v passes over the training images, want %v", every, got, times)
		}
	}
}
