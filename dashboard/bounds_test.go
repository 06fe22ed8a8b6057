package dashboard

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"workbench/dashboard/guard"
	"workbench/experiments"
)

// many is a study of n runs.
func many(n int) *memory {
	m := degradation("demo", 0)
	for i := len(m.runs); i < n; i++ {
		r := m.runs[i%4]
		r.ID, r.Seed = fmt.Sprintf("%016x", 1<<40+i), uint64(i)
		m.runs = append(m.runs, r)
	}
	return m
}

func TestAddressesAreBounded(t *testing.T) {
	m := degradation("demo", 0)
	s := serverOf(t, m)
	distinctColumns, metrics := "", ""
	for i := range 33 {
		distinctColumns += fmt.Sprintf("c%d,", i)
		metrics += fmt.Sprintf("&metric=m%d", i)
	}
	id := m.runs[0].ID
	for path, part := range map[string]string{
		"/runs?columns=" + distinctColumns:              "columns: want at most 32, got 33",
		"/runs?columns=" + strings.Repeat("c", 101):     "columns: want names of at most 100 bytes, got one of 101",
		"/runs?q=" + strings.Repeat("a+or+", 200) + "a": "want at most 100 comparisons",
		"/runs?q=" + strings.Repeat("a", 2001):          "q: want at most 2000 bytes, got 2001",
		"/runs?sort=" + strings.Repeat("a", 2001):       "sort: want at most 2000 bytes, got 2001",
		"/runs?q=a;b":                                                     "cannot be read",
		"/api/v1/series?run=" + id + metrics:                              "metrics: want at most 16, got 33",
		"/api/v1/runs/" + id + "/curves?" + metrics[1:]:                   "metrics: want at most 16, got 33",
		"/studies/demo/curves.svg?" + metrics[1:]:                         "metrics: want at most 16, got 33",
		"/compare?" + strings.Repeat("run="+id+"&", 11):                   "compare takes at most 10 runs, got 11",
		"/api/v1/compare/curves?" + strings.Repeat("run="+id+"&", 11):     "compare takes at most 10 runs, got 11",
		"/models/resnet18?level=1&" + strings.Repeat("classes=10&", 1000): "The address has 1001 parameters, want at most 1000",
		"/api/v1/runs?q=" + strings.Repeat("a", 2001):                     `"error":"q: want at most 2000 bytes`,
	} {
		code, _, body := get(t, s, path)
		if code != http.StatusBadRequest || !strings.Contains(body, part) {
			t.Errorf("GET %.50s (%d bytes): %d, want 400 and %q:\n%.300s", path, len(path), code, part, body)
		}
	}
	code, _, body := get(t, s, "/runs?q="+strings.Repeat("a", 20_000))
	if code != http.StatusRequestURITooLong || !strings.Contains(body, "at most 16384") {
		t.Errorf("an address of 20 000 bytes: %d", code)
	}
	short, long := wantPage(t, s, "/runs?columns=lr", 200), wantPage(t, s, "/runs?columns="+strings.Repeat("lr,lr+", 300), 200)
	if n, want := strings.Count(long, "<th"), strings.Count(short, "<th"); n != want {
		t.Errorf("a column named 600 times makes %d headings, named once %d", n, want)
	}
}

// slow does not answer for studies before it is released.
type slow struct {
	*memory
	asked, release chan struct{}
}

func (s slow) Studies(ctx context.Context) ([]experiments.StudyInfo, error) {
	s.asked <- struct{}{}
	<-s.release
	return s.memory.Studies(ctx)
}

// When all places in the kitchen are taken, the next are told when to come back, and what costs nothing is answered.
func TestBusyServerSaysSo(t *testing.T) {
	source := slow{degradation("demo", 0), make(chan struct{}), make(chan struct{})}
	s := serverOf(t, source)
	s.kitchen = guard.NewKitchen(1, largestAnswer, unreadAnswers, time.Millisecond)
	first := make(chan int)
	go func() {
		code, _, _ := get(t, s, "/studies")
		first <- code
	}()
	<-source.asked
	code, h, body := get(t, s, "/api/v1/runs")
	if code != http.StatusServiceUnavailable || h.Get("Retry-After") == "" || !strings.Contains(body, `"error":"The server is busy`) {
		t.Errorf("while the only place is taken: %d, %v\n%s", code, h, body)
	}
	wantPage(t, s, "/healthz", 200)
	wantPage(t, s, s.assets.url("main.js"), 200)
	close(source.release)
	if code := <-first; code != http.StatusOK {
		t.Errorf("the one who had the place: %d", code)
	}
	wantPage(t, s, "/api/v1/runs", 200)
}

// What is no ordinary request gets an answer or an end, and the next one is answered as ever.
func TestOddRequests(t *testing.T) {
	base, stop := serving(t, serverOf(t, degradation("demo", 0)))
	host := strings.TrimPrefix(base, "http://")
	for text, want := range map[string]string{
		"GET /studies HTTP/1.0\r\nHost: HOST\r\n\r\n":                                                "HTTP/1.0 200",
		"GET /studies HTTP/1.0\r\n\r\n":                                                              "HTTP/1.0 421",
		"GET /studies HTTP/1.1\r\n\r\n":                                                              "HTTP/1.1 400",
		"GET http://HOST/studies HTTP/1.1\r\nHost: HOST\r\n\r\n":                                     "HTTP/1.1 200",
		"GET http://evil.example/studies HTTP/1.1\r\nHost: HOST\r\n\r\n":                             "HTTP/1.1 421",
		"GET /studies HTTP/1.1\r\nHost: HOST\r\nHost: HOST\r\n\r\n":                                  "HTTP/1.1 400",
		"HEAD /studies HTTP/1.1\r\nHost: HOST\r\n\r\n":                                               "HTTP/1.1 200",
		"OPTIONS /studies HTTP/1.1\r\nHost: HOST\r\n\r\n":                                            "HTTP/1.1 204",
		"OPTIONS * HTTP/1.1\r\nHost: HOST\r\n\r\n":                                                   "HTTP/1.1 ",
		"CONNECT HOST HTTP/1.1\r\nHost: HOST\r\n\r\n":                                                "HTTP/1.1 4",
		"POST /studies HTTP/1.1\r\nHost: HOST\r\nContent-Length: 3\r\n\r\na=b":                       "HTTP/1.1 405",
		"POST /studies HTTP/1.1\r\nHost: HOST\r\nContent-Length: 99999999\r\n\r\n":                   "HTTP/1.1 4",
		"GET /studies/de%6do HTTP/1.1\r\nHost: HOST\r\n\r\n":                                         "HTTP/1.1 200",
		"GET /studies/a%2Fb HTTP/1.1\r\nHost: HOST\r\n\r\n":                                          "HTTP/1.1 404",
		"GET /../../etc/passwd HTTP/1.1\r\nHost: HOST\r\n\r\n":                                       "HTTP/1.1 404",
		"GET /studies%00 HTTP/1.1\r\nHost: HOST\r\n\r\n":                                             "HTTP/1.1 404",
		"GET /studies HTTP/1.1\r\nHost: HOST\r\nRange: bytes=0-0,1-1,2-2\r\n\r\n":                    "HTTP/1.1 200",
		"GET /studies HTTP/1.1\r\nHost: HOST\r\nCookie: " + strings.Repeat("a", 60_000) + "\r\n\r\n": "HTTP/1.1 431",
		"GET /studies HTTP/1.1\r\nHost: HOST\r\n" + strings.Repeat("X-A: b\r\n", 9000) + "\r\n":      "HTTP/1.1 431",
		"GET /" + strings.Repeat("a", 60_000) + " HTTP/1.1\r\nHost: HOST\r\n\r\n":                    "HTTP/1.1 4",
		strings.Repeat("GET /healthz HTTP/1.1\r\nHost: HOST\r\n\r\n", 50):                            "HTTP/1.1 200",
		"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n":                                                       "HTTP/1.1 400",
	} {
		c, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(c, strings.ReplaceAll(text, "HOST", host)) // the server may have ended it already
		line, err := bufio.NewReader(c).ReadString('\n')
		if !strings.HasPrefix(line, want) {
			t.Errorf("%.60q: %q (%v), want %s", text, line, err, want)
		}
		c.Close()
	}
	answer, err := http.Get(base + "/healthz")
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("afterwards: %v", err)
	}
	if body, err := io.ReadAll(answer.Body); err != nil || string(body) != "ok\n" {
		t.Errorf("afterwards: %q, %v", body, err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
