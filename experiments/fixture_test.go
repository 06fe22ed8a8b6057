package experiments_test

import (
	_ "embed"
	"testing"

	"workbench/experiments"
	"workbench/experiments/studyfile"
)

// smallStudy is a study of every part, on a data set and a network that need nothing.
//
//go:embed studyfile/testdata/small.yaml
var smallStudy string

func mustLoad(t *testing.T, text string, overrides ...string) experiments.Study {
	t.Helper()
	s, err := studyfile.Parse("study.yaml", []byte(text), overrides)
	if err != nil {
		t.Fatalf("overrides %q: %v", overrides, err)
	}
	return s
}
