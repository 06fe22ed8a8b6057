// Package nn builds networks as graphs. A Builder adds layers, whose parameters are named by their paths. The
// first error sticks to it. nn/plan turns the finished graph into a program. Names of parameters equal
// torchvision's where torchvision has the network.
package nn

import (
	"fmt"
	"slices"

	G "gorgonia.org/gorgonia"

	"workbench/nn/op"
)

// Mode says what the graph is for.
type Mode int

const (
	Infer Mode = iota // running statistics, no dropout
	Train             // batch statistics, dropout; the running statistics are updated, but for frozen norms
)

// Tensor is a value in the graph under construction. The zero Tensor stands for a failed layer.
type Tensor struct{ node *G.Node }

// Node is the graph's node, nil after an error.
func (t Tensor) Node() *G.Node { return t.node }

// Shape of the value; nil after an error.
func (t Tensor) Shape() op.Shape {
	if t.node == nil {
		return nil
	}
	return op.Shape(t.node.Shape())
}

// Update is a state that takes the value of a node after each step, such as a running statistic.
type Update struct {
	Param *Param
	Value *G.Node
	Rows  *G.Node // int32 [n]: the rows of the state that the value's rows replace, −1 for none; nil: all
}

// Builder adds layers to a graph. In returns a Builder for a sub-path, which shares everything else. The first error
// sticks: later layers do nothing, and Err reports the error with its path.
type Builder struct {
	*network
	manner
	path string
}

type network struct {
	graph   *op.Graph
	params  []*Param
	byPath  map[string]*Param
	updates []Update
	now     map[*G.Node]Tensor     // what a state is at this place of the graph, if a layer before it changes it
	stays   func(path string) bool // which parameters are not trained; nil: none
	still   func(path string) bool // which layers work as in inference; nil: none
	fixed   bool                   // batch norms keep their statistics
	whole   bool                   // statistics become those of the last batch
	heads   string                 // prefix of heads
	layers  []noted
	counted map[*Param]bool // in a layer's number of parameters
	images  int             // in a batch: the first axis of the first input
	depth   map[*G.Node]int // convolutions and linear layers on the longest path to the node
	reached int             // depth of the layer added last
	key     *G.Node         // of dropout; nil until one is added
	drops   uint64
	aux     []Auxiliary
	err     error
}

// NewBuilder starts an empty network. double builds it in float64, for checking gradients.
func NewBuilder(mode Mode, double bool) *Builder {
	return &Builder{manner: manner{mode: mode}, network: &network{graph: op.NewGraph(double), byPath: map[string]*Param{},
		now: map[*G.Node]Tensor{}, counted: map[*Param]bool{}, depth: map[*G.Node]int{}}}
}

// In is the builder of the sub-path name: b.In("layer1").In("0") names parameters "layer1.0.…".
func (b *Builder) In(name string) *Builder {
	other := *b
	other.path = b.join(name)
	return &other
}

func (b *Builder) join(name string) string {
	if b.path == "" {
		return name
	}
	return b.path + "." + name
}

// Err is the first error, with the path of the layer that met it.
func (b *Builder) Err() error { return b.err }

// Freeze says, before layers are added, which parameters training will leave as they are, by their paths. A batch norm
// whose scale and shift both stay is frozen: in training, too, it normalises with its running statistics and leaves
// them as they are. It is PyTorch's batch norm in eval mode. Dropout and drop-path have no parameters and go on.
func (b *Builder) Freeze(stays func(path string) bool) { b.stays = stays }

// FixStatistics says, before layers are added, that every batch norm normalises with its running statistics in
// training, too, and leaves them as they are, while its scale and shift move: PyTorch's batch norm in eval mode.
func (b *Builder) FixStatistics() { b.fixed = true }

// WholeStatistics says, before layers are added, that in training running statistics become those of the last batch
// alone, whatever the momentum of their batch norm: what is summed where statistics are estimated anew.
func (b *Builder) WholeStatistics() { b.whole = true }

// frozen reports whether training leaves the builder's own parameters of these names as they are.
func (b *Builder) frozen(names ...string) bool {
	return b.stays != nil && !slices.ContainsFunc(names, func(name string) bool { return !b.stays(b.join(name)) })
}

// Graph under construction.
func (b *Builder) Graph() *op.Graph { return b.graph }

// Training reports whether layers at the builder's path work as in training.
func (b *Builder) Training() bool { return b.moving() }

// Params returns the parameters in the order in which they were added.
func (b *Builder) Params() []*Param { return b.params }

// Updates returns the states that layers want updated after each step.
func (b *Builder) Updates() []Update { return b.updates }

// Key is the leaf "key" int32 [4] that dropout reads (see op.Dropout), or nil if nothing reads it.
func (b *Builder) Key() *G.Node { return b.key }

// Fail records an error at the builder's path unless there is one already, and returns the failed Tensor.
func (b *Builder) Fail(err error) Tensor {
	if b.err == nil && err != nil {
		if b.path != "" {
			err = fmt.Errorf("%s: %w", b.path, err)
		}
		b.err = err
	}
	return Tensor{}
}

// Input adds the images: a leaf [n, c, h, w].
func (b *Builder) Input(name string, shape ...int) Tensor {
	if b.images == 0 && len(shape) > 0 {
		b.images = shape[0]
	}
	return b.leaf(func() (*G.Node, error) { return b.graph.Leaf(name, shape) })
}

// Labels adds a leaf of n class numbers.
func (b *Builder) Labels(name string, n int) Tensor {
	return b.leaf(func() (*G.Node, error) { return b.graph.IntLeaf(name, n) })
}

func (b *Builder) leaf(add func() (*G.Node, error)) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	n, err := add()
	if err != nil {
		return b.Fail(err)
	}
	return Tensor{n}
}

// Apply adds an operator at the builder's path. It is for operators that have no layer of their own.
func (b *Builder) Apply(s op.Spec, in ...Tensor) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	nodes := make([]*G.Node, len(in))
	for i, t := range in {
		nodes[i] = t.node
	}
	n, err := b.graph.Apply(s, nodes...)
	if err != nil {
		return b.Fail(err)
	}
	b.deepen(s, n, nodes)
	return Tensor{n}
}

// deepen counts the layers with weights on the longest path to n. A path goes through the value that a gate multiplies,
// not through the layers that compute the gate: SE-ResNet-50 has 50 layers.
func (b *Builder) deepen(s op.Spec, n *G.Node, operands []*G.Node) {
	if _, gate := s.(op.Mul); gate {
		operands = operands[:1]
	}
	for _, o := range operands {
		b.depth[n] = max(b.depth[n], b.depth[o])
	}
	switch s.(type) {
	case op.Conv, op.Linear:
		b.depth[n]++
	}
}
