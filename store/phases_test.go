package store

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
)

var (
	pretraining = experiments.Phase{Name: "pretrain", Index: 0, Count: 2, Steps: 10}
	probing     = experiments.Phase{Name: "probe", Index: 1, Count: 2, First: 10, Steps: 5}
)

func enter(t *testing.T, db *DB, a experiments.Attempt, p experiments.Phase) {
	t.Helper()
	record(t, db, a, experiments.Record{Phase: &p})
}

func TestPhasesOverAttempts(t *testing.T) {
	db, c := fresh(t, 2)
	pass := func(seconds int) { c.now = c.now.Add(time.Duration(seconds) * time.Second) }
	want := func(when string, phases ...experiments.PhaseInfo) {
		t.Helper()
		if got := info(t, db, "r0").Phases; !reflect.DeepEqual(got, phases) {
			t.Errorf("%s: phases %+v, want %+v", when, got, phases)
		}
	}
	a := begin(t, db, "r0")
	pass(1) // of preparation, in no phase
	want("before the first")
	seq := must[int64](t)(db.LastChange(ctx))
	enter(t, db, a, pretraining)
	if changes := must[[]experiments.Change](t)(db.Changes(ctx, seq, 0)); len(changes) != 1 || changes[0].Kind != "status" {
		t.Errorf("changes %+v", changes)
	}
	pass(4)
	enter(t, db, a, pretraining) // said twice
	want("at work", experiments.PhaseInfo{Phase: pretraining, Seconds: 4})
	save(t, db, a, 8)
	pass(3)
	enter(t, db, a, probing)
	pass(2)
	want("in the second", experiments.PhaseInfo{Phase: pretraining, Seconds: 7}, experiments.PhaseInfo{Phase: probing, Seconds: 2})
	record(t, db, a, experiments.Record{Log: "last heard of"})
	pass(100) // its process is gone
	want("without an answer", experiments.PhaseInfo{Phase: pretraining, Seconds: 7}, experiments.PhaseInfo{Phase: probing, Seconds: 2})

	b := begin(t, db, "r0") // from step 8: the second phase has not begun again
	want("resumed", experiments.PhaseInfo{Phase: pretraining, Seconds: 7})
	enter(t, db, b, pretraining)
	pass(5)
	want("resumed", experiments.PhaseInfo{Phase: pretraining, Seconds: 12})
	enter(t, db, b, probing)
	save(t, db, b, 12)
	pass(1)
	check(t, db.End(ctx, b, experiments.Interrupted, "stopped"))
	d := begin(t, db, "r0") // from step 12: the first phase is over
	enter(t, db, d, probing)
	pass(6)
	finish(t, db, d, 15)
	pass(50)
	want("done", experiments.PhaseInfo{Phase: pretraining, Seconds: 12}, experiments.PhaseInfo{Phase: probing, Seconds: 2 + 1 + 6})
	r := info(t, db, "r0")
	for step, name := range map[int64]string{0: "pretrain", 10: "pretrain", 11: "probe", 15: "probe"} {
		if p, ok := r.PhaseAt(step); !ok || p.Name != name {
			t.Errorf("step %d is of phase %+v, want %s", step, p, name)
		}
	}
	e := must[experiments.Attempt](t)(db.BeginAfresh(ctx, "r0"))
	want("afresh")
	enter(t, db, e, pretraining)
	pass(1)
	want("afresh", experiments.PhaseInfo{Phase: pretraining, Seconds: 13})
}

func TestARunOfOnePhaseHasNone(t *testing.T) {
	db, _ := fresh(t, 1)
	enter(t, db, begin(t, db, "r0"), experiments.Phase{Count: 1, Steps: 10})
	if r := info(t, db, "r0"); len(r.Phases) != 0 {
		t.Errorf("phases %+v", r.Phases)
	}
}

func TestBadPhasesAreRefused(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	enter(t, db, a, probing)
	for name, c := range map[string]struct {
		change func(*experiments.Phase)
		want   string
	}{
		"no name":             {func(p *experiments.Phase) { p.Name = "" }, "name is empty"},
		"control character":   {func(p *experiments.Phase) { p.Name = "a\x1b" }, "U+001B"},
		"index":               {func(p *experiments.Phase) { p.Index = 2 }, "index 2 of 2 phases"},
		"negative index":      {func(p *experiments.Phase) { p.Index = -1 }, "index -1 of 2 phases"},
		"first":               {func(p *experiments.Phase) { p.First = -1 }, "after the first -1"},
		"steps":               {func(p *experiments.Phase) { p.Steps = -1 }, "-1 steps"},
		"end beyond a double": {func(p *experiments.Phase) { p.First, p.Steps = 1<<53-1, 1 }, "want them within 0 to 2^53"},
		"another description": {func(p *experiments.Phase) { p.Steps = 6 }, "Steps:6"},
	} {
		p := probing
		c.change(&p)
		err := db.Record(ctx, a, experiments.Record{Phase: &p})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "run r0, attempt 1: phase") {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	if n := value[int](t, db, "SELECT count(*) FROM run_phases"); n != 1 {
		t.Errorf("%d phases, want the good one", n)
	}
	check(t, db.End(ctx, a, experiments.Interrupted, ""))
	if err := db.Record(ctx, a, experiments.Record{Phase: &pretraining}); !errors.Is(err, experiments.ErrFenced) {
		t.Errorf("of an attempt that has ended: %v", err)
	}
}

func TestProgressKnowsItsPhase(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	record(t, db, a, experiments.Record{Progress: &experiments.Progress{Run: "r0", Phase: "probe", Step: 3}})
	record(t, db, a, experiments.Record{Log: "written by now"})
	if p := info(t, db, "r0").Progress; p == nil || p.Phase != "probe" || p.Step != 3 {
		t.Errorf("progress %+v", p)
	}
	bad := experiments.Record{Progress: &experiments.Progress{Run: "r0", Phase: "a\nb"}}
	if err := db.Record(ctx, a, bad); err == nil || !strings.Contains(err.Error(), "U+000A") {
		t.Errorf("a phase with a line break: %v", err)
	}
}
