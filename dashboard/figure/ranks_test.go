package figure

import (
	"math"
	"testing"

	"workbench/dashboard/outline"
	"workbench/nn/zoo"
)

// Boxes of a rank do not touch, arrows lead downwards, and all is inside the block's bounds.
func TestBoxesKeepApart(t *testing.T) {
	for _, name := range []string{
		"resnet18", "googlenet", "densenet121", "vgg16", "mobilenet_v2", "resnest50d", "shufflenet_v2_x1_0", "seresnet50",
	} {
		v, err := zoo.Lookup(name)
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
		for _, b := range outline.Of(s) {
			l := arrange(b)
			for _, rank := range l.ranks {
				right := math.Inf(-1)
				for _, i := range rank {
					s := l.slots[i]
					if s.at.x-s.size.x/2 < right+5 {
						t.Errorf("%s, %s: box %d touches its neighbour", name, b.First, s.box)
					}
					right = s.at.x + s.size.x/2
					if right > l.right+0.01 || s.at.x-s.size.x/2 < l.left-0.01 || s.at.y+s.size.y > l.height+0.01 {
						t.Errorf("%s, %s: box %d leaves the block", name, b.First, s.box)
					}
				}
			}
			for i, s := range l.slots {
				for _, down := range s.down {
					if l.slots[down].rank != s.rank+1 || l.slots[down].at.y < s.at.y+s.size.y {
						t.Errorf("%s, %s: an arrow from slot %d to %d does not lead down", name, b.First, i, down)
					}
				}
			}
		}
	}
}
