package guard

import (
	"net/http/httptest"
	"testing"
)

func TestHostAllowList(t *testing.T) {
	for _, c := range []struct {
		addr, host string
		names      []string
		want       bool
	}{
		{"127.0.0.1:8080", "127.0.0.1:8080", nil, true},
		{"127.0.0.1:8080", "localhost:8080", nil, true},
		{"127.0.0.1:8080", "LOCALHOST", nil, true}, // a proxy may leave the port out
		{"127.0.0.1:8080", "[::1]:8080", nil, true},
		{"127.0.0.1:8080", "[::1]", nil, true},
		{"127.0.0.1:8080", "localhost.:8080", nil, true},
		{"127.0.0.1:8080", "localhost:9999", nil, false},
		{"127.0.0.1:8080", "127.0.0.1:9999", nil, false},
		{"127.0.0.1:8080", "[::1]:9999", nil, false},
		{"127.0.0.1:8080", "localhost:99999", []string{"localhost:99999"}, false},
		{"127.0.0.1:65535", "localhost:65535", nil, true},
		{"127.0.0.1:65536", "localhost:65536", []string{"localhost:65536"}, false},
		{"127.0.0.1:8080", "localhost:1f90", []string{"localhost:1f90"}, false},
		{"127.0.0.1:8080", "a:b:c", []string{"a:b:c", ""}, false},
		{"127.0.0.1:8080", "", []string{"a:b:c"}, false},
		{"127.0.0.1:8080", "[x]", []string{"[x]", ""}, false},
		{"127.0.0.1:8080", "[x]:8080", []string{"[x]:8080", ""}, false},
		{"127.0.0.1:8080", "a/b", []string{"a/b"}, false},
		{"127.0.0.1:8080", "a@b", []string{"a@b"}, false},
		{"127.0.0.1:8080", "a b", []string{"a b"}, false},
		{"127.0.0.1", "localhost:9999", nil, true}, // an address without a port
		{"127.0.0.2:80", "127.0.0.2:80", nil, true},
		{"lab.example:8080", "LAB.example.:8080", nil, true},
		{"lab.example:8080", "localhost:8080", nil, true},
		{"lab.example:8080", "127.0.0.1:8080", nil, true},
		{"lab.example:8080", "192.168.1.7:8080", nil, false},
		{"192.168.1.7:8080", "192.168.1.8:8080", nil, false},
		{"127.0.0.1:8080", "LAB.example", []string{"lab.EXAMPLE."}, true},
		{"127.0.0.1:8080", "other.example:8080", []string{"lab.example", "other.example:8080"}, true},
		{"127.0.0.1:8080", "localhost:http", nil, false},
		{"127.0.0.1:8080", "localhost:9999", []string{"localhost:9999"}, true}, // a forwarded port
		{"127.0.0.1:8080", "localhost:9998", []string{"localhost:9999"}, false},
		{"127.0.0.1:8080", "localhost:9998", []string{"localhost"}, true},
		{"127.0.0.1:8080", "evil.example", nil, false},
		{"127.0.0.1:8080", "evil-localhost:8080", nil, false},
		{"127.0.0.1:8080", "xlocalhost:8080", nil, false},
		{"127.0.0.1:8080", "localhost.evil:8080", nil, false},
		{"127.0.0.1:8080", "[localhost]:8080", nil, false},
		{"127.0.0.1:8080", "evil@localhost:8080", nil, false},
		{"127.0.0.1:8080", "localhost:8080@evil", nil, false},
		{"127.0.0.1:8080", "localhost/evil", nil, false},
		{"127.0.0.1:8080", "127.0.0.1.evil.example:8080", nil, false},
		{"127.0.0.1:8080", "localhost.evil.example", nil, false},
		{"127.0.0.1:8080", "192.168.1.7:8080", nil, false},
		{"127.0.0.1:8080", "", nil, false},
		{"127.0.0.1:8080", ":8080", nil, false},
		{"127.0.0.1:8080", "lab.example:8080", []string{"lab.example"}, true},
		{"127.0.0.1:8080", "evil-lab.example:8080", []string{"lab.example"}, false},
		{"127.0.0.1:8080", "x.lab.example", []string{"lab.example"}, false},
		{"lab.example:8080", "lab.example:8080", nil, true},
		{"lab.example:8080", "lab.example:9090", nil, false},
		{"192.168.1.7:8080", "192.168.1.7:8080", nil, true},
		{"0.0.0.0:8080", "192.168.1.7:8080", nil, true},
		{"0.0.0.0:8080", "127.0.0.1:9000", nil, true}, // the port of a container, published as another
		{"0.0.0.0:8080", "localhost:9000", nil, false},
		{"0.0.0.0:8080", "rebound.example:8080", nil, false},
		{":8080", "10.0.0.3:8080", nil, true},
		{":8080", "rebound.example", nil, false},
		{":8080", "", nil, false},
		{"[::]:8080", "[fe80::1]:8080", nil, true},
	} {
		h := Hosts{Addrs: []string{c.addr}, Names: c.names}
		if got := h.Own(c.host); got != c.want {
			t.Errorf("serving %s with names %q, Host %q: own %v, want %v", c.addr, c.names, c.host, got, c.want)
		}
	}
}

func TestForeign(t *testing.T) {
	h := Hosts{Addrs: []string{"127.0.0.1:8080"}, Names: []string{"lab.example"}}
	for _, c := range []struct {
		method, site, mode, dest, origin string
		want                             bool
	}{
		{"GET", "", "", "", "", false}, // no browser, or one at another machine's address
		{"GET", "same-origin", "cors", "empty", "", false},
		{"GET", "none", "navigate", "document", "", false},
		{"GET", "none", "no-cors", "image", "", false},
		{"POST", "cross-site", "navigate", "document", "", true},
		{"GET", "", "", "", "http://127.0.0.1:8080/%zz", true},
		{"GET", "", "", "", "http:///", true},
		{"GET", "", "", "", "http://lab.example", false},
		{"GET", "cross-site", "navigate", "document", "", false},
		{"HEAD", "cross-site", "navigate", "", "", false},
		{"POST", "cross-site", "navigate", "document", "https://evil.example", true},
		{"GET", "cross-site", "navigate", "iframe", "", true},
		{"GET", "cross-site", "navigate", "object", "", true},
		{"GET", "cross-site", "no-cors", "image", "", true},
		{"GET", "cross-site", "no-cors", "script", "", true},
		{"GET", "cross-site", "cors", "empty", "https://evil.example", true},
		{"GET", "same-site", "cors", "empty", "http://localhost:3000", true},
		{"GET", "same-site", "no-cors", "image", "", true},
		{"GET", "same-site", "navigate", "document", "", false},
		{"GET", "invented", "", "", "", true},
		{"GET", "", "", "", "https://evil.example", true},
		{"GET", "", "", "", "http://localhost:3000", true},
		{"GET", "", "", "", "null", true},
		{"GET", "", "", "", "http://127.0.0.1:8080", false},
		{"GET", "same-origin", "cors", "empty", "https://lab.example", false}, // behind a proxy
		{"POST", "", "", "", "https://lab.example.evil", true},
	} {
		r := httptest.NewRequest(c.method, "/runs", nil)
		r.Host = "127.0.0.1:8080"
		for name, v := range map[string]string{"Sec-Fetch-Site": c.site, "Sec-Fetch-Mode": c.mode, "Sec-Fetch-Dest": c.dest, "Origin": c.origin} {
			if v != "" {
				r.Header.Set(name, v)
			}
		}
		if got := h.Foreign(r); got != c.want {
			t.Errorf("%+v: foreign %v", c, got)
		}
	}
}
