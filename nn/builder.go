// Package nn builds networks as graphs.
package nn

// Builder adds layers to a graph.
type Builder struct{}

// Tensor is a value in the graph.
type Tensor struct{}
