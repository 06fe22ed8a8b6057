// Package plan turns a finished graph into a program that backends run. Lower reads the graph once into a Program: the
// steps that the roots need, in order, with gradient sums gathered and states named. Fuse joins what libraries compute
// together. Pack places buffers by their lifetimes. A Backend compiles the result. Reference runs the operators' own
// kernels; every other backend is tested against it.
package plan

import (
	"fmt"
	"slices"

	"workbench/nn/op"
	"workbench/nn/plan/algorithms"
)

// Kind of a value.
type Kind int

const (
	Temporary Kind = iota
	Input          // written by the caller before each run
	State          // lives between runs: parameters, running statistics, optimizer slots
	Constant       // the scalar 1 that starts the backward pass
)

// Value is one tensor of a program.
type Value struct {
	ID    int
	Kind  Kind
	Name  string // of inputs and states
	Shape op.Shape
	Ints  bool // int32 elements
}

func (v *Value) String() string {
	if v.Name != "" {
		return v.Name
	}
	return fmt.Sprintf("%%%d%v", v.ID, v.Shape)
}

// Step computes values from values. Spec is an op.Spec with one result, or one of the fused kinds of this package.
type Step struct {
	Spec any
	In   []*Value
	Out  []*Value // entries that nobody reads are nil

	// Again is the value of the forward pass that Out[0] repeats bit for bit; nil: none. A backend gives both values
	// one layout, because the order of later sums may depend on it. See Recompute.
	Again *Value
}

// Name of the step's operator.
func (s *Step) Name() string { return s.Spec.(interface{ Name() string }).Name() }

// Assign copies a value into a state after all steps. With Rows it copies the rows of the value to the rows of the
// state that have these numbers, one after another; a negative number is none.
type Assign struct{ State, Value, Rows *Value }

// Program is what one run does: steps in order, then assignments, then moves, then averages.
type Program struct {
	Values  []*Value
	Steps   []*Step
	Outputs map[string]*Value
	Assigns []Assign
	Double  bool // float64: only Reference runs it

	// Rules say which convolutions a backend computes by another algorithm than the direct sum, such as Winograd's
	// (Lavin and Gray 2016). Other algorithms round differently. nil: none.
	Rules *algorithms.Table

	// BFloat16 lets a backend keep images and the convolutions' weights in bfloat16 while it computes. States stay
	// float32. It is an error if the backend or the processor cannot do that.
	BFloat16 bool

	Recompute Recomputation // of activations in training

	Optimizer   Optimizer // nil in inference, as all below
	Moves       []Move
	Gradients   Gradients
	Averaging   Averaging
	Averages    []Average
	Rate        *Value // input "lr" [1]
	Momentum    *Value // input "momentum" [1], in place of the optimizer's own; nil: the optimizer's own
	UpdateCount *Value // input "step" int32 [1]: updates made before this one
	MicroBatch  *Value // input "micro_batch" int32 [1]: runs of this update made before; nil: every run is an update
}

// NewValue adds a value to the program.
func (p *Program) NewValue(kind Kind, name string, shape op.Shape) *Value {
	v := &Value{ID: len(p.Values), Kind: kind, Name: name, Shape: shape}
	p.Values = append(p.Values, v)
	return v
}

// OwnRates lists the inputs with the learning rates of parameters that have one of their own, each once.
func (p *Program) OwnRates() []*Value {
	var all []*Value
	for _, m := range p.Moves {
		if m.Rate != nil && !slices.Contains(all, m.Rate) {
			all = append(all, m.Rate)
		}
	}
	return all
}

// Ends lists the values that must outlive the steps: outputs, and the values that assignments and moves read.
func (p *Program) Ends() []*Value {
	var ends []*Value
	for _, v := range p.Outputs {
		ends = append(ends, v)
	}
	for _, a := range p.Assigns {
		ends = append(ends, a.Value)
	}
	for _, m := range p.Moves {
		ends = append(ends, m.Grad)
	}
	return ends
}
