//go:build !race

package train

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/metric"
	"workbench/nn"
	"workbench/nn/optim"
	"workbench/nn/plan"
)

// watched computes as the reference does. It keeps the training program that it compiled, and what that was told at
// each run.
type watched struct {
	plan.Reference
	program *plan.Program
	runs    []told
}

// told is what a training program reads beside images and labels.
type told struct {
	rate, momentum   float32
	step, microBatch int32
	key              [4]int32
}

func (w *watched) Compile(p *plan.Program, m plan.Memory) (plan.Executable, error) {
	exe, err := w.Reference.Compile(p, m)
	if err != nil || p.Optimizer == nil {
		return exe, err
	}
	w.program = p
	return listening{exe, w}, nil
}

type listening struct {
	plan.Executable
	watched *watched
}

func (l listening) RunAll() error {
	now := told{rate: l.Floats("lr")[0], step: l.Ints("step")[0]}
	if momentum := l.Floats("momentum"); momentum != nil {
		now.momentum = momentum[0]
	}
	if count := l.Ints("micro_batch"); count != nil {
		now.microBatch = count[0]
	}
	copy(now.key[:], l.Ints("key"))
	l.watched.runs = append(l.watched.runs, now)
	return l.Executable.RunAll()
}

// watch trains a job of updateJob and returns what the program was told, and the metrics.
func watch(t *testing.T, change func(*experiments.Config), seed uint64) (*watched, map[string][]float64) {
	t.Helper()
	job, w := updateJob(change), &watched{}
	job.Run.Seed = seed
	var records []experiments.Record
	err := Run(context.Background(), job, w, func(r experiments.Record) error {
		records = append(records, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return w, values(records)
}

// The program has the optimizer that the study asks for, with every setting at its value.
func TestSettingsReachTheOptimizer(t *testing.T) {
	set := func(pairs ...any) func(*experiments.Config) {
		return func(c *experiments.Config) {
			for i := 0; i < len(pairs); i += 2 {
				switch key := pairs[i].(string); key {
				case "name":
					c.Optim.Name = pairs[i+1].(string)
				case "micro_batch":
					c.MicroBatch = pairs[i+1].(int)
				default:
					c.Optim.Options[key] = pairs[i+1]
				}
			}
		}
	}
	sgd, once := optim.SGD{Momentum: 0.9}, plan.Gradients{MicroBatches: 1}
	for name, c := range map[string]struct {
		change    func(*experiments.Config)
		optimizer plan.Optimizer
		gradients plan.Gradients
		averaging plan.Averaging
	}{
		"nothing":   {set(), sgd, once, plan.Averaging{}},
		"momentum":  {set("momentum", 0.5), optim.SGD{Momentum: 0.5}, once, plan.Averaging{}},
		"nesterov":  {set("nesterov", true), optim.SGD{Momentum: 0.9, Nesterov: true}, once, plan.Averaging{}},
		"dampening": {set("dampening", 0.5), optim.SGD{Momentum: 0.9, Dampening: 0.5}, once, plan.Averaging{}},
		"norm":      {set("clip_norm", 0.1), sgd, plan.Gradients{MicroBatches: 1, ClipNorm: 0.1}, plan.Averaging{}},
		"values":    {set("clip_value", 1e-3), sgd, plan.Gradients{MicroBatches: 1, ClipValue: 1e-3}, plan.Averaging{}},
		"parts":     {set("micro_batch", 2), sgd, plan.Gradients{MicroBatches: 3}, plan.Averaging{}},
		"averages":  {set("ema", 0.9), sgd, once, plan.Averaging{Decay: 0.9}},
		"warm":      {set("ema", 0.9, "ema_warmup", true), sgd, once, plan.Averaging{Decay: 0.9, Warmup: true}},
		"adam": {set("name", "adam", "momentum", 0.8, "beta2", 0.95, "epsilon", 0.1),
			optim.Adam{Beta1: 0.8, Beta2: 0.95, Epsilon: 0.1}, once, plan.Averaging{}},
		"adamw": {set("name", "adamw"), optim.Adam{Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, Decoupled: true}, once, plan.Averaging{}},
		"rmsprop": {set("name", "rmsprop", "beta2", 0.8, "epsilon", 0.1, "centered", true),
			optim.RMSProp{Momentum: 0.9, Alpha: 0.8, Epsilon: 0.1, Centered: true}, once, plan.Averaging{}},
		"rmsprop_tf": {set("name", "rmsprop_tf"),
			optim.RMSProp{Momentum: 0.9, Alpha: 0.9, Epsilon: 1e-10, TensorFlow: true}, once, plan.Averaging{}},
		"lars": {set("name", "lars", "trust", 0.1), optim.LARS{Momentum: 0.9, Trust: 0.1}, once, plan.Averaging{}},
		"lamb": {set("name", "lamb", "momentum", 0.8, "beta2", 0.95, "epsilon", 0.1),
			optim.LAMB{Beta1: 0.8, Beta2: 0.95, Epsilon: 0.1}, once, plan.Averaging{}},
	} {
		w, _ := watch(t, func(config *experiments.Config) { config.Epochs = 1; c.change(config) }, 3)
		if p := w.program; p.Optimizer != c.optimizer || p.Gradients != c.gradients || p.Averaging != c.averaging {
			t.Errorf("%s: the program has %+v, %+v and %+v, want %+v, %+v and %+v", name,
				p.Optimizer, p.Gradients, p.Averaging, c.optimizer, c.gradients, c.averaging)
		}
	}
}

// Weights alone decay, at the full rate, unless the study says otherwise.
func TestDecayAndRateOfEveryParameter(t *testing.T) {
	type moved struct{ decay, scale float64 }
	for name, c := range map[string]struct {
		change func(*experiments.Config)
		want   func(path string, role nn.Role) moved
	}{
		"weights": {func(*experiments.Config) {}, func(_ string, role nn.Role) moved {
			return map[nn.Role]moved{nn.Weight: {0.001, 1}, nn.Bias: {0, 1}, nn.Scale: {0, 1}, nn.Shift: {0, 1}}[role]
		}},
		"all": {func(c *experiments.Config) { c.Optim.Options["decay_all"] = true },
			func(string, nn.Role) moved { return moved{0.001, 1} }},
		"groups": {func(c *experiments.Config) {
			c.Optim.Options["groups"] = []any{
				map[string]any{"match": "fc.*", "lr_scale": 0.1},
				map[string]any{"match": "**.bn?.*", "weight_decay": 0.5, "lr_scale": 3},
				map[string]any{"match": "layer1.**", "weight_decay": 0},
			}
		}, func(path string, role nn.Role) moved {
			switch {
			case path == "fc.weight":
				return moved{0.001, 0.1}
			case path == "fc.bias":
				return moved{0, 0.1}
			case strings.Contains(path, "bn"):
				return moved{0.5, 3}
			case strings.HasPrefix(path, "layer1."):
				return moved{0, 1}
			}
			return moved{0.001, 1}
		}},
		"blocks": {func(c *experiments.Config) { // stem, one block in each of three layers, classifier
			c.Optim.Options["layer_decay"], c.Optim.Options["decay_all"] = 0.5, true
			c.Optim.Options["groups"] = []any{map[string]any{"match": "layer1.**", "lr_scale": 2}}
		}, func(path string, _ nn.Role) moved {
			for i, layer := range []string{"fc.", "layer3.", "layer2."} {
				if strings.HasPrefix(path, layer) {
					return moved{0.001, math.Pow(0.5, float64(i))}
				}
			}
			if strings.HasPrefix(path, "layer1.") {
				return moved{0.001, 2 * math.Pow(0.5, 3)}
			}
			return moved{0.001, math.Pow(0.5, 4)}
		}},
	} {
		w, _ := watch(t, func(config *experiments.Config) { config.Epochs = 1; c.change(config) }, 3)
		roles := map[string]nn.Role{}
		for _, m := range w.program.Moves {
			role := nn.Weight
			switch path := m.Param.Name; {
			case path == "fc.bias":
				role = nn.Bias
			case strings.Contains(path, "bn") && strings.HasSuffix(path, ".weight"):
				role = nn.Scale
			case strings.Contains(path, "bn"):
				role = nn.Shift
			}
			roles[m.Param.Name] = role
			if got, want := (moved{m.Decay, m.Scale}), c.want(m.Param.Name, role); got != want {
				t.Errorf("%s: %s has decay and scale %v, want %v", name, m.Param.Name, got, want)
			}
		}
		if len(roles) != 23 {
			t.Errorf("%s: %d parameters move", name, len(roles))
		}
	}
}

// Rate and momentum are those of the step, not of its epoch, and steps are counted over epochs.
func TestEveryStepHasItsOwnRateAndMomentum(t *testing.T) {
	const epochs, steps, lr, base = 2, 3, 0.002, 0.5
	w, got := watch(t, func(c *experiments.Config) {
		c.Schedule = experiments.Choice{Name: "one_cycle", Options: map[string]any{"base_momentum": base}}
	}, 3)
	schedule, err := optim.LookupSchedule("one_cycle")
	if err != nil {
		t.Fatal(err)
	}
	how, length := schedule.Resolve(map[string]any{"base_momentum": base}), optim.Length{Epochs: epochs, Update: 1.0 / steps}
	factor, err := schedule.Rates(how, length)
	if err != nil {
		t.Fatal(err)
	}
	momentum := schedule.Momenta(how, length, 0.9)
	if len(w.runs) != epochs*steps {
		t.Fatalf("%d runs, want %d", len(w.runs), epochs*steps)
	}
	for i, run := range w.runs {
		epoch := float64(i) / steps
		if !nearly(run.rate, lr*factor(epoch)) || !nearly(run.momentum, momentum(epoch)) || run.step != int32(i) {
			t.Errorf("step %d is told the rate %v, the momentum %v and %d, want %v, %v and %d", i, run.rate, run.momentum, run.step,
				lr*factor(epoch), momentum(epoch), i)
		}
	}
	for epoch, recorded := range got[metric.TrainRate] {
		if last := w.runs[(epoch+1)*steps-1].rate; !nearly(last, recorded) {
			t.Errorf("the rate of epoch %d is recorded as %v, its last step had %v", epoch+1, recorded, last)
		}
	}
}

func nearly(got float32, want float64) bool {
	return math.Abs(float64(got)-want) <= 1e-6*math.Abs(want)
}

// No two runs of a network in training share a dropout mask, be it in one run's epochs, steps and micro-batches or with
// another seed. The same seed gives the same masks.
func TestDropoutDrawsAnewAtEveryRun(t *testing.T) {
	keys := func(seed uint64, microBatch int) [][4]int32 {
		w, _ := watch(t, func(c *experiments.Config) {
			c.Model.Options["dropout"], c.MicroBatch = 0.5, microBatch
		}, seed)
		var all [][4]int32
		for _, run := range w.runs {
			all = append(all, run.key)
		}
		return all
	}
	first := keys(3, 2)
	seen := map[[4]int32]bool{}
	for _, key := range slices.Concat(first, keys(4, 2), keys(3+1<<32, 2)) {
		seen[key] = true
	}
	if want := 3 * 2 * 3 * 3; len(seen) != want {
		t.Errorf("%d different keys, want %d: %v", len(seen), want, first)
	}
	if !slices.Equal(keys(3, 2), first) {
		t.Error("a second training with the same seed has other keys")
	}
}
