package guard

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

func TestKitchenSaysWhyThereIsNoAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := NewKitchen(1, 3<<20, 4<<20, time.Second)
		cook := func(n int, err error) func() ([]byte, error) {
			return func() ([]byte, error) { return make([]byte, n), err }
		}
		burnt := errors.New("burnt")
		if answer, done, err := k.Make(t.Context(), cook(1, burnt)); answer != nil || done != nil || err != burnt {
			t.Errorf("what cannot be made: %d bytes, %v", len(answer), err)
		}
		_, _, err := k.Make(t.Context(), cook(3<<20+1, nil))
		if got, want := said(err), "400 The answer is larger than 3 MiB. Ask for fewer runs, columns, metrics or points."; got != want {
			t.Errorf("%q, want %q", got, want)
		}
		answer, done, err := k.Make(t.Context(), cook(3<<20, nil))
		if len(answer) != 3<<20 || err != nil {
			t.Fatalf("the largest answer: %d bytes, %v", len(answer), err)
		}
		began := time.Now()
		_, _, err = k.Make(t.Context(), cook(2<<20, nil))
		if got, want := said(err), "503 The server is busy with other readers. Try again in some seconds."; got != want {
			t.Errorf("%q, want %q", got, want)
		}
		if waited := time.Since(began); waited != time.Second {
			t.Errorf("refused after %v, want 1s", waited)
		}
		// Whose own time ends first is not told that others are to blame.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		if _, _, err := k.Make(ctx, cook(2<<20, nil)); err != context.DeadlineExceeded {
			t.Errorf("a reader with less time: %v", err)
		}
		done()
		if _, done, err := k.Make(t.Context(), cook(2<<20, nil)); err != nil {
			t.Errorf("after the large one was read: %v", err)
		} else {
			done()
		}
	})
}

// line is a connection that takes deadlines as it is told, and notes them.
type line struct {
	*httptest.ResponseRecorder
	deadlines []time.Time
	failing   map[int]error // by number of the deadline, from 0
	writes    int
	header    int
}

func (l *line) SetWriteDeadline(at time.Time) error {
	l.deadlines = append(l.deadlines, at)
	return l.failing[len(l.deadlines)-1]
}
func (l *line) WriteHeader(code int)        { l.header = code }
func (l *line) Write(p []byte) (int, error) { l.writes++; return l.ResponseRecorder.Write(p) }

func TestDeadlinesAreTenSecondsAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &line{ResponseRecorder: httptest.NewRecorder()}
		if n, err := Timed(l).Write(make([]byte, 2*piece)); n != 2*piece || err != nil || l.writes != 2 {
			t.Errorf("%d bytes in %d writes, %v", n, l.writes, err)
		}
		for _, at := range l.deadlines {
			if ahead := time.Until(at); ahead != 10*time.Second {
				t.Errorf("a deadline in %v, want 10s", ahead)
			}
		}
		if len(l.deadlines) != 2 {
			t.Errorf("%d deadlines for two pieces", len(l.deadlines))
		}
	})
}

// A writer without deadlines is written to all the same; one that refuses them ends the answer where it is.
func TestDeadlinesThatCannotBeSet(t *testing.T) {
	l := &line{ResponseRecorder: httptest.NewRecorder(), failing: map[int]error{0: http.ErrNotSupported}}
	if n, err := Timed(l).Write([]byte("text")); n != 4 || err != nil || l.Body.String() != "text" {
		t.Errorf("without deadlines: %d bytes, %v", n, err)
	}
	gone := errors.New("gone")
	l = &line{ResponseRecorder: httptest.NewRecorder(), failing: map[int]error{1: gone}}
	if n, err := Timed(l).Write(make([]byte, piece+1)); n != piece || err != gone {
		t.Errorf("refused at the second piece: %d bytes, %v; want %d", n, err, piece)
	}
	l = &line{ResponseRecorder: httptest.NewRecorder(), failing: map[int]error{0: gone, 1: gone}}
	w := Timed(l)
	w.WriteHeader(http.StatusTeapot)
	if err := http.NewResponseController(w).Flush(); err != gone || l.Flushed || l.header != 0 {
		t.Errorf("flushing: %v (flushed %v), header %d", err, l.Flushed, l.header)
	}
	l = &line{ResponseRecorder: httptest.NewRecorder()}
	if n, err := Timed(l).Write(nil); n != 0 || err != nil || l.writes != 1 {
		t.Errorf("nothing, which makes the header be sent: %d bytes in %d writes, %v", n, l.writes, err)
	}
}
