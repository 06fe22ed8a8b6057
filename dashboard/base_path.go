package dashboard

import (
	"fmt"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
)

// basePath is where a reverse proxy shows the server: "" at its root, else "/" and what follows without a slash at
// the end. The server itself answers at its root as well as below the path, so it does not matter whether the proxy
// takes the path off. Handlers and templates know nothing of it: they write addresses from the root, and what is sent
// has the path before them.
type basePath string

// goodBase are paths that need no escaping anywhere.
var goodBase = regexp.MustCompile(`^(/[A-Za-z0-9._~@+-]+)+$`)

func newBasePath(text string) (basePath, error) {
	text = strings.TrimRight(text, "/")
	if text != "" && (!goodBase.MatchString(text) || path.Clean(text) != text) {
		return "", fmt.Errorf("base path: want a path such as /workbench of letters, digits and ._~@+-, got %q", text)
	}
	return basePath(text), nil
}

// addresses in a page: what begins with a slash in one of these attributes. Everything else in a page that could look
// like them has its quotes escaped, by html/template or by package figure.
var addresses = regexp.MustCompile(` (?:href|src|action|data-source)="/`)

// links puts the base before every address in a page.
func (b basePath) links(page []byte) []byte {
	if b == "" {
		return page
	}
	return addresses.ReplaceAll(page, []byte("${0}"+strings.TrimPrefix(string(b), "/")+"/"))
}

// strip takes the base off the address of a request. The base alone, without a slash, is the root, too.
func (b basePath) strip(r *http.Request) *http.Request {
	at := string(b)
	if b == "" || r.URL.Path != at && !strings.HasPrefix(r.URL.Path, at+"/") {
		return r
	}
	below := *r
	below.URL = new(url.URL)
	*below.URL = *r.URL
	below.URL.Path = "/" + strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, at), "/")
	if r.URL.RawPath != "" {
		below.URL.RawPath = "/" + strings.TrimPrefix(strings.TrimPrefix(r.URL.RawPath, at), "/")
	}
	return &below
}
