package supervise

import (
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"workbench/experiments"
)

// Signals that somebody sent leave the run to continue later, even while memory runs out elsewhere.
func TestSignalsThatSomebodySends(t *testing.T) {
	for name, sent := range map[string]syscall.Signal{"killed": syscall.SIGKILL, "terminated": syscall.SIGTERM, "hangup": syscall.SIGHUP} {
		if signal.Ignored(sent) {
			continue // as under nohup: the child would not end by it
		}
		err := processes("endless").Launch(t.Context(), experiments.Job{}, func(experiments.Record) error {
			signalChildren(t, sent)
			return nil
		})
		if !errors.Is(err, ErrGone) || err.Error() != `its process is gone: somebody sent it the signal "`+name+`"` {
			t.Errorf("%v: got %v", sent, err)
		}
	}
}

// What a process wrote last is logged when it ends without a word on its records, and only then.
func TestLastWordsAreLogged(t *testing.T) {
	for mode, want := range map[string]string{
		"exit":  "last words of the training process:\nlibdnnl.so: cannot open shared object file",
		"quiet": "",
		"fail":  "",
	} {
		var logged []string
		err := processes(mode).Launch(t.Context(), experiments.Job{}, func(r experiments.Record) error {
			logged = append(logged, r.Log)
			return nil
		})
		if got := strings.Join(logged, "|"); err == nil || got != want || len(logged) > 1 || want == "" && len(logged) != 0 {
			t.Errorf("%s: %v, logged %q, want %q", mode, err, logged, want)
		}
		if mode == "quiet" && err.Error() != "its process ended with exit status 3" {
			t.Errorf("without a word: got %v", err)
		}
	}
	full := errors.New("disk is full")
	if err := processes("exit").Launch(t.Context(), experiments.Job{}, func(experiments.Record) error { return full }); !errors.Is(err, full) {
		t.Errorf("last words that cannot be recorded: got %v", err)
	}
}

func TestCountOfMemoryKills(t *testing.T) {
	if kernelCounts != "/proc/vmstat" {
		t.Errorf("counts are read from %s", kernelCounts)
	}
	defer func(was string) { kernelCounts = was }(kernelCounts)
	kernelCounts = filepath.Join(t.TempDir(), "vmstat")
	if n := memoryKills(); n != 0 {
		t.Errorf("without counts: %d", n)
	}
	for text, want := range map[string]uint64{"": 0, "oom_kill 12\n": 12, "a 1\noom_kill 3\nb 2\n": 3, "oom_kills 4\n": 0, "oom_kill x\n": 0,
		"thp_oom_kill 5\n": 0, "oom_kill 18446744073709551615": 1<<64 - 1} {
		if err := os.WriteFile(kernelCounts, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if n := memoryKills(); n != want {
			t.Errorf("%q: got %d, want %d", text, n, want)
		}
	}
}

func TestLastWordsKeepTheEnd(t *testing.T) {
	long := strings.Repeat("x", 500)
	many := strings.Repeat("line\n", 40)
	for _, test := range []struct {
		writes       []string
		words, cause string
	}{
		{nil, "", ""},
		{[]string{"a"}, "a", ": a"},
		{[]string{"a\nb"}, "a\nb", ": b"},
		{[]string{"a", "b\n", "c"}, "ab\nc", ": c"},
		{[]string{"a\n\n"}, "a\n", ": a"},
		{[]string{"\n"}, "", ""},
		{[]string{long + "yz\nb"}, long + "\nb", ": b"},
		{[]string{long[:499], "yz", "w\nb"}, long[:499] + "y\nb", ": b"},
		{[]string{"first\n", many}, strings.TrimSuffix(many, "\n"), ": line"},
		{[]string{"first\n", many[5:]}, "first\n" + strings.TrimSuffix(many[5:], "\n"), ": line"},
		{[]string{"first\nsecond\n", many[5:], "last"}, strings.TrimSuffix(many[5:], "\n") + "\nlast", ": last"},
		{[]string{"caf\xc3"}, "caf\uFFFD", ": caf\uFFFD"},
		{[]string{"panic: a\n\ngoroutine 1\nfatal error: b\nexit status 2\n"},
			"panic: a\n\ngoroutine 1\nfatal error: b\nexit status 2", ": panic: a"},
		{[]string{"fatal error: out of memory\nx"}, "fatal error: out of memory\nx", ": fatal error: out of memory"},
		{[]string{"SIGSEGV: bad\nx"}, "SIGSEGV: bad\nx", ": SIGSEGV: bad"},
		{[]string{"no panic: a\nSIG: b\npanic\nx"}, "no panic: a\nSIG: b\npanic\nx", ": x"},
		{[]string{"panic: a\n", many}, strings.TrimSuffix(many, "\n"), ": panic: a"},
	} {
		w := &lastWords{}
		for _, text := range test.writes {
			if n, err := w.Write([]byte(text)); n != len(text) || err != nil {
				t.Errorf("%.20q: wrote %d, %v", text, n, err)
			}
		}
		words, again := w.String(), w.String()
		if cause := w.cause(); words != test.words || again != words || cause != test.cause {
			t.Errorf("%.60q:\n got %q, %q, cause %q\nwant %q, cause %q", test.writes, words, again, cause, test.words, test.cause)
		}
	}
}
