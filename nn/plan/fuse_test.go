package plan_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/plan"
	"workbench/nn/rng"
)

// The steps of a residual network of six blocks, two of which change the shape, after fusing. One batch norm of each
// block takes in the sum and its ReLU; that of a projection takes in nothing.
func TestFuseResidualNetwork(t *testing.T) {
	n := variant(t, "resnet_mini", map[string]any{"depth": 14, "shortcut": "projection"})
	_, p := training(t, n, plan.Training{}, 2, 3, 16, 16)
	plan.Fuse(p)
	wellFormed(t, p)
	const blocks, norms = 6, 1 + 2*6 + 2 // the stem, two a block, and one a projection
	type kind struct{ sum, relu bool }
	kinds := map[kind]int{}
	for _, s := range p.Steps {
		switch spec := s.Spec.(type) {
		case plan.BatchNorm:
			kinds[kind{spec.Sum, spec.Then == op.ReLU{}}]++
		case plan.BatchNormBwd:
			kinds[kind{spec.Sum, spec.Then == op.ReLU{}}] -= 100
		}
	}
	want := map[kind]int{{}: -99 * 2, {relu: true}: -99 * (1 + blocks), {true, true}: -99 * blocks}
	if !maps.Equal(kinds, want) {
		t.Errorf("forward less a hundred times backward, by kind: %v, want %v", kinds, want)
	}
	got := count(p)
	steps := map[string]int{
		"batch_norm": norms, "batch_norm_bwd": norms, "sum_relu": 0, "relu": 0, "relu_bwd": 0, "bn_stats": 0,
		"bn_apply": 0, "bn_reduce": 0, "bn_bwd_data": 0, "row": 0, "bias_bwd": 0, "bn_running": 2 * norms, "conv": norms,
		"conv_bwd_weights": norms, "conv_bwd_data": norms - 1, "linear_bwd_weights": 1, "sum": 0,
	}
	for name, n := range steps {
		if got[name] != n {
			t.Errorf("%d steps %s, want %d", got[name], name, n)
		}
	}
}

func TestFuse(t *testing.T) {
	norm := func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.In("bn").BatchNorm(x) }
	biased := func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		return b.In("conv").Conv2d(x, nn.Conv2d{Out: 4, Kernel: [2]int{1, 1}, Bias: true})
	}
	tests := []struct {
		name  string
		infer bool
		n     network
		count map[string]int
	}{
		{"batch norm and ReLU", false, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.ReLU(norm(b, x)) },
			map[string]int{"batch_norm": 1, "relu": 0}},
		{"batch norm and SiLU", false, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.SiLU(norm(b, x)) },
			map[string]int{"batch_norm": 1, "silu": 0, "silu_bwd": 0, "batch_norm_bwd": 1}},
		{"batch norm that is read beside SiLU", false, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			y := norm(b, x)
			return b.Concat(b.SiLU(y), y)
		}, map[string]int{"batch_norm": 1, "silu": 1, "silu_bwd": 1, "batch_norm_bwd": 1}},
		{"batch norm and sigmoid, which is not 0 at 0", false, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Sigmoid(norm(b, x)) },
			map[string]int{"batch_norm": 1, "sigmoid": 1, "sigmoid_bwd": 1}},
		{"batch norm and sum", false, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.SiLU(b.Add(norm(b, x), x)) },
			map[string]int{"batch_norm": 1, "sum": 0, "silu": 1, "silu_bwd": 1}},
		{"batch norm and sum with ReLU, whose shortcut's gradient is added later", false, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.ReLU(b.Add(norm(b, x), x))
		},
			map[string]int{"batch_norm": 1, "sum": 1, "relu": 0, "relu_bwd": 0}},
		{"batch norm of an image that another layer reads", false, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Concat(b.ReLU(norm(b, x)), x)
		}, map[string]int{"batch_norm": 1, "batch_norm_bwd": 1, "relu_bwd": 0, "sum": 0}},
		{"batch norm of an image that two other layers read", false, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Concat(b.ReLU(norm(b, x)), x, b.Tanh(x))
		}, map[string]int{"batch_norm_bwd": 1, "sum": 1}},
		{"batch norm that is read beside ReLU", false, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			y := norm(b, x)
			return b.Concat(b.ReLU(y), y)
		}, map[string]int{"batch_norm": 1, "relu": 1, "relu_bwd": 1, "batch_norm_bwd": 1}},
		{"ReLU that two read", false, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			y := b.ReLU(norm(b, x))
			return b.Concat(b.In("a").Conv(y, 2, 1, 1), y)
		}, map[string]int{"batch_norm": 1, "relu": 0, "batch_norm_bwd": 1, "relu_bwd": 0}},
		{"two ReLUs of one batch norm", false, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			y := norm(b, x)
			return b.Concat(b.ReLU(y), b.ReLU(y))
		}, map[string]int{"batch_norm": 1, "relu": 2, "relu_bwd": 2, "batch_norm_bwd": 1}},
		{"bias and ReLU", false, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.ReLU(biased(b, x)) },
			map[string]int{"fused_conv": 1, "relu": 0, "relu_bwd": 1, "conv_bwd_weights": 2, "bias_bwd": 0}},
		{"convolution and ReLU6", false, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.ReLU6(biased(b, x)) },
			map[string]int{"fused_conv": 1, "relu6": 0, "relu6_bwd": 1}},
		{"convolution whose result SiLU's gradient reads", false, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.SiLU(biased(b, x)) },
			map[string]int{"fused_conv": 0, "silu": 1, "silu_bwd": 1}},
		{"linear layer and ReLU", false, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.ReLU(b.In("hidden").Linear(b.GlobalAvgPool(x), 8))
		}, map[string]int{"fused_linear": 1, "relu": 0, "relu_bwd": 1}},
		{"sum that is read beside ReLU", false, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			y := b.Add(x, x)
			return b.Concat(b.ReLU(y), y)
		}, map[string]int{"sum_relu": 0, "relu": 1}},
		{"inference, ReLU before the sum", true, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Add(b.ReLU(norm(b, biased(b, x))), b.ReLU(b.In("2").BatchNorm(b.In("conv2").Conv(x, 4, 3, 1))))
		}, map[string]int{"fused_conv": 2, "batch_norm_infer": 0, "bn_infer": 0, "relu": 0, "conv": 0, "sum": 1}},
		{"inference, residual", true, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			y := b.SiLU(b.In("stem").Conv(x, 4, 3, 1))
			return b.ReLU(b.Add(norm(b, biased(b, y)), y))
		}, map[string]int{"fused_conv": 2, "batch_norm_infer": 0, "relu": 0, "silu": 0, "conv": 0, "sum": 0, "sum_relu": 0}},
		{"inference, projection", true, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.ReLU6(b.Add(norm(b, biased(b, x)), b.In("2").BatchNorm(b.In("conv2").Conv(x, 4, 3, 1))))
		}, map[string]int{"fused_conv": 2, "batch_norm_infer": 0, "relu6": 0, "conv": 0, "sum": 0}},
		{"inference, batch norm first", true, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Add(biased(b, b.ReLU(norm(b, x))), b.In("conv2").Conv(x, 4, 3, 1))
		}, map[string]int{"fused_conv": 1, "batch_norm_infer": 1, "relu": 0, "conv": 1, "sum": 0}},
		{"inference, convolution that two read", true, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			y := biased(b, x)
			return b.Concat(b.ReLU(norm(b, y)), y)
		}, map[string]int{"fused_conv": 0, "batch_norm_infer": 1, "conv": 1}},
		{"inference, batch norm of a concat", true, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.ReLU(norm(b, b.Concat(biased(b, x), b.In("conv2").Conv(x, 4, 3, 1))))
		}, map[string]int{"fused_conv": 0, "batch_norm_infer": 1, "conv": 2}},
		{"inference, one result added twice", true, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			y := norm(b, biased(b, x))
			return b.Add(y, y)
		}, map[string]int{"fused_conv": 1, "sum": 1}},
		{"inference, weights that are computed", true, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			w := b.Scale(b.Param("w", op.Shape{4, 3, 1, 1}, nn.Weight, nn.Init{Normal: 1}), 2)
			return norm(b, b.Apply(op.Conv{Window: op.Square(1, 0), Groups: 1}, x, w))
		}, map[string]int{"fused_conv": 0, "conv": 1, "batch_norm_infer": 1}},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			// A convolution comes first, so that gradients are wanted everywhere.
			n := func(b *nn.Builder, x nn.Tensor) nn.Tensor { return c.n(b, b.In("first").Conv(x, 4, 1, 1)) }
			var p *plan.Program
			if c.infer {
				p = inference(t, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return c.n(b, x) }, 2, 3, 5, 5)
			} else {
				_, p = training(t, n, plan.Training{}, 2, 3, 5, 5)
			}
			plan.Fuse(p)
			wellFormed(t, p)
			for name, want := range c.count {
				if got := count(p)[name]; got != want {
					t.Errorf("%d steps %s, want %d", got, name, want)
				}
			}
		})
	}
}

// A value that the caller reads is not fused away.
func TestFuseKeepsOutputs(t *testing.T) {
	for _, mode := range []nn.Mode{nn.Infer, nn.Train} {
		b := nn.NewBuilder(mode, false)
		alone := b.In("bn1").BatchNorm(b.Input("image", 2, 3, 4, 4))
		before := b.In("bn2").BatchNorm(b.In("conv").Conv(b.ReLU(alone), 3, 1, 1))
		after := b.ReLU(before)
		last := b.In("bn3").BatchNorm(after)
		p, err := plan.Lower(b, map[string]nn.Tensor{"alone": alone, "before": before, "after": after, "last": last})
		if err != nil {
			t.Fatal(err)
		}
		plan.Fuse(p)
		wellFormed(t, p)
		if got := count(p); got["batch_norm_infer"]+got["batch_norm"]+got["fused_conv"] != 3 || got["relu"] != 2 {
			t.Errorf("got %v, want 3 batch norms, one of them in a convolution, and 2 ReLUs apart", got)
		}
	}
}

// A batch norm takes no activation in, of whatever kind, if a layer or the caller reads what it normalised, too.
func TestFuseKeepsWhatIsReadBesideTheActivation(t *testing.T) {
	for _, kind := range append([]string{"relu"}, op.ActivationNames()...) {
		for _, mode := range []nn.Mode{nn.Infer, nn.Train} {
			for _, caller := range []bool{true, false} {
				b := nn.NewBuilder(mode, false)
				z := b.In("bn").BatchNorm(b.Input("image", 2, 3, 4, 4))
				outputs := map[string]nn.Tensor{"y": b.Activate(kind, z)}
				if caller {
					outputs["z"] = z
				} else {
					outputs["other"] = b.MaxPool(z, 2, 2, 0)
				}
				p, err := plan.Lower(b, outputs)
				if err != nil {
					t.Fatal(err)
				}
				plan.Fuse(p)
				wellFormed(t, p)
				if got := count(p); got["batch_norm"]+got["batch_norm_infer"] != 1 || got[kind] != 1 {
					t.Errorf("%s: got %v, want the activation apart", kind, got)
				}
				if t.Failed() {
					return // a program with a value that nobody makes cannot be put in order
				}
			}
		}
	}
}

// The statistics are read before the normalisation, which makes them once it is fused.
func TestFuseRestoresTheOrder(t *testing.T) {
	b := nn.NewBuilder(nn.Train, false)
	x := b.Input("image", 2, 3, 4, 4)
	scale, shift := b.Param("weight", op.Shape{3}, nn.Scale, nn.Init{}), b.Param("bias", op.Shape{3}, nn.Shift, nn.Init{})
	st := b.Apply(op.BNStats{}, x)
	early := b.Apply(op.Row{Index: 1}, st)
	y := b.Apply(op.BNApply{Epsilon: 1e-5}, x, st, scale, shift)
	p, err := plan.Lower(b, map[string]nn.Tensor{"variance": early, "y": y})
	if err != nil {
		t.Fatal(err)
	}
	plan.Fuse(p)
	wellFormed(t, p)
	if len(p.Steps) != 2 || p.Steps[0].Name() != "batch_norm" || p.Steps[1].Name() != "row" {
		t.Errorf("got\n%swant batch norm, then the row of its statistics", listing(p))
	}
}

// Frozen parameters leave results that nothing reads. They are not computed.
func TestFuseFrozenScale(t *testing.T) {
	n := func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		return b.ReLU(b.In("bn").BatchNorm(b.In("conv").Conv(x, 4, 1, 1)))
	}
	tests := map[string][3]bool{"bn.weight": {false, true, false}, "bn.bias": {false, false, true}, "conv.weight": {true, false, false}}
	for path, want := range tests {
		_, p := training(t, n, plan.Training{Moves: func(p *nn.Param) bool { return p.Path == path }}, 2, 3, 4, 4)
		plan.Fuse(p)
		wellFormed(t, p)
		var got [3]bool
		for _, s := range p.Steps {
			if spec, ok := s.Spec.(plan.BatchNormBwd); ok {
				if spec.Then == nil {
					t.Errorf("%s: the backward pass has ReLU apart", path)
				}
				for i, v := range s.Out {
					got[i] = v != nil
				}
			}
		}
		if got != want {
			t.Errorf("%s alone moves: dx, dscale, dshift made: %v, want %v", path, got, want)
		}
	}
}

// A frozen norm stays apart from the convolution before it in training, because backends fold one into weights that do
// not move.
func TestFuseFoldsNoNormInTraining(t *testing.T) {
	n := func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		b.Freeze(func(path string) bool { return strings.HasPrefix(path, "bn.") })
		return b.ReLU(b.In("bn").BatchNorm(b.In("conv").Conv(x, 4, 1, 1)))
	}
	stays := func(p *nn.Param) bool { return !strings.HasPrefix(p.Path, "bn.") }
	_, train := training(t, n, plan.Training{Moves: stays}, 2, 3, 4, 4)
	for name, c := range map[string]struct {
		program *plan.Program
		folded  bool
	}{"training": {train, false}, "inference": {inference(t, n, 2, 3, 4, 4), true}} {
		plan.Fuse(c.program)
		folded := slices.ContainsFunc(c.program.Steps, func(s *plan.Step) bool {
			conv, ok := s.Spec.(plan.Conv)
			return ok && conv.Norm
		})
		if folded != c.folded {
			t.Errorf("%s: the norm is folded: %v, want %v\n%s", name, folded, c.folded, listing(c.program))
		}
	}
}

// The same for inference, where batch norm, sums and activations go into convolutions.
func TestFuseChangesNoInference(t *testing.T) {
	networks := map[string]network{
		"residual": variant(t, "resnet_mini", map[string]any{"depth": 8, "width": 4, "shortcut": "projection"}),
		"inverted": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			y := b.HardSwish(b.In("bn1").BatchNorm(b.In("expand").Conv(x, 6, 1, 1)))
			y = b.SiLU(b.In("bn2").BatchNorm(b.In("depthwise").Depthwise(y, 3, 1)))
			biased := nn.Conv2d{Out: 3, Kernel: [2]int{1, 1}, Bias: true}
			return b.Flatten(b.LeakyReLU(b.Add(x, b.In("bn3").BatchNorm(b.In("project").Conv2d(y, biased))), 0.1))
		},
		"head": func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Sigmoid(b.In("hidden").Linear(b.Flatten(x), 7)) },
	}
	for name, n := range networks {
		t.Run(name, func(t *testing.T) {
			want := inferred(t, inference(t, n, 2, 3, 8, 8))
			p := inference(t, n, 2, 3, 8, 8)
			plan.Fuse(p)
			before := len(p.Steps)
			unfuse(p)
			if len(p.Steps) == before {
				t.Fatal("nothing was fused")
			}
			wellFormed(t, p)
			if got := inferred(t, p); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

// inferred are the logits of random images under random states.
func inferred(t *testing.T, p *plan.Program) []float32 {
	t.Helper()
	m := plan.Reference{}.NewMemory()
	exe, err := plan.Reference{}.Compile(p, m)
	if err != nil {
		t.Fatal(err)
	}
	r := rng.New(7, "inference")
	for i := range exe.Floats("image") {
		exe.Floats("image")[i] = float32(r.NormFloat64())
	}
	for _, v := range p.Values {
		if v.Kind != plan.State {
			continue
		}
		state := make([]float32, v.Shape.Size())
		for i := range state {
			state[i] = float32(0.1 + r.Float64())
		}
		if err := m.Write(v.Name, state); err != nil {
			t.Fatal(err)
		}
	}
	if err := exe.RunAll(); err != nil {
		t.Fatal(err)
	}
	return slices.Clone(exe.Output("logits"))
}

// A fused program computes the same bits: the test takes it apart again and runs it beside the original.
func TestFuseChangesNoResult(t *testing.T) {
	networks := map[string]network{
		"residual":             variant(t, "resnet_mini", map[string]any{"depth": 8, "width": 4}),
		"residual, projection": variant(t, "resnet_mini", map[string]any{"depth": 8, "width": 4, "shortcut": "projection"}),
		"plain":                variant(t, "resnet_mini", map[string]any{"depth": 8, "width": 4, "shortcut": "none"}),
		"like VGG":             likeVGG,
		"biased branches": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			conv := nn.Conv2d{Out: 4, Kernel: [2]int{1, 1}, Bias: true}
			return b.ReLU(b.Add(b.In("a").Conv2d(x, conv), b.In("b").Conv2d(x, conv)))
		},
		"activations": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			norm := func(name string, x nn.Tensor) nn.Tensor {
				return b.In(name).BatchNorm(b.In(name+"conv").Conv(x, 3, 3, 1))
			}
			y := b.SiLU(norm("1", b.LeakyReLU(norm("2", b.HardSwish(norm("3", x))), 0.1)))
			return b.Tanh(b.Add(norm("4", b.ReLU6(norm("5", y))), x))
		}, // Nothing reads the gradient of the shortcut.
		"images as shortcut": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			y := b.ReLU(b.In("bn1").BatchNorm(b.In("conv1").Conv(x, 4, 3, 1)))
			return b.ReLU(b.Add(b.In("bn2").BatchNorm(b.In("conv2").Conv(y, 3, 3, 1)), x))
		},
	}
	frozen := map[string]func(*nn.Param) bool{
		"everything": nil, "scales": func(p *nn.Param) bool { return p.Role == nn.Scale },
		"no biases": func(p *nn.Param) bool { return p.Role != nn.Bias },
	}
	for name, n := range networks {
		for what, moves := range frozen {
			t.Run(name+", moving "+what, func(t *testing.T) {
				b, p := training(t, n, plan.Training{Moves: moves}, 3, 3, 12, 12)
				want := trained(t, b, p)
				b, p = training(t, n, plan.Training{Moves: moves}, 3, 3, 12, 12)
				plan.Fuse(p)
				before := len(p.Steps)
				unfuse(p)
				if len(p.Steps) == before {
					t.Fatal("nothing was fused")
				}
				wellFormed(t, p)
				same(t, trained(t, b, p), want)
			})
		}
	}
}
