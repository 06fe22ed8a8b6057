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
	// Compile prepares a program. States that the memory does not hold yet are added to it as zeros. States that it holds
	// are shared, so a training program and an inference program with one memory see the same weights.
	Compile(p *Program, m Memory) (Executable, error)
}

// Chooser is a backend that has several algorithms for convolutions.
type Chooser interface {
	// Rules returns the rules for this processor, to be put into programs.
	Rules() (*algorithms.Table, error)
	// Algorithms lists the algorithms that this processor has, algorithms.Direct first.
	Algorithms() []string
	// Table is an empty table for this processor, to be filled by measuring.
	Table() (*algorithms.Table, error)
}

// Memory holds named states between runs, in whatever layout suits its backend. Callers read and write float32 in
// row-major order. Unknown names and wrong lengths are errors.
type Memory interface {
	Shape(name string) (op.Shape, bool)
	Read(name string, dst []float32) error
	Write(name string, src []float32) error
	Close() error
}

// Executable is a compiled program. It implements gorgonia.VM. It is not safe for concurrent use, and
// neither are two executables that share a memory.
type Executable interface {
	RunAll() error
	Reset()
	Close() error

	// Floats is the memory of a float32 input, in row-major order; the caller writes it before RunAll. It is nil
	// if the program has no input of that name.
	Floats(input string) []float32
	// Ints is the same for an int32 input.
	Ints(input string) []int32
	// Output is a result of the last run in row-major order, valid until the next run.
	// It is nil if there is none of that name.
	Output(name string) []float32
	// Bytes is the memory that the program needs beside its states and inputs.
	Bytes() int64
}

// Timing is the time that one instruction of an executable took.
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
