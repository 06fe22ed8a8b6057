package studyfile

import (
	"context"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
)

// oneRun is a study of one run.
const oneRun = `name: one
seeds: [3]
base:
  dataset: {name: shapes, noise: 1}
  model: {name: resnet_mini}
  optim: {lr: 0.5}
  epochs: 4
`

func noData(experiments.Choice) (string, error) { return "digest", nil }

// openInfo describes a data set that needs no files.
func openInfo(d experiments.Choice) (data.Info, error) {
	set, err := data.Open(context.Background(), d.Name, "", d.Options)
	if err != nil {
		return data.Info{}, err
	}
	return set.Info(), nil
}

func runIDs(t *testing.T, text string, overrides ...string) []string {
	t.Helper()
	runs, err := mustLoad(t, text, overrides...).Runs(noData)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range runs {
		ids = append(ids, r.ID)
	}
	return ids
}
