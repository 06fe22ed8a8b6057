package strategy

import (
	"fmt"

	"workbench/experiments/data"
	"workbench/experiments/data/pretext"
	"workbench/nn"
	"workbench/nn/option"
)

func init() {
	Register(selfSupervised(Strategy{
		Name:  "rotation",
		Doc:   "a network learns to say by how much an image was turned",
		Loss:  "cross-entropy of the angle, mean over images and angles",
		Paper: "Gidaris et al. 2018, Unsupervised Representation Learning by Predicting Image Rotations (arXiv 1803.07728)",
		Options: []option.Option{
			{Name: "angles", Default: 4, Want: "2 or 4",
				Doc: "4: 0, 90, 180 and 270 degrees; 2: 0 and 180 degrees; others would be told by their corners"},
			{Name: "every_angle", Default: true,
				Doc: "an image is turned by every angle in a step, as in the paper, which costs as many passes; else by one that is drawn"},
		},
	}, rotation, nil))
}

func rotation(s option.Settings, about About) (Phase, error) {
	angles := s.Int("angles")
	turned := View{View: data.View{Emit: "rotation", Options: map[string]any{"turns": angles}}}
	if _, err := turned.Classes(about.Info); err != nil {
		return Phase{}, fmt.Errorf("strategy.angles: %w", err)
	}
	views := []View{turned}
	if s.Bool("every_angle") {
		views = []View{{}}
	}
	return Phase{
		Streams: []Stream{{Split: data.Train, Views: views}},
		Objective: func(g *Graph) Objective {
			x := g.View("", 0)
			if !s.Bool("every_angle") {
				return g.pretextLoss(g.Head("rotation").Linear(g.Backbone(g.Builder, x), angles), g.Target("", 0))
			}
			x, angle := g.everyAngle(x, angles)
			return g.pretextLoss(g.Head("rotation").Linear(g.Backbone(g.Builder, x), angles), angle)
		},
	}, nil
}

// pretextLoss is the cross-entropy of a pretext task's classes, int32 [n], and the share of the answers that are right.
func (g *Graph) pretextLoss(logits, classes nn.Tensor) Objective {
	if g.Err() != nil {
		return Objective{}
	}
	right := g.RowProducts(g.OneHotMax(logits), g.OneHot(classes, logits.Shape()[1]))
	return Objective{Loss: g.CrossEntropy(logits, classes, 0), Record: map[string]nn.Tensor{"pretext_top1": g.Mean(right)}}
}

// everyAngle is x [n, c, h, w] at every angle, first all images as they are, [angles·n, c, h, w], with the number of
// the angle of each, int32 [angles·n]. What is turned is what the augmentations made of an image.
func (g *Graph) everyAngle(x nn.Tensor, angles int) (turned, angle nn.Tensor) {
	if g.Err() != nil {
		return nn.Tensor{}, nn.Tensor{}
	}
	n, c, h, w := x.Shape()[0], x.Shape()[1], x.Shape()[2], x.Shape()[3]
	pixels := g.Transpose(g.Reshape(x, n*c, h*w), 1, 0)
	all, numbers := []nn.Tensor{x}, make([]int32, angles*n)
	for k := 1; k < angles; k++ {
		before := make([]int32, h*w)
		for i := range before {
			before[i] = int32(pretext.BeforeTurns(k*4/angles, h, w, i))
		}
		y := g.GatherRows(pixels, g.Numbers(fmt.Sprintf("turn/%d/%d", k, angles), before))
		all = append(all, g.Reshape(g.Transpose(y, 1, 0), n, c, h, w))
		for i := range n {
			numbers[k*n+i] = int32(k)
		}
	}
	return g.ConcatRows(all...), g.Numbers(fmt.Sprintf("angle/%d", len(numbers)), numbers)
}
