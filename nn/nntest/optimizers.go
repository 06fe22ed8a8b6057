package nntest

import (
	"fmt"
	"slices"
	"strings"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/plan"
)

// optimizers are networks under every registered optimizer with each of its switches, and with everything that can
// happen to gradients before the optimizer and to averages after it.
func optimizers() []network {
	var all []network
	for _, name := range optim.Names() {
		for _, s := range settingsOf(name) {
			all = append(all, moved(name+s.name, plan.Training{Optimizer: s.optimizer})...)
		}
	}
	scale := func(p *nn.Param) float64 {
		if strings.HasPrefix(p.Path, "fc.") {
			return 0.1
		}
		return 1
	}
	own := func(p *nn.Param) string {
		for _, name := range ownRates {
			if strings.HasPrefix(p.Path, strings.TrimPrefix(name, "lr of ")) {
				return name
			}
		}
		return ""
	}
	for _, name := range []string{"sgd", "lamb", "rmsprop"} {
		plain := settingsOf(name)[0].optimizer
		for what, how := range map[string]plan.Training{
			"micro-batches":             {Gradients: plan.Gradients{MicroBatches: 3}},
			"clipped norm":              {Gradients: plan.Gradients{ClipNorm: 0.01}},
			"a norm not clipped":        {Gradients: plan.Gradients{ClipNorm: 1e6}},
			"clipped values":            {Gradients: plan.Gradients{ClipValue: 1e-4}},
			"micro-batches, clipped":    {Gradients: plan.Gradients{MicroBatches: 2, ClipNorm: 0.01}},
			"averages":                  {Averaging: plan.Averaging{Decay: 0.75}},
			"averages of micro-batches": {Averaging: plan.Averaging{Decay: 0.999, Warmup: true}, Gradients: plan.Gradients{MicroBatches: 2}},
			"equal averages":            {Averaging: plan.Averaging{Input: decayInput}, Gradients: plan.Gradients{MicroBatches: 2}},
			"cycled momentum":           {CycleMomentum: true},
			"scaled rates":              {Scale: scale},
			"own rates":                 {Rate: own},
			"own rates, scaled":         {Rate: own, Scale: scale},
		} {
			how.Optimizer = plain
			all = append(all, moved(name+", "+what, how)...)
		}
	}
	for _, adaptive := range []bool{false, true} {
		ascent := plan.Ascent{Radius: 0.5, Adaptive: adaptive}
		for what, how := range map[string]plan.Training{"": {}, ", micro-batches": {Gradients: plan.Gradients{MicroBatches: 3}}} {
			how.Optimizer, how.Pass = ascent, plan.Ascend
			all = append(all, moved(fmt.Sprintf("ascent, adaptive %v%s", adaptive, what), how)...)
		}
	}
	slices.SortFunc(all, func(a, b network) int { return strings.Compare(a.name, b.name) })
	return all
}

// ownRates are inputs with learning rates of layers, by the beginnings of their paths.
var ownRates = []string{"lr of conv1.", "lr of fc."}

// decayInput is the input with the decay of averages, where that is one.
const decayInput = "decay"

type namedOptimizer struct {
	name      string
	optimizer plan.Optimizer
}

// settingsOf returns an optimizer with plain settings, with each of the switches that are off by default, and without
// momentum. ε is large, because with a small ε Adam makes a whole step from a gradient that is zero but for rounding.
func settingsOf(name string) []namedOptimizer {
	o, err := optim.Lookup(name)
	if err != nil {
		panic(err) // the name is from the registry
	}
	with := func(option string, value any) plan.Optimizer {
		given := map[string]any{"momentum": 0.9, "epsilon": 1e-3, "beta2": 0.95, "trust": 0.1, option: value}
		return o.New(o.Resolve(given))
	}
	all := []namedOptimizer{{"", with("", nil)}}
	for _, s := range o.Options {
		switch {
		case s.Name == "momentum":
			all = append(all, namedOptimizer{", no momentum", with(s.Name, 0.0)})
		case s.Default == false:
			all = append(all, namedOptimizer{", " + s.Name, with(s.Name, true)})
		case s.Default == 0.0:
			all = append(all, namedOptimizer{", " + s.Name, with(s.Name, 0.3)})
		}
	}
	return all
}

// moved are two networks: a matrix of several chunks whose gradient is exact, and a network with blocked layouts,
// odd widths, norms, biases and a frozen layer.
func moved(name string, how plan.Training) []network {
	matrix := network{name: name + ": matrix", image: op.Shape{70, 300}, state: true, steps: 3, decay: 0.02, how: how, tolerance: 5e-5}
	matrix.build = func(b *nn.Builder, x nn.Tensor) nn.Tensor { return x }
	small := whole(name+": network", op.Shape{5, 3, 4, 4}, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		x = b.ReLU(b.In("bn1").BatchNorm(b.In("conv1").Conv(x, 20, 3, 1)))
		x = b.ReLU(b.In("conv2").Conv2d(x, nn.Conv2d{Out: 18, Kernel: [2]int{1, 1}, Groups: 2, Bias: true}))
		x = b.In("stays").Conv(x, 17, 1, 2)
		return b.In("fc").Linear(b.GlobalAvgPool(x), 10)
	})
	small.how = how
	small.frozen = func(p *nn.Param) bool { return strings.HasPrefix(p.Path, "stays.") }
	return []network{matrix, small}
}
