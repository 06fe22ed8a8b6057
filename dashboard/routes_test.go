package dashboard

import (
	"compress/gzip"
	"io"
	"slices"
	"strings"
	"testing"
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
		path := strings.NewReplacer(":study", "demo", ":run", run, ":model", "resnet20_cifar", ":step", "40", ":hash", s.assets.hash).Replace(pattern)
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
