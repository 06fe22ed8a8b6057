package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"
)

// listen opens the address. A literal address is of its own family alone: for 0.0.0.0 package net would take both (Go
// issue 48723). Without a host both are meant.
func listen(addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, usagef("--addr: want HOST:PORT such as %s, got %q", defaultAddr, addr)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return nil, usagef("--addr: want a port from 0 (any free one) to 65535, got %q", port)
	}
	network := "tcp"
	if literal, err := netip.ParseAddr(host); err == nil {
		network = map[bool]string{true: "tcp4", false: "tcp6"}[literal.Is4()]
	}
	ln, err := net.Listen(network, addr)
	var unknown *net.DNSError
	switch {
	case err == nil:
		return ln, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is in use by another program (perhaps another workbench serve); "+
			"--addr %s takes a free port: %w", addr, net.JoinHostPort(host, "0"), err)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%s: no permission for that port; those from 1024 on need none, such as --addr %s: %w",
			addr, net.JoinHostPort(host, "8080"), err)
	case errors.As(err, &unknown):
		return nil, fmt.Errorf("%s: no machine of that name is known; want one of this machine, such as --addr %s: %w",
			addr, net.JoinHostPort("127.0.0.1", port), err)
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EAFNOSUPPORT):
		return nil, fmt.Errorf("%s is no address of this machine; --addr %s is for it alone, --addr %s for whoever reaches it: %w",
			addr, net.JoinHostPort("127.0.0.1", port), net.JoinHostPort("0.0.0.0", port), err)
	}
	return nil, fmt.Errorf("cannot serve at %s: %w", addr, err)
}

// nameIn is the host in addr if it is a name: browsers may use it, too.
func nameIn(addr string) []string {
	host, _, err := net.SplitHostPort(addr)
	if _, literal := netip.ParseAddr(host); err != nil || host == "" || literal == nil {
		return nil
	}
	return []string{host}
}

// announce says where browsers find the dashboard that was asked to serve at addr, and what it means if other machines
// can reach it.
func (a *app) announce(addr string, at net.Addr, page string) {
	local, elsewhere, open := openable(addr, at, net.InterfaceAddrs)
	fmt.Fprintf(a.errors(), "Dashboard: http://%s%s   (Ctrl-C stops)\n", local, page)
	if elsewhere != "" {
		fmt.Fprintf(a.errors(), "Elsewhere: http://%s%s\n", elsewhere, page)
	}
	if open {
		fmt.Fprintln(a.errors(), "WARNING: other machines can reach it, and there is no login: whoever does can read everything.")
	}
}

// openable is what a browser of this machine can open, what one elsewhere can ("" if that is the same or not known),
// and whether the port is open to other machines at all.
func openable(addr string, at net.Addr, interfaces func() ([]net.Addr, error)) (local, elsewhere string, open bool) {
	listening, err := netip.ParseAddrPort(at.String())
	if err != nil || !listening.Addr().IsUnspecified() {
		return at.String(), "", err != nil || !listening.Addr().Unmap().IsLoopback()
	}
	port := listening.Port()
	host, _, _ := net.SplitHostPort(addr)
	four := host == "" || listening.Addr().Is4() // an empty host is both families
	loopback := netip.IPv6Loopback()
	if four {
		loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	all, _ := interfaces() // without them, only less is said
	for _, one := range all {
		prefix, err := netip.ParsePrefix(one.String())
		if err == nil && prefix.Addr().Is4() == four && prefix.Addr().IsGlobalUnicast() {
			elsewhere = netip.AddrPortFrom(prefix.Addr(), port).String()
			break
		}
	}
	return netip.AddrPortFrom(loopback, port).String(), elsewhere, true
}
