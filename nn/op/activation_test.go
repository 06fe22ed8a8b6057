package op_test

import (
	"math"
	"strings"
	"testing"

	"workbench/nn/op"
)

func init() {
	for k := range op.ActivationKind(len(op.ActivationNames())) {
		a := op.Activation{Kind: k}
		if k == op.LeakyReLU {
			a.Alpha = 0.2
		}
		gradientCases = append(gradientCases, pool(k.String(), a, op.Shape{3, 5, 2, 4}))
	}
	shapeCases = append(shapeCases, []shapeCase{
		{op.Activation{Kind: op.GELUTanh + 1}, []op.Shape{{2, 3}}, []string{"activation 9 is unknown", "relu6", "gelu_tanh"}},
		{op.Activation{Kind: op.SiLU, Alpha: 0.5}, []op.Shape{{2, 3}}, []string{"silu: the slope below 0 is 0.5, want 0"}},
		{op.Activation{Kind: op.LeakyReLU, Alpha: -0.5}, []op.Shape{{2, 3}}, []string{"leaky_relu: the slope below 0 is -0.5"}},
		{op.ActivationBwd{Activation: op.Activation{Kind: op.Tanh}}, []op.Shape{{2, 3}, {3, 2}},
			[]string{"tanh_bwd: gradient is (3, 2), want (2, 3)"}},
	}...)
	x := tensorOf(op.Shape{5}, -4, -1, 0, 1, 7)
	dy := tensorOf(op.Shape{5}, 1, 10, 100, 1000, 10000)
	s := 1 / (1 + math.Exp(-1)) // sigmoid(1)
	big := func(f func(float64) float64) float64 { return f(7) }
	values := []struct {
		kind op.ActivationKind
		want [5]float64
	}{
		{op.ReLU6, [5]float64{0, 0, 0, 1, 6}},
		{op.LeakyReLU, [5]float64{-1, -0.25, 0, 1, 7}},
		{op.Sigmoid, [5]float64{1 / (1 + math.Exp(4)), 1 - s, 0.5, s, big(func(x float64) float64 { return 1 / (1 + math.Exp(-x)) })}},
		{op.HardSigmoid, [5]float64{0, 1.0 / 3, 0.5, 2.0 / 3, 1}},
		{op.SiLU, [5]float64{-4 / (1 + math.Exp(4)), s - 1, 0, s, big(func(x float64) float64 { return x / (1 + math.Exp(-x)) })}},
		{op.HardSwish, [5]float64{0, -1.0 / 3, 0, 2.0 / 3, 7}},
		{op.Tanh, [5]float64{math.Tanh(-4), math.Tanh(-1), 0, math.Tanh(1), math.Tanh(7)}},
		// The values of torch.nn.functional.gelu at −1 and 1, without and with approximate="tanh", are PyTorch's documented
		// formulas, evaluated.
		{op.GELU, [5]float64{-4 * 3.167124183311986e-05, -0.15865525393145707, 0, 0.8413447460685429, 7 * (1 - 1.279812543885835e-12)}},
		{op.GELUTanh, [5]float64{-7.024594819237266e-05, -0.15880800939172324, 0, 0.8411919906082768, 7}},
	}
	for _, v := range values {
		a := op.Activation{Kind: v.kind}
		if v.kind == op.LeakyReLU {
			a.Alpha = 0.25
		}
		kernelCases = append(kernelCases, kernelCase{a, []operand{x}, tensorOf(op.Shape{5}, v.want[:]...)})
	}
	relu6 := op.ActivationBwd{Activation: op.Activation{Kind: op.ReLU6}}
	kernelCases = append(kernelCases, kernelCase{relu6, []operand{tensorOf(op.Shape{5}, 0, 3, 6, 5.5, 0), dy},
		tensorOf(op.Shape{5}, 0, 10, 0, 1000, 0)})
}

func TestActivationsHaveNames(t *testing.T) {
	for _, name := range op.ActivationNames() {
		if k, err := op.ActivationNamed(name); err != nil || k.String() != name {
			t.Errorf("%s names %v, error %v", name, k, err)
		}
	}
	if _, err := op.ActivationNamed("hard_swisch"); err == nil || !strings.Contains(err.Error(), "did you mean hard_swish") {
		t.Errorf("got error %v, want a hint at hard_swish", err)
	}
}

func TestActivationsShowNaN(t *testing.T) {
	for k := range op.ActivationKind(len(op.ActivationNames())) {
		in := tensorOf(op.Shape{1}, math.NaN()).buffer(false)
		out := op.Allocate(op.Shape{1}, false)
		op.Activation{Kind: k}.Run(op.Call{In: []op.Buffer{in}, Out: out})
		if out.F32[0] == out.F32[0] {
			t.Errorf("%v hides a NaN: %v", k, out.F32[0])
		}
	}
}
