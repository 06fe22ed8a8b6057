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

// apart puts a child into a process group of its own, so that Ctrl-C at the terminal reaches the supervisor alone. The
// supervisor then asks its children to stop.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// death says why a child ended without a last message on the stream of records.
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

// kernelCounts is the file in which Linux counts the processes that it killed because memory ran out. Tests use
// another file.
var kernelCounts = "/proc/vmstat"

// memoryKills counts the processes that the kernel has killed because memory ran out; it is 0 where the kernel does
// not say.
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

// crash matches the line with which the report of a Go program's crash begins. If that is the name of a signal, the
// fault was in a library.
var crash = regexp.MustCompile(`^(panic|fatal error|SIG[A-Z]+): `)

// lastWords keeps the end of what a process wrote to its standard error, and the line with which the report of a crash
// begins.
type lastWords struct {
	mu    sync.Mutex
	lines []string
	line  []byte // unfinished
	crash string
}

// Write keeps what is worth keeping of text. It never fails.
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

// String returns the lines that were kept.
func (w *lastWords) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.line) > 0 {
		w.end()
	}
	return strings.Join(w.lines, "\n")
}

// cause returns ": " and the line that most likely says why the process ended; it is "" if nothing was written.
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
