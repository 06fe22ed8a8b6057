package plan_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/plan"
)

func TestMemoryRefusesWhatItDoesNotHold(t *testing.T) {
	for _, double := range []bool{false, true} {
		b := nn.NewBuilder(nn.Infer, double)
		p, err := plan.Lower(b, map[string]nn.Tensor{"y": b.In("fc").Linear(b.Input("x", 2, 3), 5)})
		if err != nil {
			t.Fatal(err)
		}
		m := plan.Reference{}.NewMemory()
		if s, ok := m.Shape("fc.bias"); ok || s != nil {
			t.Errorf("an empty memory has fc.bias %v", s)
		}
		exe, err := plan.Reference{}.Compile(p, m)
		if err != nil {
			t.Fatal(err)
		}
		five := []float32{1, 2, 3, 4, 5}
		for _, c := range []struct {
			name string
			n    int
			want string
		}{
			{"fc.bias", 5, "<nil>"}, {"fc.bia", 5, `there is no state "fc.bia"`},
			{"fc.bias", 4, "state fc.bias is (5) with 5 elements, got 4"}, {"fc.weight", 5, "state fc.weight is (5, 3) with 15 elements, got 5"},
		} {
			if err := m.Write(c.name, five[:c.n]); fmt.Sprint(err) != c.want {
				t.Errorf("writing %d elements of %s: %v, want %s", c.n, c.name, err, c.want)
			}
			if err := m.Read(c.name, make([]float32, c.n)); fmt.Sprint(err) != c.want {
				t.Errorf("reading %d elements of %s: %v, want %s", c.n, c.name, err, c.want)
			}
		}
		got := make([]float32, 5)
		if err := m.Read("fc.bias", got); err != nil || !slices.Equal(got, five) {
			t.Errorf("fc.bias is %v, want %v, error %v", got, five, err)
		}
		if err := exe.RunAll(); err != nil || !slices.Equal(exe.Output("y"), []float32{1, 2, 3, 4, 5, 1, 2, 3, 4, 5}) {
			t.Errorf("weights of 0 give %v, want the bias twice, error %v", exe.Output("y"), err)
		}
		exe.Reset()
		if exe.Floats("fc.bias") != nil || exe.Floats("z") != nil || exe.Ints("x") != nil || exe.Output("x") != nil || len(exe.Floats("x")) != 6 {
			t.Error("the executor has inputs or outputs that the program has not")
		}
		if exe.Close() != nil || m.Close() != nil {
			t.Error("closing fails")
		}
		// The one temporary is the result of 2×5 elements.
		if want := map[bool]int64{false: 40, true: 80}[double]; exe.Bytes() != want {
			t.Errorf("float64 %v: %d bytes, want %d", double, exe.Bytes(), want)
		}
	}
}

func TestReferenceRefusesOtherPrograms(t *testing.T) {
	for want, change := range map[string]func(*plan.Program){
		"the reference executor computes in float32 and float64, not in bf16": func(p *plan.Program) { p.BFloat16 = true },
		`unknown recomputation "sheep": did you mean cheap?`:                  func(p *plan.Program) { p.Recompute = "sheep" },
	} {
		p := inference(t, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.ReLU(x) }, 2, 3, 4, 4)
		change(p)
		if _, err := (plan.Reference{}).Compile(p, plan.Reference{}.NewMemory()); fmt.Sprint(err) != want {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
	for _, good := range append([]string{""}, plan.Recomputations()...) {
		if err := plan.Recomputation(good).Check(); err != nil {
			t.Error(err)
		}
	}
	if got := plan.Recomputations(); !slices.Equal(got, []string{"none", "cheap", "segments"}) || (plan.Reference{}).Name() != "reference" {
		t.Errorf("recomputations %v of %s", got, plan.Reference{}.Name())
	}
}

// Rows of a state go where their numbers say, a later one over an earlier one, a negative one nowhere; the whole of a
// state and its averages follow. In either precision.
func TestStatesAfterARun(t *testing.T) {
	for _, double := range []bool{false, true} {
		b := nn.NewBuilder(nn.Train, double)
		x := b.Input("x", 3, 2)
		table, whole := b.State("table", nn.Init{}, 4, 2), b.State("whole", nn.Init{}, 3, 2)
		b.SetRows(table, b.Labels("at", 3), x)
		b.Set(whole, b.Scale(x, 2))
		decay := b.Input("decay", 1)
		loss := b.Mean(b.Mul(b.In("bn").Param("w", op.Shape{3, 2}, nn.Weight, nn.Init{}), x))
		b.Follow("copy", nn.Follow{Decay: decay}).In("bn").Param("w", op.Shape{3, 2}, nn.Weight, nn.Init{})
		p, err := plan.LowerTraining(b, nil, plan.Training{Loss: loss, Optimizer: optim.SGD{}, Averaging: plan.Averaging{Decay: 0.25}})
		if err != nil {
			t.Fatal(err)
		}
		m := plan.Reference{}.NewMemory()
		exe, err := plan.Reference{}.Compile(p, m)
		if err != nil {
			t.Fatal(err)
		}
		copy(exe.Floats("x"), []float32{1, 2, 3, 4, 5, 6})
		copy(exe.Ints("at"), []int32{2, -1, 2})
		exe.Floats("decay")[0], exe.Floats("lr")[0] = 0.5, 6
		for _, name := range []string{"ema/bn.w", "copy.bn.w"} {
			if err := m.Write(name, []float32{8, 8, 8, 8, 8, 8}); err != nil {
				t.Fatal(err)
			}
		}
		if err := exe.RunAll(); err != nil {
			t.Fatal(err)
		}
		// The weights move by 6·x/6 from 0.
		for name, want := range map[string][]float32{
			"table": {0, 0, 0, 0, 5, 6, 0, 0}, "whole": {2, 4, 6, 8, 10, 12}, "bn.w": {-1, -2, -3, -4, -5, -6},
			"ema/bn.w": {1.25, 0.5, -0.25, -1, -1.75, -2.5}, "copy.bn.w": {3.5, 3, 2.5, 2, 1.5, 1},
		} {
			got := make([]float32, len(want))
			if err := m.Read(name, got); err != nil {
				t.Fatal(err)
			}
			for i := range want {
				if math.Abs(float64(got[i]-want[i])) > 1e-5 {
					t.Errorf("float64 %v: %s is %v, want %v", double, name, got, want)
					break
				}
			}
		}
		copy(exe.Ints("at"), []int32{2, -2, 4})
		if err := exe.RunAll(); fmt.Sprint(err) != "set rows of table: input at [1] is -2, want a row from -1 to 3" {
			t.Errorf("got error %v", err)
		}
		copy(exe.Ints("at"), []int32{2, 3, 4})
		if err := exe.RunAll(); fmt.Sprint(err) != "set rows of table: input at [2] is 4, want a row from -1 to 3" {
			t.Errorf("got error %v", err)
		}
	}
}

// The numbers that each operator takes, in the order of the steps.
func TestRangesOfLabels(t *testing.T) {
	b := nn.NewBuilder(nn.Infer, false)
	x := b.Input("x", 2, 5)
	in := func(name string) nn.Tensor { return b.Labels(name, 2) }
	outputs := map[string]nn.Tensor{
		"a": b.CrossEntropy(x, in("classes"), 0), "b": b.CrossEntropyLoss(x, in("some"), nn.CrossEntropyLoss{Ignore: true}),
		"c": b.OneHot(in("hot"), 7), "d": b.GatherRows(x, in("from")), "e": b.ScatterRows(x, in("to"), 9),
	}
	p, err := plan.Lower(b, outputs)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range plan.LabelRanges(p) {
		got = append(got, fmt.Sprint(r.Input.Name, " ", r.Low, " ", r.End, " ", r.Reader, " ", r.Rows))
	}
	want := []string{"classes 0 5 cross_entropy false", "some -1 5 cross_entropy false", "hot -1 7 one_hot false",
		"from -1 2 gather_rows false",
		"to -1 9 scatter_rows false"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	err = plan.LabelRanges(p)[0].Check([]int32{4, 5})
	if fmt.Sprint(err) != "cross_entropy: input classes [1] is 5, want a class from 0 to 4" {
		t.Errorf("got error %v", err)
	}
}

// The work of a training program, counted by hand: two convolutions and a linear layer, of which the first has no
// gradient for its input, and the moves of the 87 parameters.
func TestWorkOfTraining(t *testing.T) {
	for slots, optimizer := range map[int]plan.Optimizer{1: optim.SGD{}, 3: optim.RMSProp{Centered: true}} {
		_, p := training(t, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			x = b.In("a").Conv(x, 4, 1, 1)
			x = b.In("b").Conv2d(x, nn.Conv2d{Out: 6, Kernel: [2]int{3, 1}, Pad: [2]int{1, 0}, Groups: 2})
			return b.In("fc").Linear(b.GlobalAvgPool(x), 5)
		}, plan.Training{Optimizer: optimizer}, 2, 4, 6, 6)
		a, grouped, fc := 2*36*4*4, 2*36*6*(4/2)*3, 2*6*5
		if got, want := p.MultiplyAdds(), float64(2*a+3*grouped+3*fc+87*(1+slots)); got != want {
			t.Errorf("%s: %v multiply-adds, want %v", optimizer.Name(), got, want)
		}
	}
}

func TestTrainingTakesWhatIsAtTheEdge(t *testing.T) {
	nan, gradients := math.NaN(), "gradients: want micro-batches, norm and value of at least 0, got "
	for _, c := range []struct {
		how  plan.Training
		want string
	}{
		{plan.Training{Gradients: plan.Gradients{ClipNorm: 1e-9, ClipValue: 1e-9, MicroBatches: 1}}, "<nil>"},
		{plan.Training{Averaging: plan.Averaging{Decay: 0.9999}}, "<nil>"},
		{plan.Training{Gradients: plan.Gradients{MicroBatches: -1}}, gradients + "-1, 0 and 0"},
		{plan.Training{Gradients: plan.Gradients{ClipNorm: nan}}, gradients + "0, NaN and 0"},
		{plan.Training{Gradients: plan.Gradients{ClipValue: -2}}, gradients + "0, 0 and -2"},
		{plan.Training{Gradients: plan.Gradients{ClipValue: nan}}, gradients + "0, 0 and NaN"},
		{plan.Training{Averaging: plan.Averaging{Decay: -0.1}}, "averaging: want a decay from 0 to below 1, got -0.1"},
		{plan.Training{Averaging: plan.Averaging{Decay: nan}}, "averaging: want a decay from 0 to below 1, got NaN"},
		{plan.Training{Averaging: plan.Averaging{Decay: 0.5, Input: "d"}}, `averaging: want the decay 0.5 or the input "d" with it, got both`},
		{plan.Training{Averaging: plan.Averaging{Warmup: true, Input: "d"}}, `averaging: want the decay 0 or the input "d" with it, got both`},
	} {
		b := nn.NewBuilder(nn.Train, false)
		c.how.Loss, c.how.Optimizer = b.Mean(b.In("fc").Linear(b.Input("image", 2, 3), 10)), optim.SGD{}
		if _, err := plan.LowerTraining(b, nil, c.how); fmt.Sprint(err) != c.want {
			t.Errorf("got error %v, want %s", err, c.want)
		}
	}
}
