package dashboard

import (
	"context"
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"workbench/experiments"
)

// stream0 is what every event stream begins with.
const stream0 = ": connected\nretry: 2000\n\n"

// streamed lets the event stream of an address run for so long, and returns what was sent.
func streamed(t *testing.T, s *Server, address string, long time.Duration) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	ctx, leave := context.WithTimeout(t.Context(), long)
	defer leave()
	s.events(w, httptest.NewRequest("GET", address, nil).WithContext(ctx))
	if clients, _ := s.hub.counts(); clients != 0 {
		t.Errorf("%d clients of %s are left when it has ended", clients, address)
	}
	return w
}

// A stream that has nothing to tell shows every fifteen seconds that it lives, and ends when its reader leaves.
func TestStreamsBeat(t *testing.T) {
	countedOnce() // outside the bubble, for other tests have it, too
	for long, beats := range map[time.Duration]int{14 * time.Second: 0, 16 * time.Second: 1, 46 * time.Second: 3} {
		synctest.Test(t, func(t *testing.T) {
			w := streamed(t, serverOf(t, &memory{}), "/events", long)
			if got, want := w.Body.String(), stream0+strings.Repeat(": heartbeat\n\n", beats); got != want {
				t.Errorf("after %v: %q, want %q", long, got, want)
			}
			h := w.Header()
			if got := []string{h.Get("Content-Type"), h.Get("Cache-Control"), h.Get("X-Accel-Buffering")}; !slices.Equal(got,
				[]string{"text/event-stream", "no-store", "no"}) {
				t.Errorf("headers %q", got)
			}
		})
	}
}

// What came after the given change is told with its number, of several alike the newest; without one, what comes now.
func TestStreamsTellWhatIsNew(t *testing.T) {
	countedOnce()
	synctest.Test(t, func(t *testing.T) {
		m := &memory{}
		for _, c := range []experiments.Change{{Run: "a", Study: "s", Kind: "points"}, {Run: "a", Study: "s", Kind: "status"},
			{Run: "b", Study: "s", Kind: "points"}, {Run: "a", Study: "s", Kind: "points"}} {
			m.change(c.Run, c.Study, c.Kind)
		}
		event := func(id, run, kind string) string {
			return "id: " + id + "\nevent: change\ndata: {\"seq\":" + id + `,"run":"` + run + `","study":"s","kind":"` + kind + "\"}\n\n"
		}
		last := event("4", "a", "points")
		for address, want := range map[string]string{
			"/events": "", "/events?after=4": "", "/events?after=99": "", "/events?after=3": last,
			"/events?after=2": event("3", "b", "points") + last,
			"/events?after=0": event("2", "a", "status") + event("3", "b", "points") + last,
		} {
			if got := streamed(t, serverOf(t, m), address, time.Second).Body.String(); got != stream0+want {
				t.Errorf("%s: %q, want %q", address, got, stream0+want)
			}
		}
	})
}

// deaf is a source whose changes cannot be read.
type deaf struct{ *memory }

func (deaf) Changes(context.Context, int64, int) ([]experiments.Change, error) {
	return nil, errors.New("disk I/O error")
}

// A stream that cannot tell what its reader has missed ends at once: the reader comes back for it.
func TestStreamsEndWhereNothingCanBeReplayed(t *testing.T) {
	countedOnce()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		w := streamed(t, serverOf(t, deaf{&memory{}}), "/events?after=0", time.Minute)
		if time.Since(began) > 0 || w.Body.String() != stream0 {
			t.Errorf("ended after %v with %q", time.Since(began), w.Body.String())
		}
	})
}
