// Package onnx writes networks as ONNX files (onnx.ai), for programs that run them: operators of opset 17, the inference
// graph, a first axis named "batch" that takes any number of images, parameters under the network's own names.
//
// A graph is traced: the network is built for batches of two and of three images, and what the two have in common is
// exported. What grows with the batch in another place than the first axis is an error, and so is an operator without a
// mapping; nothing is left out.
//
// The file is a protobuf message, written with protowire, which is in the module of Go's protobuf. Generated types for ONNX are parts
// of runtimes: those of gomlx/onnx-gomlx are internal, gonnx's last release is of January 2024. Some thirty fields are in use, and
// written one by one the weights can stream into the file, one parameter in memory at a time. A test reads files back by the schema
// that the ONNX project publishes.
package onnx

import (
	"workbench/nn"
	"workbench/nn/op"
)

// Versions that a file states. Opset 17 is the oldest that has all it needs and is still widely asked for: a newer one would
// exclude runtimes and give nothing.
const (
	Opset     = 17
	irVersion = 8 // that of ONNX 1.12, which brought opset 17
)

// Names of the graph's input and output.
const (
	Input  = "image"
	Output = "logits"
)

// batch stands for the number of images in a shape.
const batch = -1

// Graph is a network as operators of ONNX.
type Graph struct {
	nodes         []node // in order: each reads what was computed before it
	constants     []constant
	params        []*nn.Param // that the nodes read, in the network's order
	between       []value     // results of the network's operators, the last left out
	input, output value
}

// Params that the graph reads, in the network's order.
func (g *Graph) Params() []*nn.Param { return g.params }

// Nodes is the number of operators.
func (g *Graph) Nodes() int { return len(g.nodes) }

// value is a float32 tensor of the graph; an axis of batch elements is as long as there are images.
type value struct {
	name  string
	shape op.Shape
}

// node computes one value from others. It has the name of the layer, or its operator's with a number.
type node struct {
	operator   string
	name       string
	in         []string
	out        string
	attributes []attribute
}

// attribute is a setting of an operator: one of the fields is set, as kind says.
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

// constant is a tensor that the mapping of an operator brings along: float32 or int64 elements.
type constant struct {
	name   string
	shape  op.Shape // [] is a scalar
	reals  []float32
	wholes []int64
}
