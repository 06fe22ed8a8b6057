package stats

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// sequentials holds what numpy and scipy, and published tables, say; see testdata/sequential.py.
type sequentials struct {
	Published, Bounds []struct {
		Alpha               float64
		Fractions, Z, Spent []float64
	}
	Errors []struct {
		Looks    []int
		P, Stops []float64
		Draws    float64
	}
}

func loadSequentials(t *testing.T) sequentials {
	t.Helper()
	text, err := os.ReadFile("testdata/sequential.json")
	if err != nil {
		t.Fatal(err)
	}
	var s sequentials
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Published) == 0 || len(s.Bounds) == 0 || len(s.Errors) == 0 {
		t.Fatal("testdata/sequential.json lacks a part")
	}
	return s
}

// within fails unless got equals want up to an absolute tolerance.
func within(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %.9g, want %.9g to %g", what, got, want, tolerance)
	}
}

func TestSpendingBoundsAgreeWithFixtures(t *testing.T) {
	f := loadSequentials(t)
	for _, c := range f.Published {
		got, err := SpendingBounds(c.Fractions, c.Alpha)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			within(t, "published z", got[i].Z, c.Z[i], 1.5e-4) // 1e-4, and the rounding to four digits
		}
	}
	for _, c := range f.Bounds {
		got, err := SpendingBounds(c.Fractions, c.Alpha)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			within(t, "z", got[i].Z, c.Z[i], 1e-6)
			near(t, "spent", got[i].Spent, c.Spent[i], 1e-9)
			near(t, "p", got[i].P, math.Erfc(got[i].Z/math.Sqrt2), 1e-12)
		}
	}
}

// A bound does not depend on what comes after it, and no look may spend what is not there.
func TestBoundsDependOnThePastAlone(t *testing.T) {
	fractions := []float64{0.005, 0.01, 0.3, 0.305, 0.9, 1}
	whole, err := SpendingBounds(fractions, 0.05)
	if err != nil {
		t.Fatal(err)
	}
	if whole[0].Z < 20 || whole[0].Spent > 1e-100 {
		t.Errorf("with half a percent of the information the bound is %+v, want one that nothing reaches", whole[0])
	}
	for i := range fractions {
		part, err := SpendingBounds(fractions[:i+1], 0.05)
		if err != nil {
			t.Fatal(err)
		}
		within(t, "z of the last look", part[i].Z, whole[i].Z, 1e-6)
	}
	isNaN(t, "spent", Spent(0, 0.5), Spent(0.05, 0), Spent(0.05, math.NaN()), Spent(math.NaN(), 0.5))
	within(t, "spent after the end", Spent(0.05, 1.5), 0.05, 1e-12)
}

func TestErrorsOfSequentialTests(t *testing.T) {
	for _, c := range loadSequentials(t).Errors {
		got := rejections(c.Looks, func(look int, r ratio) float64 {
			return ratioOf(tCritical(c.P[look], float64(r.n-1)), r.n)
		})
		for i, want := range c.Stops {
			within(t, "error of a look", got[i], want, 5*math.Sqrt(want*(1-want)/c.Draws))
		}
	}
	// Without a bound nobody stops, so the integrals must keep the mass 1.
	kept := rejections([]int{3, 30}, func(_ int, r ratio) float64 {
		within(t, "mass", r.beyond(0), 1, 1e-6)
		return r.edge
	})
	if kept[0] != 0 || kept[1] != 0 {
		t.Errorf("nobody reaches the edge, got %v", kept)
	}
}

// A sequential test makes as many errors as one look does. The test of the nominal p of SpendingBounds makes more,
// which these draws show as well, so that the exact integrals are no luxury. The standard error of 60,000 draws is
// 0.0009.
func TestErrorRateOfSequential(t *testing.T) {
	const draws, alpha = 60_000, 0.05
	for _, looks := range [][]int{{3, 4, 5, 6, 7, 8}, {3, 5, 10}, {5, 7, 9}} {
		planned := looks[len(looks)-1]
		s, err := NewSequential(alpha, planned, looks)
		if err != nil {
			t.Fatal(err)
		}
		var fractions []float64
		for _, n := range looks {
			fractions = append(fractions, float64(n)/float64(planned))
		}
		nominal, err := SpendingBounds(fractions, alpha)
		if err != nil {
			t.Fatal(err)
		}
		own, theirs := make([]float64, len(looks)), make([]float64, len(looks)) // bounds on t
		for i, n := range looks {
			own[i], theirs[i] = tCritical(s.Looks[i].P, float64(n-1)), tCritical(nominal[i].P, float64(n-1))
		}
		exact, rough, ahead := 0, 0, 0
		r := rand.New(rand.NewPCG(uint64(planned), 12))
		for range draws {
			xs := normals(r, planned, 0, 2)
			rejected, roughly := false, false
			for i, n := range looks {
				t := math.Abs(Mean(xs[:n])) / SD(xs[:n]) * math.Sqrt(float64(n))
				rejected, roughly = rejected || t > own[i], roughly || t > theirs[i]
				if i == 0 && rejected {
					ahead++
				}
			}
			if rejected {
				exact++
			}
			if roughly {
				rough++
			}
		}
		within(t, "error rate", float64(exact)/draws, alpha, 0.0036)
		within(t, "error rate of the first look", float64(ahead)/draws, s.Looks[0].Spent, 4*math.Sqrt(s.Looks[0].Spent/draws)+1e-5)
		if len(looks) == 6 && float64(rough)/draws < 0.054 {
			t.Errorf("the nominal p of normal bounds err with %v only: the exact ones are not needed", float64(rough)/draws)
		}
	}
}

func TestSequentialDecides(t *testing.T) {
	s, err := NewSequential(0.05, 10, []int{3, 5, 10})
	if err != nil {
		t.Fatal(err)
	}
	base := make([]float64, 10)
	up := []float64{1.0, 1.1, 0.9, 1.05, 0.95, 1, 1.02, 0.98, 1, 1}
	f, rejects, err := s.Judge(up[:3], base[:3])
	if err != nil || rejects || f.P > 0.05 || !(f.Interval.Low < 0 && f.Interval.High > 0) {
		t.Errorf("at the first look p = %v, interval %v, rejects %v (%v): want a p that one look would do with, and no decision",
			f.P, f.Interval, rejects, err)
	}
	f, rejects, err = s.Judge(up[:5], base[:5])
	if err != nil || !rejects || !(f.Interval.Low > 0) {
		t.Errorf("at the second look p = %v, interval %v, rejects %v (%v), want a decision", f.P, f.Interval, rejects, err)
	}
	for n, want := range map[int]int{0: 3, 3: 5, 4: 5, 9: 10, 10: 0} {
		if next, more := s.Next(n); next.N != want || more != (want > 0) {
			t.Errorf("after %d pairs the next look is at %d, want %d", n, next.N, want)
		}
	}
	if _, there := s.At(4); there {
		t.Error("there is no look at 4")
	}
	if f, rejects, err := s.Judge([]float64{2, 3, 4}, []float64{1, 2, 3}); err != nil || rejects || !math.IsNaN(f.Interval.Low) {
		t.Errorf("without spread: %+v, rejects %v, %v", f, rejects, err)
	}
	want := "no look at 4 pairs is planned, want one of [3 5 10]"
	if _, _, err := s.Judge(up[:4], base[:4]); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("a look that is not planned: %v", err)
	}
	if _, _, err := s.Judge([]float64{1, math.NaN(), 1}, base[:3]); err == nil || !strings.Contains(err.Error(), "NaN") {
		t.Errorf("no number: %v", err)
	}
	// One look at everything is the usual test, and one that stops before the end has level left.
	one, err := NewSequential(0.05, 6, []int{6})
	if err != nil {
		t.Fatal(err)
	}
	within(t, "p of one look", one.Looks[0].P, 0.05, 1e-12)
	two, err := NewSequential(0.05, 10, []int{3, 5})
	if err != nil {
		t.Fatal(err)
	}
	if two.Looks[1] != s.Looks[1] || two.Looks[1].Spent > 0.01 {
		t.Errorf("a look depends on what follows it: %+v, %+v", two.Looks[1], s.Looks[1])
	}
}

func TestSequentialRefuses(t *testing.T) {
	for want, c := range map[string]struct {
		alpha   float64
		planned int
		looks   []int
	}{
		"alpha 5, want": {5, 10, []int{5}}, "alpha NaN": {math.NaN(), 10, []int{5}},
		"2 pairs planned, want 3 to 200": {0.05, 2, []int{2}}, "201 pairs planned": {0.05, 201, []int{5}},
		"0 looks, want 1 to 20":                {0.05, 10, nil},
		"look 1 is at 2 pairs, want 3 to 10":   {0.05, 10, []int{2}},
		"look 2 is at 5 pairs, want 6 to 10":   {0.05, 10, []int{5, 5}},
		"look 2 is at 12 pairs, want 6 to 10":  {0.05, 10, []int{5, 12}},
		"look 1 is at -1 pairs, want 3 to 100": {0.05, 100, []int{-1}},
	} {
		if _, err := NewSequential(c.alpha, c.planned, c.looks); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want one that says %q", c, err, want)
		}
	}
	for want, c := range map[string]struct {
		fractions []float64
		alpha     float64
	}{
		"alpha 0": {[]float64{1}, 0}, "0 looks": {nil, 0.05}, "21 looks": {make([]float64, 21), 0.05},
		"fraction 2 of the information is 0.5, want 0.505 to 1": {[]float64{0.5, 0.5}, 0.05},
		"fraction 1 of the information is NaN":                  {[]float64{math.NaN()}, 0.05},
		"fraction 1 of the information is 2":                    {[]float64{2}, 0.05},
	} {
		if _, err := SpendingBounds(c.fractions, c.alpha); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want one that says %q", c, err, want)
		}
	}
}
