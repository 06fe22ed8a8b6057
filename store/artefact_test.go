package store

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
)

// picture is an artefact of so many bytes that differ with the seed.
func picture(name string, step int64, seed byte, size int) *experiments.Artefact {
	data := make([]byte, size)
	for i := range data {
		data[i] = seed + byte(i) + byte(i>>10)
	}
	return &experiments.Artefact{Data: data,
		ArtefactInfo: experiments.ArtefactInfo{Name: name, Kind: "picture", Media: "image/png", Step: step}}
}

func keep(t *testing.T, db *DB, a experiments.Attempt, x *experiments.Artefact) {
	t.Helper()
	record(t, db, a, experiments.Record{Artefact: x})
}

// listed are a run's artefacts as "step name attempt".
func listed(t *testing.T, db *DB, run string) (list []string) {
	t.Helper()
	for _, x := range must[[]experiments.ArtefactInfo](t)(db.Artefacts(ctx, run)) {
		list = append(list, fmt.Sprint(x.Step, " ", x.Name, " ", x.Attempt))
	}
	return list
}

func sound(t *testing.T, db *DB) {
	t.Helper()
	if problems := must[[]string](t)(db.Verify(ctx)); len(problems) != 0 {
		t.Errorf("problems %q", problems)
	}
}

func TestArtefactsComeBack(t *testing.T) {
	db, c := fresh(t, 2)
	a := begin(t, db, "r0")
	seq := must[int64](t)(db.LastChange(ctx))
	large := picture("Gitter β %", 7, 1, 2*chunkBytes+5)
	large.Attempt, large.Bytes, large.Digest = 99, 1, "not what it is" // the store knows better
	large.Time = time.Unix(5, 6000).UTC()
	empty := &experiments.Artefact{
		ArtefactInfo: experiments.ArtefactInfo{Name: "notes", Kind: "text", Media: "text/plain; charset=utf-8", Step: 7}}
	first := &experiments.Artefact{Data: []byte("[[1,0],[0,1]]"),
		ArtefactInfo: experiments.ArtefactInfo{Name: "test/confusion", Kind: "matrix", Media: "application/json"}}
	for _, x := range []*experiments.Artefact{empty, large, first} {
		keep(t, db, a, x)
	}
	if got, want := listed(t, db, "r0"), []string{"0 test/confusion 1", "7 Gitter β % 1", "7 notes 1"}; !slices.Equal(got, want) {
		t.Errorf("artefacts %q, want %q", got, want)
	}
	got := must[experiments.Artefact](t)(db.Artefact(ctx, "r0", large.Name, 7))
	want := large.ArtefactInfo
	want.Attempt, want.Bytes = 1, int64(len(large.Data))
	want.Digest = digest(must[*parcel](t)(pack(large)).digest).String()
	if !bytes.Equal(got.Data, large.Data) || !reflect.DeepEqual(got.ArtefactInfo, want) {
		t.Errorf("got %+v, %d bytes; want %+v", got.ArtefactInfo, len(got.Data), want)
	}
	x := must[experiments.Artefact](t)(db.Artefact(ctx, "r0", "notes", 7))
	if len(x.Data) != 0 || !x.Time.Equal(c.now) || x.Kind != "text" {
		t.Errorf("empty one without a time: %+v, %q", x.ArtefactInfo, x.Data)
	}
	changes := must[[]experiments.Change](t)(db.Changes(ctx, seq, 0))
	if len(changes) != 3 || changes[0].Kind != "points" || changes[0].Run != "r0" || changes[0].Study != "depth" {
		t.Errorf("changes %+v", changes)
	}
	if list := must[[]experiments.ArtefactInfo](t)(db.Artefacts(ctx, "r1")); len(list) != 0 {
		t.Errorf("of a run without any: %+v", list)
	}
	_, unknown := db.Artefacts(ctx, "r9")
	for what, err := range map[string]error{"run": unknown, "name": second(db.Artefact(ctx, "r0", "other", 7)),
		"step": second(db.Artefact(ctx, "r0", "notes", 8)), "the run of one": second(db.Artefact(ctx, "r9", "notes", 7))} {
		if !errors.Is(err, experiments.ErrNotFound) {
			t.Errorf("unknown %s: %v", what, err)
		}
	}
	sound(t, db)
}

func second[T any](_ T, err error) error { return err }

func TestBadArtefactsAreRefused(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	for name, c := range map[string]struct {
		change func(*experiments.Artefact)
		want   string // what the error must say, besides where
	}{
		"no name":           {func(x *experiments.Artefact) { x.Name = "" }, "name is empty"},
		"control character": {func(x *experiments.Artefact) { x.Name = "a\nb" }, "U+000A"},
		"long name":         {func(x *experiments.Artefact) { x.Name = strings.Repeat("n", 251) }, "251 bytes, want at most 250"},
		"kind":              {func(x *experiments.Artefact) { x.Kind = "film" }, `"film", want one of [picture matrix array text]`},
		"no media":          {func(x *experiments.Artefact) { x.Media = "" }, "0 bytes, want 1 to 100"},
		"long media":        {func(x *experiments.Artefact) { x.Media = strings.Repeat("m", 101) }, "101 bytes, want 1 to 100"},
		"media with a line": {func(x *experiments.Artefact) { x.Media = "a/b\r\nX: y" }, "0x0d at 3"},
		"media not ASCII":   {func(x *experiments.Artefact) { x.Media = "a/ü" }, "printable ASCII"},
		"step":              {func(x *experiments.Artefact) { x.Step = -1 }, "step -1"},
		"step of a double":  {func(x *experiments.Artefact) { x.Step = 1 << 53 }, "want 0 to 2^53"},
		"size":              {func(x *experiments.Artefact) { x.Data = make([]byte, 16<<20+1) }, "16777217 bytes, want at most 16777216"},
	} {
		x := picture("p", 3, 1, 5)
		c.change(x)
		err := db.Record(ctx, a, experiments.Record{Artefact: x})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "run r0, attempt 1: artefact") {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	check(t, db.End(ctx, a, experiments.Interrupted, ""))
	if err := db.Record(ctx, a, experiments.Record{Artefact: picture("p", 3, 1, 5)}); !errors.Is(err, experiments.ErrFenced) {
		t.Errorf("of an attempt that has ended: %v", err)
	}
	if n := value[int](t, db, "SELECT (SELECT count(*) FROM artefacts) + (SELECT count(*) FROM chunks)"); n != 0 {
		t.Errorf("%d rows of refused artefacts", n)
	}
}

func TestArtefactsOfARunAreBounded(t *testing.T) {
	db, _ := fresh(t, 2)
	a, b := begin(t, db, "r0"), begin(t, db, "r1")
	keep(t, db, a, picture("p", 0, 1, 5))
	tamper(t, db, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO artefacts (run, attempt, step, name, kind, media, bytes, digest, created)
		SELECT run, attempt, i, name, kind, media, bytes, digest, created FROM n, artefacts WHERE run = 1`, experiments.MaxArtefacts-1)
	err := db.Record(ctx, a, experiments.Record{Artefact: picture("q", 0, 1, 5)})
	if err == nil || !strings.Contains(err.Error(), `artefact "q" of step 0: the run has 1000 artefacts, want at most 1000`) {
		t.Errorf("one too many: %v", err)
	}
	keep(t, db, a, picture("p", 7, 2, 5)) // in place of another
	keep(t, db, b, picture("p", 7, 2, 5)) // the bound is a run's own
	tamper(t, db, "UPDATE artefacts SET bytes = ? WHERE run = 2", experiments.MaxArtefactTotal-5)
	keep(t, db, b, picture("q", 7, 2, 5))
	err = db.Record(ctx, b, experiments.Record{Artefact: picture("r", 7, 2, 1)})
	if err == nil || !strings.Contains(err.Error(), "has 268435456 bytes of artefacts and this one 1, want at most 268435456") {
		t.Errorf("a byte too many: %v", err)
	}
	if got := listed(t, db, "r1"); !slices.Equal(got, []string{"7 p 1", "7 q 1"}) {
		t.Errorf("after the refusal: %q", got)
	}
}

func TestEqualArtefactsAreStoredOnce(t *testing.T) {
	db, _ := fresh(t, 2)
	a, b := begin(t, db, "r0"), begin(t, db, "r1")
	chunks := func() int { return value[int](t, db, "SELECT count(*) FROM chunks") }
	for _, x := range []*experiments.Artefact{
		picture("p", 1, 1, chunkBytes+9), picture("p", 2, 1, chunkBytes+9), picture("q", 2, 1, chunkBytes),
	} {
		keep(t, db, a, x)
		keep(t, db, b, x)
	}
	if n := chunks(); n != 2 {
		t.Errorf("%d chunks, want the 2 of the content that all share", n)
	}
	c := checkpoint(a, 2)
	c.Tensors = weights(0)[:1]
	keep(t, db, a, &experiments.Artefact{Data: appendFloats(nil, c.Tensors[0].Data[:chunkFloats]),
		ArtefactInfo: experiments.ArtefactInfo{Name: "weights", Kind: "array", Media: "application/octet-stream", Step: 2}})
	record(t, db, a, experiments.Record{Checkpoint: c})
	if n := chunks(); n != 4 {
		t.Errorf("%d chunks, want 4: a checkpoint shares with an artefact", n)
	}
	c.Tensors[0].Data[0] = 7
	for step := range int64(keptCheckpoints) { // drops the first checkpoint, the artefact keeps the chunk
		c.Step = 3 + step
		record(t, db, a, experiments.Record{Checkpoint: c})
	}
	must[experiments.Artefact](t)(db.Artefact(ctx, "r0", "weights", 2))
	sound(t, db)
}

// A later attempt supersedes artefacts as it does points, and its own take their place and their room.
func TestResumeSupersedesArtefacts(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	keep(t, db, a, picture("p", 3, 1, 9))
	keep(t, db, a, picture("p", 5, 2, 9))
	save(t, db, a, 5)
	keep(t, db, a, picture("p", 7, 3, chunkBytes+1)) // lost work
	check(t, db.End(ctx, a, experiments.Interrupted, "stopped"))
	if got := listed(t, db, "r0"); len(got) != 3 {
		t.Fatalf("before: %q", got)
	}
	b := begin(t, db, "r0")
	if got, want := listed(t, db, "r0"), []string{"3 p 1", "5 p 1"}; !slices.Equal(got, want) {
		t.Errorf("after Begin: %q, want %q", got, want)
	}
	if _, err := db.Artefact(ctx, "r0", "p", 7); !errors.Is(err, experiments.ErrNotFound) {
		t.Errorf("a superseded one: %v", err)
	}
	sound(t, db)
	keep(t, db, b, picture("p", 5, 4, 9)) // the step that both attempts have
	keep(t, db, b, picture("p", 5, 4, 9)) // and sent twice
	if got, want := listed(t, db, "r0"), []string{"3 p 1", "5 p 2"}; !slices.Equal(got, want) {
		t.Errorf("after resuming: %q, want %q", got, want)
	}
	if x := must[experiments.Artefact](t)(db.Artefact(ctx, "r0", "p", 5)); !bytes.Equal(x.Data, picture("p", 5, 4, 9).Data) {
		t.Error("the earlier attempt's content is given out")
	}
	if n := value[int](t, db, "SELECT count(*) FROM artefacts"); n != 2 {
		t.Errorf("%d artefacts are stored, want 2: superseded ones go when one is saved", n)
	}
	keep(t, db, b, picture("p", 5, 5, 9)) // and of two in one attempt the later counts
	other := picture("p", 5, 5, 9)
	other.Kind = "array" // the same bytes, but something else
	keep(t, db, b, other)
	if x := must[experiments.Artefact](t)(db.Artefact(ctx, "r0", "p", 5)); x.Kind != "array" {
		t.Errorf("kind %s", x.Kind)
	}
	if n := value[int](t, db, "SELECT count(*) FROM chunks"); n != 2+4 {
		t.Errorf("%d chunks, want 2 of artefacts and 4 of the checkpoint", n)
	}
	check(t, db.End(ctx, b, experiments.Failed, "broken"))
	must[experiments.Attempt](t)(db.BeginAfresh(ctx, "r0"))
	if got := listed(t, db, "r0"); len(got) != 0 {
		t.Errorf("afresh: %q, want none", got)
	}
	sound(t, db)
}

func TestDamagedArtefacts(t *testing.T) {
	for name, sql := range map[string]string{
		"a byte of a chunk": "UPDATE chunks SET data = CAST(x'FF' || substr(data, 2) AS BLOB) WHERE id = 1",
		"a chunk cut":       "UPDATE chunks SET data = substr(data, 1, 9) WHERE id = 1",
		"a chunk too long":  "UPDATE chunks SET data = CAST(data || x'00' AS BLOB) WHERE id = 2",
		"a missing chunk":   "DELETE FROM artefact_chunks WHERE seq = 0",
		"no chunks":         "DELETE FROM artefact_chunks",
		"the size":          "UPDATE artefacts SET bytes = 9",
		"the digest":        "UPDATE artefacts SET digest = zeroblob(32)",
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := fresh(t, 1)
			keep(t, db, begin(t, db, "r0"), picture("p", 3, 1, chunkBytes+1))
			tamper(t, db, sql)
			_, err := db.Artefact(ctx, "r0", "p", 3)
			want := "run r0: the artefact p of step 3 (attempt 1) is damaged: "
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q", err, want)
			}
			if problems := strings.Join(must[[]string](t)(db.Verify(ctx)), "\n"); !strings.Contains(problems, want) {
				t.Errorf("verify found %q", problems)
			}
		})
	}
}
