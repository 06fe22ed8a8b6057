//go:build !noonednn

package zoo

import (
	"math"
	"math/rand/v2"
	"testing"

	"workbench/nn"
	"workbench/nn/onednn"
	"workbench/nn/optim"
	"workbench/nn/plan"
)

// small are forms that train in a moment, one for each kind of block. Their learning rates are small because gradients
// are large where few values share a batch norm.
var small = []struct {
	variant string
	options map[string]any
	side    int
	rate    float32
}{
	{"alexnet", map[string]any{"hidden": 64, "pool": 1, "dropout": 0}, 63, 1e-2},
	{"alexnet_2012", map[string]any{"hidden": 64, "pool": 1, "dropout": 0}, 67, 1e-6},
	{"zfnet", map[string]any{"hidden": 64, "pool": 1, "dropout": 0}, 67, 1e-2},
	{"vgg11_bn", map[string]any{"hidden": 64, "pool": 1, "dropout": 0}, 32, 1e-6},
	{"googlenet_torchvision", map[string]any{"auxiliary": true, "dropout": 0, "auxiliary_dropout": 0, "stem": "small"}, 32, 1e-6},
	{"resnet18", map[string]any{"stem": "small"}, 16, 1e-6},
	{"resnet50", nil, 32, 1e-6},
	{"resnet50", map[string]any{"preactivation": true}, 32, 1e-6},
	{"plain18", map[string]any{"stem": "small"}, 16, 1e-6},
	{"resnext50_32x4d", nil, 32, 1e-6},
	{"resnext29_2x64d_cifar", nil, 16, 1e-6},
	{"plain20_cifar", nil, 16, 1e-6},
	{"resnet_mini", map[string]any{"block": "bottleneck", "cardinality": 2, "group_width": 4}, 16, 1e-6},
	{"preresnet110_cifar", nil, 16, 1e-6},
	{"preresnet164_cifar", nil, 16, 1e-6},
	{"wrn_16_4", nil, 16, 1e-6},
	{"seresnet18", nil, 32, 1e-6},
	{"seresnet20_cifar", nil, 16, 1e-6},
	{"resnest14d", nil, 32, 1e-6},
	{"resnest50d_4s2x40d", nil, 32, 1e-6},
	{"densenet121", map[string]any{"growth_rate": 8}, 32, 1e-6},
	{"densenet_mini", nil, 32, 1e-6},
	{"densenet_40_12_cifar", nil, 16, 1e-6},
	{"mobilenet_mini", nil, 32, 1e-6},
	{"mobilenet_v2", map[string]any{"dropout": 0, "stem": "small"}, 32, 1e-6},
	{"mobilenet_v3_small", map[string]any{"dropout": 0, "stem": "small"}, 32, 1e-6},
	{"shufflenet_v1_1x_g3", map[string]any{"stem": "small"}, 32, 1e-6},
	{"shufflenet_v2_x0_5", map[string]any{"stem": "small"}, 32, 1e-6},
	{"efficientnet_b0", map[string]any{"dropout": 0, "drop_path": 0, "stem": "small"}, 32, 1e-6},

	// These pool to more fields than their maps have pixels, and enlarge their images.
	{"vgg11_bn", map[string]any{"hidden": 64, "dropout": 0}, 32, 1e-6},
	{"mobilenet_mini", map[string]any{"resolution": 40}, 32, 1e-6},

	// These have modules that the families were not published with.
	{"resnet18", map[string]any{"cardinality": 4, "shuffle": true, "shortcut": "projection_all", "downsample": "max"}, 32, 1e-6},
	{"alexnet", map[string]any{"hidden": 64, "pool": 1, "dropout": 0, "stem": "deep", "shortcut": "projection",
		"downsample": "stride"}, 63, 1e-2},
	{"vgg_mini", map[string]any{"cardinality": 4, "shuffle": true, "shortcut": "identity", "downsample": "average"}, 32, 1e-6},
	{"vgg_mini", map[string]any{"shortcut": "projection", "downsample": "stride", "attention": "se", "se_position": "post"}, 32, 1e-6},
	{"googlenet_torchvision", map[string]any{"dropout": 0, "stem": "deep", "shortcut": "identity", "downsample": "average"}, 64, 1e-6},
	{"densenet_mini", map[string]any{"shortcut": "none", "downsample": "stride", "cardinality": 2}, 32, 1e-6},
	{"densenet_mini", map[string]any{"attention": "se", "se_reduction": 4, "se_position": "identity", "downsample": "max"}, 32, 1e-6},
	{"mobilenet_mini", map[string]any{"shortcut": "identity", "stem": "deep", "downsample": "average"}, 32, 1e-6},
	{"mobilenet_v2", map[string]any{"dropout": 0, "convolution": "dense", "cardinality": 4, "shuffle": true,
		"shortcut": "projection", "downsample": "max"}, 64, 1e-6},
	{"efficientnet_b0", map[string]any{"dropout": 0, "drop_path": 0, "se_position": "pre", "shortcut": "none"}, 64, 1e-6},
	{"shufflenet_v1_1x_g3", map[string]any{"stem": "small", "shortcut": "none", "convolution": "dense", "cardinality": 2}, 32, 1e-6},
	{"shufflenet_v2_x0_5", map[string]any{"stem": "small", "shortcut": "identity", "downsample": "average"}, 32, 1e-6},
	{"shufflenet_mini", map[string]any{"groups": 3, "width": 33, "shortcut": "identity", "convolution": "dense"}, 32, 1e-6},
}

// Every family is among the networks that train.
func TestEveryFamilyIsTrained(t *testing.T) {
	trained := map[string]bool{}
	for _, net := range small {
		v, err := Lookup(net.variant)
		if err != nil {
			t.Fatal(err)
		}
		trained[v.Family] = true
	}
	for _, name := range Names() {
		if v, err := Lookup(name); err != nil || !trained[v.Family] {
			t.Errorf("%s: nothing of its family %s is trained, %v", name, v.Family, err)
		}
	}
}

// Two steps on one batch lower its loss. Without dropout the only chance is in the weights and the images, which are
// seeded.
func TestTwoStepsLowerTheLoss(t *testing.T) {
	for _, net := range small {
		t.Run(net.variant, func(t *testing.T) {
			v, err := Lookup(net.variant)
			if err != nil {
				t.Fatal(err)
			}
			s, err := v.Resolve(net.options)
			if err != nil {
				t.Fatal(err)
			}
			before, after := twoSteps(t, v.Build, s, trial{net.side, net.rate})
			if !(after < before) || math.IsInf(before, 0) {
				t.Errorf("the loss goes from %v to %v", before, after)
			}
		})
	}
}

// trial is the side of the images, in pixels, and the learning rate.
type trial struct {
	side int
	rate float32
}

// twoSteps returns the loss of a batch before the first and after the second step.
func twoSteps(t *testing.T, build func(*nn.Builder, nn.Tensor, int, Settings) nn.Tensor, s Settings, try trial) (before, after float64) {
	t.Helper()
	const batch, classes = 8, 10
	b := nn.NewBuilder(nn.Train, false)
	logits := build(b, b.Input("image", batch, 3, try.side, try.side), classes, s)
	program, err := plan.LowerTraining(b, nil, plan.Training{
		Loss: b.ClassifierLoss(logits, b.Labels("label", batch), 0), Optimizer: optim.SGD{},
	})
	if err != nil {
		t.Fatal(err)
	}
	backend := onednn.Backend{Threads: 1}
	memory := backend.NewMemory()
	defer memory.Close()
	exe, err := backend.Compile(program, memory)
	if err != nil {
		t.Fatal(err)
	}
	defer exe.Close()
	for _, p := range b.Params() {
		start := make([]float32, p.Shape.Size())
		p.Fill(start, 1)
		if err := memory.Write(p.Path, start); err != nil {
			t.Fatal(err)
		}
	}
	r, images := rand.New(rand.NewPCG(1, 2)), exe.Floats("image")
	for i := range images {
		images[i] = float32(r.NormFloat64())
	}
	copy(exe.Ints("label"), []int32{1, 4, 6, 9, 0, 2, 5, 7})
	exe.Floats("lr")[0] = try.rate
	var losses []float64
	for range 3 {
		if err := exe.RunAll(); err != nil {
			t.Fatal(err)
		}
		losses = append(losses, float64(exe.Output("loss")[0]))
	}
	return losses[0], losses[2]
}
