package dashboard

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"workbench/dashboard/guard"
)

// parcel is an answer that is ready to be sent.
type parcel struct {
	status      int // 0: 200
	media       string
	disposition string
	location    string // of a redirection, below the server's base path
	encoding    string
	body        []byte
}

// bounded is a buffer that refuses to grow beyond what is sent.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > largestAnswer {
		return 0, guard.TooLarge(largestAnswer)
	}
	return b.Buffer.Write(p)
}

// compressible says of which media types a compressed form is smaller.
func compressible(media string) bool {
	media, _, _ = strings.Cut(media, ";")
	return strings.HasPrefix(media, "text/") || slices.Contains([]string{"application/json", "image/svg+xml"}, media)
}

// leastCompressed is the size in bytes from which compressing saves a packet.
const leastCompressed = 1400

var packers = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // fails for a wrong level alone
	return z
}}

// compress packs the body for a reader who takes it so. This is the one place where answers are compressed: assets are
// packed when the program starts, event streams never, and package promhttp does it for its own.
func (p *parcel) compress(r *http.Request) error {
	if len(p.body) < leastCompressed || !compressible(p.media) || !acceptsGzip(r) {
		return nil
	}
	var packed bytes.Buffer
	z := packers.Get().(*gzip.Writer)
	defer packers.Put(z)
	z.Reset(&packed)
	if _, err := z.Write(p.body); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	p.body, p.encoding = packed.Bytes(), "gzip"
	return nil
}

func (p parcel) send(w http.ResponseWriter) error {
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Add("Vary", "Accept-Encoding")
	h.Set("Content-Length", strconv.Itoa(len(p.body)))
	for name, value := range map[string]string{
		"Content-Type": p.media, "Content-Disposition": p.disposition, "Location": p.location, "Content-Encoding": p.encoding,
	} {
		if value != "" {
			h.Set(name, value)
		}
	}
	if p.status != 0 {
		w.WriteHeader(p.status)
	}
	_, err := w.Write(p.body)
	return err
}
