package dashboard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"workbench/dashboard/filter"
	"workbench/experiments"
)

// An error is told by its status and a sentence that has nothing of its inside.
func TestErrorsHaveTheirStatus(t *testing.T) {
	for _, c := range []struct {
		err  error
		code int
		what string
	}{
		{badRequest("want %d", 3), 400, "want 3"},
		{&filter.Error{Text: "a", Column: 2, Message: "want b"}, 400, "filter: column 2: want b"},
		{experiments.ErrNotFound, 404, "This database has no such thing."},
		{context.DeadlineExceeded, 504, "Reading the database took too long."},
		{newPanicked("secret"), 500, "The dashboard met an error of its own."},
		{newPanicked(badRequest("secret")), 500, "The dashboard met an error of its own."},
		{newPanicked(experiments.ErrMissing), 503, "The file of the database was deleted or moved."},
		{errors.New("secret"), 500, "The database could not be read."},
		{experiments.ErrMissing, 503, "The file of the database was deleted or moved."},
		{experiments.ErrReplaced, 503, "Another file has taken the place of the database."},
		{experiments.ErrDamaged, 503, "The file of the database is damaged."},
	} {
		if code, what := status(fmt.Errorf("/secret/path: %w", c.err)); code != c.code || what != c.what {
			t.Errorf("%v: %d %q, want %d %q", c.err, code, what, c.code, c.what)
		}
	}
}

// The log has what a reader is not told: of errors of the server, and of no others.
func TestOnlyTheServersErrorsAreLogged(t *testing.T) {
	for _, c := range []struct {
		err        error
		logged     bool
		retryAfter string
	}{
		{badRequest("x"), false, ""}, {experiments.ErrMissing, false, "5"}, {errors.New("inside"), true, ""},
		{newPanicked("inside"), true, ""}, {context.DeadlineExceeded, true, ""},
	} {
		var log bytes.Buffer
		s := serverOf(t, &memory{})
		s.Log = slog.New(slog.NewTextHandler(&log, nil))
		w := httptest.NewRecorder()
		w.Header().Set("X-Request-Id", "id7")
		s.fail(w, httptest.NewRequest("GET", "/runs", nil), c.err)
		if got := log.Len() > 0; got != c.logged || got && (!strings.Contains(log.String(), "request=id7 path=/runs error=") ||
			!strings.Contains(log.String(), "level=ERROR") ||
			strings.Contains(log.String(), "stack=") != strings.HasPrefix(c.err.Error(), "panic")) {
			t.Errorf("%v is logged as %q", c.err, log.String())
		}
		if got := w.Header().Get("Retry-After"); got != c.retryAfter {
			t.Errorf("%v: retry after %q, want %q", c.err, got, c.retryAfter)
		}
	}
	ctx, leave := context.WithCancel(t.Context())
	leave()
	w := httptest.NewRecorder()
	serverOf(t, &memory{}).fail(w, httptest.NewRequest("GET", "/runs", nil).WithContext(ctx), context.Canceled)
	if w.Body.Len() > 0 {
		t.Errorf("a reader who has left is answered %d", w.Code)
	}
}

func TestAnswersAreCompressedFromTheirEdge(t *testing.T) {
	for _, c := range []struct {
		size          int
		media, accept string
		want          string
	}{
		{1399, "text/html", "gzip", ""}, {1400, "text/html", "gzip", "gzip"}, {9999, "text/csv; charset=utf-8", "gzip", "gzip"},
		{9999, "application/json", "gzip", "gzip"}, {9999, "image/svg+xml", "gzip", "gzip"}, {9999, "image/png", "gzip", ""},
		{9999, "application/octet-stream", "gzip", ""}, {9999, "text/html", "", ""}, {9999, "text/html", "br", ""},
		{9999, "text/html", "br, gzip;q=0.5", "gzip"}, {9999, "text/html", "gzip; q=0", ""}, {9999, "text/html", "gzip;q=0", ""},
		{9999, "text/html", "deflate,gzip", "gzip"}, {9999, "text/html", "xgzip", ""},
	} {
		p := parcel{media: c.media, body: make([]byte, c.size)}
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", c.accept)
		if err := p.compress(r); err != nil || p.encoding != c.want || (len(p.body) == c.size) != (c.want == "") {
			t.Errorf("%d bytes of %s for who accepts %q: encoding %q, %d bytes (%v)", c.size, c.media, c.accept, p.encoding, len(p.body), err)
		}
	}
	var b bounded
	if n, err := b.Write(make([]byte, largestAnswer)); n != largestAnswer || err != nil {
		t.Errorf("the largest answer: %d bytes, %v", n, err)
	}
	if n, err := b.Write([]byte("x")); n != 0 || err == nil {
		t.Error("a larger answer is made")
	}
}

// An asset is kept for ever under the present address, asked for again under an older one, and not sent twice.
func TestAssetsAreKeptAsTheirAddressSays(t *testing.T) {
	s := serverOf(t, &memory{})
	f := s.assets.files["main.js"]
	plain, packed := `"`+f.etag+`"`, `"`+f.etag+`-gz"`
	for _, c := range []struct {
		hash, accept, known string
		code                int
		cache, etag, coding string
	}{
		{s.assets.hash, "", "", 200, "public, max-age=31536000, immutable", plain, ""},
		{s.assets.hash, "gzip", "", 200, "public, max-age=31536000, immutable", packed, "gzip"},
		{"older", "", "", 200, "no-cache", plain, ""},
		{"older", "", `"x", ` + plain, 304, "no-cache", plain, ""},
		{"older", "gzip", packed, 304, "no-cache", packed, ""},
		{"older", "gzip", plain, 200, "no-cache", packed, "gzip"},
		{"older", "", packed, 200, "no-cache", plain, ""},
	} {
		code, h, body := get(t, s, "/assets/"+c.hash+"/main.js", "Accept-Encoding", c.accept, "If-None-Match", c.known)
		want := map[string]string{"": string(f.plain), "gzip": string(f.gzipped)}[c.coding]
		if c.code == 304 {
			want = ""
		}
		got := []string{h.Get("Cache-Control"), h.Get("ETag"), h.Get("Content-Encoding"), h.Get("Vary"), h.Get("Content-Type")}
		header := []string{c.cache, c.etag, c.coding, "Accept-Encoding", "text/javascript; charset=utf-8"}
		if code != c.code || body != want || !slices.Equal(got, header) {
			t.Errorf("%+v: %d, %q, %d bytes", c, code, got, len(body))
		}
	}
	for name, want := range map[string]string{"a.css": "text/css; charset=utf-8", "a.svg": "image/svg+xml", "a.png": "image/png",
		"a.txt": "text/plain; charset=utf-8", "LICENSE": "text/plain; charset=utf-8"} {
		if got := typeOf(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func TestServersHaveDefaults(t *testing.T) {
	if _, err := New(Options{}); err == nil || err.Error() != "dashboard: Options.Source is nil" {
		t.Errorf("without a source: %v", err)
	}
	s, err := New(Options{Source: &memory{}})
	if err != nil {
		t.Fatal(err)
	}
	if s.Poll != 500*time.Millisecond || s.hub.every != s.Poll || s.Log != slog.Default() || time.Since(s.Now()) > time.Minute {
		t.Errorf("poll %v (%v), log %v, now %v", s.Poll, s.hub.every, s.Log, s.Now())
	}
	for host, want := range map[string]int{"localhost": 200, "127.0.0.1": 200, "lab.example": 421} {
		if code, _, _ := get(t, s, "/healthz", "Host", host); code != want {
			t.Errorf("as %s: %d, want %d", host, code, want)
		}
	}
	s, err = New(Options{Source: &memory{}, Hosts: []string{"lab.example"}, Addr: "10.0.0.1:80", Base: "/x/", Poll: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if code, _, _ := get(t, s, "/healthz", "Host", "lab.example"); code != 200 || s.At("/runs") != "/x/runs" || s.hub.every != time.Second {
		t.Errorf("with options: %d, %s, %v", code, s.At("/runs"), s.hub.every)
	}
}

func TestNamesInAnswersAreSafe(t *testing.T) {
	for got, want := range map[string]string{
		safeName("aZ09._-"): "aZ09._-", safeName("a/b \"ü"): "a_b___", safeName(""): "",
		studyLabel(strings.Repeat("s", 128)):            strings.Repeat("s", 128),
		studyLabel(strings.Repeat("s", 129)):            strings.Repeat("s", 128) + "…",
		studyLabel("s" + strings.Repeat("ü", 64)):       "s" + strings.Repeat("ü", 63) + "…",
		lastLine(foreignHost("a.b-c_d:80")):             "  workbench serve --host a.b-c_d:80",
		lastLine(foreignHost("[::1]:80")):               "  workbench serve --host [::1]:80",
		lastLine(foreignHost(strings.Repeat("h", 100))): "  workbench serve --host " + strings.Repeat("h", 100),
		lastLine(foreignHost(strings.Repeat("h", 101))): "  workbench serve --host NAME",
		lastLine(foreignHost("a b")):                    "  workbench serve --host NAME",
		methodLabel(http.MethodGet):                     "GET",
		methodLabel(http.MethodHead):                    "HEAD",
		methodLabel(http.MethodPost):                    "other",
		methodLabel("INVENTED"):                         "other",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if m, err := keyValues("a", 1, "b", 2, "odd"); err != nil || len(m) != 2 || m["a"] != 1 || m["b"] != 2 {
		t.Errorf("%v, %v", m, err)
	}
	if _, err := keyValues(1, 2); err == nil {
		t.Error("a number is a key")
	}
}

func lastLine(text string) string { return text[strings.LastIndexByte(text, '\n')+1:] }

// Of more active runs than have gauges, the silent come first, then those that began first.
func TestGaugesFollowTheSilentFirst(t *testing.T) {
	c := newRunCollector(serverOf(t, &memory{}))
	run := func(id string, began, reported time.Duration) experiments.RunInfo {
		return experiments.RunInfo{Run: experiments.Run{ID: id}, Status: experiments.Running, Started: epoch0.Add(began),
			Progress: &experiments.Progress{Time: epoch0.Add(reported), Interval: time.Millisecond}}
	}
	active := []experiments.RunInfo{run("d", 9, 20*time.Second), run("c", 5, 20*time.Second), run("b", 9, 20*time.Second), run("a", 99, 0)}
	shown, left := c.followed(active)
	var got string
	for _, r := range shown {
		got += r.ID
	}
	if got != "acbd" || left != 0 {
		t.Errorf("%s and %d more, want acbd", got, left)
	}
	for n, want := range map[int]int{64: 0, 65: 1, 100: 36} {
		if shown, left := c.followed(make([]experiments.RunInfo, n)); left != want || len(shown) != 64 {
			t.Errorf("of %d runs %d are shown and %d left out, want 64 and %d", n, len(shown), left, want)
		}
	}
}

func TestPointsAreThinnedFromTheirEdges(t *testing.T) {
	for curves, want := range map[int]int{0: 1000, 1: 1000, 200: 1000, 201: 995, 3999: 50, 4000: 50, 4001: 50, 1 << 20: 50} {
		if got := pointsEach(curves); got != want {
			t.Errorf("%d curves have %d points each, want %d", curves, got, want)
		}
	}
	nan, inf := math.NaN(), math.Inf(1)
	// Of two stretches the first of the lowest and of the highest, the first and the last that are not finite, both ends.
	values := []float64{5, 1, 9, 9, 1, 5, inf, nan, 3, nan, 2, 7}
	if got := fmt.Sprint(extremes(values, 2)); got != "[0 1 2 6 9 10 11]" {
		t.Errorf("kept are %s", got)
	}
	for most, want := range map[int]bool{-1: false, 0: false, 12: false, 13: false, 11: true, 1: true} {
		c := &curve{Value: values, Step: make([]int64, 12), Epoch: make([]float64, 12), Seconds: make([]float64, 12)}
		if got := c.reduced(most); got != want || want == (len(c.Value) == 12) {
			t.Errorf("at most %d: reduced %v to %d", most, got, len(c.Value))
		}
	}
	if got := fmt.Sprint(thinned([]float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 4), thinned([]float64{1, 2}, 2)); got != "[0 3 6 9] [1 2]" {
		t.Errorf("thinned to %s", got)
	}
	for _, c := range []struct {
		w    window
		want string
	}{
		{window{}, "[1 2 3 4 5]"}, {window{"epoch", 2, 4}, "[1 2 3 4 5]"}, {window{"epoch", 2.5, 3.5}, "[2 3 4]"},
		{window{"epoch", 3, 3}, "[2 3 4]"}, {window{"epoch", 9, 10}, "[5]"}, {window{"epoch", 0, 0.5}, "[1]"},
		{window{"step", 25, 35}, "[2 3 4]"}, {window{"seconds", 250, 350}, "[2 3 4]"},
	} {
		five := func(by float64) []float64 { return []float64{by, 2 * by, 3 * by, 4 * by, 5 * by} }
		line := curve{Step: []int64{10, 20, 30, 40, 50}, Epoch: five(1), Seconds: five(100), Value: five(1), Low: five(2), High: five(3)}
		line.cut(c.w)
		if got := fmt.Sprint(line.Value); got != c.want || len(line.Low) != len(line.Value) || len(line.High) != len(line.Step) {
			t.Errorf("%v: %s, want %s", c.w, got, c.want)
		}
	}
}

// What a filter may name is known before there is a run, and is what a run has.
func TestFieldsAreKnownBeforeThereIsARun(t *testing.T) {
	want := map[string]string{"attempt": "int", "cell": "string", "collapsed": "string",
		"created": "time.Time", "dataset": "string", "duration": "filter.Seconds",
		"epoch": "int", "id": "string", "model": "string", "reason": "string", "run": "string", "seconds": "filter.Seconds", "seed": "uint64",
		"started": "time.Time", "state": "string", "status": "string", "study": "string", "test/loss": "float64", "test/top1": "filter.Ratio",
		"time": "filter.Seconds", "updated": "time.Time"}
	got := map[string]string{}
	for key, example := range known(nil) {
		got[key] = fmt.Sprintf("%T", example)
	}
	if !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
