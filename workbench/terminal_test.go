package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const tiny = `
seeds: 1
base:
  dataset: {name: shapes, train: 32, test: 16}
  model: {name: resnet_mini, depth: 8, width: 1}
  optim: {lr: 0.05}
  batch: 16
  epochs: 1
`

// onTerminal makes a call of the program with standard output and error on a pseudo-terminal of 120 columns, and gives
// what appeared on it.
func onTerminal(t *testing.T, dir string, env []string, args ...string) string {
	t.Helper()
	master, slave := openTerminal(t)
	cmd := workbenchIn(dir, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = slave, slave
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = slave.Close()
	seen, _ := io.ReadAll(master) // ends with EIO when the last holder of the other side is gone
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, seen)
	}
	return string(seen)
}

// openTerminal gives both sides of a pseudo-terminal of 120 columns: ours, and the program's.
func openTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = master.Close() })
	fd := int(master.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: 120})
	}
	if err != nil {
		t.Fatal(err)
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return master, slave
}

func TestTerminal(t *testing.T) {
	const escape, bold = "\x1b", "\x1b[1m"
	tests := []struct {
		name       string
		env        []string
		want, deny []string
	}{
		{"bars and colour", []string{"TERM=xterm", "NO_COLOR="}, []string{"all runs", bold, "1/1 done"}, []string{"epoch 1/1  train/loss"}},
		{"NO_COLOR", []string{"TERM=xterm", "NO_COLOR=1"}, []string{"all runs"}, []string{bold}},
		{"TERM=dumb", []string{"TERM=dumb", "NO_COLOR="}, []string{"epoch 1/1  train/loss"}, []string{escape}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "tiny.yaml"), []byte(tiny), 0o644); err != nil {
				t.Fatal(err)
			}
			seen := onTerminal(t, dir, test.env, "run", "tiny.yaml")
			for _, want := range test.want {
				if !strings.Contains(seen, want) {
					t.Errorf("lacks %q:\n%q", want, seen)
				}
			}
			for _, deny := range test.deny {
				if strings.Contains(seen, deny) {
					t.Errorf("has %q:\n%q", deny, seen)
				}
			}
		})
	}
}

// How far an evaluation is stands on a terminal in one line, which is taken away at its end.
func TestAnEvaluationTellsHowFarItIs(t *testing.T) {
	var out strings.Builder
	now := time.Unix(100, 0)
	p := passing{out: &out, now: func() time.Time { return now }}
	p.begin("net.pt", 1500)
	now = now.Add(2 * time.Second)
	p.pass(500)
	p.pass(1) // too soon to tell
	now = now.Add(time.Second)
	p.pass(999)
	p.end()
	p.end()
	want := "\r\x1b[Knet.pt: 500 of 1,500 images, left 4.0 s\r\x1b[Knet.pt: 1,500 of 1,500 images\r\x1b[K"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tiny.yaml"), []byte(tiny), 0o644); err != nil {
		t.Fatal(err)
	}
	onTerminal(t, dir, []string{"TERM=xterm"}, "run", "tiny.yaml", "--quiet")
	for _, c := range []struct {
		args []string
		told bool
	}{
		{[]string{"evaluate", "latest", "--views", "flip", "--corruption", "contrast:1,contrast:2", "dataset.val=0.5"}, true},
		{[]string{"evaluate", "latest", "--quiet"}, false},
	} {
		seen := onTerminal(t, dir, []string{"TERM=xterm", "NO_COLOR=1"}, c.args...)
		if told := strings.Contains(seen, "of 96 images"); told != c.told { // two views of 16 images, clean and spoilt in two ways
			t.Errorf("%v: told %v\n%q", c.args, told, seen)
		}
	}
}

// A terminal gets no file of weights, however standard output is named.
func TestNoFileGoesToATerminal(t *testing.T) {
	for _, name := range []string{"-", "/dev/stdout"} {
		master, slave := openTerminal(t)
		cmd := workbenchIn(t.TempDir(), "export", "--model", "vgg_mini", "-o", name)
		cmd.Stdout = slave
		var said strings.Builder
		cmd.Stderr = &said
		_ = cmd.Run()
		_ = slave.Close()
		seen, _ := io.ReadAll(master)
		want := "workbench: --output -: standard output is a terminal; want a pipe or a file\n"
		if cmd.ProcessState.ExitCode() != exitUsage || said.String() != want || len(seen) > 0 {
			t.Errorf("-o %s: status %d, %q and on the terminal %q, want status %d and %q", name, cmd.ProcessState.ExitCode(), said.String(),
				seen, exitUsage, want)
		}
	}
}
