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

// learner is a network without batch norm under training, with random images.
type learner struct {
	b   *nn.Builder
	m   plan.Memory
	exe plan.Executable
}

func (l learner) read(t *testing.T, name string) []float32 {
	t.Helper()
	s, ok := l.m.Shape(name)
	if !ok {
		t.Fatalf("there is no state %s", name)
	}
	v := make([]float32, s.Size())
	if err := l.m.Read(name, v); err != nil {
		t.Fatal(err)
	}
	return v
}

func learn(t *testing.T, how plan.Training, images int) learner {
	t.Helper()
	n := func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		return b.In("fc").Linear(b.Flatten(b.ReLU(b.In("conv").Conv(x, 4, 3, 2))), 10)
	}
	b, p := training(t, n, how, images, 3, 6, 6)
	m := plan.Reference{}.NewMemory()
	exe, err := plan.Reference{}.Compile(p, m)
	if err != nil {
		t.Fatal(err)
	}
	for _, param := range b.Params() {
		v := make([]float32, param.Shape.Size())
		param.Fill(v, 3)
		if err := m.Write(param.Path, v); err != nil {
			t.Fatal(err)
		}
	}
	exe.Floats("lr")[0] = 0.1
	return learner{b, m, exe}
}

// show gives the network the images [from, from+n) of a fixed sequence and runs it.
func (l learner) show(t *testing.T, from, n int) {
	t.Helper()
	area := len(l.exe.Floats("image")) / n
	for i := range n {
		r := rng.New(5, "image", uint64(from+i))
		for k := range area {
			l.exe.Floats("image")[i*area+k] = float32(r.NormFloat64())
		}
		l.exe.Ints("label")[i] = int32((from + i) % 10)
	}
	if err := l.exe.RunAll(); err != nil {
		t.Fatal(err)
	}
}

// Three micro-batches of four images make the update that one batch of the twelve images makes, to rounding.
// Nothing moves before the last micro-batch.
func TestMicroBatchesMakeTheUpdateOfTheBatch(t *testing.T) {
	for name, g := range map[string]plan.Gradients{"": {}, ", clipped norm": {ClipNorm: 0.1}, ", clipped values": {ClipValue: 0.01}} {
		t.Run("micro-batches"+name, func(t *testing.T) {
			whole := learn(t, plan.Training{Gradients: g}, 12)
			g.MicroBatches = 3
			micro := learn(t, plan.Training{Gradients: g}, 4)
			for step := range 2 {
				before := micro.read(t, "fc.weight")
				whole.exe.Ints("step")[0], micro.exe.Ints("step")[0] = int32(step), int32(step)
				whole.show(t, 12*step, 12)
				for k := range 3 {
					if !slices.Equal(micro.read(t, "fc.weight"), before) {
						t.Fatalf("step %d: the weights moved before micro-batch %d", step, k)
					}
					micro.exe.Ints("micro_batch")[0] = int32(k)
					micro.show(t, 12*step+4*k, 4)
				}
				for _, p := range whole.b.Params() {
					want, got := whole.read(t, p.Path), micro.read(t, p.Path)
					for i := range want {
						if math.Abs(float64(got[i]-want[i])) > 1e-6 {
							t.Fatalf("step %d: %s[%d] is %v, the whole batch makes it %v", step, p.Path, i, got[i], want[i])
						}
					}
				}
			}
		})
	}
}

// The step that moves the weights has the norm that is allowed, and the direction of the gradient.
func TestClipNormBoundsTheStep(t *testing.T) {
	sgd := optim.SGD{}
	free, bound := learn(t, plan.Training{Optimizer: sgd}, 4), learn(t,
		plan.Training{Optimizer: sgd, Gradients: plan.Gradients{ClipNorm: 0.25}}, 4)
	var starts [][]float32
	for _, p := range free.b.Params() {
		starts = append(starts, free.read(t, p.Path))
	}
	free.show(t, 0, 4)
	bound.show(t, 0, 4)
	var dot, long, short float64
	for k, p := range free.b.Params() {
		a, b := free.read(t, p.Path), bound.read(t, p.Path)
		for i := range a {
			x, y := float64(a[i]-starts[k][i])/0.1, float64(b[i]-starts[k][i])/0.1
			dot, long, short = dot+x*y, long+x*x, short+y*y
		}
	}
	long, short = math.Sqrt(long), math.Sqrt(short)
	if long < 0.5 || math.Abs(short-0.25) > 1e-5 || math.Abs(dot/(long*short)-1) > 1e-6 {
		t.Errorf("norms %v and %v, cosine %v; want more than 0.5, 0.25 and 1", long, short, dot/(long*short))
	}
}

func TestAveragesFollowTheWeights(t *testing.T) {
	l := learn(t, plan.Training{Averaging: plan.Averaging{Decay: 0.75}}, 4)
	start := l.read(t, "fc.weight")
	if err := l.m.Write(plan.AverageName("fc.weight"), start); err != nil {
		t.Fatal(err)
	}
	want := slices.Clone(start)
	for step := range 3 {
		l.show(t, step, 4)
		for i, w := range l.read(t, "fc.weight") {
			want[i] = 0.75*want[i] + 0.25*w
		}
	}
	got := l.read(t, plan.AverageName("fc.weight"))
	for i := range want {
		if math.Abs(float64(got[i]-want[i])) > 1e-6 {
			t.Fatalf("[%d] is %v, want %v", i, got[i], want[i])
		}
	}
	if slices.Equal(got, start) {
		t.Error("the average stays at the start")
	}
}

func TestAveragingWarmsUp(t *testing.T) {
	warm := plan.Averaging{Decay: 0.9, Warmup: true}
	for step, want := range map[int]float64{0: 2.0 / 11, 1: 3.0 / 12, 9: 11.0 / 20, 1000: 0.9} {
		if got := warm.At(step); got != want {
			t.Errorf("after %d updates the decay is %v, want %v", step, got, want)
		}
	}
	if got := (plan.Averaging{Decay: 0.9}).At(0); got != 0.9 {
		t.Errorf("without warm-up the decay is %v, want 0.9", got)
	}
}

// An inference program reads the averages of the states that move, and the other states themselves.
func TestReadAverages(t *testing.T) {
	n := variant(t, "resnet_mini", map[string]any{"depth": 8, "width": 4})
	frozen := func(p *nn.Param) bool { return p.Path != "conv1.weight" }
	_, train := training(t, n, plan.Training{Moves: frozen, Averaging: plan.Averaging{Decay: 0.5}}, 2, 3, 8, 8)
	m := plan.Reference{}.NewMemory()
	if _, err := (plan.Reference{}).Compile(train, m); err != nil {
		t.Fatal(err)
	}
	p := inference(t, n, 2, 3, 8, 8)
	p.ReadAverages(m)
	for _, v := range p.Values {
		if averaged := strings.HasPrefix(v.Name, "ema/"); v.Kind == plan.State && averaged == (v.Name == "conv1.weight") {
			t.Errorf("the program reads %s", v.Name)
		}
	}
}

// Averages are those of the network: a copy that follows it is an average already, and so are the statistics it has.
func TestAveragesAreOfTheNetworkAlone(t *testing.T) {
	for _, statistics := range []bool{false, true} {
		b := nn.NewBuilder(nn.Train, false)
		x := b.Input("image", 4, 3, 2, 2)
		encode := func(b *nn.Builder) nn.Tensor { return b.In("bn").BatchNorm(b.In("fc").Linear(b.Flatten(x), 5)) }
		teacher := b.Follow("teacher", nn.Follow{Decay: b.Input("decay", 1), Statistics: statistics})
		loss := b.Mean(b.Mul(encode(b), b.StopGradient(encode(teacher))))
		if err := b.Err(); err != nil {
			t.Fatal(err)
		}
		p, err := plan.LowerTraining(b, nil, plan.Training{Loss: loss, Optimizer: optim.SGD{}, Averaging: plan.Averaging{Decay: 0.9}})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range p.Averages {
			if a.Decay == nil {
				got = append(got, a.Average.Name)
			}
		}
		want := []string{"ema/bn.bias", "ema/bn.running_mean", "ema/bn.running_var", "ema/bn.weight", "ema/fc.bias", "ema/fc.weight"}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("statistics follow: %v: averages %v, want %v", statistics, got, want)
		}
	}
}

func TestTrainingErrors(t *testing.T) {
	for want, how := range map[string]plan.Training{
		"gradients: want micro-batches, norm and value of at least 0": {Gradients: plan.Gradients{ClipNorm: -1}},
		"of at least 0, got -1":                            {Gradients: plan.Gradients{MicroBatches: -1}},
		"averaging: want a decay from 0 to below 1, got 1": {Averaging: plan.Averaging{Decay: 1}},
	} {
		b := nn.NewBuilder(nn.Train, false)
		logits := b.In("fc").Linear(b.Input("image", 2, 3), 10)
		how.Loss, how.Optimizer = b.CrossEntropy(logits, b.Labels("label", 2), 0), optim.SGD{}
		if _, err := plan.LowerTraining(b, nil, how); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
}

func TestInputsOfTraining(t *testing.T) {
	n := func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.In("fc").Linear(b.Flatten(x), 10) }
	_, plainly := training(t, n, plan.Training{}, 2, 3, 4, 4)
	_, all := training(t, n, plan.Training{CycleMomentum: true, Gradients: plan.Gradients{MicroBatches: 2}}, 2, 3, 4, 4)
	if plainly.Momentum != nil || plainly.MicroBatch != nil || plainly.UpdateCount.Name != "step" || !plainly.UpdateCount.Ints {
		t.Errorf("momentum %v, micro-batch %v, step %v: want the step alone", plainly.Momentum, plainly.MicroBatch, plainly.UpdateCount)
	}
	if all.Momentum.Name != "momentum" || all.MicroBatch.Name != "micro_batch" || !all.MicroBatch.Ints ||
		!all.Momentum.Shape.Equal(op.Shape{1}) {
		t.Errorf("momentum %v, micro-batch %v", all.Momentum, all.MicroBatch)
	}
	if m := all.Moves[0]; m.Sum == nil || m.Sum.Name != "optim/sum/fc.weight" || m.Scale != 1 {
		t.Errorf("got %+v, want a sum and scale 1", m)
	}
}
