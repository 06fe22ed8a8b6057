package strategy

import (
	"fmt"

	"workbench/experiments/data"
	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/option"
)

// What strategies have in common that compare two views of every image.

func twoViews() []Stream { return []Stream{{Split: data.Train, Views: []View{{}, {}}}} }

// onePass says how the views go through the network; paper is how the authors' code does it.
func onePass(paper bool) option.Option {
	return option.Option{Name: "one_pass", Default: paper,
		Doc: "both views are one batch, which batch norms normalise together; else they go through the network one after the other"}
}

// pair is what a projector makes of both views, [n, d] each, by the builder's layers.
func (g *Graph) pair(b *nn.Builder, s option.Settings, project projector) (first, second nn.Tensor) {
	x, y := g.View("", 0), g.View("", 1)
	of := func(x nn.Tensor) nn.Tensor { return project(g, b, g.Backbone(b, x)) }
	if !s.Bool("one_pass") {
		return of(x), of(y)
	}
	parts := g.parts(of(g.ConcatRows(x, y)), x, y)
	return parts[0], parts[1]
}

// similarities are the scalar products of the rows of x [n, d] and y [m, d], [n, m].
func (g *Graph) similarities(x, y nn.Tensor) nn.Tensor {
	return g.MatMulTransposed(x, y, op.MatMul{TransB: true})
}

// columnProducts are the scalar products of the columns of x [n, d] and y [n, e], [d, e].
func (g *Graph) columnProducts(x, y nn.Tensor) nn.Tensor {
	return g.MatMulTransposed(x, y, op.MatMul{TransA: true})
}

// squares is the sum of the squares of x [n, d], [1, 1].
func (g *Graph) squares(x nn.Tensor) nn.Tensor { return g.Total(g.Mul(x, x)) }

// centred is x [n, d] without the means of its columns.
func (g *Graph) centred(x nn.Tensor) nn.Tensor {
	if g.Err() != nil {
		return nn.Tensor{}
	}
	return g.AddStretched(x, g.Scale(g.ColumnSums(x), -1/float64(x.Shape()[0])))
}

// everyRow are the numbers from 0 to below n, int32 [n].
func (g *Graph) everyRow(n int) nn.Tensor {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	return g.Numbers(fmt.Sprintf("rows/%d", n), rows)
}

// queue is a queue of so many keys [length, d] that takes the new ones [n, d] in after the step.
func (g *Graph) queue(keys nn.Tensor, length int) nn.Tensor {
	if g.Err() != nil {
		return nn.Tensor{}
	}
	n, d := keys.Shape()[0], keys.Shape()[1]
	queue := g.Head("queue").State("keys", nn.Init{Normal: 1, Unit: true}, length, d)
	g.SetRows(queue, g.Ring(n, length), keys)
	return queue
}

// queueHolds says whether the queue of the settings has room for a batch.
func queueHolds(s option.Settings, about About) error {
	if queue := s.Int("queue"); queue < about.Batch {
		return fmt.Errorf("strategy.queue: %d keys, want at least those of a batch, %d", queue, about.Batch)
	}
	return nil
}
