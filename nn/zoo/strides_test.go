package zoo

import (
	"maps"
	"slices"
	"testing"

	"workbench/nn"
)

// lastJump returns how many pixels of the image lie between neighbours of the last map that has neighbours, along both
// axes: the product of all strides.
func lastJump(b *nn.Builder) (jump [2]int) {
	for _, l := range b.Summary().Layers {
		if !l.TrainingOnly && l.Jump[0] > 0 && l.Jump[1] > 0 {
			jump = l.Jump
		}
	}
	return jump
}

// striding are the switches that exchange what has a stride.
var striding = []string{"stem", "stride_in", "downsample", "shortcut", "block_pool", "convolution", "pooling", "preactivation", "padding"}

// Whatever a switch exchanges, pixels are halved as often: a stem of three convolutions has the stride of the one in
// whose place it is, and a stride that moves to another layer is not there twice. The small stem alone halves less.
func TestSwitchesKeepTheStrides(t *testing.T) {
	for _, v := range smallest(t) {
		for _, o := range v.Options {
			if !slices.Contains(striding, o.Name) {
				continue
			}
			base := met(v, o)
			plain, _ := build(t, v, nn.Infer, base)
			for _, value := range others(o) {
				given := maps.Clone(base)
				given[o.Name] = value
				b, _ := build(t, v, nn.Infer, given)
				if b.Err() != nil || plain.Err() != nil {
					continue // TestEverySwitchMattersOrSaysWhyNot looks at these
				}
				got, want := lastJump(b), lastJump(plain)
				if less := o.Name == "stem" && value == stemSmall; less != (got[0] < want[0]) || !less && got != want {
					t.Errorf("%s %v: the last map has a pixel for every %v of the image, want %v", v.Name, given, got, want)
				}
			}
		}
	}
}
