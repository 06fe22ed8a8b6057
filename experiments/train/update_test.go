package train

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/metric"
	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/optim"
)

// updates returns changes of a configuration, by name. Together they cover everything that an update can keep between
// steps, with every optimizer among them.
func updates() map[string]func(*experiments.Config) {
	decay := 0.01
	all := map[string]func(*experiments.Config){
		"averages":       func(c *experiments.Config) { c.Optim.Options["ema"] = 0.9 },
		"averages, warm": func(c *experiments.Config) { c.Optim.Options["ema"], c.Optim.Options["ema_warmup"] = 0.999, true },
		"equal averages": func(c *experiments.Config) {
			c.Optim.Options["swa"], c.Optim.Options["swa_lr"], c.MicroBatch = 0.2, 0.001, 3
			c.Model.Options["dropout"] = 0.3
		},
		"micro-batches":  func(c *experiments.Config) { c.MicroBatch, c.Optim.Options["ema"] = 3, 0.9 },
		"clipped norm":   func(c *experiments.Config) { c.Optim.Options["clip_norm"] = 0.5 },
		"clipped values": func(c *experiments.Config) { c.Optim.Options["clip_value"] = 0.01 },
		"cycled momentum": func(c *experiments.Config) {
			c.Schedule = experiments.Choice{Name: "one_cycle", Options: map[string]any{"base_momentum": 0.8}}
		},
		"restarts": func(c *experiments.Config) {
			c.Schedule = experiments.Choice{Name: "restarts", Options: map[string]any{"period": 0.7}}
		},
		"dampening":        func(c *experiments.Config) { c.Optim.Options["dampening"] = 0.2 },
		"centered rmsprop": func(c *experiments.Config) { c.Optim.Name, c.Optim.Options["centered"] = "rmsprop", true },
		"groups": func(c *experiments.Config) {
			c.Optim.Options["groups"] = []any{
				map[string]any{"match": "conv1.**", "frozen": true},
				map[string]any{"match": "bn1.**", "frozen": true},
				map[string]any{"match": "fc.*", "lr_scale": 0.1, "weight_decay": decay},
			}
		},
	}
	for _, name := range optim.Names() {
		all[name] = func(c *experiments.Config) { c.Optim.Name = name }
	}
	return all
}

// updateJob returns smallJob with the change and with a smaller rate, at which no optimizer diverges.
func updateJob(change func(*experiments.Config)) experiments.Job {
	job := smallJob()
	job.Run.Config.Optim.Options["lr"], job.Run.Config.Optim.Options["weight_decay"] = 0.002, 0.001
	job.Run.Config.Dataset.Options["train"], job.Run.Config.Dataset.Options["test"] = 18, 4
	job.Run.Config.Model.Options["width"], job.Run.Config.Batch = 2, 6
	change(&job.Run.Config)
	return job
}

// finished trains the job. It returns the tensors of its last checkpoint by name, and its metrics.
func finished(t *testing.T, job experiments.Job) (map[string]experiments.Tensor, map[string][]float64) {
	t.Helper()
	records, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	tensors := map[string]experiments.Tensor{}
	for _, tensor := range lastCheckpoint(t, records).Tensors {
		tensors[tensor.Name] = tensor
	}
	return tensors, values(records)
}

// convAtStart returns the values with which the first convolution of a run with the seed begins.
func convAtStart(tensors map[string]experiments.Tensor, seed uint64) []float32 {
	conv := &nn.Param{Path: "conv1.weight", Shape: op.Shape(tensors["model/conv1.weight"].Shape)}
	conv.Init = nn.HeFanOut(conv.Shape)
	start := make([]float32, conv.Shape.Size())
	conv.Fill(start, seed)
	return start
}

func TestGroupsDecideWhatMoves(t *testing.T) {
	job := updateJob(func(c *experiments.Config) {
		c.Optim.Options["groups"] = []any{
			map[string]any{"match": "conv1.weight", "frozen": true},
			map[string]any{"match": "bn1.**", "frozen": true},
			map[string]any{"match": "**", "lr_scale": 1e-9},
		}
	})
	tensors, _ := finished(t, job)
	start := func(p *nn.Param) []float32 {
		v := make([]float32, p.Shape.Size())
		p.Fill(v, job.Run.Seed)
		return v
	}
	if !slices.Equal(tensors["model/conv1.weight"].Data, convAtStart(tensors, job.Run.Seed)) {
		t.Error("a frozen weight has moved")
	}
	if _, kept := tensors["optim/momentum/conv1.weight"]; kept {
		t.Error("a frozen weight has a momentum")
	}
	if _, kept := tensors["optim/momentum/fc.weight"]; !kept {
		t.Error("a weight that moves has no momentum")
	}
	free, _ := finished(t, updateJob(func(*experiments.Config) {}))
	far := func(tensors map[string]experiments.Tensor) float64 {
		fc := &nn.Param{Path: "fc.weight", Shape: op.Shape(tensors["model/fc.weight"].Shape)}
		fc.Init = nn.FanInUniform(fc.Shape[1])
		sum := 0.0
		for i, v := range start(fc) {
			sum += math.Abs(float64(tensors["model/fc.weight"].Data[i] - v))
		}
		return sum
	}
	if slow, fast := far(tensors), far(free); !(slow < fast/100 && fast > 0) {
		t.Errorf("with a rate of 1e-9 the classifier moves by %v, without by %v", slow, fast)
	}
}

// A norm whose parameters are frozen keeps its statistics, and has no averages to keep. One whose shift alone is frozen
// does not.
func TestFrozenNormsKeepTheirStatistics(t *testing.T) {
	tensors, _ := finished(t, updateJob(func(c *experiments.Config) {
		c.Optim.Options["ema"] = 0.9
		c.Optim.Options["groups"] = []any{
			map[string]any{"match": "bn1.**", "frozen": true},
			map[string]any{"match": "layer1.0.bn1.bias", "frozen": true},
		}
	}))
	for path, frozen := range map[string]bool{"bn1": true, "layer1.0.bn1": false, "layer1.0.bn2": false} {
		for statistic, start := range map[string]float32{"running_mean": 0, "running_var": 1} {
			name := path + "." + statistic
			stayed := !slices.ContainsFunc(tensors["model/"+name].Data, func(v float32) bool { return v != start })
			if _, averaged := tensors["ema/"+name]; stayed != frozen || averaged == frozen || len(tensors["model/"+name].Data) == 0 {
				t.Errorf("%s: stayed at %v: %v, want %v; it has an average: %v", name, start, stayed, frozen, averaged)
			}
		}
	}
}

// Frozen norms normalise with their running statistics, so that no image sees which others are in its batch:
// micro-batches change nothing but the order of sums. With statistics of the batch they do.
func TestFrozenNormsSeeNoBatch(t *testing.T) {
	losses := func(frozen bool, microBatch int) []float64 {
		_, got := finished(t, updateJob(func(c *experiments.Config) {
			c.MicroBatch = microBatch
			if frozen {
				c.Optim.Options["groups"] = []any{map[string]any{"match": "**.bn?.**", "frozen": true}}
			}
		}))
		return got[metric.StepLoss]
	}
	apart := func(frozen bool) float64 {
		whole, parts, most := losses(frozen, 0), losses(frozen, 2), 0.0
		for i := range whole {
			most = max(most, math.Abs(whole[i]-parts[i]))
		}
		return most
	}
	if frozen, free := apart(true), apart(false); !(frozen < 1e-4 && free > 1e-2) {
		t.Errorf("losses with and without micro-batches differ by %v if norms are frozen and by %v if not, "+
			"want below 1e-4 and above 1e-2", frozen, free)
	}
}

func TestGroupsAreCheckedAgainstTheNetwork(t *testing.T) {
	for _, c := range []struct {
		groups []any
		want   string
	}{
		{[]any{map[string]any{"match": "layr1.**"}}, `optim.groups: group 1: no parameter matches "layr1.**": did you mean layer1.**`},
		{[]any{map[string]any{"match": "**.bias"}, map[string]any{"match": "fc.bias"}},
			`optim.groups: group 2: all that "fc.bias" matches, such as fc.bias, belongs to groups before it`},
		{[]any{map[string]any{"match": "**", "frozen": true}}, "optim.groups: every parameter is frozen"},
		{[]any{map[string]any{"match": "bn1.running_*"}}, `optim.groups: group 1: no parameter matches "bn1.running_*"`},
	} {
		job := updateJob(func(config *experiments.Config) { config.Optim.Options["groups"] = c.groups })
		if _, err := record(t, job, 0); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("training: got error %v, want %s", err, c.want)
		}
		s := experiments.DefaultStudy()
		s.Name, s.Base = "groups", job.Run.Config
		if _, err := s.Networks(openInfo); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("before training: got error %v, want %s", err, c.want)
		}
	}
}

// With a decay near zero the average is the last step's weights. With a decay near one it stays at the start.
func TestEvaluationUsesTheAverages(t *testing.T) {
	lr := func(c *experiments.Config) { c.Optim.Options["lr"] = 0.05 }
	_, plain := finished(t, updateJob(lr))
	tensors, last := finished(t, updateJob(func(c *experiments.Config) { lr(c); c.Optim.Options["ema"] = 1e-12 }))
	still, first := finished(t, updateJob(func(c *experiments.Config) { lr(c); c.Optim.Options["ema"] = 1 - 1e-12 }))
	for i, want := range convAtStart(still, updateJob(lr).Run.Seed) {
		if got := still["ema/conv1.weight"].Data[i]; math.Abs(float64(got-want)) > 1e-6 {
			t.Fatalf("the average of conv1.weight[%d] began at %v, want the weight's own start %v", i, got, want)
		}
	}
	for _, v := range still["ema/bn1.running_var"].Data {
		if math.Abs(float64(v)-1) > 1e-6 {
			t.Fatalf("the average of bn1.running_var began at %v, want 1", v)
		}
	}
	for i, want := range plain[metric.TestLoss] {
		if got := last[metric.TestLoss][i]; math.Abs(got-want) > 1e-5 {
			t.Errorf("epoch %d, average of the last step: loss %v, want %v", i+1, got, want)
		}
	}
	if math.Abs(first[metric.TestLoss][0]-first[metric.TestLoss][1]) > 1e-5 ||
		math.Abs(first[metric.TestLoss][1]-plain[metric.TestLoss][1]) < 1e-3 {
		t.Errorf("averages that stay at the start have losses %v, training %v", first[metric.TestLoss], plain[metric.TestLoss])
	}
	for _, name := range []string{"ema/conv1.weight", "ema/bn1.running_mean", "model/bn1.running_var"} {
		if _, kept := tensors[name]; !kept {
			t.Errorf("the checkpoint has no %s", name)
		}
	}
	if !slices.Equal(plain[metric.StepLoss], last[metric.StepLoss]) {
		t.Errorf("averaging changes training: %v, want %v", last[metric.StepLoss], plain[metric.StepLoss])
	}
}

// openInfo describes a data set that needs no files.
func openInfo(d experiments.Choice) (data.Info, error) {
	set, err := data.Open(context.Background(), d.Name, "", d.Options)
	if err != nil {
		return data.Info{}, err
	}
	return set.Info(), nil
}
