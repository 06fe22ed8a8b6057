package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// folderWith has the study in the file long.yaml.
func folderWith(t *testing.T, study string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "long.yaml"), []byte(study), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// inShell runs a script in bash.
func inShell(dir, script string) (status int, out string, err error) {
	cmd := exec.Command("bash", "-c", script)
	cmd.Dir = dir
	text, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), string(text), nil
	}
	return 0, string(text), err
}

// brief is long enough to be met while it trains.
var brief = strings.Replace(long, "epochs: 12", "epochs: 3", 1)

// A reader of the progress that goes away does not end the training. Its table is written if that has a reader.
func TestProgressWithoutReader(t *testing.T) {
	for name, test := range map[string]struct {
		script string
		status int
		want   string // in what is left
	}{
		"both streams": {`workbench run long.yaml 2>&1 | head -c 50 >/dev/null; exit ${PIPESTATUS[0]}`, exitPipe, ""},
		"progress":     {`workbench run long.yaml 2> >(head -c 50 >/dev/null) >table; s=$?; cat table; exit $s`, 0, "test/top1"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folderWith(t, brief)
			status, out, err := inShell(dir, test.script)
			if err != nil || status != test.status || !strings.Contains(out, test.want) {
				t.Errorf("%v, status %d, want %d and %q in\n%s", err, status, test.status, test.want, out)
			}
			if got := latest(t, dir); got.Run.Status != "done" || got.Run.Attempt != 1 {
				t.Errorf("the run is %+v, want done in its first attempt", got.Run)
			}
		})
	}
}

// Who has turned SIGHUP off, as nohup does, trains on when the terminal closes.
func TestNohup(t *testing.T) {
	cmd := exec.Command("sh", "-c", "trap '' HUP; exec workbench run long.yaml")
	cmd.Dir = folderWith(t, brief)
	if status, said := signalled(t, cmd, syscall.SIGHUP); status != 0 || !strings.Contains(said, "1 trained") {
		t.Errorf("status %d\n%s", status, said)
	}
}

// What a stopped training says continues it, with the flags that it had but for --force, which would begin anew.
func TestStoppedTrainingSaysHowItContinues(t *testing.T) {
	dir := folderWith(t, brief)
	if err := os.Mkdir(filepath.Join(dir, "it's $HOME"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "long.yaml"), filepath.Join(dir, "it's $HOME/long.yaml")); err != nil {
		t.Fatal(err)
	}
	cmd := workbenchIn(dir, "run", "it's $HOME/long.yaml", "model.depth=8", "--seeds=2-2", "--db", "my results.db",
		"--threads", "1", "--force")
	cmd.Args = append(cmd.Args, "-v")
	status, said := signalled(t, cmd, syscall.SIGHUP)
	again := regexp.MustCompile(`(?m)^stopped; to continue: (.*)$`).FindStringSubmatch(said)
	if status != exitInterrupted || again == nil || strings.Contains(again[1], "force") {
		t.Fatalf("status %d, want %d and the command that continues in\n%s", status, exitInterrupted, said)
	}
	status, out, err := inShell(dir, again[1])
	if err != nil || status != 0 || !strings.Contains(out, "continues from its checkpoint") || !strings.Contains(out, "1 trained") {
		t.Errorf("%s: %v, status %d\n%s", again[1], err, status, out)
	}
}

// A terminal that is closed stops the training as Ctrl-C does; one that is only lost, without a signal, stops nothing.
func TestClosedTerminal(t *testing.T) {
	for name, test := range map[string]struct {
		own    bool   // the terminal is the program's controlling one: closing it sends SIGHUP
		after  string // is seen
		status int
		state  string
	}{"closed": {true, "loss ", exitInterrupted, "interrupted"}, "lost": {false, "all runs", exitFailed, "done"}} {
		t.Run(name, func(t *testing.T) {
			study := endless
			if !test.own {
				study = strings.Replace(brief, "seeds: 1", "seeds: 2", 1)
			}
			dir := folderWith(t, study)
			master, slave := openTerminal(t)
			cmd := workbenchIn(dir, "run", "long.yaml", "--jobs", "1", "--threads", "1")
			cmd.Env = append(os.Environ(), "TERM=xterm")
			cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
			if test.own {
				cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			_ = slave.Close()
			for seen, part := "", make([]byte, 4096); !strings.Contains(seen, test.after); {
				n, err := master.Read(part)
				if err != nil {
					t.Fatalf("%v\n%s", err, seen)
				}
				seen += string(part[:n])
			}
			_ = master.Close()
			_ = cmd.Wait()
			if got := cmd.ProcessState.ExitCode(); got != test.status {
				t.Errorf("status %d, want %d", got, test.status)
			}
			if got := latest(t, dir); got.Run.Status != test.state || got.Run.Attempt != 1 {
				t.Errorf("the run is %+v, want %s in its first attempt", got.Run, test.state)
			}
		})
	}
}
