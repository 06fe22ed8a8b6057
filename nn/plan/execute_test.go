package plan_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/plan"
	"workbench/nn/rng"
)

// trained runs two steps of the program on the reference executor, from the network's own initial weights. It
// returns the loss, the logits and every parameter.
func trained(t *testing.T, b *nn.Builder, p *plan.Program) map[string][]float32 {
	t.Helper()
	m := plan.Reference{}.NewMemory()
	exe, err := plan.Reference{}.Compile(p, m)
	if err != nil {
		t.Fatal(err)
	}
	for _, param := range b.Params() {
		v := make([]float32, param.Shape.Size())
		param.Fill(v, 7)
		if err := m.Write(param.Path, v); err != nil {
			t.Fatal(err)
		}
	}
	r := rng.New(7, "images")
	for i := range exe.Floats("image") {
		exe.Floats("image")[i] = float32(r.NormFloat64())
	}
	for i := range exe.Ints("label") {
		exe.Ints("label")[i] = int32(i)
	}
	exe.Floats("lr")[0] = 0.1
	for range 2 {
		if err := exe.RunAll(); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string][]float32{"loss": slices.Clone(exe.Output("loss")), "logits": slices.Clone(exe.Output("logits"))}
	for _, param := range b.Params() {
		v := make([]float32, param.Shape.Size())
		if err := m.Read(param.Path, v); err != nil {
			t.Fatal(err)
		}
		got[param.Path] = v
	}
	return got
}

func same(t *testing.T, got, want map[string][]float32) {
	t.Helper()
	if len(got) != len(want) || len(want["logits"]) == 0 || math.IsNaN(float64(want["loss"][0])) {
		t.Fatalf("got %d results, want %d with logits and a loss that is a number", len(got), len(want))
	}
	for name := range want {
		if !slices.Equal(got[name], want[name]) {
			t.Errorf("%s differs: %v, want %v", name, got[name], want[name])
		}
	}
}

// A training program and an inference program with one memory see the same weights, and learning shows in both.
func TestProgramsShareAMemory(t *testing.T) {
	n := variant(t, "resnet_mini", map[string]any{"depth": 8, "width": 4})
	b, train := training(t, n, plan.Training{}, 4, 3, 8, 8)
	m := plan.Reference{}.NewMemory()
	learn, err := plan.Reference{}.Compile(train, m)
	if err != nil {
		t.Fatal(err)
	}
	for _, param := range b.Params() {
		v := make([]float32, param.Shape.Size())
		param.Fill(v, 1)
		if err := m.Write(param.Path, v); err != nil {
			t.Fatal(err)
		}
	}
	look, err := plan.Reference{}.Compile(inference(t, n, 4, 3, 8, 8), m)
	if err != nil {
		t.Fatal(err)
	}
	r := rng.New(1, "images")
	for i := range learn.Floats("image") {
		v := float32(r.NormFloat64())
		learn.Floats("image")[i], look.Floats("image")[i] = v, v
	}
	learn.Floats("lr")[0] = 0.1
	var before []float32
	for i := range 3 {
		if err := look.RunAll(); err != nil {
			t.Fatal(err)
		}
		if slices.Equal(before, look.Output("logits")) {
			t.Errorf("after %d steps inference gives the logits of one step before", i)
		}
		before = slices.Clone(look.Output("logits"))
		if err := learn.RunAll(); err != nil {
			t.Fatal(err)
		}
	}
	if learn.Bytes() <= look.Bytes() {
		t.Errorf("training needs %d bytes, inference %d: want more in training", learn.Bytes(), look.Bytes())
	}
}

type otherMemory struct{ plan.Memory }

func TestCompileErrors(t *testing.T) {
	program := func(width int, double bool) *plan.Program {
		b := nn.NewBuilder(nn.Infer, double)
		y := b.In("fc").Linear(b.Input("image", 2, width), 5)
		p, err := plan.Lower(b, map[string]nn.Tensor{"y": y})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	m := plan.Reference{}.NewMemory()
	if _, err := (plan.Reference{}).Compile(program(3, false), m); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		p      *plan.Program
		m      plan.Memory
		wanted string
	}{
		{"memory of another backend", program(3, false), otherMemory{m}, "memory of another backend, plan_test.otherMemory"},
		{"another shape", program(4, false), m, "state fc.weight is (5, 3) in memory, the program wants (5, 4)"},
		{"another precision", program(3, true), m, "(float64: true)"},
	}
	for _, c := range tests {
		if _, err := (plan.Reference{}).Compile(c.p, c.m); err == nil || !strings.Contains(err.Error(), c.wanted) {
			t.Errorf("%s: got error %v, want %q", c.name, err, c.wanted)
		}
	}
	if s, ok := m.Shape("fc.weight"); !ok || !s.Equal(op.Shape{5, 3}) {
		t.Errorf("after the errors fc.weight is %v in memory, want (5, 3)", s)
	}
}

func TestSlotName(t *testing.T) {
	if got := plan.SlotName(optim.SGD{}.Slots()[0], "layer1.0.conv1.weight"); got != "optim/momentum/layer1.0.conv1.weight" {
		t.Errorf("got %q", got)
	}
}
