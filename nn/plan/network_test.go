package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/optim"
	"workbench/nn/plan"
	"workbench/nn/zoo"
)

// network adds layers on x and returns a value that is flattened to logits.
type network func(b *nn.Builder, x nn.Tensor) nn.Tensor

func variant(t *testing.T, name string, options map[string]any) network {
	t.Helper()
	v, err := zoo.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := v.Resolve(options)
	if err != nil {
		t.Fatal(err)
	}
	return func(b *nn.Builder, x nn.Tensor) nn.Tensor { return v.Build(b, x, 10, s) }
}

// likeVGG has biases everywhere, some batch norms, max pooling and dropout.
func likeVGG(b *nn.Builder, x nn.Tensor) nn.Tensor {
	conv := nn.Conv2d{Kernel: [2]int{3, 3}, Pad: [2]int{1, 1}, Bias: true}
	for i, width := range []int{5, 7} {
		conv.Out = width
		b := b.In(fmt.Sprint("stage", i))
		if x = b.In("conv").Conv2d(x, conv); i > 0 {
			x = b.In("bn").BatchNorm(x)
		}
		x = b.MaxPool(b.ReLU(x), 2, 2, 0)
	}
	x = b.Dropout(b.ReLU(b.In("fc1").Linear(b.Flatten(x), 12)), 0.5)
	return b.In("fc2").Linear(x, 10)
}

// build adds the network on images of the given shape and, in training, its loss.
func build(t *testing.T, b *nn.Builder, n network, image ...int) (logits, loss nn.Tensor) {
	t.Helper()
	logits = n(b, b.Input("image", image...))
	if len(logits.Shape()) > 2 {
		logits = b.Flatten(logits)
	}
	if b.Training() {
		loss = b.CrossEntropy(logits, b.Labels("label", image[0]), 0.1)
	}
	if err := b.Err(); err != nil {
		t.Fatal(err)
	}
	return logits, loss
}

// training lowers a network. Whatever `how` leaves open is SGD with momentum on all parameters.
func training(t *testing.T, n network, how plan.Training, image ...int) (*nn.Builder, *plan.Program) {
	t.Helper()
	b := nn.NewBuilder(nn.Train, false)
	logits, loss := build(t, b, n, image...)
	how.Loss = loss
	if how.Optimizer == nil {
		how.Optimizer = optim.SGD{Momentum: 0.9}
	}
	p, err := plan.LowerTraining(b, map[string]nn.Tensor{"logits": logits}, how)
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, p)
	return b, p
}

func inference(t *testing.T, n network, image ...int) *plan.Program {
	t.Helper()
	b := nn.NewBuilder(nn.Infer, false)
	logits, _ := build(t, b, n, image...)
	p, err := plan.Lower(b, map[string]nn.Tensor{"logits": logits})
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, p)
	return p
}

// wellFormed checks that every value is made once and before it is read, and that every step is of use.
func wellFormed(t *testing.T, p *plan.Program) {
	t.Helper()
	made, read := map[*plan.Value]bool{}, map[*plan.Value]bool{}
	check := func(v *plan.Value, who string) {
		if v.Kind == plan.Temporary && !made[v] {
			t.Errorf("%s reads %v, which nobody has made yet", who, v)
		}
		read[v] = true
	}
	for i, s := range p.Steps {
		for _, v := range s.In {
			check(v, fmt.Sprintf("step %d (%s)", i, s.Name()))
		}
		for _, v := range s.Out {
			if v != nil && (made[v] || v.Kind != plan.Temporary) {
				t.Errorf("step %d (%s) makes %v, which is made already or a %d", i, s.Name(), v, v.Kind)
			}
			made[v] = true
		}
	}
	for _, v := range p.Ends() {
		check(v, "the end")
	}
	for i, s := range p.Steps {
		if !slices.ContainsFunc(s.Out, func(v *plan.Value) bool { return v != nil && read[v] }) {
			t.Errorf("step %d (%s) makes what nobody reads", i, s.Name())
		}
	}
	for i, v := range p.Values {
		if v.ID != i {
			t.Errorf("value %d has the number %d", i, v.ID)
		}
	}
}

// count counts the steps of each kind.
func count(p *plan.Program) map[string]int {
	n := map[string]int{}
	for _, s := range p.Steps {
		n[s.Name()]++
	}
	return n
}

// listing writes the program as text.
func listing(p *plan.Program) string {
	var text strings.Builder
	for _, s := range p.Steps {
		fmt.Fprintf(&text, "%v = %s%+v %v\n", s.Out, s.Name(), s.Spec, s.In)
	}
	for _, a := range p.Assigns {
		fmt.Fprintf(&text, "%v := %v\n", a.State, a.Value)
	}
	for _, m := range p.Moves {
		fmt.Fprintf(&text, "%v moves by %v, %v, decay %v\n", m.Param, m.Grad, m.Slots, m.Decay)
	}
	return text.String()
}
