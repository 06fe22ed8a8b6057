package dashboard

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// behindProxy is a server that a reverse proxy shows below /lab/wb, and nothing else beside it.
func behindProxy(t *testing.T, s *Server, strips bool) *httptest.Server {
	t.Helper()
	o := s.Options
	o.Base, o.Hosts = "/lab/wb/", []string{"127.0.0.1"}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	s.catalogue = countedOnce()
	inner := httptest.NewServer(s.Handler())
	t.Cleanup(inner.Close)
	target, err := url.Parse(inner.URL)
	if err != nil {
		t.Fatal(err)
	}
	var proxy http.Handler = &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, FlushInterval: -1}
	if strips {
		proxy = http.StripPrefix("/lab/wb", proxy)
	}
	mux := http.NewServeMux()
	mux.Handle("/lab/wb/", proxy)
	outer := httptest.NewServer(mux)
	t.Cleanup(outer.Close)
	return outer
}

var (
	linked  = regexp.MustCompile(` (?:href|src|action|formaction|poster|srcset|data-[a-z]+)="([^"]*)"`)
	named   = regexp.MustCompile(`/[0-9a-f]{16}\b|/[a-z0-9_]*net[a-z0-9_]*\b`)
	modules = regexp.MustCompile(`from "([^"]+)"`)
)

// walker follows what a browser would, and fails at what is not below the base or not there.
type walker struct {
	t    *testing.T
	base string
	seen map[string]bool
	next [][2]string     // addresses and what led to them
	kind map[string]bool // addresses that differ in a run, a network or values alone: one of each is followed
}

func (w *walker) visit(address, from string) {
	w.t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	at := answer.Request.URL
	if err != nil || answer.StatusCode != http.StatusOK || !strings.HasPrefix(at.String(), w.base) {
		w.t.Fatalf("%s of %s: %d at %s (%v)\n%.300s", address, from, answer.StatusCode, at, err, body)
	}
	media := answer.Header.Get("Content-Type")
	switch {
	case strings.HasPrefix(media, "text/html"):
		for _, found := range linked.FindAllStringSubmatch(string(body), -1) {
			if strings.HasPrefix(found[0], " data-") && !strings.HasPrefix(found[0], " data-source") {
				if strings.HasPrefix(found[1], "/") {
					w.t.Errorf("%s: %s looks like an address and is not below the base", at, found[0])
				}
				continue
			}
			w.follow(at, found[1])
		}
	case strings.HasPrefix(media, "text/javascript"):
		for _, found := range modules.FindAllStringSubmatch(string(body), -1) {
			w.follow(at, found[1])
		}
		if strings.Contains(at.Path, "/vendor/") {
			return
		}
		if absolute := regexp.MustCompile(`["'\x60(]/[a-z]`).Find(body); absolute != nil {
			w.t.Errorf("%s has an address from the root: %s", at, absolute)
		}
	case strings.HasPrefix(media, "text/css"):
		if strings.Contains(string(body), "url(/") || strings.Contains(string(body), `url("/`) {
			w.t.Errorf("%s has an address from the root", at)
		}
	}
}

func (w *walker) follow(from *url.URL, text string) {
	to, err := from.Parse(strings.NewReplacer("&amp;", "&", "&#43;", "+", "&#34;", `"`, "&#39;", "'").Replace(text))
	if err != nil {
		w.t.Fatalf("%s: %v", from, err)
	}
	to.Fragment = ""
	kind := named.ReplaceAllString(to.Path, "/X") + "?" + to.Query().Get("format") + strings.Join(sortedKeys(to.Query()), " ")
	if address := to.String(); !w.kind[kind] {
		w.seen[address], w.kind[kind] = true, true
		w.next = append(w.next, [2]string{address, from.String()})
	}
}

func TestTheBaseAloneIsTheStart(t *testing.T) {
	o := serverOf(t, degradation("demo", 0)).Options
	o.Base = "/wb"
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/wb": "/wb/studies", "/wb/": "/wb/studies", "/": "/wb/studies"} {
		if code, h, _ := get(t, s, path); code != http.StatusFound || h.Get("Location") != want {
			t.Errorf("GET %s: %d, to %s, want %s", path, code, h.Get("Location"), want)
		}
	}
	if code, _, _ := get(t, s, "/wbx/studies"); code != http.StatusNotFound {
		t.Errorf("GET /wbx/studies: %d, want 404", code)
	}
	wantPage(t, s, "/healthz", 200) // the machine's own look does not go through the proxy
	wantPage(t, s, "/wb/healthz", 200)
	wantPage(t, s, "/wb/runs?q="+url.QueryEscape(`" href="/evil`), 400, `value="&#34; href=&#34;/evil"`)
}
