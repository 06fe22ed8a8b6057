package store

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"workbench/experiments"
)

// writeLargely plays a process that may make no file larger than the limit in bytes. It saves checkpoints until one
// does not fit, says so, and ends its attempt in what room there is.
func writeLargely(path, limit string) error {
	n, err := strconv.ParseUint(limit, 10, 64)
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n}); err != nil {
		return err
	}
	db, err := Open(path)
	if err != nil {
		return err
	}
	if err := db.Enlist(ctx, study("depth"), runsOf("depth", 1)); err != nil {
		return err
	}
	a, err := db.Begin(ctx, "r0")
	if err != nil {
		return err
	}
	step := int64(0)
	for err == nil {
		step++
		c := checkpoint(a, step)
		if step == 4 {
			c = large(a, step)
		}
		err = db.Record(ctx, a, experiments.Record{Checkpoint: c})
	}
	fmt.Println("full at", step, err)
	return db.Close()
}

func TestNoRoomForACheckpoint(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.db")
	cmd := exec.Command(must[string](t)(os.Executable()), "-test.run=^$")
	cmd.Env = append(os.Environ(), "STORE_TEST_WRITER="+path, "STORE_TEST_LIMIT=16777216")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"full at 4", path, "beyond the limit on the size of files", "bytes (24.0 MiB) are needed", "are free"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("it says %q, which lacks %q", out, want)
		}
	}
	db := open(t, path)
	sound(t, db)
	if c := must[experiments.Checkpoint](t)(db.Restore(ctx, "r0")); c.Step != 3 {
		t.Errorf("restored step %d, want the last that fitted", c.Step)
	}
	a := begin(t, db, "r0")
	record(t, db, a, experiments.Record{Checkpoint: large(a, 5)})
}

func TestFullDiskSaysHowMuch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.db")
	for _, cause := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		err := lacking(5<<20, explain(path, fmt.Errorf("write: %w", cause)))
		for _, want := range []string{path, "5242880 bytes (5.0 MiB) are needed", "are free"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%v: %q lacks %q", cause, err, want)
			}
		}
	}
}
