//go:build !noonednn

package onednn

import (
	"errors"
	"math"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/plan"
	"workbench/nn/plan/algorithms"
)

// halfNet has every operator that takes bfloat16, and two that must not see it:
// global average pooling and the linear layer.
func halfNet(b *nn.Builder, x nn.Tensor) nn.Tensor {
	x = b.ReLU(b.In("bn0").BatchNorm(b.In("conv0").Conv(x, 16, 3, 1)))
	y := b.In("bn1").BatchNorm(b.In("conv1").Conv(x, 32, 3, 2))
	x = b.ReLU(b.Add(y, b.Subsample(x, 32, 2)))
	x = b.MaxPool(x, 2, 2, 0)
	x = b.Concat(b.In("conv2").Conv(x, 16, 3, 1), b.In("conv3").Conv(x, 32, 1, 1))
	return b.In("fc").Linear(b.GlobalAvgPool(x), 10)
}

// unevenNet has channels that do not fill vectors, in operators for which the library has no bfloat16 kernels: batch
// norm with and without ReLU, gates for one image and for all, concatenation, slices, shortcuts to more channels. It
// also has a depthwise kernel as large as its images.
func unevenNet(b *nn.Builder, x nn.Tensor) nn.Tensor {
	x = b.ReLU(b.In("bn0").BatchNorm(b.In("conv0").Conv(x, 24, 3, 1)))
	y := b.SiLU(b.In("bn1").BatchNorm(b.In("conv1").Conv(x, 40, 1, 1)))
	y = b.Mul(y, b.Sigmoid(b.In("fc").Conv2d(b.AdaptiveAvgPool(y, 1), nn.Conv2d{Out: 40, Kernel: [2]int{1, 1}, Bias: true})))
	x = b.Add(y, b.Subsample(x, 40, 1))
	x = b.ReLU(b.In("biased").Conv2d(x, nn.Conv2d{Out: 40, Kernel: [2]int{3, 3}, Pad: [2]int{1, 1}, Bias: true}))
	x = b.ReLU6(b.In("bn2").BatchNorm(b.In("conv2").Conv(x, 12, 3, 2)))
	x = b.ChannelShuffle(b.Concat(x, b.AvgPool(x, 3, 1, 1), b.MaxPool(x, 3, 1, 1)), 3)
	parts := b.Split(x, 10, 26)
	x = b.Add(b.In("conv3").Conv(parts[0], 20, 1, 1), b.In("conv4").Conv(parts[1], 20, 1, 1))
	x = b.Mul(b.In("bn3").BatchNorm(x), b.Param("gate", op.Shape{1, 20, 1, 1}, nn.Weight, nn.Init{Constant: 0.5}))
	x = b.MaxPool(b.In("path").DropPath(b.HardSwish(x), 0.2), 4, 4, 0)
	x = b.In("bn4").BatchNorm(b.In("deep").Conv2d(x, nn.Conv2d{Out: 20, Kernel: [2]int{5, 5}, Pad: [2]int{2, 2}, Groups: 20}))
	return b.In("fc2").Linear(b.GlobalAvgPool(x), 10)
}

// frozenNet is unevenNet whose norms keep their statistics. Their scales and shifts move nevertheless.
func frozenNet(b *nn.Builder, x nn.Tensor) nn.Tensor {
	b.Freeze(func(string) bool { return true })
	return unevenNet(b, x)
}

// halfStep trains one step. It returns the loss, the gradient of every parameter (plain SGD with rate 1 moves by it),
// and how many instructions our tiles compute.
func halfStep(t *testing.T, net func(*nn.Builder, nn.Tensor) nn.Tensor, half bool, rules *algorithms.Table) (loss float64,
	moved map[string][]float64, tiles int) {
	t.Helper()
	b := nn.NewBuilder(nn.Train, false)
	logits := net(b, b.Input("image", 8, 3, 16, 16))
	entropy := b.CrossEntropy(logits, b.Labels("label", 8), 0)
	p, err := plan.LowerTraining(b, map[string]nn.Tensor{"logits": logits}, plan.Training{Loss: entropy, Optimizer: optim.SGD{}})
	if err != nil {
		t.Fatal(err)
	}
	p.BFloat16, p.Rules = half, rules
	m := Backend{Threads: 1}.NewMemory()
	defer m.Close()
	e, err := Backend{Threads: 1}.Compile(p, m)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	before := map[string][]float32{}
	for _, q := range b.Params() {
		before[q.Path] = make([]float32, q.Shape.Size())
		q.Fill(before[q.Path], 1)
		if err := m.Write(q.Path, before[q.Path]); err != nil {
			t.Fatal(err)
		}
	}
	for i := range e.Floats("image") {
		e.Floats("image")[i] = float32(math.Sin(float64(i * i)))
	}
	for i := range e.Ints("label") {
		e.Ints("label")[i] = int32(i)
	}
	e.Floats("lr")[0] = 1
	if err := e.RunAll(); err != nil {
		t.Fatal(err)
	}
	moved = map[string][]float64{}
	for _, q := range b.Params() {
		after := make([]float32, q.Shape.Size())
		if err := m.Read(q.Path, after); err != nil {
			t.Fatal(err)
		}
		for i, v := range after {
			moved[q.Path] = append(moved[q.Path], float64(v-before[q.Path][i]))
		}
	}
	for _, s := range e.(*executable).steps {
		if s.impl == amxTiles {
			tiles++
		}
	}
	return float64(e.Output("loss")[0]), moved, tiles
}

// bfloat16 keeps 8 bits, so gradients need not be equal. They must point the same way.
func TestBFloat16FollowsFloat32(t *testing.T) {
	if !hasBFloat16() {
		t.Log("this processor has no bfloat16 instructions: only the refusal is tested")
		b := nn.NewBuilder(nn.Infer, false)
		p, err := plan.Lower(b, map[string]nn.Tensor{"y": b.ReLU(b.Input("x", op.Shape{1, 2}...))})
		if err != nil {
			t.Fatal(err)
		}
		p.BFloat16 = true
		if _, err := (Backend{}).Compile(p, Backend{}.NewMemory()); !errors.Is(err, errNoBFloat16) {
			t.Errorf("got %v, want %v", err, errNoBFloat16)
		}
		return
	}
	t.Run("even", func(t *testing.T) { compareHalf(t, halfNet, 0.98) })
	t.Run("uneven", func(t *testing.T) { compareHalf(t, unevenNet, 0.95) }) // a deeper network
	t.Run("frozen norms", func(t *testing.T) { compareHalf(t, frozenNet, 0.95) })
}

func compareHalf(t *testing.T, net func(*nn.Builder, nn.Tensor) nn.Tensor, alike float64) {
	want, wantMoved, _ := halfStep(t, net, false, nil)
	got, moved, _ := halfStep(t, net, true, nil)
	if !(math.Abs(got-want) <= 0.02*want) {
		t.Errorf("loss is %v in bfloat16 and %v in float32", got, want)
	}
	if got == want {
		t.Error("the loss is the same to the last bit: nothing was computed in bfloat16")
	}
	for path, w := range wantMoved {
		if c := cosine(moved[path], w); c < alike {
			t.Errorf("%s moves in another direction: cosine %v", path, c)
		}
	}
}

// Our tiles read what the library's convolutions read, so their gradients are the same but for the order of the sums.
func TestAMXFollowsTheLibrary(t *testing.T) {
	if !hasAMX() {
		t.Skip("this processor has no AMX: no plan uses our tiles")
	}
	for name, net := range map[string]func(*nn.Builder, nn.Tensor) nn.Tensor{"even": halfNet, "uneven": unevenNet} {
		_, want, none := halfStep(t, net, true, nil)
		_, moved, tiles := halfStep(t, net, true, &algorithms.Table{Processor: "any"})
		if none != 0 || tiles < 2 {
			t.Errorf("%s: %d instructions are computed by our tiles, and %d where direct ones are asked for; want at least 2 and 0",
				name, tiles, none)
		}
		for path, w := range want {
			if c := cosine(moved[path], w); !(c > 1-1e-6) {
				t.Errorf("%s: %s moves in another direction: cosine %v", name, path, c)
			}
		}
	}
}

func cosine(a, b []float64) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab, aa, bb = ab+a[i]*b[i], aa+a[i]*a[i], bb+b[i]*b[i]
	}
	return ab / math.Sqrt(aa*bb)
}
