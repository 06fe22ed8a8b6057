package op

import (
	"fmt"

	G "gorgonia.org/gorgonia"

	"workbench/nn/rng"
)

// Dropout sets elements to zero with probability P and scales the others by 1/(1−P) (Srivastava et al. 2014). Which
// elements it takes is a pure function of the key [4]int32 (run seed low, high, step low, high), of Stream and of the
// element's index. So the backward pass draws the same mask again and nothing is stored. Stream tells the dropouts of
// one network apart.
type Dropout struct {
	P      float64
	Stream uint64
}

func (Dropout) Name() string    { return "dropout" }
func (Dropout) Wants() []bool   { return []bool{true, false} }
func (Dropout) intOperand() int { return 1 }

func (d Dropout) Infer(in []Shape) (Shape, error) {
	if !(d.P >= 0 && d.P < 1) {
		return nil, fmt.Errorf("dropout: want a probability from 0 to below 1, got %v", d.P)
	}
	return in[0], wantShape("dropout", "key", in[1], Shape{4})
}

func (d Dropout) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(d, dy, in[1])
	return []*G.Node{dx, nil}, err
}

// Key mixes the run's key and the stream into the key of the random number generator.
func (d Dropout) Key(key []int32) uint64 { return maskKey(d.Name(), d.Stream, key) }

func maskKey(purpose string, stream uint64, key []int32) uint64 {
	seed := uint64(uint32(key[0])) | uint64(uint32(key[1]))<<32
	step := uint64(uint32(key[2])) | uint64(uint32(key[3]))<<32
	return rng.Key(seed, purpose, stream, step)
}

func (d Dropout) Run(c Call) { run(c, dropout[float32](d), dropout[float64](d)) }

func dropout[T Real](d Dropout) func(Call) {
	return func(c Call) {
		x, y, key := data[T](c.In[0]), data[T](c.Out), d.Key(c.In[1].I32)
		scale := T(float32(1 / (1 - d.P)))
		for i, v := range x {
			if rng.Uniform(key, uint64(i)) >= float32(d.P) {
				y[i] = v * scale
			}
		}
	}
}

// DropPath sets whole samples of x [n, …] to zero with probability P and scales the others by 1/(1−P). This is
// stochastic depth (Huang et al. 2016) in the form of torchvision's StochasticDepth, mode "row". The key and Stream
// work as in Dropout.
type DropPath struct {
	P      float64
	Stream uint64
}

func (DropPath) Name() string    { return "drop_path" }
func (DropPath) Wants() []bool   { return []bool{true, false} }
func (DropPath) intOperand() int { return 1 }

func (d DropPath) Infer(in []Shape) (Shape, error) {
	if len(in[0]) < 2 {
		return nil, fmt.Errorf("drop_path: input %v has %d axes, want at least 2", in[0], len(in[0]))
	}
	if !(d.P >= 0 && d.P < 1) {
		return nil, fmt.Errorf("drop_path: want a probability from 0 to below 1, got %v", d.P)
	}
	return in[0], wantShape("drop_path", "key", in[1], Shape{4})
}

func (d DropPath) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(d, dy, in[1])
	return []*G.Node{dx, nil}, err
}

func (d DropPath) Run(c Call) { run(c, dropPath[float32](d), dropPath[float64](d)) }

func dropPath[T Real](d DropPath) func(Call) {
	return func(c Call) {
		x, y, key := data[T](c.In[0]), data[T](c.Out), maskKey(d.Name(), d.Stream, c.In[1].I32)
		scale, sample := T(float32(1/(1-d.P))), c.Out.Shape[1:].Size()
		for i, v := range x {
			if rng.Uniform(key, uint64(i/sample)) >= float32(d.P) {
				y[i] = v * scale
			}
		}
	}
}
