package dashboard

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
)

// patient is a database whose health is set.
type patient struct{ err error }

func (p *patient) Healthy(context.Context) error { return p.err }

func TestHealthIsTold(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	s := serverOf(t, m)
	p := &patient{}
	s.Health = p
	if code, _, body := get(t, s, "/healthz"); code != 200 || body != "ok\n" {
		t.Errorf("well: %d %q", code, body)
	}
	for _, c := range []struct {
		err  error
		said string
	}{
		{experiments.ErrMissing, "The file of the database was deleted or moved.\n"},
		{experiments.ErrReplaced, "Another file has taken the place of the database.\n"},
		{experiments.ErrDamaged, "The file of the database is damaged.\n"},
	} {
		p.err = fmt.Errorf("/secret/path: %w", c.err)
		if code, _, body := get(t, s, "/healthz"); code != 503 || body != c.said {
			t.Errorf("%v: %d %q, want 503 %q", c.err, code, body, c.said)
		}
		m.broken = p.err
		for _, path := range []string{"/studies", "/api/v1/runs"} {
			code, _, body := get(t, s, path)
			if code != 503 || !strings.Contains(body, strings.TrimSpace(c.said)) || strings.Contains(body, "secret") {
				t.Errorf("%s while %v: %d\n%s", path, c.err, code, body)
			}
		}
		m.broken = nil
	}
	p.err = errors.New("disk I/O error at /secret/path")
	if code, _, body := get(t, s, "/healthz"); code != 500 || strings.Contains(body, "secret") {
		t.Errorf("%v: %d\n%s", p.err, code, body)
	}
}

// When another database has come, whose changes have lower numbers, streams end so that their readers begin again.
func TestStreamsEndWithTheirDatabase(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	m.mu.Lock()
	for range 5 {
		m.change("demo", "", "study")
	}
	newest := int64(len(m.changes)) // so that nothing is new, however soon the changes are looked at
	m.mu.Unlock()
	s := serverOf(t, m)
	sub, open := s.hub.subscribe(newest)
	if !open {
		t.Fatal("no stream")
	}
	m.mu.Lock()
	m.changes = m.changes[:2]
	m.mu.Unlock()
	select {
	case _, more := <-sub.batches:
		if more {
			t.Error("a change was told that is not new")
		}
	case <-time.After(10 * time.Second):
		t.Error("the stream goes on")
	}
	s.hub.leave(sub)
}
