package onnx

import (
	"io"

	"workbench/nn"
	"workbench/nn/weights"
)

// Model is a graph with its weights and what a reader of the file should know.
type Model struct {
	Graph    *Graph
	Name     string // of the network
	Doc      string
	Images   string // what the input holds: order of the channels, how pixels are normalised
	Version  string // of the program that writes it
	Metadata map[string]string
	Weights  func(p *nn.Param, dst []float32) error // gives a parameter's values
}

// Save writes the model to a file and returns its SHA-256 in hexadecimal. The file appears at path complete or not at all; one that
// is there is replaced.
func Save(path string, m Model) (digest string, err error) {
	return weights.Create(path, func(w io.Writer) error { return m.Write(w) })
}

// initializer is the begin of the graph's entry for a parameter, up to its values.
func initializer(p *nn.Param) message {
	t := tensor(p.Path, p.Shape, float32Elements)
	bytes := 4 * p.Shape.Size()
	t.head(9, bytes)
	var m message
	m.head(5, len(t)+bytes)
	return append(m, t...)
}
