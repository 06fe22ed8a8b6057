package dashboard

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
)

// patterns of all routes, sorted.
func patterns(s *Server) []string {
	var all []string
	for _, route := range s.routes().Routes() {
		all = append(all, route.Path)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// examples has an address for every route of a server of the study demo with artefacts, but for the event stream, which
// does not end.
func examples(t *testing.T, s *Server, run string) []string {
	t.Helper()
	var all []string
	for _, pattern := range patterns(s) {
		path := strings.NewReplacer(":study", "demo", ":run", run, ":model", "resnet20_cifar", ":claim", "senet-params", ":step", "40",
			":figure", "layers.svg", ":hash", s.assets.hash).Replace(pattern)
		switch pattern {
		case "/events":
			continue
		case assetRoute:
			path = s.assets.url("main.js")
		case artefactRoute:
			path = strings.Replace(path, "*", "notes", 1)
		case "/api/v1/series":
			path += "?run=" + run + "&metric=test/top1"
		case "/compare", "/compare/curves.svg", "/api/v1/compare/curves":
			path += "?run=" + run + "&run=latest"
		case "/models/compare":
			path += "?a=resnet20_cifar&b=resnet18"
		}
		if strings.ContainsAny(path, ":*") {
			t.Fatalf("no example of %s is known here", pattern)
		}
		all = append(all, path)
	}
	return all
}

// Whoever makes an answer, it is compressed once, and only for those who take it so.
func TestAnswersAreCompressedOnce(t *testing.T) {
	s, run := withArtefacts(t)
	packed := 0
	for _, path := range append(examples(t, s, run), "/nothing", "/studies?format=pdf", "/runs?format=csv") {
		code, h, plain := get(t, s, path)
		if code == 0 || h.Get("Content-Encoding") != "" {
			t.Errorf("GET %s: %d, encoded as %q unasked", path, code, h.Get("Content-Encoding"))
		}
		if _, h, _ := get(t, s, path, "Accept-Encoding", "gzip;q=0, br"); h.Get("Content-Encoding") != "" {
			t.Errorf("GET %s: encoded as %q for who does not take it", path, h.Get("Content-Encoding"))
		}
		_, h, body := get(t, s, path, "Accept-Encoding", "gzip")
		if h.Get("Content-Encoding") == "gzip" {
			packed++
			z, err := gzip.NewReader(strings.NewReader(body))
			if err != nil {
				t.Errorf("GET %s: %v", path, err)
				continue
			}
			text, err := io.ReadAll(z)
			if err != nil {
				t.Errorf("GET %s: %v", path, err)
			}
			body = string(text)
		}
		if path == "/metrics" { // no two scrapes are alike
			plain, body = plain[:20], body[:min(len(body), 20)]
		}
		if path == "/nothing" || strings.Contains(path, "pdf") { // nor are two errors: each has its id
			continue
		}
		if body != plain {
			t.Errorf("GET %s: %.40q unpacked, %.40q plain", path, body, plain)
		}
	}
	if packed < 15 {
		t.Errorf("%d answers were compressed, want at least 15", packed)
	}
}

// leaking says in each of its errors where the database lies, as a store does, and panics when it is told to.
type leaking struct {
	experiments.Source
	err    error
	panics bool
}

const secret = "/home/somebody/secret"

func (l leaking) fail() error {
	if l.panics {
		panic(fmt.Sprintf("%s/store.go:17: %v", secret, l.err))
	}
	return fmt.Errorf("no such thing in %s/workbench.db: %w", secret, l.err)
}

func (l leaking) Studies(context.Context) ([]experiments.StudyInfo, error) { return nil, l.fail() }
func (l leaking) Study(context.Context, string) (experiments.StudyInfo, error) {
	return experiments.StudyInfo{}, l.fail()
}
func (l leaking) Runs(context.Context, experiments.RunFilter) ([]experiments.RunInfo, error) {
	return nil, l.fail()
}
func (l leaking) Run(context.Context, string) (experiments.RunInfo, error) {
	return experiments.RunInfo{}, l.fail()
}
func (l leaking) LastChange(context.Context) (int64, error) { return 0, l.fail() }
func (l leaking) Changes(context.Context, int64, int) ([]experiments.Change, error) {
	return nil, l.fail()
}

// late fails after the run or study has been found.
type late struct {
	leaking
	found experiments.Source
}

func (l late) Run(ctx context.Context, id string) (experiments.RunInfo, error) {
	return l.found.Run(ctx, id)
}
func (l late) Study(ctx context.Context, name string) (experiments.StudyInfo, error) {
	return l.found.Study(ctx, name)
}
func (l late) Runs(ctx context.Context, f experiments.RunFilter) ([]experiments.RunInfo, error) {
	return l.found.Runs(ctx, f)
}
func (l late) Studies(ctx context.Context) ([]experiments.StudyInfo, error) {
	return l.found.Studies(ctx)
}
func (l late) Series(context.Context, []string, []string, int) ([]experiments.Series, error) {
	return nil, l.fail()
}
func (l late) Metrics(context.Context, []string) ([]string, error) { return nil, l.fail() }
func (l late) Log(context.Context, string, int) ([]string, error)  { return nil, l.fail() }
func (l late) Artefacts(context.Context, string) ([]experiments.ArtefactInfo, error) {
	return nil, l.fail()
}
func (l late) Artefact(context.Context, string, string, int64) (experiments.Artefact, error) {
	return experiments.Artefact{}, l.fail()
}

// No answer, whatever fails behind it, tells a path of the machine: not the database's folder, not a source file.
func TestAnswersTellNoPaths(t *testing.T) {
	good, run := withArtefacts(t)
	source := regexp.MustCompile(`\w\.go:\d+|/root/|/usr/|/tmp/|goroutine \d`)
	paths := append(examples(t, good, run), "/events", "/events?after=3", "/studies/none", "/runs/none", "/compare?run=none&run=x",
		"/api/v1/series?run=none&metric=x", "/runs?q=x%3D", "/nothing", "/assets/x/../../etc/passwd",
		"/models/none", "/models/alexnet?input=3x1x1")
	failed := 0
	for _, cause := range []error{errors.New("disk I/O error"), experiments.ErrNotFound, experiments.ErrAmbiguous, context.DeadlineExceeded} {
		for _, panics := range []bool{false, true} {
			l := leaking{err: cause, panics: panics}
			for _, broken := range []experiments.Source{l, late{l, good.Source}} {
				o := good.Options
				o.Source, o.Store = broken, sizes{fmt.Errorf("statfs %s: %w", secret, cause)}
				s, err := New(o)
				if err != nil {
					t.Fatal(err)
				}
				s.catalogue = countedOnce()
				for _, path := range paths {
					if strings.Contains(path, "/models") && failed > 50 {
						continue // drawing networks takes longer, and reads little of the source
					}
					code, h, body := get(t, s, path)
					if all := fmt.Sprint(h) + body; strings.Contains(all, "secret") || source.MatchString(all) {
						t.Errorf("GET %s with %v (panic %v): %d tells a path:\n%.500s", path, cause, panics, code, all)
					}
					if code >= 400 {
						failed++
					}
				}
			}
		}
	}
	if failed < 200 {
		t.Errorf("%d answers were errors, want most", failed)
	}
}
