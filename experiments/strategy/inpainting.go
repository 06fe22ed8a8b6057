package strategy

import (
	"fmt"
	"math"

	"workbench/experiments/data"
	"workbench/nn"
	"workbench/nn/option"
)

func init() {
	Register(selfSupervised(Strategy{
		Name: "inpainting",
		Doc: "a network learns to paint what is missing in the middle of an image, coarsely and by one hidden layer; the paper has a " +
			"decoder of convolutions and a loss of an adversary beside this one",
		Loss:  "squared error of the missing square at the decoder's resolution, mean over its values and over images",
		Paper: "Pathak et al. 2016, Context Encoders: Feature Learning by Inpainting (arXiv 1604.07379), equation 1",
		Options: []option.Option{
			{Name: "hole", Default: 0.5, Min: 0.05, Max: 0.95,
				Doc: "side of the missing square, as a share of the image's shorter side"},
			{Name: "resolution", Default: 8, Min: 1, Max: 256,
				Doc: "pixels a side that are painted, each the mean of those it stands for; it divides the square's side"},
			{Name: "hidden", Default: 2048, Min: 1, Max: 65536, Doc: "width of the decoder's hidden layer"},
		},
	}, inpainting, nil))
}

func inpainting(s option.Settings, _ About) (Phase, error) {
	return Phase{
		Streams: []Stream{{Split: data.Train, Views: []View{{}}}},
		Objective: func(g *Graph) Objective {
			rest, hole := g.hollowed(g.View("", 0), s.Float("hole"), s.Int("resolution"))
			if g.Err() != nil {
				return Objective{}
			}
			painted := g.MLP(g.Head("decoder"), g.Backbone(g.Builder, rest), false, s.Int("hidden"), hole.Shape()[1])
			return Objective{Loss: g.MeanSquaredError(painted, g.StopGradient(hole))}
		},
	}, nil
}

// hollowed is images x [n, c, h, w] with zeros, the mean colour of the set, in a square in the middle, and what was
// there at a resolution of so many pixels a side, [n, c·resolution²].
func (g *Graph) hollowed(x nn.Tensor, share float64, resolution int) (rest, hole nn.Tensor) {
	if g.Err() != nil {
		return nn.Tensor{}, nn.Tensor{}
	}
	n, c, h, w := x.Shape()[0], x.Shape()[1], x.Shape()[2], x.Shape()[3]
	side := int(math.Round(share * float64(min(h, w))))
	if side < 1 || side%resolution != 0 {
		return g.Fail(fmt.Errorf("strategy.resolution: %d pixels a side do not divide the missing square of %d, "+
			"which is %.3g of images of %d×%d", resolution, side, share, h, w)), nn.Tensor{}
	}
	there, missing := make([]float32, h*w), make([]int32, 0, side*side)
	for i := range there {
		y, x := i/w-(h-side)/2, i%w-(w-side)/2
		if there[i] = 1; y >= 0 && y < side && x >= 0 && x < side {
			there[i], missing = 0, append(missing, int32(i))
		}
	}
	rest = g.Mul(x, g.Constant("what is not missing", there, 1, 1, h, w))
	pixels := g.GatherRows(g.Transpose(g.Reshape(x, n*c, h*w), 1, 0), g.Numbers("what is missing", missing))
	square := g.Reshape(g.Transpose(pixels, 1, 0), n, c, side, side)
	return rest, g.Flatten(g.AvgPool(square, side/resolution, side/resolution, 0))
}
