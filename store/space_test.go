package store

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"workbench/experiments"
)

// large is a checkpoint of 24 MiB that shares nothing with that of another step.
func large(a experiments.Attempt, step int64) *experiments.Checkpoint {
	data := make([]float32, 24*chunkFloats)
	for i := range data {
		data[i] = float32(i) + float32(step)*math.MaxInt32
	}
	return &experiments.Checkpoint{Run: a.Run, Attempt: a.Number, Step: step,
		Tensors: []experiments.Tensor{{Name: "model/w", Shape: []int{len(data)}, Data: data}}}
}

// A full disk refuses what does not fit and nothing else.
func TestFullDisk(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	record(t, db, a, experiments.Record{Points: points("loss", 1, 5)})
	limit := func(pages int) {
		t.Helper()
		var got int
		check(t, db.writer.conn.QueryRow(fmt.Sprintf("PRAGMA max_page_count=%d", pages)).Scan(&got))
	}
	limit(value[int](t, db, "PRAGMA page_count") + 20)
	err := db.Record(ctx, a, experiments.Record{Checkpoint: large(a, 1)})
	if err == nil || !strings.Contains(err.Error(), "is full") || !strings.Contains(err.Error(), db.Path()) {
		t.Fatalf("error %v, want the full disk of the file", err)
	}
	record(t, db, a, experiments.Record{Points: points("loss", 6, 6)}) // small things still fit
	limit(1 << 30)
	record(t, db, a, experiments.Record{Checkpoint: large(a, 2)})
	if c := must[experiments.Checkpoint](t)(db.Restore(ctx, "r0")); c.Step != 2 {
		t.Errorf("restored step %d", c.Step)
	}
	if problems := must[[]string](t)(db.Verify(ctx)); len(problems) != 0 {
		t.Errorf("problems %q", problems)
	}
}

func TestCloseGivesRoomBack(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	record(t, db, a, experiments.Record{Checkpoint: large(a, 1)})
	save(t, db, a, 2)
	save(t, db, a, 3) // drops the large one
	check(t, db.Close())
	if info := must[os.FileInfo](t)(os.Stat(db.Path())); info.Size() > 8<<20 {
		t.Errorf("%d bytes are left of a file whose large checkpoint is gone", info.Size())
	}
	if wal := sizeOf(db.Path() + "-wal"); wal != 0 {
		t.Errorf("the write-ahead log has %d bytes after Close", wal)
	}
	if c := must[experiments.Checkpoint](t)(open(t, db.Path()).Restore(ctx, "r0")); c.Step != 3 {
		t.Errorf("restored step %d", c.Step)
	}
}

func TestVerifySeesWrongSummaries(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	record(t, db, a, experiments.Record{Points: append(points("loss", 0, 5), points("acc", 0, 5)...)})
	tamper(t, db, "UPDATE summaries SET greatest = 9 WHERE metric = 1")
	tamper(t, db, "DELETE FROM summaries WHERE metric = 2")
	if problems := must[[]string](t)(db.Verify(ctx)); len(problems) != 2 || !strings.Contains(problems[0], "run r0, metric loss") {
		t.Errorf("problems %q, want one for each metric", problems)
	}
}

// The bounds of a summary are stored without the sign of zero, which is no damage.
func TestVerifyAcceptsNegativeZero(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	zero := math.Copysign(0, -1)
	record(t, db, a, experiments.Record{Points: []experiments.Point{{Metric: "loss", Step: 1, Value: zero}}})
	sound(t, db)
	tamper(t, db, "UPDATE summaries SET last_kind = 0, last_value = 0") // but that of the last value is kept
	if problems := must[[]string](t)(db.Verify(ctx)); len(problems) != 1 {
		t.Errorf("problems %q, want one", problems)
	}
}

// Room is given back only where much of the file is unused, both in pages and as a share.
func TestRoomIsKeptForTheNextCheckpoints(t *testing.T) {
	for _, c := range []struct {
		kept, dropped int // pages
		gives         bool
	}{
		{10, reclaimPages / 2, false},                 // a large share of a small file
		{5 * reclaimPages, reclaimPages + 100, false}, // many pages, of a file that has many more
		{2 * reclaimPages, reclaimPages + 100, true},
	} {
		db, _ := fresh(t, 1)
		conn := db.writer.conn
		page := value[int](t, db, "PRAGMA page_size")
		for _, sql := range []string{"CREATE TABLE kept (x)", "CREATE TABLE dropped (x)"} {
			_, err := conn.Exec(sql)
			check(t, err)
		}
		fill := func(table string, pages int) {
			_, err := conn.Exec("INSERT INTO "+table+" VALUES (zeroblob(?))", pages*page)
			check(t, err)
		}
		fill("kept", c.kept)
		fill("dropped", c.dropped)
		_, err := conn.Exec("DROP TABLE dropped")
		check(t, err)
		unused := func() (n int) {
			check(t, conn.QueryRow("PRAGMA freelist_count").Scan(&n))
			return n
		}
		before := unused()
		check(t, reclaim(conn))
		if after := unused(); before < c.dropped || c.gives != (after == 0) || !c.gives && after != before {
			t.Errorf("%d pages of %d unused: %d are left, given back should be %v", before, c.kept+c.dropped, after, c.gives)
		}
	}
}
