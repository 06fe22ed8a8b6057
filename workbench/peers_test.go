package main

import (
	"testing"

	"workbench/experiments/strategy/strategytest"
)

// The program's own backend computes what PyTorch does, too.
func TestStrategiesComputeWhatPyTorchDoes(t *testing.T) {
	strategytest.Run(t, backend(1), false)
}
