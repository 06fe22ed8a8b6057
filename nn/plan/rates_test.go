package plan_test

import (
	"math"
	"slices"
	"testing"

	"workbench/nn/op"
	"workbench/nn/plan"
)

// applied is what an optimizer is asked to do for one parameter.
type applied struct {
	w, g, slot []float64
	at         plan.At
	momentum   float64
}

// witness is an optimizer that writes down what it is asked to do and does nothing.
type witness struct {
	momentum float64
	calls    *[]applied
}

func (witness) Name() string    { return "witness" }
func (witness) Slots() []string { return []string{"slot"} }

func (w witness) WithMomentum(momentum float64) plan.Optimizer {
	w.momentum = momentum
	return w
}

func (w witness) Apply(p, g op.Buffer, slots []op.Buffer, at plan.At) {
	*w.calls = append(*w.calls, applied{elements(p), elements(g), elements(slots[0]), at, w.momentum})
}

func elements(b op.Buffer) []float64 {
	v := slices.Clone(b.F64)
	for _, x := range b.F32 {
		v = append(v, float64(x))
	}
	return v
}

// twoParameters is a program that moves two parameters of two elements, and its buffers.
func twoParameters(double bool, first, second []float64) (*plan.Program, map[*plan.Value]op.Buffer, *[]applied) {
	p, buffers, calls := &plan.Program{Double: double}, map[*plan.Value]op.Buffer{}, &[]applied{}
	add := func(values ...float64) *plan.Value {
		v := p.NewValue(plan.State, "", op.Shape{len(values)})
		b := op.Allocate(v.Shape, double)
		copy(b.F64, values)
		for i := range b.F32 {
			b.F32[i] = float32(values[i])
		}
		buffers[v] = b
		return v
	}
	p.Optimizer = witness{momentum: 0.75, calls: calls}
	p.Moves = []plan.Move{
		{Param: add(1, 2), Grad: add(first...), Slots: []*plan.Value{add(5, 6)}, Sum: add(0.5, 0.5), Decay: 0.25, Scale: 3},
		{Param: add(3, 4), Grad: add(second...), Slots: []*plan.Value{add(7, 8)}, Sum: add(0.5, 0.5), Decay: 0.125, Scale: 1},
	}
	return p, buffers, calls
}

// What the optimizer sees of the gradients (3, −4) and (0, 12), whose norm together is 13.
func TestGradientsBeforeTheOptimizer(t *testing.T) {
	for name, c := range map[string]struct {
		how           plan.Gradients
		first, second []float64
	}{
		"as they are":                  {plan.Gradients{}, []float64{3, -4}, []float64{0, 12}},
		"one micro-batch":              {plan.Gradients{MicroBatches: 1}, []float64{3, -4}, []float64{0, 12}},
		"a norm of half":               {plan.Gradients{ClipNorm: 6.5}, []float64{1.5, -2}, []float64{0, 6}},
		"a norm that is not reached":   {plan.Gradients{ClipNorm: 14}, []float64{3, -4}, []float64{0, 12}},
		"a bound":                      {plan.Gradients{ClipValue: 3.5}, []float64{3, -3.5}, []float64{0, 3.5}},
		"a norm of half, and a bound":  {plan.Gradients{ClipNorm: 6.5, ClipValue: 2}, []float64{1.5, -2}, []float64{0, 2}},
		"a bound below 1":              {plan.Gradients{ClipValue: 0.5}, []float64{0.5, -0.5}, []float64{0, 0.5}},
		"a norm below 1":               {plan.Gradients{ClipNorm: 0.13}, []float64{0.03, -0.04}, []float64{0, 0.12}},
		"a bound that nothing exceeds": {plan.Gradients{ClipValue: 12}, []float64{3, -4}, []float64{0, 12}},
	} {
		for _, double := range []bool{false, true} {
			p, buffers, calls := twoParameters(double, []float64{3, -4}, []float64{0, 12})
			for i := range p.Moves {
				p.Moves[i].Sum = nil
			}
			p.Gradients = c.how
			u := plan.Update{Program: p, Buffer: func(v *plan.Value) op.Buffer { return buffers[v] }, Rate: 0.5, Momentum: 0.1, Step: 7}
			if !u.Apply() {
				t.Errorf("%s: nothing moves", name)
			}
			want := []applied{{[]float64{1, 2}, c.first, []float64{5, 6}, plan.At{Rate: 1.5, Decay: 0.25, Step: 7}, 0.75},
				{[]float64{3, 4}, c.second, []float64{7, 8}, plan.At{Rate: 0.5, Decay: 0.125, Step: 7}, 0.75}}
			sameCalls(t, name, *calls, want)
			if got := elements(buffers[p.Moves[0].Grad]); !slices.Equal(got, []float64{3, -4}) {
				t.Errorf("%s: the gradient itself became %v", name, got)
			}
		}
	}
}

func sameCalls(t *testing.T, name string, got, want []applied) {
	t.Helper()
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-5 }
	if !slices.EqualFunc(got, want, func(a, b applied) bool {
		return slices.Equal(a.w, b.w) && slices.EqualFunc(a.g, b.g, near) && slices.Equal(a.slot, b.slot) && a.at == b.at &&
			a.momentum == b.momentum
	}) {
		t.Errorf("%s: the optimizer is asked\n%v, want\n%v", name, got, want)
	}
}

// The gradients of three runs are summed, begun anew at the first, and their mean moves the parameters after the last.
func TestSumsOfMicroBatches(t *testing.T) {
	for _, double := range []bool{false, true} {
		p, buffers, calls := twoParameters(double, []float64{3, -6}, []float64{0, 12})
		p.MicroBatch = p.NewValue(plan.Input, "micro_batch", op.Shape{1})
		p.Momentum = p.NewValue(plan.Input, "momentum", op.Shape{1})
		p.Gradients = plan.Gradients{MicroBatches: 3, ClipValue: 4}
		for update := range 2 {
			*calls = nil
			for run, want := range [][]float64{{3, -6}, {6, -12}, {9, -18}} {
				u := plan.Update{Program: p, Buffer: func(v *plan.Value) op.Buffer { return buffers[v] }, Rate: 1, Momentum: 0.125,
					Step: update, Run: run}
				if got := u.Apply(); got != (run == 2) {
					t.Errorf("update %d, run %d: it moves: %v", update, run, got)
				}
				if got := elements(buffers[p.Moves[0].Sum]); !slices.Equal(got, want) {
					t.Errorf("update %d, run %d: the sum is %v, want %v", update, run, got, want)
				}
			}
			sameCalls(t, "three runs", *calls, []applied{
				{[]float64{1, 2}, []float64{3, -4}, []float64{5, 6}, plan.At{Rate: 3, Decay: 0.25, Step: update}, 0.125},
				{[]float64{3, 4}, []float64{0, 4}, []float64{7, 8}, plan.At{Rate: 1, Decay: 0.125, Step: update}, 0.125}})
		}
	}
}

func TestFactorsAndDecays(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct{ most, norm, want float64 }{
		{2, 1, 1}, {2, 2, 2 / 2.000001}, {2, 8, 2 / 8.000001}, {2, 0, 1}, {2, math.Inf(1), 0}, {2, nan, nan},
	} {
		got := plan.Gradients{ClipNorm: c.most}.ClipFactor(c.norm)
		if math.Abs(got-c.want) > 1e-15 || math.IsNaN(got) != math.IsNaN(c.want) {
			t.Errorf("gradients of norm %v, at most %v: factor %v, want %v", c.norm, c.most, got, c.want)
		}
	}
	for _, c := range []struct {
		how  plan.Averaging
		step int
		want float64
	}{
		{plan.Averaging{Decay: 0.5}, 0, 0.5}, {plan.Averaging{Decay: 0.5}, 100, 0.5}, {plan.Averaging{Decay: 0.999, Warmup: true}, 0, 2.0 / 11},
		{plan.Averaging{Decay: 0.999, Warmup: true}, 8, 10.0 / 19}, {plan.Averaging{Decay: 0.5, Warmup: true}, 8, 0.5},
		{plan.Averaging{Decay: 0.5, Warmup: true}, 7, 0.5}, {plan.Averaging{Decay: 0.5, Warmup: true}, 6, 8.0 / 17},
	} {
		if got := c.how.At(c.step); got != c.want {
			t.Errorf("%+v after %d updates: %v, want %v", c.how, c.step, got, c.want)
		}
	}
	if got := plan.AverageName("fc.weight"); got != "ema/fc.weight" {
		t.Errorf("the average of fc.weight is %s", got)
	}
}
