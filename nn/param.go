package nn

import (
	"fmt"
	"math"

	G "gorgonia.org/gorgonia"

	"workbench/nn/op"
	"workbench/nn/rng"
)

// Role of a parameter. It decides whether an optimizer moves the parameter and whether weight decay applies.
type Role int

const (
	Weight  Role = iota // of convolutions and linear layers
	Bias                // of convolutions and linear layers
	Scale               // of a normalisation
	Shift               // of a normalisation
	Running             // statistic of a normalisation: state, not trained
)

// Param is a named state of a network.
type Param struct {
	Path  string // torchvision's name, "layer1.0.conv1.weight"
	Shape op.Shape
	Role  Role
	Init  Init
	Node  *G.Node
}

// Trainable reports whether an optimizer may move it.
func (p *Param) Trainable() bool { return p.Role != Running }

// Init is how a parameter is initialised. The zero Init is all zeros.
type Init struct {
	Constant float64
	Normal   float64 // standard deviation of a normal distribution around Constant
	Uniform  float64 // half-width of a uniform distribution around Constant
}

// HeFanOut is N(0, 2/(out·k·k)) for convolution weights [out, in/groups, kh, kw] (He et al.
// 2015, equation 14, as torchvision uses it).
func HeFanOut(w op.Shape) Init { return Init{Normal: math.Sqrt(2 / float64(w[0]*w[2]*w[3]))} }

// FanInUniform is U(−1/√in, 1/√in), PyTorch's default for linear layers, for weights [out, in, …].
func FanInUniform(fanIn int) Init { return Init{Uniform: 1 / math.Sqrt(float64(fanIn))} }

// Fill writes the parameter's initial value into dst. The numbers depend on nothing but the seed and the path, so
// adding a layer does not change the weights of another.
func (p *Param) Fill(dst []float32, seed uint64) {
	r := rng.New(seed, "init/"+p.Path)
	for i := range dst {
		v := p.Init.Constant
		if p.Init.Normal != 0 {
			v += p.Init.Normal * r.NormFloat64()
		}
		if p.Init.Uniform != 0 {
			v += p.Init.Uniform * (2*r.Float64() - 1)
		}
		dst[i] = float32(v)
	}
}

// Param adds a named state below the builder's path.
func (b *Builder) Param(name string, shape op.Shape, role Role, init Init) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	path := b.join(name)
	if b.byPath[path] != nil {
		return b.Fail(fmt.Errorf("parameter %s exists already", path))
	}
	n, err := b.graph.Leaf(path, shape)
	if err != nil {
		return b.Fail(err)
	}
	p := &Param{Path: path, Shape: shape, Role: role, Init: init, Node: n}
	b.params, b.byPath[path] = append(b.params, p), p
	return Tensor{n}
}
