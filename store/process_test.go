package store

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"workbench/experiments"
)

// TestMain lets the test binary play another process: with the variable set it is a writer.
func TestMain(m *testing.M) {
	if path := os.Getenv("STORE_TEST_WRITER"); path != "" {
		write := writeUntilKilled
		if limit := os.Getenv("STORE_TEST_LIMIT"); limit != "" {
			write = func(path string) error { return writeLargely(path, limit) }
		}
		if from := os.Getenv("STORE_TEST_MERGE"); from != "" {
			write = func(path string) error { return mergeFrom(path, from) }
		}
		if err := write(path); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// writeUntilKilled records points and now and then a checkpoint, and says each step once it is recorded.
func writeUntilKilled(path string) error {
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
	for step := int64(1); ; step++ {
		if err := db.Record(ctx, a, experiments.Record{Points: points("loss", step, step)}); err != nil {
			return err
		}
		if step%10 == 0 {
			if err := db.Renew(ctx, a); err != nil {
				return err
			}
			c := checkpoint(a, step)
			c.Tensors = c.Tensors[1:] // the small ones
			if err := db.Record(ctx, a, experiments.Record{Checkpoint: c}); err != nil {
				return err
			}
			fmt.Println("checkpoint", step)
		}
		fmt.Println("point", step)
	}
}

// otherProcess is a writer on path and what it says.
func otherProcess(t *testing.T, path string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(must[string](t)(os.Executable()), "-test.run=^$")
	cmd.Env = append(os.Environ(), "STORE_TEST_WRITER="+path)
	out := must[io.ReadCloser](t)(cmd.StdoutPipe())
	check(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill() })
	return cmd, bufio.NewScanner(out)
}

// heard reads what the process says up to a step, or to the end if it has ended: the last point and checkpoint it has
// named.
func heard(t *testing.T, said *bufio.Scanner, until int64) (point, saved int64) {
	t.Helper()
	for point < until && said.Scan() {
		what, number, _ := strings.Cut(said.Text(), " ")
		step, err := strconv.ParseInt(number, 10, 64)
		switch {
		case err != nil:
			t.Fatalf("the writer says %q", said.Text())
		case what == "point":
			point = step
		default:
			saved = step
		}
	}
	return point, saved
}

func TestKilledWriterLosesNothingAcknowledged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.db")
	for round, target := range []int64{3, 57, 110} {
		cmd, said := otherProcess(t, path)
		point, saved := heard(t, said, target)
		check(t, cmd.Process.Kill())
		if p, s := heard(t, said, 1<<60); p > 0 { // what it had said and we had not read
			point, saved = p, max(saved, s)
		}
		cmd.Wait() // the error is the kill

		db := open(t, path)
		r := info(t, db, "r0")
		if r.Status != experiments.Interrupted || r.Attempt != round+1 {
			t.Errorf("round %d: %s, attempt %d", round, r.Status, r.Attempt)
		}
		if last := value[int64](t, db, "SELECT max(step) FROM metrics WHERE attempt = ?", r.Attempt); last < point {
			t.Errorf("round %d: point %d was acknowledged, the newest stored is %d", round, point, last)
		}
		if n := value[int64](t, db, "SELECT count(*) FROM metrics WHERE attempt = ?", r.Attempt); n < point {
			t.Errorf("round %d: %d points were acknowledged, %d are stored", round, point, n)
		}
		if saved > 0 {
			if c := must[experiments.Checkpoint](t)(db.Restore(ctx, "r0")); c.Step < saved || c.Attempt != r.Attempt {
				t.Errorf("round %d: checkpoint %d was acknowledged, the newest is of step %d", round, saved, c.Step)
			}
		}
		if problems := must[[]string](t)(db.Verify(ctx)); len(problems) != 0 {
			t.Errorf("round %d: %q", round, problems)
		}
		check(t, db.Close())
	}
}

func TestReadWhileAnotherProcessWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.db")
	cmd, said := otherProcess(t, path)
	point, _ := heard(t, said, 5)
	if _, err := Open(path); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), fmt.Sprintf("pid %d on ", cmd.Process.Pid)) {
		t.Fatalf("a second writer: %v, want ErrLocked with the pid %d", err, cmd.Process.Pid)
	}
	reader := must[*DB](t)(OpenReadOnly(path))
	defer reader.Close()
	seq := must[int64](t)(reader.LastChange(ctx))
	for range 20 {
		r := info(t, reader, "r0")
		if r.Status != experiments.Running || r.Last["loss"] < float64(point) {
			t.Fatalf("%s at %v after point %d", r.Status, r.Last, point)
		}
		point, _ = heard(t, said, point+5)
	}
	if now := must[int64](t)(reader.LastChange(ctx)); now <= seq {
		t.Errorf("last change %d, was %d", now, seq)
	}
	check(t, cmd.Process.Kill())
	cmd.Wait()
	check(t, must[*DB](t)(Open(path)).Close()) // the lock has gone with the process
}
