package nntest

import (
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
	for _, name := range []string{"sgd", "lamb"} {
		plain := settingsOf(name)[0].optimizer
		for what, how := range map[string]plan.Training{
			"micro-batches":             {Gradients: plan.Gradients{MicroBatches: 3}},
			"clipped norm":              {Gradients: plan.Gradients{ClipNorm: 0.01}},
			"a norm not clipped":        {Gradients: plan.Gradients{ClipNorm: 1e6}},
			"clipped values":            {Gradients: plan.Gradients{ClipValue: 1e-4}},
			"micro-batches, clipped":    {Gradients: plan.Gradients{MicroBatches: 2, ClipNorm: 0.01}},
			"averages":                  {Averaging: plan.Averaging{Decay: 0.75}},
			"averages of micro-batches": {Averaging: plan.Averaging{Decay: 0.999, Warmup: true}, Gradients: plan.Gradients{MicroBatches: 2}},
			"cycled momentum":           {CycleMomentum: true},
			"scaled rates":              {Scale: scale},
		} {
			how.Optimizer = plain
			all = append(all, moved(name+", "+what, how)...)
		}
	}
	slices.SortFunc(all, func(a, b network) int { return strings.Compare(a.name, b.name) })
	return all
}

type namedOptimizer struct {
	name      string
	optimizer plan.Optimizer
}

// settingsOf returns an optimizer with plain settings and with each of its switches. ε is large, because with a small ε
// Adam makes a whole step from a gradient that is zero but for rounding.
func settingsOf(name string) []namedOptimizer {
	o, err := optim.Lookup(name)
	if err != nil {
		panic(err) // the name is from the registry
	}
	plain := optim.Settings{Momentum: 0.9, Epsilon: 1e-3, Beta2: 0.95, Trust: 0.1}
	all := []namedOptimizer{{"", o.Rule(plain)}}
	add := func(setting string, change func(*optim.Settings)) {
		if s := plain; slices.Contains(o.Uses, setting) || setting == "no momentum" {
			change(&s)
			all = append(all, namedOptimizer{", " + setting, o.Rule(s)})
		}
	}
	add("no momentum", func(s *optim.Settings) { s.Momentum = 0 })
	add("nesterov", func(s *optim.Settings) { s.Nesterov = true })
	add("dampening", func(s *optim.Settings) { s.Dampening = 0.3 })
	add("centered", func(s *optim.Settings) { s.Centered = true })
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
