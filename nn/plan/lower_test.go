package plan_test

import (
	"slices"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/plan"
)

// Nothing reads the gradient of the images, so the first convolution has none for its input.
func TestLowerLeavesOutWhatNobodyWants(t *testing.T) {
	resnet := variant(t, "resnet_mini", map[string]any{"depth": 8})
	unused := func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		b.In("aside").Conv(x, 4, 3, 1)
		return resnet(b, x)
	}
	_, plainly := training(t, resnet, plan.Training{}, 2, 3, 16, 16)
	if got := count(plainly); got["conv"] != 7 || got["conv_bwd_weights"] != 7 || got["conv_bwd_data"] != 6 {
		t.Errorf("got %v, want 7 convolutions, 7 gradients of weights, 6 of inputs", got)
	}
	b := nn.NewBuilder(nn.Train, false)
	logits, loss := build(t, b, unused, 2, 3, 16, 16)
	moves := func(p *nn.Param) bool { return p.Path != "aside.weight" }
	p, err := plan.LowerTraining(b, map[string]nn.Tensor{"logits": logits}, plan.Training{Loss: loss, Optimizer: optim.SGD{}, Moves: moves})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Steps) != len(plainly.Steps) {
		t.Errorf("a layer beside the network makes %d steps of %d", len(p.Steps), len(plainly.Steps))
	}
}

// Without trained parameters there is no backward pass. If only the classifier is
// trained, the backward pass ends there.
func TestLowerFrozenParameters(t *testing.T) {
	resnet := variant(t, "resnet_mini", map[string]any{"depth": 8})
	tests := []struct {
		name  string
		moves func(*nn.Param) bool
		moved []string
		count map[string]int
	}{
		{"nothing moves", func(*nn.Param) bool { return false }, nil, map[string]int{"cross_entropy_bwd": 0, "linear_bwd_data": 0}},
		{"the classifier moves", func(p *nn.Param) bool { return strings.HasPrefix(p.Path, "fc.") }, []string{"fc.weight", "fc.bias"},
			map[string]int{"cross_entropy_bwd": 1, "linear_bwd_weights": 1, "linear_bwd_data": 0, "conv_bwd_weights": 0, "bn_running": 14}},
		{"running statistics never move", func(p *nn.Param) bool { return strings.HasPrefix(p.Path, "bn1.") }, []string{"bn1.weight", "bn1.bias"},
			map[string]int{"conv_bwd_weights": 0, "conv_bwd_data": 6, "bn_reduce": 7, "bn_bwd_data": 6}},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			_, p := training(t, resnet, plan.Training{Moves: c.moves}, 2, 3, 16, 16)
			var moved []string
			for _, m := range p.Moves {
				moved = append(moved, m.Param.Name)
			}
			if !slices.Equal(moved, c.moved) {
				t.Errorf("%v move, want %v", moved, c.moved)
			}
			for name, want := range c.count {
				if got := count(p)[name]; got != want {
					t.Errorf("got %d steps %s, want %d", got, name, want)
				}
			}
		})
	}
}

// A value that several layers read gets one sum of all gradients.
func TestLowerGathersSums(t *testing.T) {
	branches := func(n int) network {
		return func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			x = b.ReLU(b.In("stem").Conv(x, 4, 3, 1))
			var ys []nn.Tensor
			for i := range n {
				ys = append(ys, b.In(string(rune('a'+i))).Conv(x, 4, 1, 1))
			}
			return b.In("fc").Linear(b.GlobalAvgPool(b.Concat(ys...)), 10)
		}
	}
	for _, n := range []int{2, 3, 5} {
		_, p := training(t, branches(n), plan.Training{}, 2, 3, 6, 6)
		var sums []int
		for _, s := range p.Steps {
			if spec, ok := s.Spec.(op.Sum); ok {
				sums = append(sums, spec.N)
				if len(s.In) != spec.N {
					t.Errorf("a sum of %d has %d operands", spec.N, len(s.In))
				}
			}
		}
		if !slices.Equal(sums, []int{n}) {
			t.Errorf("%d branches: sums of %v, want one of %d", n, sums, n)
		}
	}
}

// A partial sum that something else reads stays: here one of the network's own, in inference.
func TestLowerKeepsSumsThatAreRead(t *testing.T) {
	sums := func(p *plan.Program) (ns []int) {
		for _, s := range p.Steps {
			if spec, ok := s.Spec.(op.Sum); ok {
				ns = append(ns, spec.N)
			}
		}
		return ns
	}
	nested := inference(t, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		return b.Add(b.ReLU(x), b.Add(x, b.ReLU(b.ReLU(x))))
	}, 2, 3, 4, 4)
	if got := sums(nested); !slices.Equal(got, []int{3}) {
		t.Errorf("nested: sums of %v, want one of 3", got)
	}
	read := inference(t, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		inner := b.Add(x, b.ReLU(x))
		return b.Concat(b.Add(inner, x), inner)
	}, 2, 3, 4, 4)
	if got := sums(read); !slices.Equal(got, []int{2, 2}) {
		t.Errorf("inner sum is read: sums of %v, want two of 2", got)
	}
	twice := inference(t, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		inner := b.Add(x, b.ReLU(x))
		return b.Add(inner, inner)
	}, 2, 3, 4, 4)
	if got := sums(twice); !slices.Equal(got, []int{2, 2}) {
		t.Errorf("inner sum is added to itself: sums of %v, want two of 2", got)
	}
}

func TestLowerNamesStates(t *testing.T) {
	b, p := training(t, variant(t, "resnet_mini", map[string]any{"depth": 8}), plan.Training{Decay: func(p *nn.Param) float64 {
		if p.Role == nn.Weight {
			return 0.25
		}
		return 0
	}}, 2, 3, 16, 16)
	if p.Rate == nil || p.Rate.Kind != plan.Input || p.Rate.Name != "lr" || !p.Rate.Shape.Equal(op.Shape{1}) {
		t.Errorf(`the learning rate is %+v, want input "lr" of one element`, p.Rate)
	}
	byName := map[string]plan.Move{}
	for _, m := range p.Moves {
		byName[m.Param.Name] = m
	}
	running := map[string]bool{}
	for _, a := range p.Assigns {
		running[a.State.Name] = true
	}
	for _, param := range b.Params() {
		m, moves := byName[param.Path]
		if moves != param.Trainable() || running[param.Path] == param.Trainable() {
			t.Errorf("%s: moved %v, assigned %v, trainable %v", param.Path, moves, running[param.Path], param.Trainable())
			continue
		}
		if !moves {
			continue
		}
		slot := "optim/momentum/" + param.Path
		if len(m.Slots) != 1 || m.Slots[0].Name != slot || m.Slots[0].Kind != plan.State || !m.Slots[0].Shape.Equal(param.Shape) {
			t.Errorf("%s: slots %+v, want the state %s %v", param.Path, m.Slots, slot, param.Shape)
		}
		if want := map[bool]float64{true: 0.25}[param.Role == nn.Weight]; m.Decay != want || !m.Grad.Shape.Equal(param.Shape) {
			t.Errorf("%s: decay %v, gradient %v, want %v and %v", param.Path, m.Decay, m.Grad.Shape, want, param.Shape)
		}
	}
}

// Equal networks make equal programs. Buffers, and with them speed and rounding, must not depend on the order of maps.
func TestLowerIsDeterministic(t *testing.T) {
	for name, n := range map[string]network{"residual": variant(t, "resnet_mini", map[string]any{"depth": 14}), "like VGG": likeVGG} {
		var first string
		for i := range 5 {
			_, p := training(t, n, plan.Training{}, 2, 3, 16, 16)
			before := listing(p)
			plan.Fuse(p)
			text := before + listing(p)
			if i == 0 {
				first = text
			} else if text != first {
				t.Errorf("%s: lowered again, the program differs:\n%s\n%s", name, first, text)
			}
		}
	}
}

func TestLowerErrors(t *testing.T) {
	build := func(layers func(b *nn.Builder, x nn.Tensor) nn.Tensor) (*nn.Builder, nn.Tensor) {
		b := nn.NewBuilder(nn.Train, false)
		return b, layers(b, b.Input("image", 2, 3, 8, 8))
	}
	failed, y := build(func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.In("head").Linear(x, 10) })
	if _, err := plan.Lower(failed, map[string]nn.Tensor{"y": y}); err == nil ||
		!strings.HasPrefix(err.Error(), "head: linear: input (2, 3, 8, 8)") {
		t.Errorf("a network that failed: got error %v, want its first", err)
	}
	good, y := build(func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.In("fc").Linear(b.Flatten(x), 10) })
	if _, err := plan.LowerTraining(good, nil, plan.Training{Optimizer: optim.SGD{}}); err == nil ||
		!strings.Contains(err.Error(), "output loss was not built") {
		t.Errorf("no loss: got error %v, want that it was not built", err)
	}
	if _, err := plan.Lower(good, map[string]nn.Tensor{"y": y, "features": {}}); err == nil ||
		!strings.Contains(err.Error(), "output features was not built") {
		t.Errorf("an output that is not there: got error %v", err)
	}
	if _, err := plan.LowerTraining(good, nil, plan.Training{Optimizer: optim.SGD{}, Loss: y}); err == nil ||
		!strings.Contains(err.Error(), "differentiate") {
		t.Errorf("a loss that is a matrix: got error %v", err)
	}
}
