package dashboard

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"regexp"
	"slices"

	"workbench/dashboard/guard"
)

// Headers of every answer. No inline script or style runs, nobody frames the page, nothing is loaded from elsewhere.
var securityHeaders = map[string]string{
	"Content-Security-Policy":      "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "same-origin",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy":           "camera=(), geolocation=(), microphone=()",
}

// secured sets the headers and the request id, refuses foreign host names and sites and addresses without bounds, and
// takes the base path off.
func (s *Server) secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w = guard.Timed(w)
		for name, value := range securityHeaders {
			w.Header().Set(name, value)
		}
		var id [6]byte
		rand.Read(id[:]) // never fails (crypto/rand)
		w.Header().Set("X-Request-Id", hex.EncodeToString(id[:]))
		r = s.base.strip(r)
		if !s.hosts.Own(r.Host) {
			s.refuse(w, "host", http.StatusMisdirectedRequest, foreignHost(r.Host))
		} else if s.hosts.Foreign(r) {
			s.refuse(w, "site", http.StatusForbidden, "Another site has asked for this. Open it in a tab of its own.")
		} else if err := guard.Address(r); err != nil {
			s.metrics.refused.WithLabelValues("address").Inc()
			s.fail(w, r, err)
		} else {
			next.ServeHTTP(w, r)
		}
	})
}

// refuse answers without a page: whoever asks is no reader of this server.
func (s *Server) refuse(w http.ResponseWriter, why string, code int, what string) {
	s.metrics.refused.WithLabelValues(why).Inc()
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, what, code)
}

// foreignHost says how to make a name one of the server's own. Only what can be a name is repeated.
func foreignHost(host string) string {
	if !regexp.MustCompile(`^[A-Za-z0-9._:\[\]-]{1,100}$`).MatchString(host) {
		host = "NAME"
	}
	return "This dashboard does not answer to that host name. If the name is yours, start it with\n\n  workbench serve --host " + host
}

// methods that are counted by name, those that are answered; any other is "other".
var methods = []string{http.MethodGet, http.MethodHead}

func methodLabel(m string) string {
	if slices.Contains(methods, m) {
		return m
	}
	return "other"
}
