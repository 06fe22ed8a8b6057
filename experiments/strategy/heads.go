package strategy

import (
	"fmt"
	"math"

	"workbench/nn"
)

// MLP adds linear layers of the widths to features x [n, f], with a ReLU between two, and before it a batch norm if
// normed. The layers are numbered as in torch.nn.Sequential.
func (g *Graph) MLP(b *nn.Builder, x nn.Tensor, normed bool, widths ...int) nn.Tensor {
	at := 0
	next := func() *nn.Builder {
		at++
		return b.In(fmt.Sprint(at - 1))
	}
	for i, width := range widths {
		x = next().Linear(x, width)
		if i+1 == len(widths) {
			break
		}
		if normed {
			x = next().BatchNorm(x)
		}
		x = next().ReLU(x)
	}
	return x
}

// normedMLP is an MLP that has a batch norm behind its last layer, too.
func (g *Graph) normedMLP(b *nn.Builder, x nn.Tensor, widths ...int) nn.Tensor {
	x = g.MLP(b, x, true, widths...)
	return b.In(fmt.Sprint(3*len(widths) - 2)).BatchNorm(x)
}

// Plus is x [n, d] + a number.
func (g *Graph) Plus(x nn.Tensor, number float64) nn.Tensor {
	return g.AddStretched(x, g.Constant(fmt.Sprint(number), []float32{float32(number)}, 1, 1))
}

// Total is the sum of all elements of x [n, d], [1, 1].
func (g *Graph) Total(x nn.Tensor) nn.Tensor { return g.SumTo(x, 1, 1) }

// fromTo goes from a value to another in half a cosine.
func fromTo(from, to float64) func(At) float64 {
	return func(at At) float64 { return to - (to-from)*(math.Cos(math.Pi*at.Done())+1)/2 }
}
