package strategy

import (
	"fmt"

	"workbench/experiments/data"
	"workbench/nn"
	"workbench/nn/option"
)

func init() {
	Register(selfSupervised(Strategy{
		Name: "jigsaw",
		Doc: "a network learns to say in which order the tiles of an image were put; tiles touch and are cut from the augmented image, " +
			"where the paper leaves gaps between them",
		Loss:  "cross-entropy of the order, mean over images",
		Paper: "Noroozi and Favaro 2016, Unsupervised Learning of Visual Representations by Solving Jigsaw Puzzles (arXiv 1603.09246)",
		Options: []option.Option{
			{Name: "tiles", Default: 2, Min: 2, Max: 8, Doc: "tiles a side, which divide height and width; the paper has 3"},
			{Name: "permutations", Default: 24, Min: 2, Max: 1000, Doc: "orders that are told from each other; the paper has 1000"},
			{Name: "hidden", Default: 4096, Min: 1, Max: 65536, Doc: "width of the layer that reads the features of all tiles"},
			{Name: "tile_by_tile", Default: true,
				Doc: "every tile goes through the network by itself, as in the paper; else the image of tiles does: for networks of one size"},
		},
	}, jigsaw, nil))
}

func jigsaw(s option.Settings, about About) (Phase, error) {
	tiles, orders := s.Int("tiles"), s.Int("permutations")
	view := View{View: data.View{Emit: "jigsaw", Options: map[string]any{"tiles": tiles, "permutations": orders}}}
	if _, err := view.Classes(about.Info); err != nil {
		return Phase{}, fmt.Errorf("strategy.tiles: %w", err)
	}
	return Phase{
		Streams: []Stream{{Split: data.Train, Views: []View{view}}},
		Objective: func(g *Graph) Objective {
			features := func(x nn.Tensor) nn.Tensor { return g.Backbone(g.Builder, x) }
			if s.Bool("tile_by_tile") {
				features = func(x nn.Tensor) nn.Tensor {
					cut := g.tiles(x, tiles)
					all := make([]nn.Tensor, tiles*tiles)
					for i := range all {
						all[i] = x
					}
					return g.ConcatColumns(g.parts(g.Backbone(g.Builder, cut), all...)...)
				}
			}
			logits := g.MLP(g.Head("jigsaw"), features(g.View("", 0)), false, s.Int("hidden"), orders)
			return g.pretextLoss(logits, g.Target("", 0))
		},
	}, nil
}

// tiles cuts images [n, c, h, w] into so many a side: [side²·n, c, h/side, w/side], first the upper left tile of every
// image, then the one below it.
func (g *Graph) tiles(x nn.Tensor, side int) nn.Tensor {
	if g.Err() != nil {
		return nn.Tensor{}
	}
	n, c, h, w := x.Shape()[0], x.Shape()[1], x.Shape()[2]/side, x.Shape()[3]/side
	rows := g.Transpose(g.Reshape(x, n*c, side, h, side*w), 1, 0, 2, 3)         // [row; image, channel; y; column, x]
	columns := g.Transpose(g.Reshape(rows, side*n*c*h, side, w, 1), 1, 0, 2, 3) // [column; row, image, channel, y; x]
	return g.Reshape(columns, side*side*n, c, h, w)
}
