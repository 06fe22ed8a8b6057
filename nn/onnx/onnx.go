// Package onnx writes networks as ONNX files (onnx.ai) for the programs that run them. A file has the inference graph
// in operators of opset 17, a first axis named "batch" that takes any number of images, and the parameters under the
// network's own names.
//
// A graph is traced: the network is built for batches of two and of three images, and what the two have in common is
// exported. It is an error if anything but a first axis grows with the batch, or if an operator has no mapping; nothing
// is left out.
//
// The file is a protobuf message. It is written with protowire, which is in the module of Go's protobuf, because
// generated types for ONNX are only parts of runtimes: those of gomlx/onnx-gomlx are internal, and gonnx's last release
// is of January 2024. Only some thirty fields are in use. Since they are written one by one, the weights can stream
// into the file with one parameter in memory at a time. A test reads files back by the schema that the ONNX project
// publishes.
package onnx

import (
	"workbench/nn"
	"workbench/nn/op"
)

// These are the versions that a file states. Opset 17 is the oldest one that has all the operators in use. A newer one
// would exclude runtimes and give nothing.
const (
	Opset     = 17
	irVersion = 8 // the version of ONNX 1.12, which brought opset 17
)

// These are the names of the graph's input and output.
const (
	Input  = "image"
	Output = "logits"
)

// batch stands for the number of images in a shape.
const batch = -1

// Graph is a network as operators of ONNX.
type Graph struct {
	nodes         []node // in an order in which each reads what was computed before it
	constants     []constant
	params        []*nn.Param // those that the nodes read, in the network's order
	between       []value     // results of the network's operators but the last
	input, output value
}

// Params returns the parameters that the graph reads, in the network's order.
func (g *Graph) Params() []*nn.Param { return g.params }

// Nodes is the number of operators.
func (g *Graph) Nodes() int { return len(g.nodes) }

// value is a float32 tensor of the graph. An axis of size batch is as long as there are images.
type value struct {
	name  string
	shape op.Shape
}

// node computes one value from others. It has the name of the layer, or that of its operator with a number.
type node struct {
	operator   string
	name       string
	in         []string
	out        string
	attributes []attribute
}

// attribute is a setting of an operator. kind tells which of the fields is set.
type attribute struct {
	name  string
	kind  attributeKind
	whole int64
	real  float32
	list  []int64
}

// attributeKind has the numbers of ONNX's AttributeProto.AttributeType.
type attributeKind int

const (
	realAttribute  attributeKind = 1
	wholeAttribute attributeKind = 2
	listAttribute  attributeKind = 7
)

func whole(name string, v int) attribute {
	return attribute{name: name, kind: wholeAttribute, whole: int64(v)}
}

func fraction(name string, v float64) attribute {
	return attribute{name: name, kind: realAttribute, real: float32(v)}
}

func list(name string, vs ...int) attribute {
	return attribute{name: name, kind: listAttribute, list: wide(vs)}
}

func wide(vs []int) []int64 {
	all := make([]int64, len(vs))
	for i, v := range vs {
		all[i] = int64(v)
	}
	return all
}

// constant is a tensor that the mapping of an operator brings along. It has float32 or int64 elements.
type constant struct {
	name   string
	shape  op.Shape // [] is a scalar
	reals  []float32
	wholes []int64
}
