package bench

import (
	"slices"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/plan"
)

// twice is a strategy of two views and a number: the mean of the product of their features.
func twice(c Case, b *nn.Builder, network func(*nn.Builder, nn.Tensor, int) nn.Tensor) (Objective, error) {
	view := func(name string) nn.Tensor {
		return network(b.Shared(), b.Input(name, c.Batch, c.Input[0], c.Input[1], c.Input[2]), 0)
	}
	product := b.Mul(view("image"), view("image/1"))
	loss := b.Mean(b.Mul(b.SumTo(product, 1, 1), b.Input("scalar/tau", 1, 1)))
	return Objective{Loss: loss, Images: []string{"image", "image/1"},
		Numbers: map[string]func([]float32){"scalar/tau": func(dst []float32) { dst[0] = 0.25 }}}, b.Err()
}

func TestStepsOfStrategies(t *testing.T) {
	c := tiny(false)
	c.Strategy = "twice"
	n, err := open(c, plan.Reference{}, twice)
	if err != nil {
		t.Fatal(err)
	}
	defer n.close()
	first, second := n.exe.Floats("image"), n.exe.Floats("image/1")
	if len(first) == 0 || len(first) != len(second) || slices.Equal(first, second) || second[0] == 0 {
		t.Error("want two views of other pixels")
	}
	if got := n.exe.Floats("scalar/tau")[0]; got != 0.25 {
		t.Errorf("tau is %v, want 0.25", got)
	}
	var names []string
	for _, sent := range n.tensors() {
		names = append(names, sent.Name)
	}
	if want := []string{"image", "image/1", "label"}; !slices.Equal(names[len(names)-3:], want) {
		t.Errorf("a peer gets %v last, want %v", names[len(names)-3:], want)
	}
	if !slices.Contains(names, "conv1.weight") || slices.Contains(names, "fc.weight") {
		t.Errorf("a peer gets %v, want the network without its head", names)
	}
	supervised, err := open(tiny(false), plan.Reference{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer supervised.close()
	if ratio := n.stepMACs / supervised.stepMACs; !(ratio > 1.9 && ratio < 2.1) {
		t.Errorf("two views are %.2f times as much work as one, want about twice", ratio)
	}
	if _, err := n.timed(1); err != nil {
		t.Error(err)
	}
}

func TestStrategiesThatCannotBeMeasured(t *testing.T) {
	c := tiny(false)
	c.Strategy = "twice"
	if _, err := open(c, plan.Reference{}, nil); err == nil || !strings.Contains(err.Error(), "strategy twice: this process measures none") {
		t.Errorf("error %v", err)
	}
	c.Inference = true
	if _, err := open(c, plan.Reference{}, twice); err == nil || !strings.Contains(err.Error(), `inference has no strategy, got "twice"`) {
		t.Errorf("error %v", err)
	}
}

// Operations of a strategy's step are those of all its passes.
func TestFLOPsOfSteps(t *testing.T) {
	r := Result{Case: Case{Batch: 3}, Opened: Opened{MACs: 5, StepMACs: 100}}
	if got := r.FLOPs(); got != 2*3*5*3 {
		t.Errorf("a supervised step has %v operations, want 90", got)
	}
	if r.Case.Strategy = "twice"; r.FLOPs() != 200 {
		t.Errorf("a strategy's step has %v operations, want 200", r.FLOPs())
	}
}
