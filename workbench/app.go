package main

import (
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lmittmann/tint"
	"golang.org/x/term"

	"workbench/store"
)

// app is what the commands share: where output goes and the settings that most of them take.
type app struct {
	out     io.Writer
	color   bool // of standard output
	width   int  // of standard output in characters; 0: no terminal
	log     *slog.Logger
	now     func() time.Time
	serving atomic.Bool // Ctrl-C is the ordinary end

	db      string
	data    string
	addr    string
	format  string
	table   string // of those that CSV can have
	verbose bool
	version bool // --version

	suspected map[string][]string // what was said of starts, each once: see suspectStarts

	mu  sync.Mutex
	err io.Writer // standard error, or the progress display while it is on it
}

const (
	defaultDB   = "workbench.db"
	defaultData = "data"
	defaultAddr = "127.0.0.1:8080"
)

func newApp() *app {
	a := &app{out: os.Stdout, err: os.Stderr, now: time.Now, color: colorful(os.Stdout), width: widthOf(os.Stdout)}
	a.startLog(slog.LevelInfo)
	return a
}

// startLog writes messages to standard error: coloured and short on a terminal, key=value lines elsewhere.
func (a *app) startLog(level slog.Level) {
	var h slog.Handler = slog.NewTextHandler(errorWriter{a}, &slog.HandlerOptions{Level: level})
	if term.IsTerminal(int(os.Stderr.Fd())) {
		h = tint.NewTextHandler(errorWriter{a}, &tint.Options{Level: level, TimeFormat: time.TimeOnly, NoColor: !colorful(os.Stderr)})
	}
	a.log = slog.New(h)
	slog.SetDefault(a.log)
}

// errors is where messages go at the moment.
func (a *app) errors() io.Writer { return errorWriter{a} }

// errorWriter writes to whatever stands for standard error when it is called.
type errorWriter struct{ app *app }

func (w errorWriter) Write(p []byte) (int, error) {
	w.app.mu.Lock()
	to := w.app.err
	w.app.mu.Unlock()
	return to.Write(p)
}

// redirect sends messages to w until the function it returns is called.
func (a *app) redirect(w io.Writer) (restore func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before := a.err
	a.err = w
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.err = before
	}
}

// colorful tells whether escape sequences may be written to f: a terminal that is not dumb, and NO_COLOR (no-color.org)
// unset.
func colorful(f *os.File) bool {
	return movable(f) && os.Getenv("NO_COLOR") == ""
}

// widthOf is how many characters a line of the terminal f has, 0 if it is none.
func widthOf(f *os.File) int {
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// movable tells whether f is a terminal on which lines can be rewritten.
func movable(f *os.File) bool {
	return term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
}

// read opens the database for a listing.
func (a *app) read() (*store.DB, error) { return store.OpenReadOnly(a.db) }

// setting is a flag's default: the environment variable if it is set.
func setting(variable, otherwise string) string {
	if v := os.Getenv(variable); v != "" {
		return v
	}
	return otherwise
}
