package store

import (
	"bytes"
	"os"
	"testing"

	"workbench/experiments"
)

// A bit that flips in the file itself, where SQLite does not notice.
func TestFlippedBitInTheFile(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	save(t, db, a, 10)
	save(t, db, a, 20)
	check(t, db.End(ctx, a, experiments.Interrupted, "stopped"))
	check(t, db.Close())

	file := must[[]byte](t)(os.ReadFile(db.Path()))
	weight := appendFloats(nil, weights(20)[1].Data)
	at := bytes.Index(file, weight)
	if at < 0 || bytes.Contains(file[at+1:], weight) {
		t.Fatalf("the weights of step 20 were found at %d, want exactly one place", at)
	}
	file[at+2] ^= 1 << 3
	check(t, os.WriteFile(db.Path(), file, 0o644))

	again := open(t, db.Path())
	if result := value[string](t, again, "PRAGMA integrity_check"); result != "ok" {
		t.Fatalf("SQLite noticed: %s", result)
	}
	if problems := must[[]string](t)(again.Verify(ctx)); len(problems) != 2 { // the chunk and its checkpoint
		t.Errorf("problems %q, want 2", problems)
	}
	if c := must[experiments.Checkpoint](t)(again.Restore(ctx, "r0")); c.Step != 10 {
		t.Errorf("restored step %d, want 10", c.Step)
	}
}
