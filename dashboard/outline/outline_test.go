package outline

import (
	"fmt"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/zoo"
)

// summary of a published network, built for inference: that is quicker.
func summary(t *testing.T, name string) nn.Summary {
	t.Helper()
	v, err := zoo.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := v.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := nn.NewBuilder(nn.Infer, false)
	v.Build(b, b.Input("image", 1, v.Input[0], v.Input[1], v.Input[2]), v.Classes, settings)
	s := b.Summary()
	if b.Err() != nil {
		t.Fatal(b.Err())
	}
	return s
}

// tell writes the outline of a published network, a block a line: path, times, boxes and arrows.
func tell(t *testing.T, name string) string {
	t.Helper()
	s := summary(t, name)
	var lines []string
	for _, b := range Of(s) {
		var boxes []string
		for _, one := range b.Boxes {
			var parts []string
			for _, l := range one.Lines {
				text := l.Text
				if l.Times > 1 {
					text += fmt.Sprintf(" ×%d", l.Times)
				}
				parts = append(parts, text)
			}
			boxes = append(boxes, strings.Join(parts, "; "))
		}
		lines = append(lines, fmt.Sprintf("%s..%s ×%d %v [%s] %v", b.First, b.Last, b.Times, b.Out, strings.Join(boxes, " | "), b.Arrows))
	}
	return strings.Join(lines, "\n")
}

// want is a few lines of tell, in order, as the papers draw these networks.
func TestBlocksAreThePapers(t *testing.T) {
	for name, want := range map[string][]string{
		"resnet18": {
			"conv1 – maxpool..conv1 – maxpool ×1 (64, 56, 56) [7×7 conv, 64, /2, BN, ReLU; 3×3 max pool, /2] [{-1 0} {0 -1}]",
			"layer1.0..layer1.1 ×2 (64, 56, 56) [3×3 conv, 64, BN, ReLU; 3×3 conv, 64, BN | +, ReLU] [{-1 0} {-1 1} {0 1} {1 -1}]",
			"layer2.0..layer2.0 ×1 (128, 28, 28) [3×3 conv, 128, /2, BN, ReLU; 3×3 conv, 128, BN | 1×1 conv, 128, /2, BN | +, " +
				"ReLU] [{-1 0} {-1 1} {0 2} {1 2} {2 -1}]",
			"avgpool – fc..avgpool – fc ×1 (1000) [global average pool; linear, 1000] [{-1 0} {0 -1}]",
		},
		"plain18":          {"layer1.0..layer1.1 ×2 (64, 56, 56) [3×3 conv, 64, BN, ReLU ×2]"},
		"resnet1202_cifar": {"layer1.0..layer1.199 ×200 (16, 32, 32)", "layer2.0..layer2.0 ×1", "layer2.1..layer2.199 ×199"},
		"vgg16": {
			"features.0 – 4..features.0 – 4 ×1 (64, 112, 112) [3×3 conv, 64, ReLU ×2; 2×2 max pool, /2]",
			"features.24 – 30..features.24 – 30 ×1 (25088) [3×3 conv, 512, ReLU ×3; 2×2 max pool, /2]",
			"classifier..classifier ×1 (1000) [linear, 4096, ReLU ×2; linear, 1000]",
		},
		"googlenet": {
			"inception3a..inception3a ×1 (256, 28, 28) [3×3 max pool; 1×1 conv, 32, ReLU | 1×1 conv, 96, ReLU; 3×3 conv, 128, ReLU | " +
				"1×1 conv, 16, ReLU; 5×5 conv, 32, ReLU | 1×1 conv, 64, ReLU | concat] [{-1 0} {-1 1} {-1 2} {-1 3} {0 4} {3 4} {1 4} {2 4} {4 -1}]",
			"maxpool3..maxpool3 ×1 (480, 14, 14) [3×3 max pool, /2]",
		},
		"densenet121": {
			"features.denseblock1.denselayer1..features.denseblock1.denselayer6 ×6 (256, 56, 56) [BN, ReLU; " +
				"1×1 conv, 128, BN, ReLU; 3×3 conv, 32 | concat]",
			"features.transition1..features.transition1 ×1 (128, 28, 28) [BN, ReLU; 1×1 conv, 128; 2×2 average pool, /2]",
			"features.denseblock4.denselayer1..features.denseblock4.denselayer16 ×16 (1024, 7, 7)",
		},
		"mobilenet_v2": {
			"features.4.conv..features.4.conv ×1 (32, 28, 28) [1×1 conv, 144, BN, ReLU6; 3×3 depthwise, 144, /2, BN, ReLU6; 1×1 conv, 32, BN]",
			"features.5..features.6 ×2 (32, 28, 28) [1×1 conv, 192, BN, ReLU6; 3×3 depthwise, 192, BN, ReLU6; 1×1 conv, 32, BN | +]",
		},
		"shufflenet_v2_x1_0": {"stage2.1..stage2.3 ×3 (116, 28, 28) [58 channels | 58 channels; 1×1 conv, 58, BN, ReLU; " +
			"3×3 depthwise, 58, BN; 1×1 conv, 58, BN, ReLU | concat; channel shuffle]"},
		"seresnet50": {"×"},
	} {
		got := tell(t, name)
		rest := got
		for _, line := range want {
			i := strings.Index(rest, line)
			if i < 0 {
				t.Errorf("%s lacks %s, in order, among\n%s", name, line, got)
				break
			}
			rest = rest[i:]
		}
	}
}

// Every network of the zoo that is not a giant: each layer of inference is in a block, boxes lead downwards, and blocks
// follow one another.
func TestEveryNetworkHasAnOutline(t *testing.T) {
	for _, name := range zoo.Names() {
		if strings.Contains(name, "1202") || strings.Contains(name, "1001") {
			continue // as the smaller ones of their families, but seconds long
		}
		s := summary(t, name)
		blocks := Of(s)
		if len(blocks) < 3 || len(blocks) > 40 {
			t.Errorf("%s has %d blocks, want a drawing that fits a page", name, len(blocks))
		}
		for _, b := range blocks {
			for _, a := range b.Arrows {
				if a.To != Outside && a.From >= a.To {
					t.Errorf("%s, block %s: an arrow from box %d to %d", name, b.First, a.From, a.To)
				}
			}
			if last := b.Arrows[len(b.Arrows)-1]; last != (Arrow{len(b.Boxes) - 1, Outside}) {
				t.Errorf("%s, block %s: the last arrow is %v", name, b.First, last)
			}
		}
		layers := inference(s.Layers)
		at := 0
		for _, g := range gather(layers, cut(layers)) {
			if g.from != at {
				t.Errorf("%s: a block begins with layer %d, want %d", name, g.from, at)
			}
			at = g.to
		}
		if at != len(layers) {
			t.Errorf("%s: the last block ends with layer %d of %d", name, at, len(layers))
		}
	}
}

func TestDropoutIsNotDrawn(t *testing.T) {
	v, err := zoo.Lookup("alexnet")
	if err != nil {
		t.Fatal(err)
	}
	settings, err := v.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := zoo.Describe(v, settings, v.Input, v.Classes)
	if err != nil {
		t.Fatal(err)
	}
	dropped := 0
	for _, l := range s.Layers {
		if l.TrainingOnly {
			dropped++
		}
	}
	if n := len(inference(s.Layers)); dropped == 0 || n != len(s.Layers)-dropped {
		t.Errorf("%d layers are left of %d, of which %d are for training alone", n, len(s.Layers), dropped)
	}
	if got, want := len(Of(s)), len(Of(summary(t, "alexnet"))); got != want {
		t.Errorf("%d blocks, want the %d of the network in inference", got, want)
	}
}

func TestDepth(t *testing.T) {
	for name, want := range map[string]int{
		"resnet18": 2, "plain18": 2, "mobilenet_v2": 2, "densenet121": 3, "googlenet": 1, "vgg16": 1,
		"efficientnet_b0": 3, "shufflenet_v2_x1_0": 2,
	} {
		if got := Depth(summary(t, name)); got != want {
			t.Errorf("%s: blocks are told apart by %d names, want %d", name, got, want)
		}
	}
}
