package studyfile

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
)

// A run that continues a shorter one needs that one, under the identity that it has by itself, and a chain of them the
// whole chain.
func TestContinuedRunsNeedTheirParents(t *testing.T) {
	of := func(overrides ...string) []experiments.Run {
		s, err := Parse("p.yaml", []byte(printedStudy), append([]string{"depth=14", "seeds=1"}, overrides...))
		if err != nil {
			t.Fatal(err)
		}
		runs, err := s.Runs(func(experiments.Choice) (string, error) { return "d", nil })
		if err != nil {
			t.Fatal(err)
		}
		return runs
	}
	first, second, chain := of("epochs=2"), of("epochs=4", "start.continue=2"), of("epochs=8", "start.continue=[2,4]")
	if len(second) != 2 || second[0].ID != first[0].ID || !second[0].Shared || !slices.Equal(second[1].Needs, []string{first[0].ID}) {
		t.Errorf("got %+v, want the run of 2 epochs and one that needs it", second)
	}
	if len(chain) != 3 || chain[0].ID != first[0].ID || chain[1].ID != second[1].ID || !slices.Equal(chain[1].Needs, second[1].Needs) ||
		!slices.Equal(chain[2].Needs, []string{second[1].ID}) {
		t.Errorf("got %+v, want a chain of three", chain)
	}
	if scratch := of("epochs=4"); scratch[0].ID == second[1].ID {
		t.Error("a run that continues has the identity of one from scratch")
	}
}

func TestMistakesInContinuing(t *testing.T) {
	const rising = "column 16: start.continue: want whole numbers of epochs that rise and are below epochs = 3, got "
	for override, want := range map[string]string{
		"start.continue=3":       rising + "3 after 0",
		"start.continue=[2,1]":   rising + "1 after 2",
		"start.other_rates=true": "column 19: start.other_rates: has no effect without continue",
	} {
		_, err := Parse("p.yaml", []byte(printedStudy), []string{override})
		if want = fmt.Sprintf("override %q, %s", override, want); !strings.HasPrefix(said(err), want) {
			t.Errorf("got %s\nwant %s", said(err), want)
		}
	}
}
