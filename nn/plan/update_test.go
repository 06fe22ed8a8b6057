package plan_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/optim"
	"workbench/nn/plan"
)

// What surrounds the optimizer does what it says, by hand from the gradient: w −= rate·scale·(clip(g) + decay·w).
func TestUpdatesFollowTheirSettings(t *testing.T) {
	const rate, bound = 0.1, 0.01
	head := func(p *nn.Param) bool { return strings.HasPrefix(p.Path, "fc.") }
	share := func(of, others float64) func(*nn.Param) float64 {
		return func(p *nn.Param) float64 { return map[bool]float64{true: of, false: others}[head(p)] }
	}
	plain := learn(t, plan.Training{Optimizer: optim.SGD{}}, 4)
	plain.show(t, 0, 4)
	for name, c := range map[string]struct {
		how          plan.Training
		scale, decay func(*nn.Param) float64
		clip         float64
	}{
		"nothing": {plan.Training{}, share(1, 1), share(0, 0), math.Inf(1)},
		"scale":   {plan.Training{Scale: share(0.5, 3)}, share(0.5, 3), share(0, 0), math.Inf(1)},
		"decay":   {plan.Training{Decay: share(0.25, 2)}, share(1, 1), share(0.25, 2), math.Inf(1)},
		"clip":    {plan.Training{Gradients: plan.Gradients{ClipValue: bound}}, share(1, 1), share(0, 0), bound},
		"all": {plan.Training{Scale: share(0.5, 3), Decay: share(0.25, 2), Gradients: plan.Gradients{ClipValue: bound}},
			share(0.5, 3), share(0.25, 2), bound},
	} {
		c.how.Optimizer = optim.SGD{}
		l := learn(t, c.how, 4)
		starts := map[string][]float32{}
		for _, p := range l.b.Params() {
			starts[p.Path] = l.read(t, p.Path)
		}
		l.show(t, 0, 4)
		for _, p := range l.b.Params() {
			gradient := plain.read(t, plan.SlotName("momentum", p.Path)) // what SGD keeps without momentum
			for i, got := range l.read(t, p.Path) {
				w := float64(starts[p.Path][i])
				g := max(-c.clip, min(c.clip, float64(gradient[i])))
				if want := w - rate*c.scale(p)*(g+c.decay(p)*w); math.Abs(float64(got)-want) > 1e-6 {
					t.Fatalf("%s: %s[%d] moves from %v to %v, want %v", name, p.Path, i, w, got, want)
				}
			}
		}
	}
}

// A momentum that is an input takes the place of the optimizer's own, at each update anew.
func TestCycledMomentumTakesThePlaceOfTheOptimizers(t *testing.T) {
	cycled := learn(t, plan.Training{Optimizer: optim.SGD{Momentum: 0.9}, CycleMomentum: true}, 4)
	fixed := learn(t, plan.Training{Optimizer: optim.SGD{Momentum: 0.25}}, 4)
	own := learn(t, plan.Training{Optimizer: optim.SGD{Momentum: 0.9}}, 4)
	for step := range 3 {
		cycled.exe.Floats("momentum")[0] = 0.25
		for _, l := range []learner{cycled, fixed, own} {
			l.exe.Ints("step")[0] = int32(step)
			l.show(t, 4*step, 4)
		}
	}
	got := cycled.read(t, "fc.weight")
	if !slices.Equal(got, fixed.read(t, "fc.weight")) || slices.Equal(got, own.read(t, "fc.weight")) {
		t.Error("a cycled momentum of 0.25 does not move the weights as a momentum of 0.25 does")
	}
}

// Parameters with a rate of their own move by it, times their scale, and all others by that of the program.
func TestParametersMoveByTheirOwnRates(t *testing.T) {
	rates := map[string]float64{"conv.weight": 0.25, "conv.bias": 0.25, "fc.weight": 0.5, "fc.bias": 0.1}
	how := plan.Training{Optimizer: optim.SGD{}, Scale: func(*nn.Param) float64 { return 2 }, Rate: func(p *nn.Param) string {
		return map[string]string{"conv.weight": "slow", "conv.bias": "slow", "fc.weight": "fast"}[p.Path]
	}}
	l := learn(t, how, 4)
	if l.exe.Floats("slow") == nil || l.exe.Floats("fast") == nil || l.exe.Floats("fc.bias") != nil {
		t.Fatal("the rates that are asked for are not the inputs")
	}
	l.exe.Floats("slow")[0], l.exe.Floats("fast")[0] = 0.25, 0.5
	starts := map[string][]float32{}
	for _, p := range l.b.Params() {
		starts[p.Path] = l.read(t, p.Path)
	}
	l.show(t, 0, 4)
	for _, p := range l.b.Params() {
		gradient := l.read(t, plan.SlotName("momentum", p.Path))
		for i, got := range l.read(t, p.Path) {
			want := float64(starts[p.Path][i]) - 2*rates[p.Path]*float64(gradient[i])
			if math.Abs(float64(got)-want) > 1e-6 {
				t.Fatalf("%s[%d] moves from %v to %v, want %v", p.Path, i, starts[p.Path][i], got, want)
			}
		}
	}
}
