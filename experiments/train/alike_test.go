package train

import (
	"strings"
	"testing"

	"workbench/experiments/data"
)

// A loss that compares views wants them to differ: without any augmentation that is said before training.
func TestViewsThatAreAlikeAreRefused(t *testing.T) {
	for _, c := range []struct {
		strategy string
		augment  map[string]any
		refused  bool
	}{
		{"byol", nil, true}, {"byol", map[string]any{"flip": false, "pad": 0}, true}, {"byol", map[string]any{"flip": true}, false},
		{"supervised", nil, false}, {"rotation", nil, false},
	} {
		job := strategyJob(t, c.strategy)
		job.Run.Config.Augment = c.augment
		set, err := data.Open(t.Context(), "shapes", "", job.Run.Config.Dataset.Options)
		if err != nil {
			t.Fatal(err)
		}
		err = Check(job.Run.Config, set, 1)
		if refused := err != nil && strings.Contains(err.Error(), "nothing makes them differ"); refused != c.refused {
			t.Errorf("%s with %v: %v, want refused %v", c.strategy, c.augment, err, c.refused)
		}
	}
}
