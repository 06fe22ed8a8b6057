package evaluate

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestCollapseAgreesWithPeers(t *testing.T) {
	f := recorded(t)
	for name, rows := range map[string][]float32{"test": f.Test, "bank": f.Bank, "narrow": f.Narrow} {
		in := input{rows: rows, labels: make([]int32, len(rows)/f.Width), width: f.Width}
		r, err := in.run(t, Use{Name: "collapse"}, 0)
		if err != nil {
			t.Fatal(err)
		}
		want := f.Collapse[name]
		near(t, name+": spread", r.value(t, "feature_spread"), want.Spread, 1e-6)
		near(t, name+": effective rank", r.value(t, "effective_rank"), want.Rank, 1e-6)
	}
}

// By hand: (3, 0) and (0, −5) have the singular values 3 and 5. Normalised, the columns are (1, 0) and (0, −1), each
// with standard deviation √½.
func TestCollapseByHand(t *testing.T) {
	in := input{rows: []float32{3, 0, 0, -5}, labels: []int32{0, 0}, width: 2}
	r, err := in.run(t, Use{Name: "collapse"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "spread", r.value(t, "feature_spread"), math.Sqrt(0.5), 1e-14)
	near(t, "effective rank", r.value(t, "effective_rank"), math.Exp(-(3./8*math.Log(3./8) + 5./8*math.Log(5./8))), 1e-14)
	near(t, "collapsed", r.value(t, "collapsed"), 0, 0)
}

// By hand: (1, 1) and (1, 1 + ε), normalised, differ by ε/√8 in each column, but for ε². Of two values so far apart the
// standard deviation is ε/4.
func TestSpreadOfNearlyEqualRows(t *testing.T) {
	const e = 1. / (1 << 22)
	in := input{rows: []float32{1, 1, 1, 1 + e}, labels: []int32{0, 0}, width: 2}
	r, err := in.run(t, Use{Name: "collapse"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "spread", r.value(t, "feature_spread"), e/4, 1e-6)
}

// A width of several tiles, with one that is not whole: orthogonal rows of one size have full rank.
func TestEffectiveRankOfSeveralTiles(t *testing.T) {
	const d = 2*tile + 5
	in := input{rows: make([]float32, 2*d*d), labels: make([]int32, 2*d), width: d}
	for i := range d {
		in.rows[i*d+i], in.rows[(d+i)*d+i] = 2, -2
	}
	r, err := in.run(t, Use{Name: "collapse"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "effective rank", r.value(t, "effective_rank"), d, 1e-12)
	if len(r.Notes) > 0 {
		t.Errorf("notes %q", r.Notes)
	}
}

func TestCollapseIsNamed(t *testing.T) {
	const n, d = 200, 64
	r := rand.New(rand.NewPCG(5, 6))
	for name, c := range map[string]struct {
		fill func(i, j int) float64
		want []string
	}{
		"independent":    {func(_, _ int) float64 { return r.NormFloat64() }, nil},
		"positive parts": {func(_, _ int) float64 { return max(0, r.NormFloat64()) }, nil},
		"one point and noise": {func(_, j int) float64 { return 1 + 1e-3*r.NormFloat64() },
			[]string{"features spread by 0.000", "the effective rank of features is 1."}},
		"one direction": {func(i, j int) float64 { return float64(i-n/2) * float64(1+j%3) },
			[]string{"the effective rank of features is 1, less than 0.05 of 64 = 3.2"}},
		"a constant": {func(_, _ int) float64 { return 0.3 },
			[]string{"features spread by 0, less than 0.1/√64 = 0.0125", "the effective rank of features is 1,"}},
		"zeros": {func(_, _ int) float64 { return 0 },
			[]string{"features spread by 0,", "the effective rank of features is 0,"}},
	} {
		in := input{rows: make([]float32, n*d), labels: make([]int32, n), width: d}
		for i := range in.rows {
			in.rows[i] = float32(c.fill(i/d, i%d))
		}
		got, err := in.run(t, Use{Name: "collapse"}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Notes) != len(c.want) || (got.value(t, "collapsed") == 1) != (len(c.want) > 0) {
			t.Errorf("%s: got %v, %q, want notes with %q", name, got.Values, got.Notes, c.want)
			continue
		}
		for i, want := range c.want {
			if !strings.HasPrefix(got.Notes[i], "collapsed: "+want) {
				t.Errorf("%s: got note %q, want %q", name, got.Notes[i], want)
			}
		}
	}
}

// Few rows cannot have the rank of many features, which is no collapse.
func TestFewRowsAreNoCollapse(t *testing.T) {
	in := input{rows: make([]float32, 3*100), labels: make([]int32, 3), width: 100}
	for i := range 3 {
		in.rows[i*100+i] = 1
	}
	r, err := in.run(t, Use{Name: "collapse"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "effective rank", r.value(t, "effective_rank"), 3, 1e-12)
	if slices.ContainsFunc(r.Notes, func(note string) bool { return strings.Contains(note, "rank") }) {
		t.Errorf("notes %q", r.Notes)
	}
}

func TestCollapseWantsTwoRows(t *testing.T) {
	in := input{rows: []float32{3, 0}, labels: []int32{0}, width: 2}
	_, err := in.run(t, Use{Name: "collapse"}, 0)
	if want := "evaluator collapse: want at least 2 rows, whose features can differ, got 1"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
