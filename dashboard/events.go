package dashboard

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"workbench/experiments"
)

const heartbeat = 15 * time.Second

// events streams changes as server-sent events; the id of each is its sequence number. A client that comes back
// says what it has seen in Last-Event-ID (or ?after=) and gets the rest; without either it starts at the present.
// What lies between the present and the subscription is covered by the replay; repetitions are dropped by their id.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	after, err := s.startingPoint(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	now, err := s.Source.LastChange(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	after = min(after, now) // a higher one is of another database that was here before
	sub, open := s.hub.subscribe(now)
	if !open {
		s.fail(w, r, &failure{Status: http.StatusServiceUnavailable, What: "There are too many event streams, or the server is stopping."})
		return
	}
	defer s.hub.leave(sub)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	out := stream{w: w, control: http.NewResponseController(w), sent: after}
	if out.write(": connected\nretry: 2000\n\n") != nil || s.replay(r.Context(), &out) != nil {
		return
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		var err error
		select {
		case <-r.Context().Done():
			return
		case changes, ok := <-sub.batches:
			if !ok {
				return
			}
			err = out.send(changes)
		case <-beat.C:
			err = out.write(": heartbeat\n\n")
		}
		if err != nil {
			return
		}
	}
}

func (s *Server) startingPoint(r *http.Request) (int64, error) {
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		text = r.URL.Query().Get("after")
	}
	if text == "" {
		return s.Source.LastChange(r.Context())
	}
	after, err := strconv.ParseInt(text, 10, 64)
	if err != nil || after < 0 {
		return 0, badRequest("after: want a sequence number, got %q", text)
	}
	return after, nil
}

// replay sends what happened before the subscription. It reads a page completely before it writes it, so that a slow
// reader never holds the database.
func (s *Server) replay(ctx context.Context, out *stream) error {
	for {
		changes, err := s.Source.Changes(ctx, out.sent, batchSize)
		if err != nil {
			s.Log.Warn("changes cannot be replayed", "after", out.sent, "error", err)
			return err
		}
		if err := out.send(changes); err != nil || len(changes) < batchSize {
			return err
		}
	}
}

// stream writes events; package guard gives each write its deadline.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	sent    int64 // last id
}

// send writes the changes that are new to this client, of several alike only the newest.
func (o *stream) send(changes []experiments.Change) error {
	var text strings.Builder
	type subject struct{ run, study, kind string }
	newest := map[subject]int64{}
	for _, c := range changes {
		newest[subject{c.Run, c.Study, c.Kind}] = c.Seq
	}
	for _, c := range changes {
		if c.Seq <= o.sent || newest[subject{c.Run, c.Study, c.Kind}] != c.Seq {
			continue
		}
		data, err := json.Marshal(c)
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "id: %d\nevent: change\ndata: %s\n\n", c.Seq, data)
		o.sent = c.Seq
	}
	if text.Len() == 0 {
		return nil
	}
	return o.write(text.String())
}

func (o *stream) write(text string) error {
	if _, err := o.w.Write([]byte(text)); err != nil {
		return err
	}
	return o.control.Flush()
}
