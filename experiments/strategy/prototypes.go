package strategy

import (
	"workbench/nn"
	"workbench/nn/op"
)

// What strategies have in common that sort images by learnt prototypes.

// prototypes are k trained directions [k, d] for embeddings x [n, d], at length one wherever they are read. They get no
// gradient while the scalar moves is 0. A copy of the network has its own.
func (g *Graph) prototypes(b *nn.Builder, x nn.Tensor, k int) nn.Tensor {
	if g.Err() != nil {
		return nn.Tensor{}
	}
	d := x.Shape()[1]
	w := b.Head("prototypes").Param("weight", op.Shape{k, d}, nn.Weight, nn.FanInUniform(d))
	moves := g.Reshape(g.Scalar("moves"), 1, 1)
	held := g.Mul(g.StopGradient(w), g.Plus(g.Scale(moves, -1), 1))
	return g.L2Normalize(g.Add(g.Mul(w, moves), held))
}

// swapped is the mean cross-entropy of the scores [n, k] of each view with the target of the other.
func (g *Graph) swapped(ofA, ofB, targetA, targetB nn.Tensor, temperature float64) nn.Tensor {
	from := func(scores, target nn.Tensor) nn.Tensor {
		return g.Mean(g.RowSoftCrossEntropy(g.Scale(scores, 1/temperature), target))
	}
	return g.WeightedSum([]float64{0.5, 0.5}, from(ofA, targetB), from(ofB, targetA))
}

// after is 1 from a time on, 0 before.
func after(at, begins float64) float64 {
	if at >= begins {
		return 1
	}
	return 0
}
