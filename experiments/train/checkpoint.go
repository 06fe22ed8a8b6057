package train

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"workbench/experiments"
	"workbench/nn"
)

// resumedPhase is the index of the phase in which the attempt begins, and the epoch of it.
func (t *trainer) resumedPhase() (phase, epoch int, err error) {
	if t.job.Resume == nil {
		return 0, 0, nil
	}
	var at cursor
	if err := json.Unmarshal(t.job.Resume.State, &at); err != nil {
		return 0, 0, fmt.Errorf("checkpoint of step %d: %w", t.job.Resume.Step, err)
	}
	if at.Phase < 0 || at.Phase >= len(t.stages) {
		return 0, 0, fmt.Errorf("checkpoint of step %d is of phase %d, the run has %d", t.job.Resume.Step, at.Phase, len(t.stages))
	}
	return at.Phase, at.Epoch, nil
}

// restore fills the memory from a checkpoint.
func (t *trainer) restore(c experiments.Checkpoint) error {
	now := t.state
	if err := json.Unmarshal(c.State, &t.state); err != nil {
		return fmt.Errorf("checkpoint of step %d: %w", c.Step, err)
	}
	if t.shares(c) && t.job.Run.Continues() != "" {
		if err := t.emit(experiments.Record{Log: fmt.Sprintf("continues run %s after %s", c.Run, t.job.Run.Continues())}); err != nil {
			return err
		}
	}
	if t.state.Threads != now.Threads || t.state.Backend != now.Backend {
		line := fmt.Sprintf("continues, but not bit for bit: the checkpoint was made with %s on %d threads, this attempt uses %s on %d",
			t.state.Backend, t.state.Threads, now.Backend, now.Threads)
		if t.shares(c) {
			line = fmt.Sprintf("begins with run %s, which was trained with %s on %d threads; what follows uses %s on %d",
				c.Run, t.state.Backend, t.state.Threads, now.Backend, now.Threads)
		}
		if err := t.emit(experiments.Record{Log: line}); err != nil {
			return err
		}
		t.state.Threads, t.state.Backend = now.Threads, now.Backend
	}
	held := map[string]experiments.Tensor{}
	for _, tensor := range c.Tensors {
		held[tensor.Name] = tensor
	}
	for _, name := range t.names {
		tensor, ok := held[checkpointName(name)]
		if !ok {
			return fmt.Errorf("checkpoint of step %d lacks %s", c.Step, checkpointName(name))
		}
		if err := t.memory.Write(name, tensor.Data); err != nil {
			return fmt.Errorf("checkpoint of step %d: %w", c.Step, err)
		}
	}
	for name, tensor := range held {
		if state, of := stateName(name); of && !slices.Contains(t.names, state) && t.state.Phase > 0 {
			t.kept[state] = tensor
		}
	}
	if want := len(t.names) + len(t.rest()); len(held) != want {
		return fmt.Errorf("checkpoint of step %d has %d tensors, the network %d", c.Step, len(held), want)
	}
	return nil
}

// shares tells whether a checkpoint is another run's, with which this one begins.
func (t *trainer) shares(c experiments.Checkpoint) bool { return c.Run != "" && c.Run != t.job.Run.ID }

// rest are the names of the states that only earlier phases had, sorted.
func (t *trainer) rest() []string {
	current := map[string]bool{}
	for _, name := range t.names {
		current[name] = true
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(t.kept)), func(name string) bool { return current[name] })
}

// checkpointName returns the name that a state has in a checkpoint: "model/…" for parameters, "optim/…" for the state
// of the optimizer, "ema/…" for averages.
func checkpointName(state string) string {
	if strings.HasPrefix(state, optimizers) || strings.HasPrefix(state, "ema/") {
		return state
	}
	return "model/" + state
}

// stateName is the state that has the name in a checkpoint; of is false if it is the optimizer's.
func stateName(name string) (state string, of bool) {
	if state, of = strings.CutPrefix(name, "model/"); of {
		return state, true
	}
	return name, !strings.HasPrefix(name, optimizers)
}

// checkpoint reports the whole state.
func (t *trainer) checkpoint(final bool) error {
	state, err := json.Marshal(t.state)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	c := &experiments.Checkpoint{Run: t.job.Run.ID, Attempt: t.job.Attempt.Number, Step: t.globalStep(), State: state, Final: final}
	for _, name := range t.names {
		tensor, err := t.tensor(name)
		if err != nil {
			return fmt.Errorf("checkpoint: %w", err)
		}
		c.Tensors = append(c.Tensors, tensor)
	}
	for _, name := range t.rest() {
		c.Tensors = append(c.Tensors, t.kept[name])
	}
	return t.emit(experiments.Record{Checkpoint: c})
}

// tensor is a copy of a state of the running phase.
func (t *trainer) tensor(name string) (experiments.Tensor, error) {
	shape, _ := t.memory.Shape(name)
	tensor := experiments.Tensor{Name: checkpointName(name), Shape: shape, Data: make([]float32, shape.Size())}
	return tensor, t.memory.Read(name, tensor.Data)
}

// forgetUnused takes parameters from what is kept that no program computes with: those behind an inner place whose
// features are read. What an earlier phase made of them stays as it is.
func (t *trainer) forgetUnused() {
	unused := map[string]bool{}
	t.params = slices.DeleteFunc(t.params, func(p *nn.Param) bool {
		_, computed := t.memory.Shape(p.Path)
		unused[p.Path] = !computed
		return !computed
	})
	t.names = slices.DeleteFunc(t.names, func(name string) bool { return unused[name] })
}
