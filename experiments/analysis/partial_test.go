package analysis

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/space"
)

// partialFixture is what testdata/partial.py has computed with numpy, scipy and statsmodels.
type partialFixture struct {
	Given []struct {
		Cell             string
		Values, Seconds  []float64
		Parameters, MACs int64
	}
	Effects, Interactions, Rows []judgedFixture
}

type judgedFixture struct {
	Of                       string
	Cells, N                 int
	Mean, Low, High, P, Holm float64
	Costs                    map[string][]float64 // added; then ratio, low and high where it can be estimated
}

// partialStudy has a momentum only beside sgd, and lacks deep networks of one kind and a depth without momentum.
func partialStudy() experiments.Study {
	factor := func(name, path string, values ...any) experiments.Factor {
		f := experiments.Factor{Name: name}
		for i := 0; i < len(values); i += 2 {
			l := experiments.Level{Label: values[i].(string), Set: []experiments.Assignment{{Path: path, Value: values[i+1]}}}
			f.Levels = append(f.Levels, l)
		}
		return f
	}
	s := ablated()
	s.Name, s.Seeds = "partial", []uint64{1, 2, 3, 4, 5}
	s.Factors = []experiments.Factor{factor("net", "batch", "a", 32, "b", 64), factor("depth", "epochs", "8", 8, "14", 14, "20", 20),
		factor("optim", "optim.name", "sgd", "sgd", "adam", "adam"), factor("momentum", "optim.momentum", "0.9", 0.9, "0", 0.0)}
	s.Factors[3].When = space.Where{"optim": {"sgd"}}
	s.Exclude = []space.Where{{"net": {"b"}, "depth": {"20"}}, {"depth": {"14"}, "momentum": {"0"}}}
	return s
}

func partialAblation(t *testing.T) (partialFixture, Ablation) {
	t.Helper()
	text, err := os.ReadFile("testdata/partial.json")
	if err != nil {
		t.Fatal(err)
	}
	var want partialFixture
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	s, values := partialStudy(), map[string][]float64{}
	for _, g := range want.Given {
		values[g.Cell] = g.Values
	}
	runs := trained(t, s, values)
	for i, r := range runs {
		for _, g := range want.Given {
			if g.Cell == r.Cell {
				runs[i].Seconds = g.Seconds[r.Seed-1]
				runs[i].Environment = map[string]string{"parameters": strconv.FormatInt(g.Parameters, 10), "macs": strconv.FormatInt(g.MACs, 10)}
			}
		}
	}
	a := mustAblate(t, s, runs)
	if len(a.Rows) != len(want.Given) || len(a.Rows) != 13 {
		t.Fatalf("%d cells, want %d", len(a.Rows), len(want.Given))
	}
	return want, a
}

func (f judgedFixture) check(t *testing.T, p Paired, costs []PerCost) {
	t.Helper()
	if p.N != f.N {
		t.Errorf("%s: %d pairs, want %d", f.Of, p.N, f.N)
	}
	for name, pair := range map[string][2]float64{"mean": {p.Mean, f.Mean}, "low": {p.Interval.Low, f.Low}, "high": {p.Interval.High, f.High},
		"p": {p.P, f.P}, "corrected": {p.Holm, f.Holm}} {
		near(t, f.Of+": "+name, pair[0], pair[1])
	}
	for _, c := range costs {
		want := f.Costs[map[string]string{PerMultiplyAdds: "macs", PerParameters: "parameters", PerMinutes: "minutes"}[c.Cost]]
		near(t, f.Of+": added "+c.Unit, c.Added, want[0])
		switch {
		case len(want) == 4:
			near(t, f.Of+" per "+c.Unit, c.Value, want[1])
			near(t, f.Of+" per "+c.Unit+", low", c.Interval.Low, want[2])
			near(t, f.Of+" per "+c.Unit+", high", c.Interval.High, want[3])
		case want[0] > 0 && c.Remark != UnsureCost, want[0] <= 0 && c.Remark != NoAddedCost, !math.IsNaN(c.Value), !math.IsNaN(c.Interval.Low):
			t.Errorf("%s per %s: got %+v, want nothing", f.Of, c.Unit, c)
		}
	}
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-9*max(1, math.Abs(want))) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// A design that lacks cells gives the same numbers as numpy does from the cells that it has.
func TestPartialFactorialsAsNumpySays(t *testing.T) {
	want, a := partialAblation(t)
	if len(a.Effects) != len(want.Effects) || len(a.Interactions) != len(want.Interactions) {
		t.Fatalf("%d effects and %d interactions, want %d and %d", len(a.Effects), len(a.Interactions), len(want.Effects), len(want.Interactions))
	}
	for i, e := range a.Effects {
		if name := e.Factor + "=" + e.Level; name != want.Effects[i].Of || e.Cells != want.Effects[i].Cells || len(e.PerCost) != 3 {
			t.Errorf("effect of %s over %d cells, want %s over %d", name, e.Cells, want.Effects[i].Of, want.Effects[i].Cells)
		}
		want.Effects[i].check(t, e.Paired, e.PerCost)
	}
	for i, e := range a.Interactions {
		name := e.Factor + "=" + e.Level + " " + e.With + "=" + e.WithLevel
		if name != want.Interactions[i].Of || e.Cells != want.Interactions[i].Cells {
			t.Errorf("interaction of %s over %d cells, want %s over %d", name, e.Cells, want.Interactions[i].Of, want.Interactions[i].Cells)
		}
		want.Interactions[i].check(t, e.Paired, nil)
	}
	unsure := 0
	for i, r := range a.Rows[1:] {
		if r.Cell != want.Rows[i].Of || len(r.PerCost) != 3 {
			t.Errorf("cell %s, want %s", r.Cell, want.Rows[i].Of)
		}
		want.Rows[i].check(t, *r.Diff, r.PerCost)
		if r.PerCost[2].Remark == UnsureCost {
			unsure++
		}
	}
	if unsure == 0 {
		t.Error("no cell whose time is not told from the baseline's: the fixture does not show that")
	}
}

// What an average leaves out is said.
func TestPartialFactorialsSayWhatIsLeftOut(t *testing.T) {
	_, a := partialAblation(t)
	warns(t, a.Warnings, "net=a depth=20 optim=sgd momentum=0.9, net=a depth=20 optim=sgd momentum=0, net=a depth=20 optim=adam: "+
		"the effect of net=b is not averaged over cells whose counterpart the design lacks")
	warns(t, a.Warnings, "net=a depth=14 optim=sgd momentum=0.9, net=b depth=14 optim=sgd momentum=0.9: the effect of momentum=0 is not "+
		"averaged over cells whose counterpart")
	s := partialStudy()
	s.Exclude = append(s.Exclude, space.Where{"net": {"b"}, "depth": {"8"}}, space.Where{"net": {"a"}, "depth": {"14"}})
	a = mustAblate(t, s, trained(t, s, map[string][]float64{}))
	warns(t, a.Warnings, "net=b: has no effect that can be estimated: no two cells of the design differ from net=a in it alone")
	for _, i := range a.Interactions {
		if i.Factor == "net" {
			t.Errorf("an interaction of cells that there are none of: %+v", i)
		}
	}
}

// Cells are compared by one factor across what applies on one side only.
func TestPartialFactorialsBesideAnotherFactor(t *testing.T) {
	s := partialStudy()
	a, err := AblateAgainst(s, trained(t, s, map[string][]float64{}), Against{By: "optim", Cell: map[string]string{"optim": "adam"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range a.Rows {
		want := strings.Split(r.Cell, " optim=")[0] + " optim=adam"
		if r.Cell == want {
			want = r.Cell
		}
		if r.Against != want || r.Baseline != (r.Cell == want) {
			t.Errorf("%s is compared with %q, want %s", r.Cell, r.Against, want)
		}
	}
	if _, err := AblateAgainst(s, nil, Against{Cell: map[string]string{"momentum": "0", "optim": "adam"}}); err == nil {
		t.Error("a momentum of adam is a baseline")
	}
}
