package dashboard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"

	"workbench/dashboard/filter"
	"workbench/dashboard/guard"
	"workbench/experiments"
)

// failure is an error whose status and sentence are meant for the reader.
type failure = guard.Refusal

func badRequest(format string, args ...any) error {
	return &failure{Status: http.StatusBadRequest, What: fmt.Sprintf(format, args...)}
}

// panicked is a programmer's error that was caught; readers see the id, the log has the stack.
type panicked struct {
	value any
	stack []byte
}

func newPanicked(v any) error     { return &panicked{v, debug.Stack()} }
func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }
func (p *panicked) Unwrap() error { err, _ := p.value.(error); return err }
func unescape(path string) string {
	if s, err := url.PathUnescape(path); err == nil {
		return s
	}
	return path
}

// status maps an error to what HTTP calls it; internal details of a 500 stay in the log.
func status(err error) (int, string) {
	for _, lost := range []error{experiments.ErrMissing, experiments.ErrReplaced, experiments.ErrDamaged} {
		if errors.Is(err, lost) {
			return http.StatusServiceUnavailable, sentence(lost) + "." // without the path, which err may name
		}
	}
	var f *failure
	var q *filter.Error
	var p *panicked
	switch {
	case errors.As(err, &p):
		return http.StatusInternalServerError, "The dashboard met an error of its own."
	case errors.As(err, &f):
		return f.Status, f.What
	case errors.As(err, &q):
		return http.StatusBadRequest, q.Error()
	case errors.Is(err, experiments.ErrNotFound):
		return http.StatusNotFound, "This database has no such thing."
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout, "Reading the database took too long."
	}
	return http.StatusInternalServerError, "The database could not be read."
}

type errorView struct {
	Status  int
	Heading string
	What    string
	Where   string
	ID      string
}

// fail answers with an error page, or JSON below /api.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the reader has left
	}
	code, what := status(err)
	v := errorView{Status: code, Heading: http.StatusText(code), What: what, Where: r.URL.Path, ID: w.Header().Get("X-Request-Id")}
	if code >= 500 && code != http.StatusServiceUnavailable {
		attrs := []any{"request", v.ID, "path", r.URL.Path, "error", err}
		var p *panicked
		if errors.As(err, &p) {
			attrs = append(attrs, "stack", string(p.stack))
		}
		s.Log.Error("request failed", attrs...)
	}
	if code == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	var answer response = s.page("error", v.Heading, v).withStatus(code)
	if strings.HasPrefix(r.URL.Path, "/api/") {
		answer = jsonBody{Status: code, Value: map[string]any{"error": what, "status": code, "request_id": v.ID}}
	}
	p, err := answer.pack()
	if err == nil {
		err = p.send(w)
	}
	if err != nil {
		s.Log.Warn("error page not sent", "request", v.ID, "error", err)
	}
}
