package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// inKept works in a folder that has the database of an earlier program.
func inKept(t *testing.T) {
	t.Helper()
	packed, err := filepath.Abs("testdata/kept/kept.db.gz")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	unpacked(t, packed, "kept.db")
}

// Listings of runs hold those that the flags select, newest first, and several flags select together.
func TestRunsAreSelected(t *testing.T) {
	inKept(t)
	const queued, failed, interrupted, done = "df45426a936051fd", "ddd8a8f9a4c5b759", "320e6e1a8e70680f", "f669c3b6e74d9991"
	for flags, want := range map[string]string{
		"":                                   interrupted + " " + failed + " " + done + " " + queued,
		"--study kept":                       interrupted + " " + failed + " " + done + " " + queued,
		"--study kept@1":                     interrupted + " " + failed + " " + done + " " + queued,
		"--status done":                      done,
		"--status queued,failed":             failed + " " + queued,
		"--status interrupted --status done": interrupted + " " + done,
		"--status running":                   "",
		"--where seed=2":                     interrupted + " " + queued,
		"--where status=done":                done,
		"--where seed=2 --status queued --study kept": queued,
		"--where seed=1 --status queued":              "",
	} {
		got := called(t, append(strings.Fields("runs --db kept.db --format csv"), strings.Fields(flags)...)...)
		var ids []string
		for i, line := range strings.Split(strings.TrimSpace(got.out), "\n") {
			if id, _, _ := strings.Cut(line, ","); i > 0 {
				ids = append(ids, id)
			}
		}
		if got.status != exitOK || strings.Join(ids, " ") != want || got.err != "" {
			t.Errorf("runs %s: status %d, %q %s, want %q", flags, got.status, ids, got.err, want)
		}
	}
}

// A database is that of --db, else that of the variable; and a study, a run, a comparison are read from it.
func TestTheDatabaseIsThatOfTheFlagOrTheVariable(t *testing.T) {
	inKept(t)
	t.Setenv("WORKBENCH_DB", "kept.db")
	for _, args := range [][]string{{"runs"}, {"studies"}, {"ablate", "kept"}, {"power", "kept"},
		{"show", "latest"}, {"compare", "f669", "320e"}} {
		byVariable, byFlag := calledAs(t, newApp(), args...), called(t, append(args, "--db", "kept.db")...)
		t.Setenv("WORKBENCH_DB", "kept.db")
		if byVariable.status != exitOK || len(byVariable.out) == 0 || byFlag.status != exitOK || len(byFlag.out) < 100 {
			t.Errorf("%s: by the variable %+v, by the flag %+v", args, byVariable, byFlag)
		}
		if other := calledAs(t, newApp(), append(args, "--db", "none.db")...); other.status != exitFailed && args[0] != "studies" {
			t.Errorf("%s: the flag does not outdo the variable: %+v", args, other)
		}
	}
	if _, err := os.Stat(defaultDB); err == nil {
		t.Error("reading made a database")
	}
}

// What continues a training is the same call, quoted, without the flags that would begin anew.
func TestCallsThatContinue(t *testing.T) {
	for line, want := range map[string]string{
		"run quickstart": "run quickstart",
		"run quickstart epochs=2 --seeds 1-2 -j 2":    "run quickstart epochs=2 --jobs=2 --seeds=1-2",
		"run quickstart --force -v -q --db other.db":  "run quickstart --db=other.db --quiet",
		"run quickstart --failed=false --threads 1":   "run quickstart --failed=false --threads=1",
		"run quickstart -- -x=1":                      "run -- quickstart -x=1",
		"demo --host a --host b,c --addr 127.0.0.1:0": "demo --addr=127.0.0.1:0 --host a --host b --host c",
	} {
		a := newApp()
		root := a.root()
		var got string
		visit(root, func(c *cobra.Command) {
			c.PreRunE, c.RunE = nil, func(cmd *cobra.Command, args []string) error {
				got = a.again(cmd, args)
				return nil
			}
		})
		root.SetArgs(strings.Fields(line))
		if err := root.Execute(); err != nil {
			t.Fatal(err)
		}
		if _, got, _ = strings.Cut(got, " "); got != want {
			t.Errorf("%s continues by %s, want %s", line, got, want)
		}
	}
}

// A call is told as it was made: by its path if it had one, on the database unless that is the default.
func TestCallsAreToldAsTheyWereMade(t *testing.T) {
	before := os.Args[0]
	defer func() { os.Args[0] = before }()
	for _, c := range []struct{ program, db, variable, want string }{
		{"workbench", defaultDB, "", "workbench show latest"},
		{"bin/workbench", defaultDB, "", "bin/workbench show latest"},
		{"./workbench", "other.db", "", "./workbench show latest --db other.db"},
		{"workbench", "other.db", "other.db", "workbench show latest"},
		{"workbench", defaultDB, "other.db", "workbench show latest --db workbench.db"},
	} {
		t.Setenv("WORKBENCH_DB", c.variable)
		os.Args[0] = c.program
		a := &app{db: c.db}
		if got := a.program().On("show", "latest"); got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
}

// Health asks one page and believes its status; what else it is told is on standard error.
func TestHealthBelievesTheStatus(t *testing.T) {
	status, asked := http.StatusOK, ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Method + " " + r.URL.String()
		w.WriteHeader(status)
		_, _ = w.Write([]byte("the file is gone\x1b" + strings.Repeat("x", 1000)))
	}))
	defer server.Close()
	for path, want := range map[string]string{"": "/healthz", "/": "/healthz", "/wb/healthz": "/wb/healthz", "/x?y=1": "/x?y=1"} {
		status = http.StatusOK
		got := called(t, "health", server.URL+path)
		if got.status != exitOK || asked != "GET "+want || got.out != server.URL+want+": well\n" || got.err != "" {
			t.Errorf("health of %q: %+v, it asked %s, want %s", path, got, asked, want)
		}
		status = http.StatusServiceUnavailable
		got = called(t, "health", server.URL+path)
		said := "workbench: " + server.URL + want + ": status 503 Service Unavailable: the file is gone\ufffd" + strings.Repeat("x", 183) + "\n"
		if got.status != exitFailed || got.err != said || got.out != "" {
			t.Errorf("of one that is not well: %+v, want %q", got, said)
		}
	}
	t.Setenv("WORKBENCH_ADDR", strings.TrimPrefix(server.URL, "http://"))
	status, asked = http.StatusOK, ""
	if got := calledAs(t, newApp(), "health"); got.status != exitOK || asked != "GET /healthz" {
		t.Errorf("without an address: %+v, it asked %q", got, asked)
	}
}
