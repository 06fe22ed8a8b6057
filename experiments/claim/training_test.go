package claim

import (
	"encoding/csv"
	"os"
	"slices"
	"strconv"
	"testing"

	"workbench/experiments/studyfile"
)

// trainingValues are the published values of claims that need a training, by claim, from testdata/training.csv, which
// training.py makes.
func trainingValues(t *testing.T) map[string][]string {
	t.Helper()
	f, err := os.Open("testdata/training.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, l := range lines[1:] {
		all[l[0]] = append(all[l[0]], l[1])
	}
	return all
}

// Every training claim that ships compares cells that a shipped study has, with as many seeds as its rule plans.
func TestTrainingClaimsFitTheirStudies(t *testing.T) {
	found := 0
	for _, c := range shipped(t) {
		if c.Analytic() {
			continue
		}
		found++
		s, err := studyfile.Load(c.Compare.Study, nil)
		if err != nil {
			t.Errorf("%s: %v", c.ID, err)
			continue
		}
		if err := c.Compare.Fits(s); err != nil {
			t.Errorf("%s: %v", c.ID, err)
		}
		if len(s.Seeds) < c.Compare.Planned {
			t.Errorf("%s: plans %d seeds, study %s has %d", c.ID, c.Compare.Planned, s.Name, len(s.Seeds))
		}
		if c.Compare.Protocol == "" || len(c.Compare.Deviations) == 0 {
			t.Errorf("%s: want its protocol and where that leaves the source's", c.ID)
		}
	}
	if found == 0 {
		t.Error("no training claim ships")
	}
}

// Every published value of a training claim is one that its source has, and a claim without known values gives none.
func TestTrainingClaimsGivePublishedValues(t *testing.T) {
	known := trainingValues(t)
	for _, c := range shipped(t) {
		want, is := known[c.ID]
		if !is && c.Analytic() {
			continue
		}
		for _, v := range c.Values {
			for _, leaf := range leaves(v.Published) {
				if !slices.ContainsFunc(want, func(w string) bool { return same(leaf, w) }) {
					t.Errorf("%s: %s: %v is none of the published values %q", c.ID, v.Name, leaf, want)
				}
			}
		}
	}
}

func leaves(v any) []any {
	list, is := v.([]any)
	if !is {
		return []any{v}
	}
	var all []any
	for _, item := range list {
		all = append(all, leaves(item)...)
	}
	return all
}

func same(got any, want string) bool {
	if number, is := got.(float64); is {
		w, err := strconv.ParseFloat(want, 64)
		return err == nil && number == w
	}
	return got == want
}
