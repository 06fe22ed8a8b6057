package bench

import (
	"slices"
	"testing"
	"time"

	"workbench/nn/plan"
	"workbench/nn/plan/algorithms"
)

// tunable is a backend that has a second algorithm for 3×3 convolutions, with which programs take less time.
type tunable struct{ plan.Reference }

func (tunable) Rules() (*algorithms.Table, error) { return nil, nil }
func (tunable) Table() (*algorithms.Table, error) {
	return &algorithms.Table{Processor: "test"}, nil
}
func (tunable) Algorithms() []string { return []string{algorithms.Direct, "quick"} }

func (b tunable) Compile(p *plan.Program, m plan.Memory) (plan.Executable, error) {
	exe, err := b.Reference.Compile(p, m)
	if err != nil {
		return nil, err
	}
	made := pretended{exe, 20 * time.Millisecond, algorithms.Direct}
	for _, s := range p.Steps {
		if k := kernelOf(s); k == 3 && len(p.Rules.Rules) > 0 && p.Rules.Rules[0].Direction == algorithms.BackwardData {
			made.takes, made.name = time.Millisecond, p.Rules.Rules[0].Algorithm
		}
	}
	return made, nil
}

// kernelOf is the kernel's size of a convolution's forward pass, 0 of another step.
func kernelOf(s *plan.Step) int {
	if s.Name() != "conv" {
		return 0
	}
	return s.In[1].Shape[2]
}

// pretended takes a given time and computes nothing.
type pretended struct {
	plan.Executable
	takes time.Duration
	name  string
}

func (p pretended) RunAll() error { time.Sleep(p.takes); return nil }
func (p pretended) Profile(int) ([]plan.Timing, error) {
	return []plan.Timing{{Name: "conv", Implementation: p.name}}, nil
}

func TestTune(t *testing.T) {
	c := tiny(false)
	c, err := NewCase(c)
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	table, trials, err := Tuner{Backend: tunable{}, Choices: tunable{}, Turn: time.Millisecond, Turns: 3}.
		Tune(t.Context(), []Case{c, c}, func(int, int, algorithms.Layer) { told++ })
	if err != nil || len(table.Rules) == 0 || told == 0 {
		t.Fatalf("rules %+v after %d convolutions, error %v; want some", table, told, err)
	}
	for _, trial := range trials {
		if trial.Direction != algorithms.BackwardData || trial.Kernel != [2]int{3, 3} || len(trial.Seconds) != 2 {
			t.Errorf("tried %+v, want only what the second algorithm computes", trial)
		}
		got := table.Algorithm(trial.Direction, trial.Layer, func(name string) bool { return slices.Contains(tunable{}.Algorithms(), name) })
		if got != "quick" {
			t.Errorf("%v is computed by %s, want the faster one; rules %+v", trial.Layer, got, table.Rules)
		}
	}
	if len(table.Measured) != len(trials) || table.Measured[0].Micros["quick"] >= table.Measured[0].Micros[algorithms.Direct] {
		t.Errorf("measured %+v of %d trials", table.Measured, len(trials))
	}
}
