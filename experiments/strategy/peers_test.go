package strategy_test

import (
	"testing"

	"workbench/experiments/strategy/strategytest"
	"workbench/nn/plan"
)

// Every method that was recorded computes what PyTorch does, in both precisions.
func TestStrategiesComputeWhatPyTorchDoes(t *testing.T) {
	t.Run("float32", func(t *testing.T) { strategytest.Run(t, plan.Reference{}, false) })
	t.Run("float64", func(t *testing.T) { strategytest.Run(t, plan.Reference{}, true) })
}
