package train

import (
	"encoding/json"
	"fmt"

	"workbench/experiments"
	"workbench/nn/plan"
)

// chooses tells whether the run's convolutions are computed by the algorithms that are fastest by the backend's rules.
func (t *trainer) chooses() bool {
	_, can := t.backend.(plan.Chooser)
	return can && t.job.Run.Config.Algorithms == "auto"
}

// chooseRules takes the backend's rules. A run that continues keeps the rules with which it began, because other rules
// would round differently.
func (t *trainer) chooseRules() error {
	if !t.chooses() {
		return nil
	}
	var err error
	if t.state.Rules, err = t.backend.(plan.Chooser).Rules(); err != nil || t.job.Resume == nil {
		return err
	}
	var before cursor
	if err := json.Unmarshal(t.job.Resume.State, &before); err != nil {
		return fmt.Errorf("checkpoint of step %d: %w", t.job.Resume.Step, err)
	}
	if was, now := before.Rules.Digest(), t.state.Rules.Digest(); was != now {
		line := fmt.Sprintf("keeps the rules for algorithms that it began with, %s, although this program has others, %s", was, now)
		if err := t.emit(experiments.Record{Log: line}); err != nil {
			return err
		}
	}
	t.state.Rules = before.Rules
	return nil
}
