//go:build !race

package train

import (
	"context"
	"math"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/portrait"
)

func layersOf(t *testing.T, tr *trainer) portrait.Layers {
	t.Helper()
	layers, err := tr.layers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return layers
}

// plainDescent is a job whose step is the gradient times the rate.
func plainDescent() experiments.Job {
	job := smallJob()
	job.Run.Config.Optim.Options = map[string]any{"lr": 0.25, "momentum": 0.0, "weight_decay": 0.0}
	return job
}

// Where a step is the gradient times the rate, what the training program changes is measured by another program than
// the gradient. Weights are those in the memory.
func TestNormsOfPlainGradientDescent(t *testing.T) {
	tr := steppedTrainer(t, plainDescent(), 2)
	layers := layersOf(t, tr)
	if len(layers.Params) < 20 || layers.Params[0].Path != "conv1.weight" || layers.Params[0].Elements != 4*3*9 {
		t.Fatalf("parameters %+v", layers.Params)
	}
	rate := tr.rate(0)
	for _, p := range layers.Params {
		tensor, err := tr.tensor(p.Path)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, v := range tensor.Data {
			sum += float64(v) * float64(v)
		}
		if math.Abs(float64(p.Weight)-math.Sqrt(sum)) > 1e-9 || p.Elements != len(tensor.Data) {
			t.Errorf("%s: weight %v, want %v", p.Path, p.Weight, math.Sqrt(sum))
		}
		if g := float64(p.Gradient); !(g > 0) || math.Abs(float64(p.Update)/rate-g) > 1e-4*g+2e-6 {
			t.Errorf("%s: the step changes it by %v at rate %v, the gradient is %v", p.Path, p.Update, rate, g)
		}
	}
}

// The gradient's norm is how fast the loss changes along the gradient, here by central differences of the training
// program's loss.
func TestGradientNormsAreSlopes(t *testing.T) {
	job := plainDescent()
	job.Run.Config.Model.Options["activation"] = "silu" // no kinks
	tr := steppedTrainer(t, job, 1)
	layers := layersOf(t, tr)
	tr.state.Step = 0
	lossAt := func(path string, start []float32, by float64, direction []float64) float64 {
		moved := make([]float32, len(start))
		for i, v := range start {
			moved[i] = float32(float64(v) + by*direction[i])
		}
		kept := statesOf(t, tr)
		defer writeStates(t, tr, kept)
		if err := tr.memory.Write(path, moved); err != nil {
			t.Fatal(err)
		}
		return firstLoss(t, tr)
	}
	for _, p := range layers.Params {
		if p.Path != "conv1.weight" && p.Path != "layer2.0.bn1.weight" && !strings.HasPrefix(p.Path, "fc.") {
			continue
		}
		before, _ := tr.tensor(p.Path)
		kept := statesOf(t, tr)
		firstLoss(t, tr)
		after, _ := tr.tensor(p.Path)
		writeStates(t, tr, kept)
		direction := make([]float64, len(before.Data))
		for i := range direction {
			direction[i] = (float64(before.Data[i]) - float64(after.Data[i])) / float64(p.Update)
		}
		const by = 0.01
		slope := (lossAt(p.Path, before.Data, by, direction) - lossAt(p.Path, before.Data, -by, direction)) / (2 * by)
		if g := float64(p.Gradient); math.Abs(slope-g) > 0.01*g+1e-4 {
			t.Errorf("%s: the loss rises by %v along the gradient, whose norm is said to be %v", p.Path, slope, g)
		}
	}
}

// statesOf are those of a trainer, by name.
func statesOf(t *testing.T, tr *trainer) map[string][]float32 {
	t.Helper()
	all := map[string][]float32{}
	for _, name := range tr.names {
		tensor, err := tr.tensor(name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = tensor.Data
	}
	return all
}

func writeStates(t *testing.T, tr *trainer, all map[string][]float32) {
	t.Helper()
	for name, values := range all {
		if err := tr.memory.Write(name, values); err != nil {
			t.Fatal(err)
		}
	}
}

// firstLoss makes the first step of the epoch and returns its loss.
func firstLoss(t *testing.T, tr *trainer) float64 {
	t.Helper()
	for all, err := range tr.batchesOf(t.Context(), 0, 0) {
		if err != nil {
			t.Fatal(err)
		}
		loss, err := tr.turn(tr.turns[0], all)
		if err != nil {
			t.Fatal(err)
		}
		return loss
	}
	t.Fatal("no batch")
	return 0
}

// Units whose shift is far below 0 are dead, and no others; those of an addition that still gets something are not.
func TestDeadUnits(t *testing.T) {
	tr := steppedTrainer(t, smallJob(), 0)
	shift := make([]float32, 4)
	if err := tr.memory.Read("layer1.0.bn1.bias", shift); err != nil {
		t.Fatal(err)
	}
	before := layersOf(t, tr)
	shift[1], shift[3] = -1000, -1000
	if err := tr.memory.Write("layer1.0.bn1.bias", shift); err != nil {
		t.Fatal(err)
	}
	got := layersOf(t, tr)
	if len(before.Units) != len(got.Units) || len(got.Units) < 7 || got.Units[0].Path != "bn1" {
		t.Fatalf("units %+v", got.Units)
	}
	for i, u := range got.Units {
		want := before.Units[i]
		if u.Path == "layer1.0.bn1" {
			want.Dead = 2
		}
		if u != want || before.Units[i].Dead != 0 && u.Path == "layer1.0.bn1" {
			t.Errorf("got %+v, want %+v", u, want)
		}
	}
}

// What is counted as dead is what is 0 in the whole maps.
func TestDeadUnitsByWholeMaps(t *testing.T) {
	output := map[string][]float32{"a": {0, 0, 1, 0, 0, 0}, "b": {0, 2, 0}, "c": {float32(math.NaN()), 0}}
	got := deadUnits([]rectified{{"x", "a", 3}, {"y", "c", 2}, {"x", "b", 3}}, func(name string) []float32 { return output[name] })
	want := []portrait.Units{{Path: "x", Units: 3, Dead: 1}, {Path: "y", Units: 2, Dead: 1}}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Looking changes nothing that is trained, whatever an update keeps.
func TestLookingAtLayersChangesNoBit(t *testing.T) {
	all := updates()
	for _, name := range []string{"averages", "equal averages", "micro-batches", "cycled momentum", "groups", "adam"} {
		all := all[name]
		if all == nil {
			t.Fatalf("there is no update %s", name)
		}
		t.Run(name, func(t *testing.T) { sameAfterLook(t, updateJob(all)) })
	}
	t.Run("sharpness", func(t *testing.T) {
		sameAfterLook(t, updateJob(func(c *experiments.Config) { c.Optim.Options["sam"] = 0.05 }))
	})
	t.Run("dropout", func(t *testing.T) {
		sameAfterLook(t, updateJob(func(c *experiments.Config) { c.Model.Options["dropout"] = 0.3 }))
	})
	t.Run("queue", func(t *testing.T) { sameAfterLook(t, strategyJob(t, "moco_v2")) })
}

// sameAfterLook makes two steps with a look between them, and without.
func sameAfterLook(t *testing.T, job experiments.Job) {
	t.Helper()
	ends := map[bool]map[string][]float32{}
	cursors := map[bool]cursor{}
	for _, looks := range []bool{false, true} {
		tr := steppedTrainer(t, job, 1)
		if looks {
			for _, p := range layersOf(t, tr).Params {
				if !p.Weight.Finite() || !(p.Update > 0) && !strings.Contains(p.Path, "predictor") {
					t.Errorf("%+v", p)
				}
			}
		}
		for all, err := range tr.batchesOf(t.Context(), 0, 1) {
			if err != nil {
				t.Fatal(err)
			}
			if err := tr.step(all); err != nil {
				t.Fatal(err)
			}
			break
		}
		ends[looks], cursors[looks] = statesOf(t, tr), tr.state
	}
	for name, want := range ends[false] {
		for i, v := range want {
			if math.Float32bits(v) != math.Float32bits(ends[true][name][i]) {
				t.Fatalf("%s[%d] is %v after a look, want %v", name, i, ends[true][name][i], v)
			}
		}
	}
	if a, b := cursors[false], cursors[true]; a.Loss != b.Loss || a.Step != b.Step || a.Correct != b.Correct {
		t.Errorf("the cursor is %+v after a look, want %+v", b, a)
	}
}

// Every strategy's first phase has layers with numbers, or none, and says so without an error.
func TestLayersOfEveryStrategy(t *testing.T) {
	computesLong(t)
	for name := range strategyJobs {
		t.Run(name, func(t *testing.T) {
			tr := steppedTrainer(t, strategyJob(t, name), 0)
			layers := layersOf(t, tr)
			if (len(layers.Params) == 0) != (len(tr.stage.Turns) > 0) {
				t.Errorf("%d parameters", len(layers.Params))
			}
			for _, p := range layers.Params {
				if !p.Weight.Finite() || !p.Gradient.Finite() || !p.Update.Finite() {
					t.Errorf("%+v", p)
				}
			}
			for _, u := range layers.Units {
				if u.Dead > u.Units || u.Units == 0 {
					t.Errorf("%+v", u)
				}
			}
		})
	}
}

// An interrupted look leaves everything as it was.
func TestInterruptedLook(t *testing.T) {
	tr := steppedTrainer(t, smallJob(), 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	before := tr.state
	if _, err := tr.layers(ctx); err == nil || tr.state.Step != before.Step {
		t.Errorf("got error %v, step %d", err, tr.state.Step)
	}
}
