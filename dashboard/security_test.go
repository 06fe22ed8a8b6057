package dashboard

import (
	"compress/gzip"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"workbench/experiments"
)

func TestRebindingIsRefusedEverywhere(t *testing.T) {
	s := serverOf(t, degradation("demo", 0))
	for _, path := range []string{"/studies", "/api/v1/runs", "/metrics", "/events", s.assets.url("style.css"), "/nothing"} {
		code, _, body := get(t, s, path, "Host", "evil.example")
		if code != http.StatusMisdirectedRequest || strings.Contains(body, "demo") || !strings.Contains(body, "--host evil.example") {
			t.Errorf("GET %s as evil.example: %d %.80s", path, code, body)
		}
	}
}

// What is no name is not repeated to whoever reads the answer.
func TestOddHostNamesAreNotRepeated(t *testing.T) {
	s := serverOf(t, &memory{})
	for _, host := range []string{"a<b>", "a;rm -rf b", strings.Repeat("a", 200)} {
		code, _, body := get(t, s, "/studies", "Host", host)
		if code != 421 || !strings.Contains(body, "--host NAME") || strings.Contains(body, host) {
			t.Errorf("Host %.20q: %d %s", host, code, body)
		}
	}
}

// Of another site's requests only a link that opens a tab is answered, wherever it leads.
func TestOtherSitesGetNothing(t *testing.T) {
	s := serverOf(t, degradation("demo", 0))
	embedded := []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image"}
	link := []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}
	for _, path := range []string{"/studies", "/runs?columns=a", "/api/v1/runs", "/metrics", "/events", "/healthz",
		s.assets.url("style.css"), "/no"} {
		if code, _, body := get(t, s, path, embedded...); code != http.StatusForbidden || strings.Contains(body, "demo") {
			t.Errorf("GET %s as a picture of another site: %d %.80s", path, code, body)
		}
		if path == "/events" {
			continue
		}
		want, _, _ := get(t, s, path)
		if code, _, _ := get(t, s, path, link...); code != want {
			t.Errorf("GET %s by a link of another site: %d, want %d", path, code, want)
		}
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	s := serverOf(t, degradation("demo", 0))
	for _, path := range []string{"/studies", "/studies/none", "/api/v1/runs", "/metrics", s.assets.url("main.js"), "/nothing"} {
		_, h, _ := get(t, s, path)
		for name, want := range securityHeaders {
			if got := h.Get(name); got != want {
				t.Errorf("GET %s: %s is %q, want %q", path, name, got, want)
			}
		}
		if h.Get("Content-Type") == "" {
			t.Errorf("GET %s has no content type", path)
		}
	}
	if csp := securityHeaders["Content-Security-Policy"]; strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") {
		t.Errorf("policy %q", csp)
	}
}

func TestNothingCanBeChanged(t *testing.T) {
	s := serverOf(t, degradation("demo", 0))
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		for origin, want := range map[string]int{"": http.StatusMethodNotAllowed, "https://evil.example": http.StatusForbidden} {
			r := httptest.NewRequest(method, "/studies/demo", strings.NewReader("x=1"))
			r.Host = "localhost:8080"
			if origin != "" {
				r.Header.Set("Origin", origin)
			}
			w := httptest.NewRecorder()
			s.Handler().ServeHTTP(w, r)
			if w.Code != want {
				t.Errorf("%s from %q: %d, want %d", method, origin, w.Code, want)
			}
		}
	}
	r := httptest.NewRequest("GET", "/studies", strings.NewReader(strings.Repeat("x", 1<<20)))
	r.Host = "localhost"
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a body of 1 MiB: %d, want 413", w.Code)
	}
}

// panicking panics where it is asked for studies.
type panicking struct{ experiments.Source }

func TestPanicIsAnErrorPageWithItsRequest(t *testing.T) {
	var log strings.Builder
	s, err := New(Options{Source: panicking{}, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	code, h, body := get(t, s, "/studies")
	id := h.Get("X-Request-Id")
	if code != 500 || !strings.Contains(body, id) || strings.Contains(body, "nil pointer") {
		t.Errorf("%d, request %s\n%s", code, id, body)
	}
	if !strings.Contains(log.String(), id) || !strings.Contains(log.String(), "studiesPage") {
		t.Errorf("the log lacks the id or the stack: %s", log.String())
	}
	if _, err := New(Options{}); err == nil {
		t.Error("a server without a source was made")
	}
	if code, _ := status(newPanicked(errors.Join(experiments.ErrNotFound))); code != 500 {
		t.Errorf("a panic with ErrNotFound is %d", code)
	}
}

func TestAssets(t *testing.T) {
	s := serverOf(t, &memory{})
	for name, f := range s.assets.files {
		url := s.assets.url(name)
		code, h, body := get(t, s, url)
		if code != 200 || body != string(f.plain) || !strings.Contains(h.Get("Cache-Control"), "immutable") ||
			strings.HasPrefix(h.Get("ETag"), "W/") {
			t.Errorf("GET %s: %d %v", url, code, h)
		}
		code, packed, zipped := get(t, s, url, "Accept-Encoding", "br, gzip")
		z, err := gzip.NewReader(strings.NewReader(zipped))
		if err != nil || code != 200 || packed.Get("Content-Encoding") != "gzip" || packed.Get("ETag") == h.Get("ETag") {
			t.Fatalf("GET %s packed: %d %v %v", url, code, packed, err)
		}
		if plain, err := io.ReadAll(z); err != nil || string(plain) != body {
			t.Errorf("%s unpacks to something else: %v", url, err)
		}
		if code, _, body := get(t, s, url, "If-None-Match", h.Get("ETag")); code != 304 || body != "" {
			t.Errorf("GET %s again: %d", url, code)
		}
		_, old, _ := get(t, s, "/assets/old/"+name)
		if strings.Contains(old.Get("Cache-Control"), "immutable") {
			t.Errorf("%s may be kept for ever under a hash that is not its own", name)
		}
	}
	for _, needed := range []string{"main.js", "vendor/uPlot-LICENSE"} {
		if _, ok := s.assets.files[needed]; !ok {
			t.Errorf("asset %s is not embedded", needed)
		}
	}
	page := wantPage(t, s, "/studies", 200)
	for _, forbidden := range []string{"<style", "style=", "onclick=", "javascript:"} {
		if strings.Contains(page, forbidden) {
			t.Errorf("the page holds %q, which its own policy forbids", forbidden)
		}
	}
}
