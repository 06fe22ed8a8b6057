package guard

import (
	"errors"
	"net/http"
	"time"
)

// Deadlines of writing: a reader takes a piece of an answer within the time, or its connection ends. So a slow line
// gets a large answer, and one that reads nothing holds it for that long.
const (
	piece     = 64 << 10
	pieceTime = 10 * time.Second
)

// Timed gives every write to w a deadline of its own.
func Timed(w http.ResponseWriter) http.ResponseWriter {
	return &timed{w, http.NewResponseController(w)}
}

type timed struct {
	http.ResponseWriter
	control *http.ResponseController
}

// Unwrap is for http.ResponseController.
func (t *timed) Unwrap() http.ResponseWriter { return t.ResponseWriter }

func (t *timed) WriteHeader(code int) {
	if t.prolong() == nil { // else the first write says why not
		t.ResponseWriter.WriteHeader(code)
	}
}

func (t *timed) Write(p []byte) (written int, err error) {
	for first := true; first || len(p) > 0; first = false {
		if err := t.prolong(); err != nil {
			return written, err
		}
		part := p[:min(len(p), piece)]
		n, err := t.ResponseWriter.Write(part)
		written += n
		if err != nil {
			return written, err
		}
		p = p[len(part):]
	}
	return written, nil
}

// FlushError is what http.ResponseController calls: what is still buffered has its time, too.
func (t *timed) FlushError() error {
	if err := t.prolong(); err != nil {
		return err
	}
	return t.control.Flush()
}

// prolong sets the deadline; writers that go to no connection know none.
func (t *timed) prolong() error {
	err := t.control.SetWriteDeadline(time.Now().Add(pieceTime))
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}
