package onnx

import (
	"encoding/binary"
	"maps"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"workbench/nn/op"
)

// These are numbers of ONNX's TensorProto.DataType.
const (
	float32Elements = 1
	int64Elements   = 7
)

// message is a protobuf message under construction. Its fields have the numbers of onnx.proto.
type message []byte

func (m *message) text(field protowire.Number, v string) {
	*m = protowire.AppendString(protowire.AppendTag(*m, field, protowire.BytesType), v)
}

func (m *message) number(field protowire.Number, v int64) {
	*m = protowire.AppendVarint(protowire.AppendTag(*m, field, protowire.VarintType), uint64(v))
}

func (m *message) part(field protowire.Number, v message) {
	*m = protowire.AppendBytes(protowire.AppendTag(*m, field, protowire.BytesType), v)
}

// head appends the beginning of a part that has so many bytes.
func (m *message) head(field protowire.Number, bytes int) {
	*m = protowire.AppendVarint(protowire.AppendTag(*m, field, protowire.BytesType), uint64(bytes))
}

// file encodes a ModelProto without its graph.
func (m Model) file() message {
	var f, opset message
	f.number(1, irVersion)
	f.text(2, "workbench")
	f.text(3, m.Version)
	f.text(6, m.Doc)
	opset.text(1, "") // ONNX's own operators
	opset.number(2, Opset)
	f.part(8, opset)
	for _, key := range slices.Sorted(maps.Keys(m.Metadata)) {
		var entry message
		entry.text(1, key)
		entry.text(2, m.Metadata[key])
		f.part(14, entry)
	}
	return f
}

// graph encodes a GraphProto without the parameters.
func (m Model) graph() message {
	var g message
	for _, n := range m.Graph.nodes {
		g.part(1, n.encode())
	}
	g.text(2, m.Name)
	for _, c := range m.Graph.constants {
		g.part(5, c.encode())
	}
	g.text(10, m.Doc)
	g.part(11, m.Graph.input.encode(m.Images))
	g.part(12, m.Graph.output.encode("before softmax"))
	for _, v := range m.Graph.between {
		g.part(13, v.encode(""))
	}
	return g
}

// encode returns the node as a NodeProto.
func (n node) encode() message {
	var m message
	for _, name := range n.in {
		m.text(1, name)
	}
	m.text(2, n.out)
	m.text(3, n.name)
	m.text(4, n.operator)
	for _, a := range n.attributes {
		m.part(5, a.encode())
	}
	return m
}

// encode returns the attribute as an AttributeProto.
func (a attribute) encode() message {
	var m message
	m.text(1, a.name)
	switch a.kind {
	case realAttribute:
		m = protowire.AppendFixed32(protowire.AppendTag(m, 2, protowire.Fixed32Type), math.Float32bits(a.real))
	case wholeAttribute:
		m.number(3, a.whole)
	case listAttribute:
		for _, v := range a.list {
			m.number(8, v)
		}
	}
	m.number(20, int64(a.kind))
	return m
}

// encode returns the value as a ValueInfoProto of float32 elements.
func (v value) encode(doc string) message {
	var shape, tensor, kind, m message
	for _, n := range v.shape {
		var dim message
		if n == batch {
			dim.text(2, "batch")
		} else {
			dim.number(1, int64(n))
		}
		shape.part(1, dim)
	}
	tensor.number(1, float32Elements)
	tensor.part(2, shape)
	kind.part(1, tensor)
	m.text(1, v.name)
	m.part(2, kind)
	if doc != "" {
		m.text(3, doc)
	}
	return m
}

// encode returns the constant as a TensorProto.
func (c constant) encode() message {
	if c.wholes != nil {
		m, data := tensor(c.name, c.shape, int64Elements), message{}
		for _, v := range c.wholes {
			data = binary.LittleEndian.AppendUint64(data, uint64(v))
		}
		m.part(9, data)
		return m
	}
	m, data := tensor(c.name, c.shape, float32Elements), message{}
	for _, v := range c.reals {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	m.part(9, data)
	return m
}

// tensor encodes a TensorProto without its elements.
func tensor(name string, shape op.Shape, elements int64) message {
	var m message
	for _, n := range shape {
		m.number(1, int64(n))
	}
	m.number(2, elements)
	m.text(8, name)
	return m
}
