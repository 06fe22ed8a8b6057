package dashboard

import (
	"crypto/rand"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
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

// secured sets the headers and the request id and refuses foreign Host names: without that, any page on the web
// could read this server through a name it points at 127.0.0.1 (DNS rebinding).
func (s *Server) secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range securityHeaders {
			w.Header().Set(name, value)
		}
		var id [6]byte
		rand.Read(id[:]) // never fails (crypto/rand)
		w.Header().Set("X-Request-Id", hex.EncodeToString(id[:]))
		if !s.allowed(r.Host) {
			http.Error(w, "This dashboard does not answer to that host name. Start it with the name among its hosts.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// allowed says whether a browser may reach the server under this Host header. An address cannot be rebound, so
// when the server listens on every interface any literal address will do.
func (s *Server) allowed(hostport string) bool {
	host := hostOnly(hostport)
	if strings.EqualFold(host, "localhost") {
		return true
	}
	for _, h := range s.Hosts {
		if strings.EqualFold(host, hostOnly(h)) {
			return true
		}
	}
	own := hostOnly(s.Addr)
	address, err := netip.ParseAddr(host)
	if err != nil {
		return own != "" && strings.EqualFold(host, own)
	}
	if address.IsLoopback() {
		return true
	}
	listening, err := netip.ParseAddr(own)
	everywhere := s.Addr != "" && own == "" || err == nil && listening.IsUnspecified()
	return everywhere || err == nil && listening == address
}

func hostOnly(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	return strings.TrimSuffix(strings.Trim(host, "[]"), ".")
}

// methods that are counted by name; any other word a client invents is "other".
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete,
	http.MethodOptions, http.MethodPatch}

func methodLabel(m string) string {
	if slices.Contains(methods, m) {
		return m
	}
	return "other"
}
