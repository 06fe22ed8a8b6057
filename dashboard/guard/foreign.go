package guard

import (
	"net/http"
	"net/url"
)

// Foreign says whether another site makes the request. A link on it may lead here: its reader sees the page, the site
// does not. Anything else (a picture, a script, a frame, a fetch) is refused, even where the browser would keep the
// answer from the site: making it costs time, and how long it takes tells something. Ports of one host are one site
// to browsers, but not to a reader of this one.
//
// See "Protect your resources from web attacks with Fetch Metadata", web.dev/articles/fetch-metadata. Programs that
// are no browsers send none of these headers; browsers send none of Sec-Fetch-* to http: addresses that are not of
// their own machine, but still Origin with what a script could read.
func (h Hosts) Foreign(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none": // "none": the reader typed the address
	default:
		if !isNavigation(r) {
			return true
		}
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	u, err := url.Parse(origin)
	return err != nil || u.Host == "" || u.Host != r.Host && !h.Named(u.Host)
}

// isNavigation says whether a whole tab goes to the address.
func isNavigation(r *http.Request) bool {
	dest := r.Header.Get("Sec-Fetch-Dest") // absent in the first browsers that sent the others
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.Header.Get("Sec-Fetch-Mode") == "navigate" &&
		(dest == "document" || dest == "")
}
