package main

import (
	"errors"
	"net"
	"strings"
	"testing"
)

func TestALiteralAddressIsOfItsFamilyAlone(t *testing.T) {
	for addr, others := range map[string]string{"0.0.0.0:0": "[::1]", "[::]:0": "127.0.0.1"} {
		ln, err := listen(addr)
		if err != nil {
			t.Fatalf("%s: %v", addr, err)
		}
		_, port, err := net.SplitHostPort(ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if c, err := net.Dial("tcp", others+":"+port); err == nil {
			t.Errorf("serving at %s answers on %s, too", addr, others)
			c.Close()
		}
		local, _, _ := openable(addr, ln.Addr(), net.InterfaceAddrs)
		if c, err := net.Dial("tcp", local); err != nil {
			t.Errorf("serving at %s is not reached at %s: %v", addr, local, err)
		} else {
			c.Close()
		}
		if err := ln.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestWhatBrowsersCanOpen(t *testing.T) {
	interfaces := func() ([]net.Addr, error) {
		var all []net.Addr
		for _, text := range []string{"127.0.0.1/8", "fe80::1/64", "10.1.2.3/24", "2001:db8::7/64"} {
			ip, network, err := net.ParseCIDR(text)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, &net.IPNet{IP: ip, Mask: network.Mask})
		}
		return all, nil
	}
	for _, c := range []struct {
		addr, at, local, elsewhere string
		open                       bool
	}{
		{"127.0.0.1:0", "127.0.0.1:80", "127.0.0.1:80", "", false},
		{"localhost:80", "[::1]:80", "[::1]:80", "", false},
		{"10.1.2.3:80", "10.1.2.3:80", "10.1.2.3:80", "", true},
		{"0.0.0.0:80", "0.0.0.0:80", "127.0.0.1:80", "10.1.2.3:80", true},
		{"[::]:80", "[::]:80", "[::1]:80", "[2001:db8::7]:80", true},
		{":80", "[::]:80", "127.0.0.1:80", "10.1.2.3:80", true},
	} {
		at, err := net.ResolveTCPAddr("tcp", c.at)
		if err != nil {
			t.Fatal(err)
		}
		if local, elsewhere, open := openable(c.addr, at, interfaces); local != c.local || elsewhere != c.elsewhere || open != c.open {
			t.Errorf("%s at %s: %s, %s, open %v; want %s, %s, open %v", c.addr, c.at, local, elsewhere, open, c.local, c.elsewhere, c.open)
		}
	}
	without := func() ([]net.Addr, error) { return nil, errors.New("not allowed") }
	if local, elsewhere, open := openable("0.0.0.0:80", &net.TCPAddr{IP: net.IPv4zero, Port: 80}, without); local != "127.0.0.1:80" ||
		elsewhere != "" || !open {
		t.Errorf("without interfaces: %s, %s, open %v", local, elsewhere, open)
	}
}

func TestAddressesThatCannotBeServed(t *testing.T) {
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for addr, want := range map[string]string{
		"8080":                 "want HOST:PORT such as 127.0.0.1:8080",
		"::1:8080":             "want HOST:PORT",
		"127.0.0.1:":           "want a port from 0",
		"127.0.0.1:http":       "want a port from 0",
		"127.0.0.1:65536":      `to 65535, got "65536"`,
		"127.0.0.1:-1":         "want a port from 0",
		"192.0.2.77:8080":      "is no address of this machine; --addr 127.0.0.1:8080",
		"nowhere.invalid:8080": "no machine of that name is known",
		taken.Addr().String():  "in use by another program (perhaps another workbench serve); --addr 127.0.0.1:0 takes",
	} {
		ln, err := listen(addr)
		if err == nil {
			ln.Close()
			t.Errorf("%s is served", addr)
			continue
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", addr, err, want)
		}
	}
}

func TestNameIn(t *testing.T) {
	for addr, want := range map[string]string{"lab.example:80": "lab.example", "10.0.0.1:80": "", "[::]:80": "", ":80": "", "nonsense": ""} {
		if got := strings.Join(nameIn(addr), ""); got != want {
			t.Errorf("%s: %q, want %q", addr, got, want)
		}
	}
}
