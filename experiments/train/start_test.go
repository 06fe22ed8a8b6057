//go:build !race

package train

import (
	"bytes"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/evaluate"
	"workbench/experiments/metric"
	"workbench/experiments/start"
	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/option"
	"workbench/nn/plan"
	"workbench/nn/weights"
)

// stillJob is a job whose weights do not move, so that its last state has those that it began with; running statistics
// do.
func stillJob() experiments.Job {
	job := smallJob()
	job.Run.Config.Optim.Options["lr"], job.Run.Config.Epochs = 1e-30, 1
	return job
}

// trainedOnce is the last state of a small run, with a moving average beside its weights.
func trainedOnce(t *testing.T) (experiments.Job, experiments.Checkpoint) {
	t.Helper()
	job := smallJob()
	job.Run.ID, job.Run.Config.Epochs, job.Run.Config.Optim.Options["ema"] = "before", 1, 0.5
	records, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	return job, lastCheckpoint(t, records)
}

// tensorOf is a state in a checkpoint.
func tensorOf(t *testing.T, c experiments.Checkpoint, name string) []float32 {
	t.Helper()
	for _, tensor := range c.Tensors {
		if tensor.Name == name {
			return tensor.Data
		}
	}
	t.Fatalf("no state %s", name)
	return nil
}

func logged(records []experiments.Record) string {
	var lines []string
	for _, r := range records {
		if line := logLine(r); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// A run that begins with another's weights has those: the moving average that was evaluated, or what the optimizer
// moved.
func TestARunBeginsWithTheWeightsOfAnother(t *testing.T) {
	before, last := trainedOnce(t)
	for _, kind := range start.Kinds {
		job := stillJob()
		job.Run.Config.Start = map[string]any{"from": "run:before", "weights": kind}
		job.Start = &experiments.Beginning{Config: before.Run.Config, Last: last}
		records, err := record(t, job, 0)
		if err != nil {
			t.Fatal(err)
		}
		name := map[string]string{start.Evaluated: "ema/", start.Trained: "model/"}[kind] + "layer2.0.conv1.weight"
		got, want := tensorOf(t, lastCheckpoint(t, records), "model/layer2.0.conv1.weight"), tensorOf(t, last, name)
		if !slices.Equal(got, want) {
			t.Errorf("%s: begins with %v, want %v", kind, got[:3], want[:3])
		}
		if said := logged(records); !strings.Contains(said, "begins with run:before") || !strings.Contains(said, "verdict: complete") {
			t.Errorf("the log says %q", said)
		}
	}
	job := stillJob()
	job.Run.Config.Start = map[string]any{"from": "run:before"}
	if _, err := record(t, job, 0); err == nil || !strings.Contains(err.Error(), "the last state of run before was not given") {
		t.Errorf("without it: %v", err)
	}
}

// written is a file with some tensors of a state.
func written(t *testing.T, last experiments.Checkpoint, keep func(path string) bool) string {
	t.Helper()
	var tensors []weights.Tensor
	all, _ := Weights(last, false)
	for _, tensor := range all {
		if keep(tensor.Name) {
			tensors = append(tensors, weights.Tensor{Name: "module." + tensor.Name, Shape: tensor.Shape, Data: tensor.Data})
		}
	}
	var file bytes.Buffer
	if err := weights.Write(&file, nil, tensors); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "net.safetensors")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A run begins with the weights of a file. A classifier that the file lacks is drawn by the seed, as it would be
// without the file; anything else that it lacks is an error unless the study allows it.
func TestARunBeginsWithTheWeightsOfAFile(t *testing.T) {
	_, last := trainedOnce(t)
	drawn, err := record(t, stillJob(), 0)
	if err != nil {
		t.Fatal(err)
	}
	body := written(t, last, func(path string) bool { return !strings.HasPrefix(path, "fc.") })
	job := stillJob()
	job.Run.Config.Start = map[string]any{"from": body}
	records, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	begun := lastCheckpoint(t, records)
	if !slices.Equal(tensorOf(t, begun, "model/conv1.weight"), tensorOf(t, last, "model/conv1.weight")) {
		t.Error("the first convolution is not the file's")
	}
	if !slices.Equal(tensorOf(t, begun, "model/fc.weight"), tensorOf(t, lastCheckpoint(t, drawn), "model/fc.weight")) {
		t.Error("the classifier is not the seed's")
	}
	job.Run.Config.Start = map[string]any{"from": written(t, last, func(string) bool { return true }), "skip": "fc.** layer3.0.conv1.*"}
	if records, err = record(t, job, 0); err != nil {
		t.Fatal(err)
	}
	begun = lastCheckpoint(t, records)
	for name, from := range map[string]experiments.Checkpoint{"model/fc.weight": lastCheckpoint(t, drawn),
		"model/layer3.0.conv1.weight": lastCheckpoint(t, drawn), "model/conv1.weight": last} {
		if !slices.Equal(tensorOf(t, begun, name), tensorOf(t, from, name)) {
			t.Errorf("%s is not what it was to begin with", name)
		}
	}
	part := written(t, last, func(path string) bool { return !strings.HasPrefix(path, "layer3.") })
	job.Run.Config.Start = map[string]any{"from": part}
	if _, err := record(t, job, 0); err == nil || !strings.Contains(err.Error(), "missing: layer3.0.conv1.weight") {
		t.Errorf("a file without a stage: %v", err)
	}
	job.Run.Config.Start["allow"] = "layer3.**"
	if _, err := record(t, job, 0); err != nil {
		t.Errorf("a file without a stage, which is allowed: %v", err)
	}
	job.Run.Config.Start["digest"] = strings.Repeat("0", 64)
	if _, err := record(t, job, 0); err == nil || !strings.Contains(err.Error(), "it is another file") {
		t.Errorf("another file than the run was made for: %v", err)
	}
}

// What a run began with is in its checkpoints: one that continues needs the file no more, and comes to the same.
func TestAContinuedRunNeedsNoStart(t *testing.T) {
	_, last := trainedOnce(t)
	path := written(t, last, func(string) bool { return true })
	job := smallJob()
	job.Run.Config.Start = map[string]any{"from": path}
	whole, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	halfway, _ := record(t, job, 12)
	saved := lastCheckpoint(t, halfway)
	if saved.Final {
		t.Fatal("the run ended before it was stopped")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	job.Resume = &saved
	rest, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	got, want := lastCheckpoint(t, rest), lastCheckpoint(t, whole)
	for _, tensor := range want.Tensors {
		if !slices.Equal(tensorOf(t, got, tensor.Name), tensor.Data) {
			t.Errorf("%s differs", tensor.Name)
		}
	}
}

// opening is a network with the weights of a state.
func opening(c experiments.Config, set data.Set, last experiments.Checkpoint) Opening {
	return Opening{Config: c, Info: set.Info(), Classes: len(set.Info().Classes), Batch: 16, Features: true,
		Fill: func(params []*nn.Param, write func(string, []float32) error) error {
			all, _ := Weights(last, true)
			for _, p := range params {
				i := slices.IndexFunc(all, func(t experiments.Tensor) bool { return t.Name == p.Path })
				if err := write(p.Path, all[i].Data); err != nil {
					return err
				}
			}
			return nil
		}}
}

// A network that is opened answers as it did when its run measured it, to the last bit of the loss.
func TestAnOpenedNetworkAnswersAsInItsRun(t *testing.T) {
	job := smallJob()
	records, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	set, err := data.Open(t.Context(), "shapes", "", job.Run.Config.Dataset.Options)
	if err != nil {
		t.Fatal(err)
	}
	n, err := Open(opening(job.Run.Config, set, lastCheckpoint(t, records)), plan.Reference{})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	c := evaluate.Classification{Classes: n.Classes}
	features := 0
	err = n.Look(t.Context(), data.Part{Set: set, Split: data.Test}, data.View{}, func(seen strategy.Seen) error {
		c.Add(seen.Logits, seen.Labels)
		features += len(seen.Features)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	measured := values(records)
	for _, v := range c.Values() {
		all := measured[metric.Name{Split: metric.Test, Quantity: v.Quantity}.String()]
		if all[len(all)-1] != v.Value {
			t.Errorf("%s is %v, the run measured %v", v.Quantity, v.Value, all[len(all)-1])
		}
	}
	if want := 20 * 16; features != want || n.Shape().Features != 16 {
		t.Errorf("%d features, want %d", features, want)
	}
	if logits, has := n.Answers(); !logits || !has {
		t.Error("logits or features are missing")
	}
}

// Every strategy's network gives the features that its logits are made of, where they are asked for: those of the copy
// that is evaluated, and those that a probe reads.
func TestOpenedNetworksGiveWhatTheirLogitsRead(t *testing.T) {
	for name := range strategyJobs {
		for _, then := range []string{"", "probe"} {
			c := strategyJob(t, name).Run.Config
			method, err := strategy.Lookup(name)
			if err != nil {
				t.Fatal(err)
			}
			if then != "" {
				if _, has := option.Find(method.Options, "then"); !has {
					continue
				}
				c.Strategy.Options = maps.Clone(c.Strategy.Options)
				c.Strategy.Options["then"] = then
			}
			opensWithFeatures(t, name+" "+then, c)
		}
	}
}

func opensWithFeatures(t *testing.T, name string, c experiments.Config) {
	t.Helper()
	set, err := data.Open(t.Context(), "shapes", "", c.Dataset.Options)
	if err != nil {
		t.Fatal(err)
	}
	var weights, biases [][]float32 // of the last layer, of each network whose logits are summed
	o := Opening{Config: c, Info: set.Info(), Classes: len(set.Info().Classes), Batch: 2, Features: true,
		Fill: func(params []*nn.Param, write func(string, []float32) error) error {
			for _, p := range params {
				values := make([]float32, p.Shape.Size())
				p.Fill(values, 1)
				switch {
				case strings.HasSuffix("."+p.Path, ".fc.weight"):
					weights = append(weights, values)
				case strings.HasSuffix("."+p.Path, ".fc.bias"):
					biases = append(biases, values)
				}
				if err := write(p.Path, values); err != nil {
					return err
				}
			}
			return nil
		}}
	n, err := Open(o, plan.Reference{})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	for i := range n.Images() {
		n.Images()[i] = float32(i%17)/17 - 0.5
	}
	if err := n.Pass(); err != nil {
		t.Fatal(err)
	}
	features, logits := n.eval.Output("features"), n.Logits()
	width := n.Shape().Features
	if width == 0 {
		t.Fatalf("%s gives no features", name)
	}
	for class := range len(logits) / 2 {
		want, each := 0.0, width/len(weights)
		for n, weight := range weights {
			want += float64(biases[n][class])
			for k := range each {
				want += float64(features[n*each+k]) * float64(weight[class*each+k])
			}
		}
		if got := float64(logits[class]); math.Abs(got-want) > 1e-4 {
			t.Errorf("%s: class %d has the logit %v, its features say %v", name, class, got, want)
		}
	}
}

// The copy by which a strategy evaluates gives way to what the optimizer moved; other states stay.
func TestWhatTheOptimizerMovedStandsForItsCopy(t *testing.T) {
	tensors := []experiments.Tensor{{Name: "fc.weight", Data: []float32{1}}, {Name: "teacher.fc.weight", Data: []float32{2}},
		{Name: "teacher.other", Data: []float32{3}}}
	for name, want := range map[string][]float32{"mean_teacher": {1, 1, 3}, "byol": {1, 2, 3}, "supervised": {1, 2, 3}} {
		c := experiments.Defaults()
		c.Strategy.Name = name
		var got []float32
		for _, moved := range Moved(c, tensors) {
			got = append(got, moved.Data...)
		}
		if !slices.Equal(got, want) || tensors[1].Data[0] != 2 {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
