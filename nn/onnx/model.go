package onnx

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"workbench/nn"
)

// Model is a graph with its weights and with what a reader of the file should know.
type Model struct {
	Graph    *Graph
	Name     string // of the network
	Doc      string
	Images   string // what the input holds: the order of the channels and how pixels are normalised
	Version  string // of the program that writes it
	Metadata map[string]string
	Weights  func(p *nn.Param, dst []float32) error // fills in a parameter's values
}

// mostBytes is the length of the longest protobuf message.
const mostBytes = math.MaxInt32

// Write writes the model as an ONNX file. Equal models give equal bytes.
func (m Model) Write(w io.Writer) error {
	graph := m.graph()
	bytes := len(graph)
	heads := make([]message, len(m.Graph.params))
	for i, p := range m.Graph.params {
		heads[i] = initializer(p)
		bytes += len(heads[i]) + 4*p.Shape.Size()
	}
	file := m.file()
	file.head(7, bytes)
	if total := len(file) + bytes; total > mostBytes {
		return fmt.Errorf("%s would have %d bytes as ONNX, want at most %d, protobuf's limit; the format safetensors has none",
			m.Name, total, mostBytes)
	}
	out := bufio.NewWriterSize(w, 1<<18)
	if _, err := out.Write(append(file, graph...)); err != nil {
		return err
	}
	for i, p := range m.Graph.params {
		values := make([]float32, p.Shape.Size())
		if err := m.Weights(p, values); err != nil {
			return err
		}
		if _, err := out.Write(heads[i]); err != nil {
			return err
		}
		if err := writeReals(out, values); err != nil {
			return err
		}
	}
	return out.Flush()
}

func writeReals(w io.Writer, values []float32) error {
	var b [4]byte
	for _, v := range values {
		binary.LittleEndian.PutUint32(b[:], math.Float32bits(v))
		if _, err := w.Write(b[:]); err != nil {
			return err
		}
	}
	return nil
}

// initializer encodes the beginning of the graph's entry for a parameter, up to its values.
func initializer(p *nn.Param) message {
	t := tensor(p.Path, p.Shape, float32Elements)
	bytes := 4 * p.Shape.Size()
	t.head(9, bytes)
	var m message
	m.head(5, len(t)+bytes)
	return append(m, t...)
}
