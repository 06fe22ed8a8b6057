package optim_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/option"
	"workbench/nn/plan"
)

// optimizerSteps are eight steps of an optimizer on a matrix of 2×3 and a vector of 3. PyTorch made them, or
// testdata/algorithms.py where PyTorch lacks the optimizer. Settings are in PyTorch's spelling.
type optimizerSteps struct {
	Name     string
	Settings struct {
		Momentum, Dampening, Alpha, Eps, Trust float64
		Betas                                  []float64
		Centered                               bool
	}
	Decay              float64
	Double             bool
	Start, Rates       []float64
	Gradients, Weights [][]float64
}

func (c optimizerSteps) optimizer(t *testing.T) plan.Optimizer {
	t.Helper()
	o, err := optim.Lookup(c.Name)
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]any{"momentum": c.Settings.Momentum, "dampening": c.Settings.Dampening, "beta2": c.Settings.Alpha,
		"epsilon": c.Settings.Eps, "trust": c.Settings.Trust, "centered": c.Settings.Centered}
	if c.Settings.Betas != nil {
		given["momentum"], given["beta2"] = c.Settings.Betas[0], c.Settings.Betas[1]
	}
	return o.New(o.Resolve(given))
}

// parts cuts the nine numbers of a recording into the matrix and the vector.
func parts(v []float64, double bool) []op.Buffer {
	matrix, vector := buffer(v[:6], double), buffer(v[6:], double)
	matrix.Shape = op.Shape{2, 3}
	return []op.Buffer{matrix, vector}
}

func TestOptimizersFollowTheirSources(t *testing.T) {
	for _, c := range recorded(t).Optimizers {
		t.Run(fmt.Sprintf("%s %+v, decay %v, float64 %v", c.Name, c.Settings, c.Decay, c.Double), func(t *testing.T) {
			tolerance := 1e-13
			if !c.Double {
				tolerance = 4e-6
			}
			optimizer, ws := c.optimizer(t), parts(c.Start, c.Double)
			slots := make([][]op.Buffer, len(ws))
			for i, w := range ws {
				for range optimizer.Slots() {
					slots[i] = append(slots[i], op.Allocate(w.Shape, c.Double))
				}
			}
			for step, rate := range c.Rates {
				for i, g := range parts(c.Gradients[step], c.Double) {
					before := numbers(g)
					optimizer.Apply(ws[i], g, slots[i], plan.At{Rate: rate, Decay: c.Decay, Step: step})
					if !slices.Equal(numbers(g), before) {
						t.Error("the gradient was changed")
					}
				}
				compare(t, fmt.Sprintf("step %d", step), append(numbers(ws[0]), numbers(ws[1])...), c.Weights[step], tolerance)
			}
		})
	}
}

// A gradient that stays the same for a long time leaves every weight a number. A variance is then zero but for
// rounding, which may take it below.
func TestSteadyGradientsKeepWeightsNumbers(t *testing.T) {
	steady := make([]float64, 64)
	for i := range steady {
		steady[i] = float64(i+1) / 37
	}
	for _, name := range optim.Names() {
		o, err := optim.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, centered := range []bool{false, true} {
			for _, double := range []bool{false, true} {
				optimizer := o.New(o.Resolve(map[string]any{"centered": centered}))
				w, g := buffer(make([]float64, len(steady)), double), buffer(steady, double)
				var slots []op.Buffer
				for range optimizer.Slots() {
					slots = append(slots, op.Allocate(w.Shape, double))
				}
				for step := range 3000 {
					optimizer.Apply(w, g, slots, plan.At{Rate: 1e-6, Step: step})
				}
				if slices.ContainsFunc(numbers(w), func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }) {
					t.Errorf("%s, centered %v, float64 %v: %v", name, centered, double, numbers(w))
				}
			}
		}
	}
}

// Every registered optimizer has a source and makes optimizers of its own name; its momentum, where it has one, can
// be set.
func TestEveryOptimizer(t *testing.T) {
	for _, name := range optim.Names() {
		o, err := optim.Lookup(name)
		if err != nil || o.Source == "" || o.Doc == "" {
			t.Errorf("%s: error %v, source %q, text %q", name, err, o.Source, o.Doc)
		}
		optimizer := o.New(o.Resolve(nil))
		if optimizer.Name() != name {
			t.Errorf("%s makes the optimizer %s", name, optimizer.Name())
		}
		got, again := optimizer.WithMomentum(0.5), optimizer.WithMomentum(0.5).WithMomentum(0.9)
		if _, has := option.Find(o.Options, "momentum"); has && (got == optimizer || again != optimizer) {
			t.Errorf("%s with momentum 0.5 is %+v, with 0.9 again %+v", name, got, again)
		} else if !has && got != optimizer {
			t.Errorf("%s has no momentum, but WithMomentum makes %+v of %+v", name, got, optimizer)
		}
	}
}

// An optimizer whose steps nobody has recorded from its source is not known to follow it: testdata/fixtures.py
// records them.
func TestOptimizersAreRecorded(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range recorded(t).Optimizers {
		seen[c.Name] = true
	}
	for name := range seen {
		if _, err := optim.Lookup(name); err != nil {
			t.Errorf("steps of %s are recorded: %v", name, err)
		}
	}
	for _, name := range optim.Names() {
		t.Run(name, func(t *testing.T) {
			if !seen[name] {
				t.Skipf("no step of %s is recorded from its source", name)
			}
		})
	}
}

// Every option that an optimizer declares changes what it makes, and the options of others do not.
func TestOptionsOfOptimizersHaveAnEffect(t *testing.T) {
	for _, name := range optim.Names() {
		o, err := optim.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		plain := o.New(o.Resolve(nil))
		for _, declared := range o.Options {
			if declared.Doc == "" {
				t.Errorf("%s: option %s says nothing of what it is for", name, declared.Name)
			}
			var value any = 0.5
			if declared.Default == false {
				value = true
			}
			if o.New(o.Resolve(map[string]any{declared.Name: value})) == plain {
				t.Errorf("%s: %s=%v changes nothing", name, declared.Name, value)
			}
		}
		for _, other := range optim.Names() {
			o2, err := optim.Lookup(other)
			if err != nil {
				t.Fatal(err)
			}
			for _, foreign := range o2.Options {
				if _, own := option.Find(o.Options, foreign.Name); !own && o.New(o.Resolve(map[string]any{foreign.Name: 0.5})) != plain {
					t.Errorf("%s is changed by %s, an option of %s", name, foreign.Name, other)
				}
			}
		}
	}
}

// Options of one name mean one thing: they have one type in all optimizers, and in all schedules.
func TestOptionsOfOneNameHaveOneType(t *testing.T) {
	var lists [][]option.Option
	for _, name := range optim.Names() {
		o, err := optim.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		lists = append(lists, o.All())
	}
	sameTypes(t, lists)
	lists = nil
	for _, name := range optim.ScheduleNames() {
		s, err := optim.LookupSchedule(name)
		if err != nil {
			t.Fatal(err)
		}
		lists = append(lists, s.All())
	}
	sameTypes(t, lists)
}

func sameTypes(t *testing.T, lists [][]option.Option) {
	t.Helper()
	types := map[string]string{}
	for _, options := range lists {
		for _, o := range options {
			got := fmt.Sprintf("%T", o.Default)
			if before, known := types[o.Name]; known && before != got {
				t.Errorf("option %s is %s and %s", o.Name, before, got)
			}
			types[o.Name] = got
		}
	}
}

func TestUnknownOptimizer(t *testing.T) {
	if _, err := optim.Lookup("adma"); err == nil || !strings.HasPrefix(err.Error(), `unknown optimizer "adma": did you mean adam`) {
		t.Errorf("got error %v", err)
	}
}

func TestClippingFollowsPyTorch(t *testing.T) {
	for _, c := range recorded(t).Clips {
		sum := 0.0
		for _, x := range c.Before {
			sum += x * x
		}
		factor := plan.Gradients{ClipNorm: c.Norm}.ClipFactor(math.Sqrt(sum))
		for i, x := range c.Before {
			if !near(factor*x, c.After[i], 1e-14) {
				t.Errorf("norm at most %v: [%d] is %v, PyTorch has %v", c.Norm, i, factor*x, c.After[i])
			}
		}
	}
}
