package guard

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// The sentences and statuses of addresses at their bounds and one beyond.
func TestAddress(t *testing.T) {
	long := func(n int) string { // a query of n bytes whose values have at most the length that they may
		return strings.Repeat("v="+strings.Repeat("a", mostValue-3)+"&", n/mostValue) + strings.Repeat("&", n%mostValue)
	}
	for query, want := range map[string]string{
		"":                                 "",
		"q=a&run=b&run=c&columns=a,b":      "",
		strings.Repeat("a=1&", 1000):       "",
		strings.Repeat("a=1&", 1001):       "400 The address has 1001 parameters, want at most 1000.",
		"q=" + strings.Repeat("a", 2000):   "",
		"q=" + strings.Repeat("a", 2001):   "400 q: want at most 2000 bytes, got 2001.",
		strings.Repeat("n", 100) + "=1":    "",
		strings.Repeat("n", 101) + "=1":    "400 A parameter's name has 101 bytes, want at most 100.",
		long(16384 - len("/runs/%20")):     "",
		long(16384 - len("/runs/%20") + 1): "414 The address has 16385 bytes, want at most 16384.",
		"q=%zz":                            `400 The query of the address cannot be read: invalid URL escape "%zz".`,
		"q=a;b=c":                          "400 The query of the address cannot be read: invalid semicolon separator in query.",
	} {
		err := Address(&http.Request{URL: &url.URL{Path: "/runs/ ", RawQuery: query}})
		if got := said(err); got != want {
			t.Errorf("?%.40s (%d bytes): %q, want %q", query, len(query), got, want)
		}
	}
	for got, want := range map[int]string{7: "", 8: "", 9: "400 runs: want at most 8, got 9."} {
		if text := said(Within("runs", got, 8)); text != want {
			t.Errorf("%d of at most 8: %q, want %q", got, text, want)
		}
	}
}

// said is what a refusal says, with its status; "" where there is none.
func said(err error) string {
	if r := (*Refusal)(nil); errors.As(err, &r) {
		return fmt.Sprint(r.Status, " ", r)
	} else if err != nil {
		return "no refusal: " + err.Error()
	}
	return ""
}

func TestKitchenMakesFewAnswersAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := NewKitchen(2, 100, 250, 10*time.Second)
		var now, most, served, busy atomic.Int64
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				_, done, err := k.Make(t.Context(), func() ([]byte, error) {
					most.Store(max(most.Load(), now.Add(1)))
					time.Sleep(3 * time.Second)
					now.Add(-1)
					return make([]byte, 10), nil
				})
				if err == nil {
					served.Add(1)
					done()
				} else if r := (*Refusal)(nil); errors.As(err, &r) && r.Status == http.StatusServiceUnavailable {
					busy.Add(1)
				}
			})
		}
		all.Wait()
		if most.Load() != 2 || served.Load() != 8 || busy.Load() != 12 {
			t.Errorf("%d at once, %d served, %d busy; want 2, 8 and 12", most.Load(), served.Load(), busy.Load())
		}
	})
}

func TestKitchenKeepsFewBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := NewKitchen(4, 100, 250, time.Second)
		cook := func(n int) func() ([]byte, error) { return func() ([]byte, error) { return make([]byte, n), nil } }
		_, first, err := k.Make(t.Context(), cook(100))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := k.Make(t.Context(), cook(100)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := k.Make(t.Context(), cook(100)); !errors.Is(err, errBusy) {
			t.Errorf("300 bytes of 250: %v", err)
		}
		first()
		if _, _, err := k.Make(t.Context(), cook(100)); err != nil {
			t.Errorf("after one was read: %v", err)
		}
		ctx, leave := context.WithCancel(t.Context())
		leave()
		if _, _, err := k.Make(ctx, cook(100)); !errors.Is(err, context.Canceled) {
			t.Errorf("a reader who has left: %v", err)
		}
		func() {
			defer func() { recover() }()
			k.Make(t.Context(), func() ([]byte, error) { panic("burnt") })
		}()
		for range 4 {
			if !k.places.TryAcquire(1) {
				t.Error("a panic keeps its place")
			}
		}
	})
}

// slowWriter notes the deadlines it is given, and how much it is asked to write in one.
type slowWriter struct {
	*httptest.ResponseRecorder
	deadlines int
	largest   int
	since     bool // a deadline was set after the last write
}

func (s *slowWriter) SetWriteDeadline(at time.Time) error {
	s.since = !at.IsZero()
	s.deadlines++
	return nil
}

func (s *slowWriter) Write(p []byte) (int, error) {
	if !s.since {
		return 0, errors.New("a write without a deadline of its own")
	}
	s.since = false
	s.largest = max(s.largest, len(p))
	return s.ResponseRecorder.Write(p)
}

func TestEveryPieceHasADeadline(t *testing.T) {
	s := &slowWriter{ResponseRecorder: httptest.NewRecorder()}
	w := Timed(s)
	w.WriteHeader(http.StatusTeapot)
	if s.deadlines != 1 || s.Code != http.StatusTeapot {
		t.Errorf("%d deadlines with the header, status %d", s.deadlines, s.Code)
	}
	text := strings.Repeat("0123456789", 30_000)
	if n, err := w.Write([]byte(text)); n != len(text) || err != nil || s.Body.String() != text {
		t.Errorf("%d bytes, %v", n, err)
	}
	if s.largest > piece || s.deadlines < len(text)/piece {
		t.Errorf("%d deadlines, at most %d bytes each", s.deadlines, s.largest)
	}
	before := s.deadlines
	if err := http.NewResponseController(w).Flush(); err != nil || s.deadlines != before+1 {
		t.Errorf("flushing: %v, %d more deadlines", err, s.deadlines-before)
	}
}

// pipes is a listener whose connections are net.Pipe's, so that a test's clock can be theirs.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	c, open := <-p
	if !open {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// Who reads nothing of an answer is left alone when the first piece has had its time; who reads slowly gets all of it.
func TestReadersThatDoNotReadAreDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		text := strings.Repeat("x", 5*piece)
		ended := make(chan error)
		began := time.Now()
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, err := Timed(w).Write([]byte(text))
			ended <- err
		})}
		listener := make(pipes)
		go server.Serve(listener)
		connect := func() net.Conn {
			here, there := net.Pipe()
			listener <- there
			fmt.Fprint(here, "GET / HTTP/1.0\r\nHost: x\r\n\r\n")
			return here
		}
		silent := connect()
		if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) > 2*pieceTime {
			t.Errorf("who reads nothing: %v after %v", err, time.Since(began))
		}
		silent.Close()

		slow := connect()
		var got atomic.Int64
		go func() {
			defer slow.Close()
			for buffer := make([]byte, piece/4); ; time.Sleep(pieceTime / 8) {
				n, err := slow.Read(buffer)
				got.Add(int64(n))
				if err != nil {
					return
				}
			}
		}()
		if err := <-ended; err != nil {
			t.Errorf("who reads slowly: %v", err)
		}
		synctest.Wait()
		time.Sleep(time.Minute)
		if n := got.Load(); n < int64(len(text)) {
			t.Errorf("who reads slowly got %d bytes of %d", n, len(text))
		}
		close(listener)
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
}
