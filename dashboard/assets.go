package dashboard

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed assets
var assetFiles embed.FS

// assetRoute carries one hash over all assets, so modules find one another by relative paths under the same hash.
const assetRoute = "/assets/:hash/*"

type asset struct {
	plain, gzipped []byte
	mime, etag     string
}

// assets are the embedded files with their compressed form, made once.
type assets struct {
	hash  string
	files map[string]asset
}

var mimeTypes = map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}

func loadAssets() (*assets, error) {
	a := &assets{files: map[string]asset{}}
	all := sha256.New()
	err := fs.WalkDir(assetFiles, "assets", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		plain, err := assetFiles.ReadFile(name)
		if err != nil {
			return err
		}
		var packed bytes.Buffer
		z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		if err != nil {
			return err
		}
		if _, err := z.Write(plain); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		sum := sha256.Sum256(plain)
		fmt.Fprintf(all, "%s %x\n", name, sum)
		a.files[strings.TrimPrefix(name, "assets/")] = asset{plain, packed.Bytes(), typeOf(name), hex.EncodeToString(sum[:8])}
		return nil
	})
	a.hash = hex.EncodeToString(all.Sum(nil)[:6])
	return a, err
}

func typeOf(name string) string {
	if t, ok := mimeTypes[path.Ext(name)]; ok {
		return t
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "text/plain; charset=utf-8"
}

// url returns the address of an asset, which changes when any asset does.
func (a *assets) url(name string) string { return "/assets/" + a.hash + "/" + name }

// serve answers with the file. Under the current hash it may be kept for ever, under an older one it is revalidated.
func (a *assets) serve(w http.ResponseWriter, r *http.Request, hash, name string) error {
	f, ok := a.files[name]
	if !ok {
		return &failure{Status: http.StatusNotFound, What: fmt.Sprintf("There is no asset %q.", name)}
	}
	h := w.Header()
	h.Set("Content-Type", f.mime)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if hash == a.hash {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body, etag := f.plain, `"`+f.etag+`"`
	if acceptsGzip(r) {
		body, etag = f.gzipped, `"`+f.etag+`-gz"` // a strong tag names one encoding
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", etag)
	if strings.Contains(r.Header.Get("If-None-Match"), etag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	_, err := w.Write(body)
	return err
}

func acceptsGzip(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		coding, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if coding == "gzip" {
			return strings.TrimSpace(q) != "q=0"
		}
	}
	return false
}
