package studyfile_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"workbench/experiments/studyfile"
	"workbench/nn"
	"workbench/nn/plan"
	"workbench/nn/zoo"
)

// written are networks of files beside the same ones of the zoo, and the side of the images on which they are compared.
var written = []struct {
	file, variant string
	settings      map[string]any // of the zoo's
	parameters    map[string]any // of the file's
	side          int
}{
	{"vgg11_bn", "vgg11_bn", nil, nil, 0}, // of its full size, whose outputs take too long
	{"vgg11_bn", "vgg11_bn", map[string]any{"hidden": 32, "pool": 1}, map[string]any{"hidden": 32, "pool": 1}, 0},
	{"vgg_mini", "vgg_mini", map[string]any{"width": 5, "convs": 3}, map[string]any{"width": 5, "convs": 3}, 16},
	{"resnet20", "resnet20_cifar", nil, nil, 16},
	{"resnet20", "resnet_cifar", map[string]any{"depth": 14, "width": 6}, map[string]any{"blocks": 2, "width": 6}, 16},
	{"resnet18", "resnet18", nil, nil, 16},
	{"inception", "googlenet_torchvision", nil, nil, 32},
	{"seresnet20", "seresnet20_cifar", nil, nil, 16},
}

func TestNetworksOfFilesAreTheZoos(t *testing.T) {
	for _, c := range written {
		t.Run(c.file+" "+c.variant, func(t *testing.T) {
			own, theirs := ownVariant(t, c.file), lookup(t, c.variant)
			a, b := resolve(t, own, c.parameters), resolve(t, theirs, c.settings)
			if own.Input != theirs.Input || own.Classes != theirs.Classes {
				t.Errorf("%v images and %d classes, want %v and %d", own.Input, own.Classes, theirs.Input, theirs.Classes)
			}
			costA, costB := describe(t, own, a), describe(t, theirs, b)
			if costA.Params != costB.Params || costA.MACs != costB.MACs || costA.WeightLayers != costB.WeightLayers {
				t.Errorf("%d parameters, %d multiply-adds and %d weight layers, want %d, %d and %d", costA.Params, costA.MACs,
					costA.WeightLayers, costB.Params, costB.MACs, costB.WeightLayers)
			}
			if c.side == 0 {
				return
			}
			if x, y := answers(t, own, a, c.side), answers(t, theirs, b, c.side); !slices.Equal(x, y) {
				t.Errorf("with equal weights the logits are %v, want %v", x, y)
			}
		})
	}
}

// The counts are those of the network in PyTorch tutorials, whose sums are simple: 156 + 2416 + 48120 + 10164 + 850.
func TestLeNetHasItsKnownSize(t *testing.T) {
	v := ownVariant(t, "lenet")
	if cost := describe(t, v, resolve(t, v, nil)); cost.Params != 61706 || cost.MACs != 416520 {
		t.Errorf("got %d parameters and %d multiply-adds, want 61706 and 416520", cost.Params, cost.MACs)
	}
}

func ownVariant(t *testing.T, file string) zoo.Variant {
	t.Helper()
	n, err := studyfile.Network("testdata/networks/" + file + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	v := lookup(t, n.Text())
	if v.Name != n.Name {
		t.Fatalf("%s is called %s", n.Name, v.Name)
	}
	return v
}

func lookup(t *testing.T, name string) zoo.Variant {
	t.Helper()
	v, err := zoo.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func resolve(t *testing.T, v zoo.Variant, given map[string]any) zoo.Settings {
	t.Helper()
	s, err := v.Resolve(given)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func describe(t *testing.T, v zoo.Variant, s zoo.Settings) nn.Cost {
	t.Helper()
	cost, err := zoo.Cost(v, s, v.Input, v.Classes)
	if err != nil {
		t.Fatal(err)
	}
	return cost
}

// answers are the logits of an image. Every state starts with numbers that depend on nothing but its path, so networks
// whose paths are equal have equal weights.
func answers(t *testing.T, v zoo.Variant, s zoo.Settings, side int) []float32 {
	t.Helper()
	b := nn.NewBuilder(nn.Infer, false)
	logits := v.Build(b, b.Input("image", 1, 3, side, side), 10, s)
	program, err := plan.Lower(b, map[string]nn.Tensor{"logits": logits})
	if err != nil {
		t.Fatal(err)
	}
	memory := plan.Reference{}.NewMemory()
	exe, err := plan.Reference{}.Compile(program, memory)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range b.Params() {
		values := make([]float32, p.Shape.Size())
		like := *p
		like.Init = nn.Init{Constant: 0.2, Uniform: 0.15}
		if p.Role == nn.Weight {
			like.Init = nn.Init{Normal: 0.1}
		}
		like.Fill(values, 1)
		if err := memory.Write(p.Path, values); err != nil {
			t.Fatal(err)
		}
	}
	r, images := rand.New(rand.NewPCG(1, 2)), exe.Floats("image")
	for i := range images {
		images[i] = float32(r.NormFloat64())
	}
	if err := exe.RunAll(); err != nil {
		t.Fatal(err)
	}
	out := exe.Output("logits")
	if !slices.ContainsFunc(out, func(x float32) bool { return x != out[0] }) {
		t.Fatalf("all logits are %v", out[0])
	}
	return out
}
