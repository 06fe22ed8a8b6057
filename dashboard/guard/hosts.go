// Package guard stands between the network and a server without a login: it tells which host names are the server's
// own and which requests another site makes, bounds what an address may ask for, how many answers are made at once
// and how much of them waits for slow readers. It knows net/http alone.
package guard

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Hosts are the names under which a server may be reached. Without such a list any page on the web could read the
// server through a name that it points at 127.0.0.1 (DNS rebinding).
type Hosts struct {
	Addrs []string // host:port of what the server listens at; an empty host is every interface
	Names []string // further names; one without a port is good for every port
}

// Own says whether a Host header names the server. An address cannot be rebound, so when the server listens at every
// interface any literal address will do, also at another port: that is how containers are reached.
func (h Hosts) Own(hostport string) bool {
	host, port, ok := split(hostport)
	if !ok {
		return false
	}
	return h.Named(hostport) || slices.ContainsFunc(h.Addrs, func(addr string) bool { return reaches(addr, host, port) })
}

// Named says whether the host, with its port, is among the further names.
func (h Hosts) Named(hostport string) bool {
	host, port, ok := split(hostport)
	return ok && slices.ContainsFunc(h.Names, func(name string) bool {
		n, p, ok := split(name)
		return ok && strings.EqualFold(host, n) && (p == "" || p == port)
	})
}

// reaches says whether what listens at addr is asked for by this host and port. Behind a proxy the port may be absent.
func reaches(addr, host, port string) bool {
	own, ownPort, _ := split(addr)
	literal, err := netip.ParseAddr(host)
	isLiteral := err == nil
	listening, err := netip.ParseAddr(own)
	if isLiteral && (own == "" || err == nil && listening.IsUnspecified()) {
		return true
	}
	if port != "" && ownPort != "" && port != ownPort {
		return false
	}
	if isLiteral {
		return literal.IsLoopback() || err == nil && listening == literal
	}
	return strings.EqualFold(host, "localhost") || own != "" && strings.EqualFold(host, own)
}

// split parts host and port; the port is "" where there is none. A trailing dot of a name means nothing.
func split(hostport string) (host, port string, ok bool) {
	if address, err := netip.ParseAddr(strings.Trim(hostport, "[]")); err == nil {
		return address.String(), "", true
	}
	host = hostport
	if strings.Contains(hostport, ":") {
		var err error
		if host, port, err = net.SplitHostPort(hostport); err != nil {
			return "", "", false
		}
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return "", "", false
		}
		if _, err := netip.ParseAddr(host); strings.HasPrefix(hostport, "[") && err != nil {
			return "", "", false
		}
	}
	return strings.TrimSuffix(host, "."), port, !strings.ContainsAny(host, "[]/@ ")
}
