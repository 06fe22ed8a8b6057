package store

import (
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
)

// What happens to one run says nothing of another one that did the same before and after it.
func TestRunsKeepApart(t *testing.T) {
	db, c := fresh(t, 3)
	var attempts []experiments.Attempt
	for _, id := range []string{"r0", "r1", "r2"} {
		a := begin(t, db, id)
		attempts = append(attempts, a)
		record(t, db, a, experiments.Record{Environment: map[string]string{"of": id}, Phase: &pretraining})
		record(t, db, a, experiments.Record{Points: points("loss", 1, 5), Checkpoint: checkpoint(a, 2)})
		keep(t, db, a, picture("p", 1, 1, 9))
		keep(t, db, a, picture("p", 5, 2, 9))
		save(t, db, a, 6)
		record(t, db, a, experiments.Record{Log: "of " + id})
	}
	c.now = c.now.Add(time.Second)
	for _, a := range attempts {
		enter(t, db, a, probing)
	}
	release := busy(t, db)
	for i, a := range attempts {
		record(t, db, a, experiments.Record{Progress: &experiments.Progress{Run: a.Run, Step: int64(i + 1)}})
	}
	release()
	// Only the middle one loses what it did after step 2.
	check(t, db.End(ctx, attempts[1], experiments.Interrupted, "stopped"))
	tamper(t, db, "UPDATE checkpoints SET damage = 'bad' WHERE run = 2 AND step = 6")
	if b := begin(t, db, "r1"); b != (experiments.Attempt{Run: "r1", Number: 2, Fence: 3, Resume: true}) {
		t.Errorf("attempt %+v", b)
	}
	c.now = c.now.Add(2 * time.Second)
	for i, id := range []string{"r0", "r1", "r2"} {
		r := info(t, db, id)
		lost := id == "r1"
		last, artefacts, saved, log := 5.0, []string{"1 p 1", "5 p 1"}, int64(6), []string{"of " + id}
		phases := []experiments.PhaseInfo{{Phase: pretraining, Seconds: 1}, {Phase: probing, Seconds: 2}}
		if lost {
			last, artefacts, saved, phases = 2, artefacts[:1], 2, phases[:1]
		} else if r.Progress == nil || r.Progress.Step != int64(i+1) {
			t.Errorf("%s: progress %+v", id, r.Progress)
		}
		if r.Last["loss"] != last || r.Checkpoint.Step != saved || !reflect.DeepEqual(r.Phases, phases) {
			t.Errorf("%s: last %v, checkpoint %+v, phases %+v", id, r.Last, r.Checkpoint, r.Phases)
		}
		if got := listed(t, db, id); !slices.Equal(got, artefacts) {
			t.Errorf("%s: artefacts %q, want %q", id, got, artefacts)
		}
		if _, err := db.Artefact(ctx, id, "p", 5); lost != errors.Is(err, experiments.ErrNotFound) || !lost && err != nil {
			t.Errorf("%s: the artefact of step 5: %v", id, err)
		}
		if k := must[experiments.Checkpoint](t)(db.Restore(ctx, id)); k.Step != saved || k.Run != id {
			t.Errorf("%s: restored step %d of %s, want %d", id, k.Step, k.Run, saved)
		}
		if got := must[[]string](t)(db.Log(ctx, id, 0)); !slices.Equal(got, log) {
			t.Errorf("%s: log %q", id, got)
		}
		s := must[[]experiments.Series](t)(db.Series(ctx, []string{id}, nil, 0))
		if len(s) != 1 || s[0].Total != int(last) || s[0].Run != id {
			t.Errorf("%s: series %+v", id, s)
		}
		if of := r.Environment["of"]; of != id || len(r.Attempts) != map[bool]int{true: 2, false: 1}[lost] {
			t.Errorf("%s: environment of %s, attempts %+v", id, of, r.Attempts)
		}
	}
	sound(t, db)
}

// An artefact that is sent again replaces the one of its name and step; one of another name or step stays.
func TestArtefactsOfOnePlaceReplaceOneAnother(t *testing.T) {
	db, _ := fresh(t, 2)
	a, b := begin(t, db, "r0"), begin(t, db, "r1")
	for _, x := range []*experiments.Artefact{picture("p", 1, 1, 9), picture("q", 1, 2, 9), picture("p", 2, 3, 9)} {
		keep(t, db, a, x)
		keep(t, db, b, x)
	}
	other := picture("p", 1, 1, 9)
	other.Media = "image/jpeg"
	matrix := picture("q", 1, 2, 9)
	matrix.Kind = "matrix"
	for _, x := range []*experiments.Artefact{other, matrix, picture("p", 2, 4, 10)} {
		keep(t, db, a, x)
	}
	for run, want := range map[string]string{"r0": "1 p picture image/jpeg 9, 1 q matrix image/png 9, 2 p picture image/png 10",
		"r1": "1 p picture image/png 9, 1 q picture image/png 9, 2 p picture image/png 9"} {
		var got []string
		for _, x := range must[[]experiments.ArtefactInfo](t)(db.Artefacts(ctx, run)) {
			got = append(got, fmt.Sprint(x.Step, " ", x.Name, " ", x.Kind, " ", x.Media, " ", x.Bytes))
		}
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("%s: got %s, want %s", run, text, want)
		}
	}
	if n := value[int](t, db, "SELECT count(*) FROM chunks"); n != 4 {
		t.Errorf("%d chunks are stored, want 4: seeds 1, 2 and 3 are shared", n)
	}
	sound(t, db)
}

// A checkpoint must be that of the attempt that records it, at a step that can be told.
func TestCheckpointsOfTheAttempt(t *testing.T) {
	a := experiments.Attempt{Run: "r", Number: 2}
	for _, c := range []struct {
		change func(*experiments.Checkpoint)
		want   string
	}{
		{func(c *experiments.Checkpoint) {}, "<nil>"}, {func(c *experiments.Checkpoint) { c.Step = 0 }, "<nil>"},
		{func(c *experiments.Checkpoint) { c.Step = 1<<53 - 1 }, "<nil>"},
		{func(c *experiments.Checkpoint) { c.Step = 1 << 53 }, "step 9007199254740992, want 0 to 2^53−1"},
		{func(c *experiments.Checkpoint) { c.Step = -1 }, "step -1, want 0 to 2^53−1"},
		{func(c *experiments.Checkpoint) { c.Run = "s" }, "it belongs to run s, attempt 2"},
		{func(c *experiments.Checkpoint) { c.Attempt = 1 }, "it belongs to run r, attempt 1"},
		{func(c *experiments.Checkpoint) { c.Tensors[1].Name = c.Tensors[0].Name }, `tensor "model/frozen": the name occurs twice`},
		{func(c *experiments.Checkpoint) { c.Tensors[2].Shape = []int{2} },
			`tensor "optim/momentum/conv1.weight": shape [2] does not fit 1 numbers`},
	} {
		k := checkpoint(a, 7)
		c.change(k)
		m, err := describe(a, k)
		if fmt.Sprint(err) != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
		if err == nil && (m.bytes != 4*(chunkFloats+7+4+1)+10 || len(m.tensors) != 4 || len(m.tensors[0].chunks) != 2) {
			t.Errorf("%d bytes, %d tensors", m.bytes, len(m.tensors))
		}
	}
	n := prepared{Record: experiments.Record{Points: make([]experiments.Point, 3), Log: "four"}, checkpoint: &manifest{bytes: 5},
		artefact: &parcel{Artefact: picture("p", 1, 1, 6)}}.bytes()
	if n != 3*64+4+5+6 {
		t.Errorf("a record takes %d bytes, want 207", n)
	}
}

// Which runs begin so is said of five at most.
func TestAmbiguousIdsAreNamed(t *testing.T) {
	db, _ := fresh(t, 0)
	for n, want := range map[int]string{2: "r0, r1", 5: "r0, r1, r2, r3, r4", 6: "r0, r1, r2, r3, r4 and more",
		7: "r0, r1, r2, r3, r4 and more"} {
		check(t, db.Enlist(ctx, study("depth"), nil))
		tamper(t, db, "DELETE FROM study_runs")
		tamper(t, db, "DELETE FROM runs")
		check(t, db.Enlist(ctx, study("depth"), runsOf("depth", n)))
		if _, err := db.Run(ctx, "r"); fmt.Sprint(err) != `"r" is ambiguous: it begins `+want {
			t.Errorf("%d runs: got %v, want %s", n, err, want)
		}
	}
	for id, want := range map[string]string{
		" ": `no run was named: want an id, the beginning of one, or "latest": not found`,
		"x": fmt.Sprintf("no run whose id begins with \"x\" in %s: not found", db.Path()),
	} {
		if _, err := db.Run(ctx, id); fmt.Sprint(err) != want {
			t.Errorf("%q: got %v, want %s", id, err, want)
		}
	}
	empty := open(t, t.TempDir()+"/empty.db")
	if _, err := empty.Run(ctx, "latest"); fmt.Sprint(err) != fmt.Sprintf("no run \"latest\" in %s: not found", empty.Path()) {
		t.Errorf("the latest of none: %v", err)
	}
}

// While a reader holds an older state of a new file, its log is copied in part: the page of the mark is a hole then,
// which nobody else has made.
func TestLogOfANewFileIsCopiedInPart(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	q := must[*sql.Tx](t)(db.read.BeginTx(ctx, nil))
	var n int
	check(t, q.QueryRow("SELECT count(*) FROM runs").Scan(&n))
	record(t, db, a, experiments.Record{Points: points("loss", 1, 3)})
	_, err := db.writer.conn.Exec("PRAGMA wal_checkpoint(PASSIVE)")
	check(t, err)
	if at := db.writer.guard.at; sizeOf(db.Path()) < at.root*at.size {
		t.Fatalf("the file has %d bytes, want its page %d to be a hole", sizeOf(db.Path()), at.root)
	}
	record(t, db, a, experiments.Record{Points: points("loss", 4, 6)})
	check(t, q.Rollback())
	record(t, db, a, experiments.Record{Points: points("loss", 7, 9)})
	if r := info(t, db, "r0"); r.Last["loss"] != 9 {
		t.Errorf("last %v", r.Last)
	}
	sound(t, db)
}

func TestLogsThatContinueAPage(t *testing.T) {
	pad := func(text string) []byte { return append([]byte(text), make([]byte, 64-len(text))...) }
	marked := pad(markRow + "LOG BASE")
	for _, c := range []struct {
		mark mark
		page []byte
		want bool
	}{
		{mark{"LOG", "x"}, marked, true}, {mark{"x", "BASE"}, marked, true}, {mark{"x", "y"}, marked, false}, {mark{"x", ""}, marked, false},
		{mark{}, marked, false}, {mark{}, pad("changes"), true}, {mark{}, pad(""), true},
		{mark{"LOG", ""}, pad("changes"), true}, {mark{"LOG", ""}, pad(""), true}, {mark{"LOG", ""}, pad("")[:63], true},
		{mark{"LOG", ""}, pad("\x0d\x00\x00\x00\x00x"), true}, {mark{"LOG", ""}, pad("\x0d\x00\x00\x00\x01x"), false},
		{mark{"LOG", ""}, pad("other"), false}, {mark{"LOG", ""}, pad("other")[:63], true},
		{mark{"LOG", "x"}, pad("changes"), false}, {mark{"LOG", "x"}, pad(""), false}, {mark{"LOG", "x"}, nil, false},
	} {
		if got := c.mark.continues(c.page, markPage{root: 2, size: 64}); got != c.want {
			t.Errorf("%q on %q: %v, want %v", c.mark, c.page, got, c.want)
		}
	}
}
