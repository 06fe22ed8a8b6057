package strategy_test

import (
	"slices"
	"testing"

	"workbench/experiments/strategy"
	"workbench/experiments/strategy/strategytest"
	"workbench/nn/plan"
)

// Every method that was recorded computes what PyTorch does, in both precisions.
func TestStrategiesComputeWhatPyTorchDoes(t *testing.T) {
	t.Run("float32", func(t *testing.T) { strategytest.Run(t, plan.Reference{}, false) })
	t.Run("float64", func(t *testing.T) { strategytest.Run(t, plan.Reference{}, true) })
}

// The README promises it of each; of supervised training its other losses, cross-entropy being compared where its
// networks are (nn/weights). The strategy random learns nothing.
func TestEveryStrategyIsRecorded(t *testing.T) {
	recorded := strategytest.Methods(t)
	for _, name := range strategy.Names() {
		if name != "random" && !slices.Contains(recorded, name) {
			t.Errorf("nothing is recorded of %s, only of %v", name, recorded)
		}
	}
}
