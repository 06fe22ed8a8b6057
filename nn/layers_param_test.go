package nn_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
)

// The parameters that a layer adds, in their order: name, shape, role and start.
func TestLayersHaveTheirParameters(t *testing.T) {
	he := func(n float64) nn.Init { return nn.Init{Normal: math.Sqrt(2 / n)} }
	third, ones, zeros := nn.Init{Uniform: 1 / math.Sqrt(3)}, nn.Init{Constant: 1}, nn.Init{}
	line := func(name string, s op.Shape, r nn.Role, i nn.Init) string { return fmt.Sprint(name, s, r, i) }
	norm := func(c int, scale nn.Init) []string {
		s := op.Shape{c}
		return []string{line("weight", s, nn.Scale, scale), line("bias", s, nn.Shift, zeros), line("running_mean", s, nn.Running, zeros),
			line("running_var", s, nn.Running, ones)}
	}
	weight := func(i nn.Init, s ...int) []string { return []string{line("weight", s, nn.Weight, i)} }
	rows := func(s ...int) []string {
		return []string{line("weight", s, nn.Scale, ones), line("bias", s, nn.Shift, zeros)}
	}
	two, three := nn.Init{Constant: 2}, nn.Init{Normal: 3}
	for _, c := range []struct {
		name   string
		build  func(b *nn.Builder, in inputs)
		want   []string
		counts int64 // parameters of the layer in a summary
	}{
		{"linear", func(b *nn.Builder, in inputs) { b.Linear(in.m, 2) },
			append(weight(third, 2, 3), line("bias", op.Shape{2}, nn.Bias, third)), 8},
		{"linear with given starts", func(b *nn.Builder, in inputs) { b.LinearInit(in.m, 2, two, three) },
			append(weight(two, 2, 3), line("bias", op.Shape{2}, nn.Bias, three)), 8},
		{"conv", func(b *nn.Builder, in inputs) { b.Conv(in.x, 8, 3, 2) }, weight(he(8*9), 8, 4, 3, 3), 288},
		{"conv in groups", func(b *nn.Builder, in inputs) {
			b.Conv2d(in.x, nn.Conv2d{Out: 6, Kernel: [2]int{1, 3}, Groups: 2, Bias: true, BiasInit: three})
		}, append(weight(he(6*3), 6, 2, 1, 3), line("bias", op.Shape{6}, nn.Bias, three)), 42},
		{"conv with a given start", func(b *nn.Builder, in inputs) { b.Conv2d(in.x, nn.Conv2d{Out: 1, Kernel: [2]int{2, 1}, Init: &two}) },
			weight(two, 1, 4, 2, 1), 8},
		{"depthwise", func(b *nn.Builder, in inputs) { b.Depthwise(in.x, 5, 1) }, weight(he(4*25), 4, 1, 5, 5), 100},
		{"batch norm", func(b *nn.Builder, in inputs) { b.BatchNorm(in.x) }, norm(4, ones), 8},
		{"batch norm of features", func(b *nn.Builder, in inputs) { b.BatchNorm(in.m) }, norm(3, ones), 6},
		{"batch norm from zero", func(b *nn.Builder, in inputs) { b.BatchNormZero(in.x) }, norm(4, zeros), 8},
		{"layer norm", func(b *nn.Builder, in inputs) { b.LayerNorm(in.x, 2, 1) }, rows(6, 6), 72},
		{"group norm", func(b *nn.Builder, in inputs) { b.GroupNorm(in.x, 2, 1) }, rows(4), 8},
		{"state", func(b *nn.Builder, in inputs) { b.State("queue", three, 5, 2) }, []string{line("queue", op.Shape{5, 2}, nn.Memory, three)}, 0},
	} {
		b := nn.NewBuilder(nn.Train, false)
		c.build(b.In("at").In("0"), inputsOf(b))
		var got []string
		for _, p := range b.Params() {
			got = append(got, line(p.Path, p.Shape, p.Role, p.Init))
			if want := p.Role == nn.Weight || p.Role == nn.Bias || p.Role == nn.Scale || p.Role == nn.Shift; p.Trainable() != want {
				t.Errorf("%s: %s is trained: %v", c.name, p.Path, p.Trainable())
			}
		}
		for i := range c.want {
			c.want[i] = "at.0." + c.want[i]
		}
		if b.Err() != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s has the parameters\n%q, want\n%q, error %v", c.name, got, c.want, b.Err())
		}
		if cost := b.Cost(); cost.Params != c.counts || b.Summary().Params != c.counts {
			t.Errorf("%s counts %d and %d parameters, want %d", c.name, cost.Params, b.Summary().Params, c.counts)
		}
	}
}

// Starts that are combined, and rows of unit length: the same draws as those of the parts.
func TestStartsCombine(t *testing.T) {
	shape := op.Shape{2, 3}
	fill := func(i nn.Init) []float32 { return filled(nn.Param{Path: "w", Shape: shape, Init: i}, 5) }
	plain, moved := fill(nn.Init{Normal: 1}), fill(nn.Init{Normal: 2, Constant: 3})
	wide, unit := fill(nn.Init{Uniform: 1, Constant: 3}), fill(nn.Init{Normal: 2, Unit: true})
	narrow := fill(nn.Init{Uniform: 0.5})
	for i := range plain {
		length := 0.0
		for k := range 3 {
			v := float64(plain[i/3*3+k])
			length += v * v
		}
		for what, d := range map[string]float64{"normal": float64(moved[i]) - (3 + 2*float64(plain[i])),
			"uniform": float64(wide[i]) - (3 + 2*float64(narrow[i])), "unit": float64(unit[i]) - float64(plain[i])/math.Sqrt(length)} {
			if !(math.Abs(d) <= 1e-6) {
				t.Errorf("%s: element %d is off by %v", what, i, d)
			}
		}
	}
}

// What batch norms make of their running statistics: the mean of the groups' statistics, once for each input that is
// added, and nothing if they are kept.
func TestBatchNormsUpdateTheirStatistics(t *testing.T) {
	mean := "bn_running{Momentum:0.1 Count:72}(%s, bn_stats(x))"
	variance := "bn_running{Momentum:0.1 Row:1 Count:72}(%s, bn_stats(x))"
	groups := "scale{By:0.5}(reshape{To:[2 4 0 0]}(sum_to{To:[2 1 4 0]}(reshape{To:[2 2 4 0]}(bn_stats(reshape{To:[1 8 6 6]}(x))))))"
	for name, c := range map[string]struct {
		build func(b *nn.Builder, in inputs)
		want  []string
	}{
		"once": {func(b *nn.Builder, in inputs) { b.BatchNorm(in.x) },
			[]string{fmt.Sprintf(mean, "running_mean"), fmt.Sprintf(variance, "running_var")}},
		"twice": {func(b *nn.Builder, in inputs) { b.Shared().BatchNorm(in.x); b.Shared().BatchNorm(in.x) },
			[]string{fmt.Sprintf(mean, fmt.Sprintf(mean, "running_mean")), fmt.Sprintf(variance, fmt.Sprintf(variance, "running_var"))}},
		"in groups": {func(b *nn.Builder, in inputs) { b.InGroups(2).BatchNorm2d(in.x, nn.BatchNorm2d{Momentum: 0.5}) },
			[]string{"bn_running{Momentum:0.5 Count:36}(running_mean, " + groups + ")",
				"bn_running{Momentum:0.5 Row:1 Count:36}(running_var, " + groups + ")"}},
		"kept":         {func(b *nn.Builder, in inputs) { b.KeepStatistics().BatchNorm(in.x) }, nil},
		"of inference": {func(b *nn.Builder, in inputs) { b.Inference().BatchNorm(in.x) }, nil},
	} {
		b := nn.NewBuilder(nn.Train, false)
		c.build(b, inputsOf(b))
		var got []string
		for i, u := range b.Updates() {
			got = append(got, tree(u.Value))
			if want := []string{"running_mean", "running_var"}[i]; u.Param.Path != want || u.Rows != nil {
				t.Errorf("%s: update %d is of %s, by rows: %v", name, i, u.Param.Path, u.Rows != nil)
			}
		}
		if b.Err() != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: updates\n%q, want\n%q, error %v", name, got, c.want, b.Err())
		}
	}
	b := nn.NewBuilder(nn.Train, false) // inference after training reads what the batch has left
	in := inputsOf(b)
	b.Shared().BatchNorm(in.x)
	want := "bn_infer{Epsilon:1e-05}(y, " + fmt.Sprintf(mean, "running_mean") + ", " + fmt.Sprintf(variance, "running_var") + ", weight, bias)"
	if got := tree(b.Shared().Inference().BatchNorm(in.y).Node()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
