package store

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"

	"workbench/experiments"
)

func TestBoundsOfWhatIsStored(t *testing.T) {
	point := func(change func(*experiments.Point)) error {
		p := experiments.Point{Metric: "loss", Step: 1}
		change(&p)
		return checkPoints([]experiments.Point{{Metric: "x"}, p})
	}
	artefact := func(change func(*experiments.Artefact)) error {
		x := picture("p", 1, 1, 1)
		change(x)
		return checkArtefact(x)
	}
	phase := func(index, count int, first, steps int64) error {
		return checkPhase(experiments.Phase{Name: "p", Index: index, Count: count, First: first, Steps: steps})
	}
	const beyond = "want 0 to 2^53−1"
	for _, c := range []struct {
		err  error
		want string // "" is none
	}{
		{checkName("a"), ""}, {checkName(strings.Repeat("é", 125)), ""}, {checkName(" "), ""},
		{checkName(strings.Repeat("é", 125) + "a"), "the name has 251 bytes, want at most 250"}, {checkName(""), "the name is empty"},
		{checkName("a\u0085"), "the name has the control character U+0085"}, {checkName("\xff"), "the name is not valid UTF-8"},
		{point(func(p *experiments.Point) { p.Step = 0 }), ""}, {point(func(p *experiments.Point) { p.Step = 1<<53 - 1 }), ""},
		{point(func(p *experiments.Point) { p.Step = -1 }), "metric loss: step -1, " + beyond},
		{point(func(p *experiments.Point) { p.Step = 1 << 53 }), "metric loss: step 9007199254740992, " + beyond},
		{point(func(p *experiments.Point) { p.Epoch = math.Inf(1) }), "metric loss, step 1: epoch +Inf, want a finite number"},
		{point(func(p *experiments.Point) { p.Metric = "" }), `metric "": the name is empty`},
		{artefact(func(x *experiments.Artefact) { x.Step = 0 }), ""}, {artefact(func(x *experiments.Artefact) { x.Step = 1<<53 - 1 }), ""},
		{artefact(func(x *experiments.Artefact) { x.Step = 1 << 53 }), "step 9007199254740992, " + beyond},
		{artefact(func(x *experiments.Artefact) { x.Media = "m" }), ""},
		{artefact(func(x *experiments.Artefact) { x.Media = strings.Repeat("m", 100) }), ""},
		{artefact(func(x *experiments.Artefact) { x.Media = strings.Repeat("m", 101) }), "the media type has 101 bytes, want 1 to 100"},
		{artefact(func(x *experiments.Artefact) { x.Media = " ~" }), ""},
		{artefact(func(x *experiments.Artefact) { x.Media = "a\x7f" }), `the media type "a\x7f" has byte 0x7f at 1, want printable ASCII`},
		{artefact(func(x *experiments.Artefact) { x.Media = "a\x1f" }), `the media type "a\x1f" has byte 0x1f at 1, want printable ASCII`},
		{artefact(func(x *experiments.Artefact) { x.Data = make([]byte, 16<<20) }), ""},
		{artefact(func(x *experiments.Artefact) { x.Data = make([]byte, 16<<20+1) }), "it has 16777217 bytes, want at most 16777216"},
		{phase(0, 1, 0, 0), ""}, {phase(1, 2, 1<<53-1, 0), ""}, {phase(0, 1, 0, 1<<53-1), ""}, {phase(0, 1, 1<<52, 1<<52-1), ""},
		{phase(0, 0, 0, 0), "index 0 of 0 phases, want one from 0"}, {phase(1, 1, 0, 0), "index 1 of 1 phases, want one from 0"},
		{phase(0, 1, 1<<52, 1<<52), "4503599627370496 steps after the first 4503599627370496, want them within 0 to 2^53−1"},
		{checkPhase(experiments.Phase{Count: 1}), ""}, {checkPhase(experiments.Phase{Count: 2}), "the name is empty"},
		{checkTensor(experiments.Tensor{Name: "w", Shape: []int{}, Data: []float32{1}}, false), ""},
		{checkTensor(experiments.Tensor{Name: "w", Shape: []int{2, 0}}, false), ""},
		{checkTensor(experiments.Tensor{Name: "w", Shape: []int{2}, Data: []float32{1}}, false), "shape [2] does not fit 1 numbers"},
		{checkTensor(experiments.Tensor{Name: "w", Shape: []int{-1}}, false), "shape [-1] does not fit 0 numbers"},
		{checkTensor(experiments.Tensor{Name: "w"}, true), "the name occurs twice"}, {checkTensor(experiments.Tensor{}, false), "it has no name"},
	} {
		if got := fmt.Sprint(c.err); got != c.want && (c.err != nil || c.want != "") {
			t.Errorf("got %s, want %q", got, c.want)
		}
	}
	for n, ok := range map[int]bool{math.MaxInt32 * 64: true, math.MaxInt32*64 + 1: false} {
		if got, fits := size([]int{1, n}); fits != ok || ok && got != n || !ok && got != 0 {
			t.Errorf("%d: %d, %v", n, got, fits)
		}
	}
}

// Of a line that is too long the beginning is kept, in whole characters, and a mark.
func TestLinesOfTheLogAreBounded(t *testing.T) {
	full := strings.Repeat("x", 8192)
	for line, want := range map[string]string{
		"a\r\n\n": "a", "\na": "\na", "": "", full: full, full + "\n": full, full + "y": full[:8189] + "…",
		"a" + strings.Repeat("é", 4096): "a" + strings.Repeat("é", 4094) + "…", strings.Repeat("é", 4097): strings.Repeat("é", 4094) + "…",
		"a\xffb": "a\uFFFDb",
	} {
		if got := clean(line); got != want {
			t.Errorf("%d bytes become %d, %.10q…%.10q, want %d", len(line), len(got), got, got[max(0, len(got)-10):], len(want))
		}
	}
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	tamper(t, db, "INSERT INTO run_log (run, seq, attempt, time, line) "+
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1999) SELECT 1, i, 1, 0, 'l' || i FROM n")
	for i, first := range []string{"l1", "l2", "l3"} {
		record(t, db, a, experiments.Record{Log: fmt.Sprint("new", i)})
		log := must[[]string](t)(db.Log(ctx, "r0", 0))
		if len(log) != 2000 || log[0] != first || log[1999] != fmt.Sprint("new", i) {
			t.Errorf("%d lines from %s to %s, want 2000 from %s", len(log), log[0], log[len(log)-1], first)
		}
	}
	if log := must[[]string](t)(db.Log(ctx, "r0", 3)); !slices.Equal(log, []string{"new0", "new1", "new2"}) {
		t.Errorf("the last three lines %q", log)
	}
}

func TestNumbersAndTimesOfTheFile(t *testing.T) {
	for _, v := range []float64{0, math.Copysign(0, -1), 1.5, math.NaN(), math.Inf(1), math.Inf(-1)} {
		kind, stored := encode(v)
		back := decode(kind, stored)
		if !sameFloat(back, v) && !(math.IsNaN(back) && math.IsNaN(v)) || stored.Valid != (kind == finite) {
			t.Errorf("%v is kept as %d %v and read as %v", v, kind, stored, back)
		}
		if back := fromNullable(nullable(v)); back != v && !math.IsNaN(v) || math.IsNaN(back) != math.IsNaN(v) {
			t.Errorf("%v is read as %v", v, back)
		}
		if isFinite(v) != (kind == finite || kind == minusZero) {
			t.Errorf("%v is finite: %v", v, isFinite(v))
		}
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 6789, time.FixedZone("x", 3600))
	if got := fromMicros(micros(at)); !got.Equal(at.Truncate(time.Microsecond)) || got.Location() != time.UTC {
		t.Errorf("%v comes back as %v", at, got)
	}
	if micros(time.Time{}) != 0 || !fromMicros(0).IsZero() || fromMicros(-1).Year() != 1969 {
		t.Error("the zero time is not 0")
	}
	for n, want := range map[int64]string{0: "0 bytes", 1<<20 - 1: "1048575 bytes", 1 << 20: "1048576 bytes (1.0 MiB)",
		1<<20 + 1<<19: "1572864 bytes (1.5 MiB)"} {
		if got := amount(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

// The sentences in which errors of the system and of SQLite are told.
func TestErrorsSayWhatToDo(t *testing.T) {
	code := func(c sqlite3.ErrNo) error { return fmt.Errorf("x: %w", sqlite3.Error{Code: c}) }
	for _, c := range []struct {
		err  error
		want string
	}{
		{unusable("/a/b", fs.ErrNotExist), "cannot make /a/b: the folder /a does not exist; make it or name another file: file does not exist"},
		{unusable("/a/b", fs.ErrPermission), "cannot write /a/b: no permission to write it or its folder /a; change that " +
			"or name another file: permission denied"},
		{unusable("/a/b", syscall.EROFS), "cannot write /a/b: no permission to write it or its folder /a; change that or " +
			"name another file: read-only file system"},
		{unusable("/a/b", syscall.ENOTDIR), "cannot make /a/b: /a is not a folder; name another file: not a directory"},
		{unusable("/a/b", syscall.EISDIR), "/a/b is a folder, want a file; name a file in it: is a directory"},
		{unusable("/a/b", syscall.ELOOP), "cannot use /a/b: too many symbolic links, or one that leads to itself; name " +
			"another file: too many levels of symbolic links"},
		{unusable("/a/b", syscall.EIO), "cannot use /a/b: input/output error"},
		{explain("/a", errors.New("x")), "x"},
		{explain("/a", code(sqlite3.ErrBusy)), "/a is locked by another program that writes to it (a database browser?); " +
			"close that and repeat: "},
		{explain("/a", code(sqlite3.ErrLocked)), "/a is locked by another program that writes to it (a database " +
			"browser?); close that and repeat: "},
		{explain("/a", code(sqlite3.ErrReadonly)), "cannot write /a: it or its folder is read-only; change that or name another file: "},
		{explain("/a", code(sqlite3.ErrPerm)), "cannot write /a: it or its folder is read-only; change that or name another file: "},
		{explain("/a", code(sqlite3.ErrCantOpen)), "cannot open /a: check that the file and its folder exist and may be read and written: "},
		{explain("/a", code(sqlite3.ErrNotADB)), "/a is not a workbench database; name another file, or a new one to begin: "},
		{explain("/a", code(sqlite3.ErrCorrupt)), "/a is damaged; keep a copy and continue from a backup: "},
		{explain("/a", code(sqlite3.ErrIoErr)), "the disk of /a fails to read or write; check it before going on: "},
		{explain("/a", code(sqlite3.ErrConstraint)), "x: "},
		{&fullError{path: "/a", free: 7, err: fs.ErrClosed}, "the disk of /a is full: 7 bytes are free; free some space " +
			"and run again, what was " +
			"recorded before is safe: file already closed"},
		{&fullError{path: "/a", free: 7, needed: 9, err: fs.ErrClosed},
			"the disk of /a is full: 9 bytes are needed and 7 bytes are free; free some"},
		{&fullError{path: "/a", free: 7, err: sqlite3.Error{SystemErrno: syscall.EFBIG}},
			"/a or its log would grow beyond the limit on the size " +
				"of files (ulimit -f); 7 bytes are free on the disk. Raise the limit and run again, what was recorded before is safe: "},
		{&kindError{"/a", fs.ModeNamedPipe}, "/a is a named pipe, want a file; name another"},
		{&kindError{"/a", fs.ModeSocket}, "/a is a socket, want a file; name another"},
		{&kindError{"/a", fs.ModeDevice | fs.ModeCharDevice}, "/a is a device, want a file; name another"},
		{&kindError{"/a", fs.ModeSymlink}, "/a is a symbolic link, want a file; name another"},
		{&kindError{"/a", fs.ModeDir}, "/a is a folder, want a file; name another"},
		{&kindError{"/a", fs.ModeIrregular}, "/a is no regular file, want a file; name another"},
	} {
		if !strings.HasPrefix(c.err.Error(), c.want) || c.want == "x" && c.err.Error() != "x" {
			t.Errorf("got  %v\nwant %s", c.err, c.want)
		}
	}
	for c, want := range map[sqlite3.ErrNo]bool{sqlite3.ErrFull: true, sqlite3.ErrIoErr: false, sqlite3.ErrCorrupt: false} {
		if got := fullDisk("/a", code(c)); (got != nil) != want {
			t.Errorf("%v is a full disk: %v", c, got)
		}
	}
	for c, want := range map[sqlite3.ErrNo]bool{sqlite3.ErrCorrupt: true, sqlite3.ErrNotADB: true, sqlite3.ErrIoErr: true,
		sqlite3.ErrBusy: false} {
		if err := damaged(code(c)); errors.Is(err, experiments.ErrDamaged) != want || !errors.As(err, new(sqlite3.Error)) {
			t.Errorf("%v: got %v", c, err)
		}
	}
	if err := damaged(errors.New("x")); err.Error() != "x" || damaged(nil) != nil {
		t.Errorf("an error of another kind is damage: %v", err)
	}
}

// Commits are counted by how long they took, the bound of a stretch belonging to it.
func TestCommitsAreCountedByTheirTime(t *testing.T) {
	var c counters
	two := []*request{{points: 3}, {points: 4, err: os.ErrClosed}}
	for i, took := range []time.Duration{0, 500 * time.Microsecond, 501 * time.Microsecond, 5 * time.Second, 6 * time.Second} {
		c.commit(two, took, map[bool]error{true: os.ErrClosed}[i == 4])
	}
	if math.Abs(c.s.Seconds-11.001001) > 1e-9 {
		t.Errorf("they took %v s", c.s.Seconds)
	}
	c.s.Seconds = 0
	want := fmt.Sprint(Stats{Commits: []uint64{2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1}, Failed: 1, Points: 12})
	if got := fmt.Sprint(c.s); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if n := len((&DB{}).Stats().Commits); n != 14 || !slices.IsSorted(CommitBounds) {
		t.Errorf("%d stretches of %v", n, CommitBounds)
	}
}
