package nn

import (
	"fmt"
	"math"
	"slices"
	"strings"

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
	Memory              // state of a method, such as a queue: not trained, changed by Set and SetRows
)

// Param is a named state of a network.
type Param struct {
	Path  string // torchvision's name, "layer1.0.conv1.weight"
	Shape op.Shape
	Role  Role
	Init  Init
	Node  *G.Node

	Original string  // path of the parameter of which it is a copy at first; "": none
	Follow   *Follow // how it follows the original; nil: it does not
}

// Trainable reports whether an optimizer may move it.
func (p *Param) Trainable() bool { return p.Role < Running && p.Original == "" }

// Tensor is the parameter in the graph.
func (p *Param) Tensor() Tensor { return Tensor{p.Node} }

// Init is how a parameter is initialised. The zero Init is all zeros.
type Init struct {
	Constant float64
	Normal   float64 // standard deviation of a normal distribution around Constant
	Uniform  float64 // half-width of a uniform distribution around Constant
	Unit     bool    // each row is then divided by its Euclidean norm
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
	if p.Init.Unit {
		for row := range slices.Chunk(dst, len(dst)/p.Shape[0]) {
			unit(row)
		}
	}
}

// unit divides a vector by its Euclidean norm.
func unit(x []float32) {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	for i := range x {
		x[i] = float32(float64(x[i]) / math.Sqrt(sum))
	}
}

// Param adds a named state below the builder's path, or, if the builder shares what exists, returns the one that has
// the path.
func (b *Builder) Param(name string, shape op.Shape, role Role, init Init) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	path := b.join(name)
	if p := b.byPath[path]; p != nil {
		switch {
		case !b.shared:
			return b.Fail(fmt.Errorf("parameter %s exists already", path))
		case !p.Shape.Equal(shape) || p.Role != role:
			return b.Fail(fmt.Errorf("parameter %s is shared, but has shape %v, want %v for this input", path, p.Shape, shape))
		}
		return Tensor{p.Node}
	}
	n, err := b.graph.Leaf(path, shape)
	if err != nil {
		return b.Fail(err)
	}
	p := &Param{Path: path, Shape: shape, Role: role, Init: init, Node: n}
	if b.follow != nil {
		p.Original = strings.TrimPrefix(path, b.root+".")
		if role != Running || b.follow.Statistics {
			p.Follow = b.follow
		}
	}
	b.params, b.byPath[path] = append(b.params, p), p
	return Tensor{n}
}

// Originals checks that every copy has its original in the graph.
func (b *Builder) Originals() error {
	for _, p := range b.params {
		if p.Original == "" {
			continue
		}
		switch original := b.byPath[p.Original]; {
		case original == nil:
			return fmt.Errorf("%s follows %s, which the graph does not have", p.Path, p.Original)
		case !original.Shape.Equal(p.Shape):
			return fmt.Errorf("%s %v follows %s, which has another shape, %v", p.Path, p.Shape, p.Original, original.Shape)
		}
	}
	return nil
}
