package store

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
)

func sameFloat(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }

func TestValuesComeBack(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	values := []float64{0, math.Copysign(0, -1), 1, -0.1, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64}
	var ps []experiments.Point
	for i, v := range values {
		ps = append(ps, experiments.Point{Metric: "Genauigkeit β %", Step: int64(i), Epoch: 0.5, Value: v, Time: time.Unix(5, 6000).UTC()})
	}
	shuffled := slices.Clone(ps)
	slices.Reverse(shuffled) // steps may come in any order
	record(t, db, a, experiments.Record{Points: shuffled})
	record(t, db, a, experiments.Record{Points: shuffled}) // and twice
	s := must[[]experiments.Series](t)(db.Series(ctx, []string{"r0"}, nil, 0))
	if len(s) != 1 || s[0].Total != len(ps) || len(s[0].Points) != len(ps) {
		t.Fatalf("series %+v", s)
	}
	for i, got := range s[0].Points {
		if !sameFloat(got.Value, ps[i].Value) && !(math.IsNaN(got.Value) && math.IsNaN(ps[i].Value)) {
			t.Errorf("step %d: value %v, want %v", i, got.Value, ps[i].Value)
		}
		got.Value, ps[i].Value = 0, 0
		if got != ps[i] {
			t.Errorf("point %+v, want %+v", got, ps[i])
		}
	}
	r := info(t, db, "r0")
	if m := ps[0].Metric; r.Last[m] != math.SmallestNonzeroFloat64 || r.Max[m] != math.MaxFloat64 || r.Min[m] != -0.1 {
		t.Errorf("last %v, max %v, min %v", r.Last, r.Max, r.Min)
	}
}

func TestLastMayBeNotANumber(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	record(t, db, a, experiments.Record{Points: []experiments.Point{{Metric: "loss", Step: 1, Value: math.NaN()}}})
	r := info(t, db, "r0")
	if _, ok := r.Max["loss"]; ok || !math.IsNaN(r.Last["loss"]) {
		t.Errorf("last %v, max %v: want NaN and no maximum", r.Last, r.Max)
	}
}

func TestBadPointsAreRefused(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	good := experiments.Point{Metric: "loss", Step: 1, Value: 2}
	record(t, db, a, experiments.Record{Points: []experiments.Point{good}})
	for _, c := range []struct {
		name   string
		change func(*experiments.Point)
		want   error
	}{
		{"other value at the same step", func(p *experiments.Point) { p.Value = 3 }, errOtherValue},
		{"NaN at the same step", func(p *experiments.Point) { p.Value = math.NaN() }, errOtherValue},
		{"negative step", func(p *experiments.Point) { p.Step = -1 }, nil},
		{"step beyond a double", func(p *experiments.Point) { p.Step = 1 << 53 }, nil},
		{"no name", func(p *experiments.Point) { p.Metric = "" }, nil},
		{"long name", func(p *experiments.Point) { p.Metric = strings.Repeat("x", 251) }, nil},
		{"control character", func(p *experiments.Point) { p.Metric = "a\x00b" }, nil},
		{"invalid UTF-8", func(p *experiments.Point) { p.Metric = "a\xff" }, nil},
		{"epoch NaN", func(p *experiments.Point) { p.Epoch = math.NaN() }, nil},
	} {
		bad := good
		c.change(&bad)
		new := experiments.Point{Metric: "new", Step: 1, Value: 2}
		err := db.Record(ctx, a, experiments.Record{Points: []experiments.Point{new, bad}})
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", c.name, err, c.want)
		}
	}
	if names := must[[]string](t)(db.Metrics(ctx, []string{"r0"})); !reflect.DeepEqual(names, []string{"loss"}) {
		t.Errorf("metrics %q: a refused record left something", names)
	}
}

func TestResumeSupersedesPoints(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	record(t, db, a, experiments.Record{Points: points("loss", 0, 5)})
	save(t, db, a, 5)
	record(t, db, a, experiments.Record{Points: points("loss", 6, 9)}) // lost work
	record(t, db, a, experiments.Record{Points: points("late", 7, 7)})
	check(t, db.End(ctx, a, experiments.Interrupted, "stopped"))
	if r := info(t, db, "r0"); r.Last["loss"] != 9 || r.Last["late"] != 7 {
		t.Fatalf("before: last %v", r.Last)
	}
	b := begin(t, db, "r0")
	if !b.Resume || b.Number != 2 || b.Fence <= a.Fence {
		t.Fatalf("second attempt %+v", b)
	}
	if c := must[experiments.Checkpoint](t)(db.Restore(ctx, "r0")); c.Step != 5 {
		t.Fatalf("restored step %d", c.Step)
	}
	r := info(t, db, "r0")
	if _, late := r.Last["late"]; late || r.Last["loss"] != 5 || r.Max["loss"] != 5 {
		t.Errorf("after Begin: last %v, max %v", r.Last, r.Max)
	}
	again := points("loss", 6, 7)
	again[1].Value = -1
	record(t, db, b, experiments.Record{Points: again})
	s := must[[]experiments.Series](t)(db.Series(ctx, []string{"r0"}, []string{"loss", "late"}, 0))
	if len(s) != 1 || !reflect.DeepEqual(steps(s[0]), []int64{0, 1, 2, 3, 4, 5, 6, 7}) || s[0].Points[7].Value != -1 {
		t.Errorf("series %+v", s)
	}
	if r := info(t, db, "r0"); r.Last["loss"] != -1 || r.Min["loss"] != -1 || r.Max["loss"] != 6 {
		t.Errorf("after resuming: last %v, min %v, max %v", r.Last, r.Min, r.Max)
	}
	if n := value[int](t, db, "SELECT count(*) FROM metrics"); n != 13 {
		t.Errorf("%d points stored, want 13: superseded points are kept", n)
	}
}

func TestAttemptFromTheStartSupersedesAll(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	record(t, db, a, experiments.Record{Points: points("loss", 0, 3)})
	check(t, db.End(ctx, a, experiments.Failed, "crash"))
	b := begin(t, db, "r0")
	if b.Resume {
		t.Error("resumes without a checkpoint")
	}
	record(t, db, b, experiments.Record{Points: points("loss", 0, 1)})
	s := must[[]experiments.Series](t)(db.Series(ctx, []string{"r0"}, nil, 0))
	if len(s) != 1 || !reflect.DeepEqual(steps(s[0]), []int64{0, 1}) {
		t.Errorf("series %+v", s)
	}
}

func TestSeriesOrderAndThinning(t *testing.T) {
	db, _ := fresh(t, 3)
	for _, id := range []string{"r0", "r1"} {
		a := begin(t, db, id)
		ps := points("loss", 0, 999)
		for i := range ps {
			ps[i].Value = math.Sin(float64(i) / 50)
		}
		ps[333].Value, ps[334].Value, ps[700].Value = 50, -50, math.NaN()
		record(t, db, a, experiments.Record{Points: append(ps, points("acc", 1, 2)...)})
	}
	s := must[[]experiments.Series](t)(db.Series(ctx, []string{"r1", "r2", "r0"}, []string{"loss", "acc", "loss"}, 50))
	var order []string
	for _, x := range s {
		order = append(order, x.Run+" "+x.Metric)
	}
	if want := []string{"r1 loss", "r1 acc", "r0 loss", "r0 acc"}; !reflect.DeepEqual(order, want) {
		t.Fatalf("order %q, want %q", order, want)
	}
	thin := s[0]
	if thin.Total != 1000 || len(thin.Points) > 50 || len(thin.Points) < 20 || s[1].Total != 2 || len(s[1].Points) != 2 {
		t.Errorf("%d of %d points", len(thin.Points), thin.Total)
	}
	got := steps(thin)
	for _, step := range []int64{0, 333, 334, 700, 999} {
		if !slices.Contains(got, step) {
			t.Errorf("thinned steps %v lack %d", got, step)
		}
	}
	if !slices.IsSorted(got) {
		t.Errorf("thinned steps %v are not in order", got)
	}
}

func TestThinKeepsTheMostImportant(t *testing.T) {
	ps := points("x", 0, 9)
	ps[4].Value, ps[5].Value, ps[6].Value = 100, -100, math.Inf(1)
	for max, want := range map[int][]int64{
		1: {9}, 2: {0, 9}, 3: {0, 4, 9}, 4: {0, 4, 5, 9}, 5: {0, 4, 5, 6, 9},
		10: {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 0: {0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
	} {
		if got := steps(experiments.Series{Points: thin(ps, max)}); !reflect.DeepEqual(got, want) {
			t.Errorf("max %d: steps %v, want %v", max, got, want)
		}
	}
}

// Of what is not finite the first of a stretch is kept, which is where a run broke, however much follows.
func TestThinKeepsWhereARunBroke(t *testing.T) {
	ps := points("x", 0, 99)
	for i := range ps {
		if i >= 30 && i != 60 {
			ps[i].Value = []float64{math.NaN(), math.Inf(1), math.Inf(-1)}[i%3]
		}
	}
	for max, want := range map[int][]int64{5: {0, 30, 60, 99}, 10: {0, 29, 30, 49, 50, 60, 99}} {
		if got := steps(experiments.Series{Points: thin(ps, max)}); !reflect.DeepEqual(got, want) {
			t.Errorf("max %d: steps %v, want %v", max, got, want)
		}
	}
}

// Two attempts may measure the same step, that of the checkpoint: the later one's value is the newest, as it comes last
// in the series, and both count among the greatest and least. Points that come in any order change nothing of that.
func TestTheLaterAttemptHasTheLastWord(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	record(t, db, a, experiments.Record{Points: points("loss", 3, 5)})
	save(t, db, a, 5)
	check(t, db.End(ctx, a, experiments.Interrupted, ""))
	b := begin(t, db, "r0")
	told := func(when string) {
		t.Helper()
		r := info(t, db, "r0")
		s := must[[]experiments.Series](t)(db.Series(ctx, []string{"r0"}, nil, 0))
		last := s[0].Points[len(s[0].Points)-1]
		if r.Last["loss"] != -5 || r.Min["loss"] != -5 || r.Max["loss"] != 5 || last.Value != -5 || last.Step != 5 {
			t.Errorf("%s: last %v, min %v, max %v; the series ends in %+v", when, r.Last, r.Min, r.Max, last)
		}
	}
	record(t, db, b, experiments.Record{Points: []experiments.Point{{Metric: "loss", Step: 5, Value: -5},
		{Metric: "loss", Step: 4, Value: 4.5}}})
	told("as it was recorded")
	save(t, db, b, 5)
	record(t, db, b, experiments.Record{Points: points("loss", 6, 7)}) // superseded, so that all is summarised anew
	check(t, db.End(ctx, b, experiments.Interrupted, ""))
	begin(t, db, "r0")
	told("summarised anew")
}

func TestManyPoints(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	record(t, db, a, experiments.Record{Points: points("step/loss", 1, 100_000)})
	s := must[[]experiments.Series](t)(db.Series(ctx, []string{"r0"}, nil, 1000))
	if s[0].Total != 100_000 || len(s[0].Points) > 1000 {
		t.Errorf("%d of %d points", len(s[0].Points), s[0].Total)
	}
	if got := db.Stats(); got.Points != 100_000 || got.Pending != 0 {
		t.Errorf("stats %+v", got)
	}
}

func TestLogKeepsTheNewestLines(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	tamper(t, db, "INSERT INTO run_log (run, seq, attempt, time, line) "+
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT 1, i, 1, 0, 'old' FROM n")
	record(t, db, a, experiments.Record{Log: strings.Repeat("é", lineSize)})
	record(t, db, a, experiments.Record{Log: "bad \xff"})
	log := must[[]string](t)(db.Log(ctx, "r0", 2))
	if len(log) != 2 || len(log[0]) > lineSize || !strings.HasSuffix(log[0], "é…") || log[1] != "bad \uFFFD" {
		t.Errorf("newest lines %d bytes, %q", len(log[0]), log[1])
	}
	if n := len(must[[]string](t)(db.Log(ctx, "r0", 0))); n != logLines {
		t.Errorf("%d lines are kept, want %d", n, logLines)
	}
	if _, err := db.Log(ctx, "r9", 0); !errors.Is(err, experiments.ErrNotFound) {
		t.Errorf("log of an unknown run: %v", err)
	}
}
