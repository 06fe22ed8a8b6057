package dashboard

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"workbench/experiments"
)

// serving starts the real server; stop ends it and gives what Serve returned.
func serving(t *testing.T, s *Server) (base string, stop func() error) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, ln) }()
	t.Cleanup(cancel)
	return "http://" + ln.Addr().String(), func() error { cancel(); return <-done }
}

// listen opens an event stream.
func listen(t *testing.T, base, query, lastID string) *bufio.Scanner {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second) // or a stream that lacks events would never end
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", base+"/events"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastID != "" {
		r.Header.Set("Last-Event-ID", lastID)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	if ct := answer.Header.Get("Content-Type"); ct != "text/event-stream" {
		t.Fatalf("content type %q", ct)
	}
	return bufio.NewScanner(answer.Body)
}

// next is the id and data of the next event.
func next(t *testing.T, in *bufio.Scanner) (id string, c experiments.Change) {
	t.Helper()
	for in.Scan() {
		if v, ok := strings.CutPrefix(in.Text(), "id: "); ok {
			id = v
		}
		if v, ok := strings.CutPrefix(in.Text(), "data: "); ok {
			if err := json.Unmarshal([]byte(v), &c); err != nil {
				t.Fatal(err)
			}
			return id, c
		}
	}
	t.Fatalf("the stream ended: %v", in.Err())
	return
}

func TestEventsAreReplayedAndFollowed(t *testing.T) {
	m := degradation("demo", 0)
	m.changes = nil
	for _, run := range []string{"a", "b", "a", "c"} {
		m.change(run, "demo", "points")
	}
	base, stop := serving(t, serverOf(t, m))
	returning := listen(t, base, "", "1")
	fresh := listen(t, base, "", "")
	fromStart := listen(t, base, "?after=0", "")
	for _, want := range []string{"2", "3", "4"} {
		if id, c := next(t, returning); id != want {
			t.Errorf("replay after 1: got %s (%v), want %s", id, c, want)
		}
	}
	for _, want := range []string{"2", "3", "4"} { // 1 and 3 are alike: the newer speaks for both
		if id, c := next(t, fromStart); id != want {
			t.Errorf("replay from the start: got %s (%v), want %s", id, c, want)
		}
	}
	m.mu.Lock()
	m.change("d", "demo", "status")
	m.mu.Unlock()
	for name, in := range map[string]*bufio.Scanner{"returning": returning, "fresh": fresh, "fromStart": fromStart} {
		if id, c := next(t, in); id != "5" || c.Run != "d" || c.Kind != "status" {
			t.Errorf("%s: got %s %v, want change 5", name, id, c)
		}
	}
	if err := stop(); err != nil { // returns although streams are open
		t.Errorf("Serve: %v", err)
	}
	lines := 0
	for fresh.Scan() { // ends, or the test would not
		lines++
	}
	if lines > 1 {
		t.Errorf("%d more lines after the server has stopped", lines)
	}
}

// What happened while a client was away comes in full, however many pages of the database it fills, and once.
func TestReplayGoesOnAfterAPage(t *testing.T) {
	m := degradation("demo", 0)
	m.changes = nil
	const all = 3*batchSize + 7
	for i := range all {
		m.change(fmt.Sprintf("run%d", i), "demo", "points")
	}
	for range batchSize { // a page of changes that are all alike, of which the last speaks for the others
		m.change("same", "demo", "points")
	}
	m.change("end", "demo", "status")
	base, stop := serving(t, serverOf(t, m))
	for name, in := range map[string]*bufio.Scanner{
		"?after=0": listen(t, base, "?after=0", ""), "Last-Event-ID: 3": listen(t, base, "", "3"),
	} {
		seen, last := 0, int64(0)
		for {
			id, c := next(t, in)
			if fmt.Sprint(c.Seq) != id || c.Seq <= last {
				t.Fatalf("%s: change %d has id %s and comes after %d", name, c.Seq, id, last)
			}
			last = c.Seq
			if strings.HasPrefix(c.Run, "run") {
				seen++
				if want := fmt.Sprintf("run%d", c.Seq-1); c.Run != want {
					t.Fatalf("%s: change %d is of %s, want %s", name, c.Seq, c.Run, want)
				}
			}
			if c.Run == "end" {
				break
			}
		}
		if want := all - map[bool]int{true: 3}[name[0] == 'L']; seen != want || last != all+batchSize+1 {
			t.Errorf("%s: %d changes up to %d, want %d up to %d", name, seen, last, want, all+batchSize+1)
		}
	}
	m.mu.Lock()
	m.change("later", "demo", "status")
	m.mu.Unlock()
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// panicky panics when it is asked for changes the first time.
type panicky struct{ counted }

func (p *panicky) Changes(ctx context.Context, after int64, most int) ([]experiments.Change, error) {
	if p.asked.Load() == 0 {
		p.asked.Add(1)
		panic("the source")
	}
	return p.counted.Changes(ctx, after, most)
}

func TestHubSurvivesAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &panicky{counted{memory: &memory{}}}
		var log strings.Builder
		h := newHub(source, time.Second, slog.New(slog.NewTextHandler(&log, nil)))
		sub, _ := h.subscribe(0)
		source.mu.Lock()
		source.change("r", "s", "points")
		source.mu.Unlock()
		if changes := <-sub.batches; len(changes) != 1 || !strings.Contains(log.String(), "panic: the source") {
			t.Errorf("%v after a panic; the log says %s", changes, log.String())
		}
		h.close()
	})
}

// A stream over the limit is refused and comes when another has ended.
func TestStreamsAreBounded(t *testing.T) {
	h := newHub(&memory{}, time.Hour, slog.New(slog.DiscardHandler))
	var all []*subscriber
	for i := range mostStreams {
		sub, open := h.subscribe(0)
		if !open {
			t.Fatalf("stream %d of %d is refused", i+1, mostStreams)
		}
		all = append(all, sub)
	}
	if _, open := h.subscribe(0); open {
		t.Errorf("%d streams are open", mostStreams+1)
	}
	h.leave(all[0])
	if _, open := h.subscribe(0); !open {
		t.Error("a place that has become free is not given")
	}
	h.close()
}

// counted counts how often it is asked.
type counted struct {
	*memory
	asked atomic.Int64
}

func (c *counted) Changes(ctx context.Context, after int64, most int) ([]experiments.Change, error) {
	c.asked.Add(1)
	return c.memory.Changes(ctx, after, most)
}

func TestHubPollsOnlyForSomebodyAndDropsTheSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &counted{memory: &memory{}}
		h := newHub(source, time.Second, slog.New(slog.DiscardHandler))
		time.Sleep(time.Minute)
		if n := source.asked.Load(); n != 0 {
			t.Errorf("polled %d times with nobody there", n)
		}
		slow, _ := h.subscribe(0)
		quick, _ := h.subscribe(0)
		received := 0
		for range backlog + 1 {
			source.mu.Lock()
			source.change("r", "s", "points")
			source.mu.Unlock()
			time.Sleep(time.Second)
			synctest.Wait()
			received += len(<-quick.batches)
		}
		if received != backlog+1 {
			t.Errorf("the quick client got %d changes, want %d", received, backlog+1)
		}
		if clients, dropped := h.counts(); clients != 1 || dropped != 1 {
			t.Errorf("%d clients, %d dropped; want 1 and 1", clients, dropped)
		}
		kept := 0
		for range slow.batches {
			kept++
		}
		if kept != backlog {
			t.Errorf("the slow client could read %d batches before its channel closed, want %d", kept, backlog)
		}
		h.leave(slow)
		h.leave(quick)
		asked := source.asked.Load()
		time.Sleep(time.Minute)
		if n := source.asked.Load(); n > asked+1 {
			t.Errorf("polled %d times after everybody left", n-asked)
		}
		h.close()
		if _, open := h.subscribe(0); open {
			t.Error("a closed hub takes subscribers")
		}
	})
}

// A client of another database that was here before hears what happens from now on, although its numbers were higher.
func TestClientsOfAnotherDatabaseHearTheNext(t *testing.T) {
	m := degradation("demo", 0)
	m.changes = nil
	m.change("a", "demo", "points")
	m.change("b", "demo", "points")
	base, stop := serving(t, serverOf(t, m))
	streams := map[string]*bufio.Scanner{"Last-Event-ID": listen(t, base, "", "9000"), "?after=": listen(t, base, "?after=9000", "")}
	m.mu.Lock()
	m.change("c", "demo", "status")
	m.mu.Unlock()
	for name, in := range streams {
		if id, c := next(t, in); id != "3" || c.Run != "c" {
			t.Errorf("%s: got %s %v, want change 3", name, id, c)
		}
	}
	if err := stop(); err != nil {
		t.Errorf("Serve: %v", err)
	}
}
