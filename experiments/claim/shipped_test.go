package claim

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"workbench/experiments/claim/quantity"
)

func shipped(t *testing.T) []Claim {
	t.Helper()
	all, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// networks are shared by the tests, which all read the same ones.
var networks quantity.Networks

func judged(t *testing.T, c Claim) Judgement {
	t.Helper()
	j, err := Judge(t.Context(), &networks, c)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

var judgements = map[string]Judgement{}

// judgedOnce is judged for a claim as it ships, which takes its time once for all tests.
func judgedOnce(t *testing.T, c Claim) Judgement {
	t.Helper()
	if _, known := judgements[c.ID]; !known {
		judgements[c.ID] = judged(t, c)
	}
	return judgements[c.ID]
}

// Every claim that ships and needs no training holds or is a citation; how many of each is pinned, so that none goes
// over in silence.
func TestShippedClaimsHoldOrAreCited(t *testing.T) {
	var all []Judgement
	ids, training := map[string]string{}, trainingValues(t)
	for _, c := range shipped(t) {
		if other, twice := ids[c.ID]; twice {
			t.Errorf("%s is in %s and in %s", c.ID, other, c.File)
		}
		ids[c.ID] = c.File
		if len(training[c.ID]) > 0 || !c.Analytic() {
			continue
		}
		j := judgedOnce(t, c)
		all = append(all, j)
		if j.Verdict != Holds && j.Verdict != Cited {
			t.Errorf("%s %s:\n  %s", c.ID, j.Verdict, strings.Join(j.Reasons, "\n  "))
		}
		for _, s := range j.Slips {
			got, is := s.Measured.(float64)
			if s.Err != nil || !is || !(math.Abs(got-s.Value) > 0.1*got) {
				t.Errorf("%s: the slip %q is %v here (%v), which is no slip", c.ID, s.Printed, s.Measured, s.Err)
			}
		}
	}
	if got, want := fmt.Sprint(Count(all)), "map[cited:9 holds:96]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Of every claim that is judged, a published value that is beyond its tolerance is noticed. Which value it is, and by
// how much, is drawn.
func TestClaimsTurnedWrongFail(t *testing.T) {
	const turned = 20
	r := rand.New(rand.NewPCG(7, 7))
	all := shipped(t)
	r.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
	found := 0
	for _, c := range all {
		if len(c.measured()) == 0 || found == turned {
			continue
		}
		found++
		i := r.IntN(len(c.Values))
		for c.Values[i].Measured == nil {
			i = r.IntN(len(c.Values))
		}
		was := c.Values[i].Published
		c.Values[i].Published = wrong(c.Values[i], r)
		if j := judged(t, c); j.Verdict != Fails || j.Values[i].Verdict != Fails || len(j.Reasons) == 0 {
			t.Errorf("%s with %s %v in place of %v %s", c.ID, c.Values[i].Name, c.Values[i].Published, was, j.Verdict)
		}
	}
	if found != turned {
		t.Errorf("%d claims were turned, want %d", found, turned)
	}
}

// wrong is a published value that is beyond the tolerance.
func wrong(v Value, r *rand.Rand) any {
	switch p := v.Published.(type) {
	case float64:
		if v.Bound != "" {
			return map[string]float64{"above": 2, "at least": 2, "below": -2, "at most": -2}[v.Bound]
		}
		step := math.Max(v.Tolerance.Amount, 1e-6)
		if v.Tolerance.Relative {
			step *= math.Abs(p)
		}
		if p == math.Trunc(p) && !v.Tolerance.Relative {
			step = math.Max(step, 1)
		}
		return p + step*(3+5*r.Float64())
	case []any:
		list := append([]any{}, p...)
		i := r.IntN(len(list))
		list[i] = wrong(Value{Published: list[i], Tolerance: v.Tolerance}, r)
		return list
	}
	return fmt.Sprint(v.Published, " not")
}
