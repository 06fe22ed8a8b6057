package data_test

import (
	"context"
	"strings"
	"testing"

	"workbench/experiments/data"
)

func TestOpenNamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name  string
		given map[string]any
		want  string
	}{
		{"shpaes", nil, `unknown data set "shpaes": did you mean shapes?`},
		{"photographs of cats", nil, `unknown data set "photographs of cats": want one of cifar10, `},
		{"shapes", map[string]any{"nosie": 0.1}, `shapes has no option "nosie": did you mean noise?`},
		{"shapes", map[string]any{"overlap": 2}, "shapes: option overlap: want a number from 0 to 1, got 2"},
		{"shapes", map[string]any{"train": 0}, "shapes: option train: want a whole number from 1 to 100000, got 0"},
		{"cifar10", map[string]any{"train": 60000}, "cifar10: option train: want a whole number from 0 to 50000, got 60000"},
	} {
		_, err := data.Open(context.Background(), c.name, "", c.given)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %v: got error %v, want %q", c.name, c.given, err, c.want)
		}
	}
}

// Every registered set says what it is and has defaults that its own checks accept.
func TestSourcesAreComplete(t *testing.T) {
	for _, s := range data.Sources() {
		t.Run(s.Name, func(t *testing.T) {
			if s.Doc == "" {
				t.Error("no description")
			}
			for _, o := range s.Options {
				if o.Doc == "" {
					t.Errorf("option %s has no description", o.Name)
				}
				if _, err := s.Resolve(map[string]any{o.Name: o.Default}); err != nil {
					t.Errorf("its own default: %v", err)
				}
			}
		})
	}
}
