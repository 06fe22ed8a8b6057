package supervise

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"workbench/experiments"
)

// apart puts a child into a process group of its own: Ctrl-C at the terminal reaches the supervisor alone, which then
// asks its children to stop.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// death says why a child ended without a word on the records' stream.
func (c *child) death(died error, emit func(experiments.Record) error) error {
	said := c.stderr.String()
	if said != "" {
		if err := emit(experiments.Record{Log: "last words of the training process:\n" + said}); err != nil {
			return err
		}
	}
	status, _ := c.cmd.ProcessState.Sys().(syscall.WaitStatus)
	var exit *exec.ExitError
	switch {
	case died != nil && !errors.As(died, &exit):
		return fmt.Errorf("waiting for the training process: %w", died)
	case status.Signaled() && status.Signal() == syscall.SIGKILL && memoryKills() > c.kills:
		return errors.New("the kernel killed its process because memory ran out: fewer --jobs or a smaller batch need less")
	case status.Signaled() && (status.Signal() == syscall.SIGKILL || status.Signal() == syscall.SIGTERM || status.Signal() == syscall.SIGHUP):
		return fmt.Errorf("%w: somebody sent it the signal %q", ErrGone, status.Signal())
	case status.Signaled():
		return fmt.Errorf("its process crashed with the signal %q%s", status.Signal(), c.stderr.cause())
	}
	return fmt.Errorf("its process ended with exit status %d%s", status.ExitStatus(), c.stderr.cause())
}

// kernelCounts is where Linux counts what it did for want of memory; tests have another.
var kernelCounts = "/proc/vmstat"

// memoryKills counts the processes that the kernel has killed for want of memory, 0 where it does not say.
func memoryKills() uint64 {
	text, err := os.ReadFile(kernelCounts)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if count, ok := strings.CutPrefix(line, "oom_kill "); ok {
			n, _ := strconv.ParseUint(strings.TrimSpace(count), 10, 64)
			return n
		}
	}
	return 0
}

const (
	wordsKept = 40  // last lines
	wordsLong = 500 // bytes of a line that are kept
)

// crash is the line that the report of a Go program's crash begins with; a signal's is that of a fault in a library.
var crash = regexp.MustCompile(`^(panic|fatal error|SIG[A-Z]+): `)

// lastWords keeps the end of what a process wrote to its standard error, and the line that a Go program's crash begins with.
type lastWords struct {
	mu    sync.Mutex
	lines []string
	line  []byte // unfinished
	crash string
}

// Write never fails.
func (w *lastWords) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(p)
	for {
		part, rest, whole := bytes.Cut(p, []byte("\n"))
		w.line = append(w.line, part[:min(len(part), wordsLong-min(wordsLong, len(w.line)))]...)
		if !whole {
			return n, nil
		}
		w.end()
		p = rest
	}
}

func (w *lastWords) end() {
	line := strings.ToValidUTF8(string(w.line), "\uFFFD")
	w.line = w.line[:0]
	if w.crash == "" && crash.MatchString(line) {
		w.crash = line
	}
	w.lines = append(w.lines, line)
	if len(w.lines) > wordsKept {
		w.lines = w.lines[1:]
	}
}

// String is the lines kept.
func (w *lastWords) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.line) > 0 {
		w.end()
	}
	return strings.Join(w.lines, "\n")
}

// cause is ": " and the line that most likely says why, "" if nothing was said.
func (w *lastWords) cause() string {
	lines := strings.Split(strings.TrimSpace(w.String()), "\n")
	switch {
	case w.crash != "":
		return ": " + w.crash
	case lines[len(lines)-1] != "":
		return ": " + lines[len(lines)-1]
	}
	return ""
}
