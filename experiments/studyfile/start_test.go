package studyfile

import (
	"errors"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/start"
)

// pinned is the study with the digest 11… for the file one.pt and its copies, 22… for others, and whole ids of runs.
func pinned(t *testing.T, overrides ...string) experiments.Study {
	t.Helper()
	s, err := mustLoad(t, oneRun, overrides...).Pin(func(s start.Start) (start.Start, error) {
		switch {
		case s.Run != "":
			s.Run = strings.Repeat(s.Run, 16)[:16]
		case strings.HasSuffix(s.File, "one.pt"):
			s.Digest = strings.Repeat("11", 32)
		default:
			s.Digest = strings.Repeat("22", 32)
		}
		return s, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func firstRun(t *testing.T, s experiments.Study) experiments.Run {
	t.Helper()
	runs, err := s.Runs(noData)
	if err != nil {
		t.Fatal(err)
	}
	return runs[0]
}

// Runs are told apart by the weights that they begin with: by a file's content, wherever it lies, by the whole id of a
// run; a start that is off is none, and what may be missing changes nothing of what fits.
func TestIdentitySeesTheStart(t *testing.T) {
	plain := firstRun(t, mustLoad(t, oneRun))
	one := firstRun(t, pinned(t, "start.from=one.pt"))
	for what, c := range map[string]struct {
		a, b experiments.Run
		same bool
	}{
		"no start and none":              {plain, firstRun(t, pinned(t, "start.from=none")), true},
		"a file and drawn weights":       {plain, one, false},
		"a file and its copy elsewhere":  {one, firstRun(t, pinned(t, "start.from=copies/one.pt")), true},
		"two files":                      {one, firstRun(t, pinned(t, "start.from=two.pt")), false},
		"a file and what may be missing": {one, firstRun(t, pinned(t, "start.from=one.pt", "start.allow=fc.**")), true},
		"a file and a run":               {one, firstRun(t, pinned(t, "start.from=run:a")), false},
		"two runs":                       {firstRun(t, pinned(t, "start.from=run:b")), firstRun(t, pinned(t, "start.from=run:a")), false},
	} {
		if (c.a.ID == c.b.ID) != c.same {
			t.Errorf("%s: %s and %s", what, c.a.ID, c.b.ID)
		}
	}
	if got := one.Config.Start; got["from"] != "one.pt" || got["digest"] != strings.Repeat("11", 32) {
		t.Errorf("the run records %v", got)
	}
	if got := firstRun(t, pinned(t, "start.from=run:a")).Config.Start; got["from"] != "run:aaaaaaaaaaaaaaaa" || got["digest"] != nil {
		t.Errorf("the run records %v", got)
	}
}

// Each level has a start of its own; the study that is pinned leaves the one it was made from as it is.
func TestStartsOfLevels(t *testing.T) {
	before := mustLoad(t, oneRun, "start.from=none,one.pt,copies/two.pt")
	s := pinned(t, "start.from=none,one.pt,copies/two.pt")
	var got []string
	runs, err := s.Runs(noData)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		digest, _ := r.Config.Start["digest"].(string)
		if text := r.Levels["from"] + " " + digest[:min(2, len(digest))]; len(got) == 0 || got[len(got)-1] != text {
			got = append(got, text)
		}
	}
	if !strings.Contains(strings.Join(got, ", "), "none , one.pt 11, copies/two.pt 22") {
		t.Errorf("%q", got)
	}
	for _, l := range before.Factors[len(before.Factors)-1].Levels {
		if len(l.Set) != 1 {
			t.Errorf("the level %s of the study as it was read sets %v", l.Label, l.Set)
		}
	}
}

// A file that is not the one which the study names by its digest, or that cannot be read, is an error at its place.
func TestStartsThatCannotBePinned(t *testing.T) {
	other := func(s start.Start) (start.Start, error) { s.Digest = strings.Repeat("22", 32); return s, nil }
	s := mustLoad(t, oneRun, "start.from=one.pt", "start.digest="+strings.Repeat("1a", 32))
	if _, err := s.Pin(other); err == nil || !strings.HasPrefix(err.Error(), "start.from: one.pt has SHA-256 2222") {
		t.Errorf("another file: %v", err)
	}
	gone := errors.New("gone")
	for _, override := range []string{"start.from=one.pt", "start.from=none,one.pt"} {
		_, err := mustLoad(t, oneRun, override).Pin(func(s start.Start) (start.Start, error) { return s, gone })
		var p experiments.Problem
		if !errors.As(err, &p) || p.Path != "start.from" || p.Message != "gone" {
			t.Errorf("%s: %v", override, err)
		}
	}
}
