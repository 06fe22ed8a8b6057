//go:build !noonednn

package onednn

import (
	"testing"

	"workbench/nn/op"
	"workbench/nn/plan/algorithms"
)

// If the algorithm of a rule cannot compute a layer that is within the rule's bounds, the next rule decides.
func TestRulesDecideForLayersThatTheirAlgorithmComputes(t *testing.T) {
	if vectorBlock() == 0 {
		t.Skip("this processor has neither AVX2 nor AVX-512")
	}
	table := &algorithms.Table{}
	for _, name := range []string{algorithmWidened, algorithmOwnWinograd} {
		table.Rules = append(table.Rules, algorithms.Rule{Algorithm: name, Direction: algorithms.Forward, Grouped: true})
	}
	for _, c := range []struct {
		channels, groups int
		want             string
	}{{128, 32, algorithmWidened}, {512, 8, algorithmOwnWinograd}, {32, 32, algorithms.Direct}} {
		image := op.Shape{2, c.channels, 8, 8}
		v := &convolution{Conv: op.Conv{Window: op.Square(1, 1), Groups: c.groups}, x: image,
			w: op.Shape{c.channels, c.channels / c.groups, 3, 3}, y: image}
		if got := table.Algorithm(algorithms.Forward, v.layer(), v.has); got != c.want {
			t.Errorf("%d groups of %d channels are computed by %s, want %s", c.groups, c.channels/c.groups, got, c.want)
		}
	}
}
