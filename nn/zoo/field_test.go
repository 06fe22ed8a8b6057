package zoo

import (
	"fmt"
	"testing"

	"workbench/nn"
)

// fieldAt returns the last layer at a path, which has the receptive field.
func fieldAt(t *testing.T, s nn.Summary, path string) nn.Layer {
	t.Helper()
	for i := len(s.Layers) - 1; i >= 0; i-- {
		if s.Layers[i].Path == path {
			return s.Layers[i]
		}
	}
	t.Fatalf("no layer at %q", path)
	return nn.Layer{}
}

func describe(t *testing.T, name string) nn.Summary {
	t.Helper()
	v, err := Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Describe(v, mustResolve(t, v, nil), v.Input, v.Classes)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The receptive fields of alexnet, vgg and mobilenet are in the table of Araujo, Norris and Sim (Distill 2019), whose
// layers are those here. The others follow from their equation 2, r = 1 + Σ (k−1)·jump, over the path of the largest
// kernels.
func TestReceptiveFieldsAreThePublishedOnes(t *testing.T) {
	for _, c := range []struct {
		variant, path string
		field, jump   int
	}{
		{"alexnet", "features.12", 195, 32},
		{"vgg16", "features.30", 212, 32},
		{"vgg16", "classifier.0", 212 + 6*32, 0},
		{"mobilenet_v1_1.0_224", "features.13.pointwise.2", 315, 32},
		// The stem sees 7 + 2·2 = 11 pixels at jump 4. Then come pairs of 3×3, the first of a stage still at the jump before
		// it.
		{"resnet18", "layer4.1", 11 + 4*8 + (8 + 3*16) + (16 + 3*32) + (32 + 3*64), 32},
		{"resnet34", "layer4.2", 11 + 6*8 + (8 + 7*16) + (16 + 11*32) + (32 + 5*64), 32},
		// A block has one 3×3, which has the stride.
		{"resnet50", "layer4.2", 11 + 3*8 + (8 + 3*16) + (16 + 5*32) + (32 + 2*64), 32},
		{"resnet101", "layer4.2", 11 + 3*8 + (8 + 3*16) + (16 + 22*32) + (32 + 2*64), 32},
		// There are nine 5×5 branches, two at jump 8, five at 16 and two at 32, and poolings of 3×3 between.
		{"googlenet", "inception5b", 27 + 2*4*8 + 16 + 5*4*16 + 32 + 2*4*32, 32},
		// All layers of the blocks have a 3×3 convolution, and transitions pool 2×2.
		{"densenet121", "features.denseblock4", 11 + 6*8 + 4 + 12*16 + 8 + 24*32 + 16 + 16*64, 32},
		{"resnet20_cifar", "layer3.2", 1 + 7*2 + (2 + 5*4) + (4 + 5*8), 4},
	} {
		l := fieldAt(t, describe(t, c.variant), c.path)
		if l.Field != [2]int{c.field, c.field} || l.Jump != [2]int{c.jump, c.jump} {
			t.Errorf("%s %s: field %v and jump %v, want %d and %d", c.variant, c.path, l.Field, l.Jump, c.field, c.jump)
		}
	}
}

// The ResNets in the table of Araujo et al. are TF-Slim's, which have the stride in the last block of a stage. Their
// fields are 483, 1027 and 1507 pixels.
func TestReceptiveFieldsOfSlimResNets(t *testing.T) {
	for depth, c := range map[int]struct {
		blocks [4]int
		want   int
	}{50: {[4]int{3, 4, 6, 3}, 483}, 101: {[4]int{3, 4, 23, 3}, 1027}, 152: {[4]int{3, 8, 36, 3}, 1507}} {
		b := nn.NewBuilder(nn.Infer, false)
		x := b.In("conv1").Conv(b.Input("image", 1, 3, 224, 224), 1, 7, 2)
		x = b.MaxPool(x, 3, 2, 1)
		for stage, count := range c.blocks {
			for i := range count {
				at, stride := b.In(fmt.Sprintf("block%d_%d", stage, i)), 1
				if i == count-1 && stage < 3 {
					stride = 2
				}
				y := at.In("conv3").Conv(at.In("conv2").Conv(at.In("conv1").Conv(x, 1, 1, 1), 1, 3, stride), 1, 1, 1)
				x = at.Add(y, at.Subsample(x, 1, stride))
			}
		}
		all := b.Summary().Layers
		if l := all[len(all)-1]; b.Err() != nil || l.Field != [2]int{c.want, c.want} || l.Jump != [2]int{32, 32} {
			t.Errorf("ResNet-%d: field %v and jump %v, want %d and 32 (%v)", depth, l.Field, l.Jump, c.want, b.Err())
		}
	}
}
