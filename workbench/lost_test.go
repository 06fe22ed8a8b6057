package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A training whose database is taken away ends by itself with status 1 and says where what was recorded is; from there
// it goes on.
func TestTrainingWithoutItsDatabaseEnds(t *testing.T) {
	for name, c := range map[string]struct {
		take       func(path string) error
		said, left string
	}{
		"deleted": {os.Remove, "was deleted while it was in use", "workbench.db.rescued"},
		"renamed": {func(path string) error { return os.Rename(path, path+".old") }, "was renamed while it was in use", "workbench.db.old"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "long.yaml"), []byte(endless), 0o644); err != nil {
				t.Fatal(err)
			}
			cmd := workbenchIn(dir, "run", "long.yaml", "--threads", "1")
			stderr, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var said builder
			lines := bufio.NewScanner(io.TeeReader(stderr, &said))
			for taken := false; lines.Scan(); {
				if !taken && strings.Contains(lines.Text(), "epoch 1/") {
					if err := c.take(filepath.Join(dir, "workbench.db")); err != nil {
						t.Fatal(err)
					}
					taken = true
				}
			}
			var exit *exec.ExitError
			if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitFailed {
				t.Errorf("ended with %v, want exit status %d", err, exitFailed)
			}
			if !strings.Contains(string(said), c.said) || !strings.Contains(string(said), filepath.Join(dir, c.left)) {
				t.Errorf("it says %s\nwant %q and where the data are", said, c.said)
			}
			out, err := workbenchIn(dir, "runs", "--db", c.left).CombinedOutput()
			if err != nil || !strings.Contains(string(out), "long") {
				t.Errorf("what was saved: %v\n%s", err, out)
			}
		})
	}
}
