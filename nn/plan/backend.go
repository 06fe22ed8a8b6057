package plan

import (
	"workbench/nn/op"
	"workbench/nn/plan/algorithms"
)

// Backend runs programs.
type Backend interface {
	Name() string
	// NewMemory returns an empty set of states.
	NewMemory() Memory
	// Compile prepares a program. States that memory does not hold yet are added to it as zeros; those it holds are
	// shared, so that a training and an inference program with one memory see the same weights.
	Compile(p *Program, m Memory) (Executable, error)
}

// Chooser is a backend that has several algorithms for convolutions.
type Chooser interface {
	// Rules are those for this processor, to be given to programs.
	Rules() (*algorithms.Table, error)
	// Algorithms are those that it has here, algorithms.Direct first.
	Algorithms() []string
	// Table is an empty one for this processor, to be filled by measuring.
	Table() (*algorithms.Table, error)
}

// Memory holds named states between runs, in whatever layout its backend likes; callers see float32 in row-major
// logical order. Unknown names and wrong lengths are errors.
type Memory interface {
	Shape(name string) (op.Shape, bool)
	Read(name string, dst []float32) error
	Write(name string, src []float32) error
	Close() error
}

// Executable is a compiled program. It implements gorgonia.VM. It is not safe for concurrent use, nor are two
// executables that share a memory.
type Executable interface {
	RunAll() error
	Reset()
	Close() error

	// Floats is the memory of a float input, in row-major order, to be written before RunAll; nil if there is none of that name.
	Floats(input string) []float32
	// Ints is the same for an int32 input.
	Ints(input string) []int32
	// Output is a result of the last run in row-major order, valid until the next; nil if there is none of that name.
	Output(name string) []float32
	// Bytes is the memory that the program needs beside its states and inputs.
	Bytes() int64
}

// Timing is what one instruction of an executable took.
type Timing struct {
	Name           string  // of the operator
	Implementation string  // of the library or ours
	Shape          string  // of what it works on
	Seconds        float64 // a run
	FLOPs          float64 // a run; two a multiply-add, convolutions and linear layers only
}

// Profiler is an executable that can time its instructions.
type Profiler interface {
	// Profile runs the program and times each instruction, averaged over the runs.
	Profile(runs int) ([]Timing, error)
}
