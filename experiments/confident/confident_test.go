package confident_test

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"workbench/experiments/confident"
)

//go:embed testdata/cleanlab.json
var recorded []byte

// What is found is what cleanlab finds, by each of its filters.
func TestFindIsCleanlabs(t *testing.T) {
	var all struct {
		Cases []struct {
			Classes       int
			Labels        []int32
			Probabilities []float32
			Found         map[string][]int
			Ranked        []int // of the first filter
		}
	}
	if err := json.Unmarshal(recorded, &all); err != nil {
		t.Fatal(err)
	}
	for n, c := range all.Cases {
		first, err := confident.Find(c.Probabilities, c.Labels, c.Classes, confident.ByNoiseRate)
		if got := confident.Ranked(c.Probabilities, c.Labels, c.Classes, first); err != nil || !slices.Equal(got, c.Ranked) {
			t.Errorf("case %d: ranked %v, want %v (%v)", n, got, c.Ranked, err)
		}
		if len(c.Found) != len(confident.Filters) {
			t.Errorf("case %d has %d filters, want %d", n, len(c.Found), len(confident.Filters))
		}
		for filter, want := range c.Found {
			found, err := confident.Find(c.Probabilities, c.Labels, c.Classes, filter)
			if err != nil {
				t.Fatal(err)
			}
			var got []int
			for i, is := range found {
				if is {
					got = append(got, i)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("case %d, %s: %v, want %v", n, filter, got, want)
			}
		}
	}
}

func TestFindRefusesWhatDoesNotFit(t *testing.T) {
	for want, find := range map[string]func() error{
		`unknown filter "argmax", want one of [prune_by_noise_rate`: func() error {
			_, err := confident.Find(make([]float32, 4), make([]int32, 2), 2, "argmax")
			return err
		},
		"3 probabilities of 2 images and 2 classes, want 4": func() error {
			_, err := confident.Find(make([]float32, 3), make([]int32, 2), 2, confident.Both)
			return err
		},
		"image 1 has label 2, want 0 to 1": func() error {
			_, err := confident.Find(make([]float32, 4), []int32{0, 2}, 2, confident.Both)
			return err
		},
	} {
		if err := find(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
