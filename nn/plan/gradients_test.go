package plan_test

import (
	"math"
	"testing"

	"workbench/nn"
	"workbench/nn/plan"
	"workbench/nn/rng"
)

// explained is a network as in inference, with the gradients of the logit of class 3 of each of two images by the
// images and by the maps that its classifier reads the means of.
func explained(t *testing.T, n network) (b *nn.Builder, exe plan.Executable, memory plan.Memory) {
	t.Helper()
	b = nn.NewBuilder(nn.Train, false)
	b.FixStatistics()
	b.Still(func(string) bool { return true })
	x := b.Input("image", 2, 3, 16, 16)
	logits := n(b, x)
	score := b.Mean(b.Mul(logits, b.Input("class", 2, 10)))
	maps := b.Inner("layer3")
	p, err := plan.LowerGradients(b, map[string]nn.Tensor{"logits": logits, "maps": maps}, score,
		map[string]nn.Tensor{"by image": x, "by maps": maps})
	if err != nil {
		t.Fatal(err)
	}
	memory = plan.Reference{}.NewMemory()
	exe, err = plan.Reference{}.Compile(p, memory)
	if err != nil {
		t.Fatal(err)
	}
	random := rng.New(4, "gradients")
	for _, param := range b.Params() {
		start := make([]float32, param.Shape.Size())
		param.Fill(start, 5)
		for i := range start {
			start[i] += 0.1 * float32(math.Abs(random.NormFloat64()))
		}
		if err := memory.Write(param.Path, start); err != nil {
			t.Fatal(err)
		}
	}
	for i := range exe.Floats("image") {
		exe.Floats("image")[i] = float32(random.NormFloat64())
	}
	for _, i := range []int{3, 13} {
		exe.Floats("class")[i] = 20 // the mean divides by as many
	}
	if err := exe.RunAll(); err != nil {
		t.Fatal(err)
	}
	return b, exe, memory
}

// By an image the gradient is what finite differences of the logit say; by the maps before a mean and a linear
// classifier, each place has the weight of its map over the number of places.
func TestGradientsWithinANetwork(t *testing.T) {
	b, exe, memory := explained(t, variant(t, "resnet_mini", map[string]any{"depth": 8, "width": 4}))
	gradient := append([]float32{}, exe.Output("by image")...)
	weights := make([]float32, 10*16)
	if err := memory.Read("fc.weight", weights); err != nil {
		t.Fatal(err)
	}
	maps, places := exe.Output("by maps"), 2*2
	if len(maps) != 2*16*places {
		t.Fatalf("%d gradients by maps, want %d", len(maps), 2*16*places)
	}
	for i, got := range maps {
		if want := weights[3*16+i/places%16] / float32(places); math.Abs(float64(got-want)) > 1e-6 {
			t.Fatalf("gradient %d by the maps is %v, want %v", i, got, want)
		}
	}
	image, logit := exe.Floats("image"), func(n int) float64 {
		if err := exe.RunAll(); err != nil {
			t.Fatal(err)
		}
		return float64(exe.Output("logits")[10*n+3])
	}
	wrong := 0
	for i := 5; i < len(image); i += 97 {
		const h = 1e-2
		at := image[i]
		image[i] = at + h
		above := logit(i / (3 * 16 * 16))
		image[i] = at - h
		slope := (above - logit(i/(3*16*16))) / (2 * h)
		image[i] = at
		if math.Abs(slope-float64(gradient[i])) > 0.02*(1+math.Abs(slope)) {
			wrong++ // a ReLU may turn between the two
		}
	}
	if tried := (len(image)-5)/97 + 1; wrong*10 > tried {
		t.Errorf("%d of %d gradients by pixels are not those of finite differences", wrong, tried)
	}
	infer := nn.NewBuilder(nn.Infer, false)
	if len(b.Params()) == 0 || infer.Training() || b.Training() {
		t.Error("layers work as in training")
	}
}

func TestGradientsThatThereAreNot(t *testing.T) {
	b := nn.NewBuilder(nn.Train, false)
	x, aside := b.Input("image", 2, 3, 16, 16), b.Input("aside", 2, 3)
	logits := variant(t, "resnet_mini", map[string]any{"depth": 8})(b, x)
	score := b.Mean(logits)
	for name, by := range map[string]map[string]nn.Tensor{"no tensor": {"by": {}}, "one aside": {"by": aside}, "a name twice": {"logits": x}} {
		if _, err := plan.LowerGradients(b, map[string]nn.Tensor{"logits": logits}, score, by); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
