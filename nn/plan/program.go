// Package plan turns a finished graph into work. Lower reads the graph once into a Program: what the roots need, in
// order, with gradient sums gathered and states named. Fuse joins what libraries compute together. Pack places buffers
// by their lifetimes. A Backend compiles the result; Reference, which runs the operators' own kernels, is the
// definition every other backend is tested against.
package plan

import (
	"fmt"

	"workbench/nn/op"
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
}

// Name of the step's operator.
func (s *Step) Name() string { return s.Spec.(interface{ Name() string }).Name() }

// Assign copies a value into a state after all steps.
type Assign struct{ State, Value *Value }

// Move changes one parameter by its gradient after all steps.
type Move struct {
	Param, Grad *Value
	Slots       []*Value // the rule's state for this parameter
	Decay       float64  // weight decay
}

// Rule is an optimizer: how one parameter moves.
type Rule interface {
	Name() string
	Slots() []string // names of its state tensors, each of the parameter's shape, zero at first
	// Apply moves w by its gradient g; all buffers have one shape. lr is the learning rate, decay the weight decay.
	Apply(w, g op.Buffer, slots []op.Buffer, lr, decay float64)
}

// Program is what one run of a plan does: steps in order, then assignments, then moves.
type Program struct {
	Values  []*Value
	Steps   []*Step
	Outputs map[string]*Value
	Assigns []Assign
	Rule    Rule // nil in inference
	Moves   []Move
	Rate    *Value // input "lr" [1]; nil in inference
	Double  bool   // float64: only Reference runs it
}

// NewValue adds a value to the program.
func (p *Program) NewValue(kind Kind, name string, shape op.Shape) *Value {
	v := &Value{ID: len(p.Values), Kind: kind, Name: name, Shape: shape}
	p.Values = append(p.Values, v)
	return v
}

// Ends lists the values that must outlive the steps: outputs, and what assignments and moves read.
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
