package fetch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"workbench/experiments/data/release"
)

// server answers with files by their paths, and records the ranges that it was asked for.
type server struct {
	*httptest.Server
	mu     sync.Mutex
	files  map[string][]byte
	ranges []string
	cut    int // answers break off after so many bytes; 0: never
}

func serve(t *testing.T, files map[string][]byte) *server {
	s := &server{files: files}
	s.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		raw, there := s.files[r.URL.Path]
		s.ranges = append(s.ranges, r.Header.Get("Range"))
		if r.Header.Get("Accept-Encoding") != "identity" {
			t.Errorf("encodings %q were offered, and the digest is of the file as it is", r.Header.Get("Accept-Encoding"))
		}
		cut := s.cut
		s.mu.Unlock()
		if !there {
			http.NotFound(w, r)
			return
		}
		if cut == 0 {
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(raw))
			return
		}
		first := 0
		_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &first)
		w.Header().Set("Content-Length", fmt.Sprint(len(raw)-first))
		if first > 0 {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, len(raw)-1, len(raw)))
			w.WriteHeader(http.StatusPartialContent)
		}
		last := min(first+cut, len(raw))
		_, _ = w.Write(raw[first:last])
		if last < len(raw) {
			panic(http.ErrAbortHandler)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) fetcher(dir string) Fetcher {
	return Fetcher{Dir: dir, Client: s.Client(), Pause: time.Millisecond, Stall: 10 * time.Second}
}

// An interrupted download goes on where it stopped, in the same call and in the next.
func TestDownloadsGoOn(t *testing.T) {
	raw := bytes.Repeat([]byte("0123456789"), 1000)
	sum := sha256.Sum256(raw)
	b := release.Bundle{Name: "tiny", Folder: "tiny", Downloads: []release.Download{
		{Name: "big", Bytes: 10000, Sum: fmt.Sprintf("%x", sum)}}}
	s := serve(t, map[string][]byte{"/big": raw})
	b.Downloads[0].URLs = []string{s.URL + "/big"}
	s.cut = 3000
	dir := t.TempDir()
	if _, _, err := s.fetcher(dir).Fetch(t.Context(), b, ""); err != nil {
		t.Fatal(err)
	}
	if want := []string{"", "bytes=3000-", "bytes=6000-", "bytes=9000-"}; !slices.Equal(s.ranges, want) {
		t.Errorf("asked for %q, want %q", s.ranges, want)
	}
	s.cut, s.ranges = 0, nil
	for begun, want := range map[string][]string{
		string(raw[:4000]):          {"bytes=4000-"},
		strings.Repeat("x", 4000):   {"bytes=4000-", ""}, // of another file: everything anew
		string(raw):                 {"bytes=10000-"},
		strings.Repeat("x", 123456): {"bytes=123456-", ""},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "big.part"), []byte(begun))
		s.ranges = nil
		if _, _, err := s.fetcher(dir).Fetch(t.Context(), b, ""); err != nil || !slices.Equal(s.ranges, want) {
			t.Errorf("after %d bytes: asked for %q, want %q, error %v", len(begun), s.ranges, want, err)
		}
		if got, err := os.ReadFile(filepath.Join(dir, "tiny", "big")); err != nil || !bytes.Equal(got, raw) {
			t.Errorf("after %d bytes: %d bytes came, error %v", len(begun), len(got), err)
		}
	}
}

// stopped cancels when the first bytes are there, and keeps them.
func TestADownloadThatIsStoppedKeepsWhatItHas(t *testing.T) {
	raw := bytes.Repeat([]byte("0123456789"), 1000)
	s := serve(t, map[string][]byte{"/tiny.tar.gz": raw})
	s.cut = 3000
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	f := s.fetcher(dir)
	f.Progress = func(string, int64, int64) { cancel() }
	_, _, err := f.Fetch(ctx, archived("tiny.tar.gz", raw, 5, s.URL+"/tiny.tar.gz"), "")
	if err == nil || !strings.Contains(err.Error(), "was stopped; the next call goes on") {
		t.Errorf("got error %v", err)
	}
	if info, err := os.Stat(filepath.Join(dir, "tiny.tar.gz.part")); err != nil || info.Size() == 0 {
		t.Errorf("nothing was kept: %v", err)
	}
}

func TestWhatAServerCannotGiveIsSaid(t *testing.T) {
	raw := tarred(t, member{"a", "abc", 0})
	hang := make(chan struct{})
	s := serve(t, map[string][]byte{"/whole": raw, "/other": []byte("other"), "/page": []byte("\n<!DOCTYPE html>"),
		"/huge": make([]byte, 1<<22)})
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/hang":
			w.WriteHeader(200)
			w.(http.Flusher).Flush()
			<-hang
		case "/endless":
			for range 1 << 10 {
				if _, err := w.Write(make([]byte, 1<<12)); err != nil {
					return
				}
			}
		case "/busy":
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/range":
			w.Header().Set("Content-Range", "bytes 0-3/4")
			w.WriteHeader(http.StatusPartialContent)
		}
	}))
	t.Cleanup(func() { close(hang); slow.Close() })
	for url, want := range map[string]string{
		s.URL + "/nowhere":     "/nowhere: the server answered 404 Not Found",
		s.URL + "/other":       "it has 5 bytes and MD5 795f3202b17cb6bc3d4b771d8c6c9eaf, want " + md(raw),
		s.URL + "/page":        "; it is a web page",
		s.URL + "/huge":        "the server has 4194304 bytes for tiny.tar.gz",
		slow.URL + "/endless":  "the server sent more than",
		slow.URL + "/hang":     "the server sent nothing for",
		slow.URL + "/busy":     "the server answered 503",
		slow.URL + "/range":    `the server sent the range "bytes 0-3/4", want from byte 7 on`,
		"http://127.0.0.1:1/x": "connection refused",
		"https://%zz":          "invalid URL escape",
	} {
		dir := t.TempDir()
		if strings.HasSuffix(url, "/range") {
			write(t, filepath.Join(dir, "tiny.tar.gz.part"), []byte("1234567"))
		}
		f := s.fetcher(dir)
		f.Stall = 200 * time.Millisecond
		b := archived("tiny.tar.gz", raw, 5, url)
		_, _, err := f.Fetch(t.Context(), b, "")
		if err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), "get tiny.tar.gz (MD5 "+md(raw)+") elsewhere and call workbench data fetch tiny --from FILE") {
			t.Errorf("%s: error %v, want %q", url, err, want)
		}
		if _, err := os.Stat(filepath.Join(dir, "tiny-bin")); err == nil {
			t.Errorf("%s: something was kept", url)
		}
		b.Downloads[0].URLs = append(b.Downloads[0].URLs, s.URL+"/whole") // the next server has it
		if _, _, err := f.Fetch(t.Context(), b, ""); err != nil {
			t.Errorf("%s, then another server: %v", url, err)
		}
	}
}

// A server that is slow and sends is waited for.
func TestSlowServersAreWaitedFor(t *testing.T) {
	t.Parallel()
	raw := tarred(t, member{"a", "abc", 0})
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for part := range slices.Chunk(raw, len(raw)/5+1) {
			_, _ = w.Write(part)
			w.(http.Flusher).Flush()
			time.Sleep(300 * time.Millisecond)
		}
	}))
	defer slow.Close()
	f := Fetcher{Dir: t.TempDir(), Pause: time.Millisecond, Stall: time.Second}
	if _, _, err := f.Fetch(t.Context(), archived("tiny.tar.gz", raw, 5, slow.URL), ""); err != nil {
		t.Error(err)
	}
}

// The proxies of the environment are asked. Go reads the environment once, so a process of its own does.
func TestProxiesAreAsked(t *testing.T) {
	const child = "WORKBENCH_TEST_FETCHES"
	if os.Getenv(child) != "" {
		b := archived("x.tar.gz", nil, 5, "https://example.org/x.tar.gz")
		_, _, err := (Fetcher{Dir: t.TempDir(), Pause: time.Millisecond}).Fetch(t.Context(), b, "")
		t.Log(err)
		return
	}
	asked := make(chan string, tries)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.Host
		w.WriteHeader(http.StatusForbidden)
	}))
	defer proxy.Close()
	call := exec.Command(os.Args[0], "-test.run=^TestProxiesAreAsked$", "-test.v")
	call.Env = append(os.Environ(), child+"=1", "HTTPS_PROXY="+proxy.URL, "NO_PROXY=")
	if out, err := call.CombinedOutput(); err != nil || !strings.Contains(string(out), "Forbidden") {
		t.Errorf("%v\n%s", err, out)
	}
	if got := <-asked; got != "CONNECT example.org:443" {
		t.Errorf("the proxy was asked for %q", got)
	}
}

// Two calls at once do not write one file.
func TestOneProcessFetchesAFile(t *testing.T) {
	raw := tarred(t, member{"a", "abc", 0})
	s := serve(t, map[string][]byte{"/tiny.tar.gz": raw})
	dir := t.TempDir()
	b := archived("tiny.tar.gz", raw, 5, s.URL+"/tiny.tar.gz")
	f, second := s.fetcher(dir), error(nil)
	f.Progress = func(string, int64, int64) { _, _, second = s.fetcher(dir).Fetch(t.Context(), b, "") }
	if _, _, err := f.Fetch(t.Context(), b, ""); err != nil {
		t.Fatal(err)
	}
	if second == nil || !strings.Contains(second.Error(), "is being fetched by another process") {
		t.Errorf("the second call: %v", second)
	}
}
