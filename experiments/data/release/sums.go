package release

import (
	"compress/gzip"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
)

// Sums is what is known of a file that was read.
type Sums struct {
	Bytes    int64  // of the content
	SHA256   string // of the content, hex
	Official bool   // it is the published file, by a digest, or where none was published by its length
	Proved   bool   // by a digest
}

// read a file to its end.
func (f File) read(s stored, visit func(Content) error) (Sums, error) {
	zipped, sha, md := md5.New(), sha256.New(), md5.New()
	content := Content{File: f, Path: s.path, Size: s.size}
	var source = s.reader
	if s.gzip {
		if f.Gzip != "" {
			source = io.TeeReader(source, zipped)
		}
		z, err := gzip.NewReader(source)
		if err != nil {
			return Sums{}, err
		}
		source, content.Size = z, -1
	}
	if s.size > f.Most() {
		return Sums{}, fmt.Errorf("it has %d bytes, want at most %d", s.size, f.Most())
	}
	hashes := []io.Writer{sha}
	if f.SHA256 == "" && f.MD5 != "" || f.Others != nil {
		hashes = append(hashes, md)
	}
	n := &counter{}
	content.Reader = io.TeeReader(&bounded{source, f.Most(), f.Most()}, io.MultiWriter(append(hashes, n)...))
	if err := visit(content); err != nil {
		return Sums{}, err
	}
	if _, err := io.Copy(io.Discard, content.Reader); err != nil {
		return Sums{}, err
	}
	if s.gzip && f.Gzip != "" {
		if _, err := io.Copy(zipped, s.reader); err != nil {
			return Sums{}, err
		}
	}
	sums := Sums{Bytes: n.bytes, SHA256: text(sha)}
	if other := f.Others[text(md)]; other != "" {
		return sums, fmt.Errorf("it is %s", other)
	}
	known := false
	for _, sum := range [][2]string{{f.SHA256, sums.SHA256}, {f.MD5, text(md)}, {f.Gzip, text(zipped)}} {
		known = known || sum[0] != ""
		sums.Proved = sums.Proved || sum[0] != "" && sum[0] == sum[1]
	}
	sums.Official = sums.Proved || !known && n.bytes == f.Bytes
	return sums, nil
}

func text(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

type counter struct{ bytes int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.bytes += int64(len(p))
	return len(p), nil
}
