package iec

import "testing"

// Every unit begins at its size, and no size is written in a unit above it.
func TestBytes(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 1: "1 B", 1023: "1023 B", -5: "-5 B",
		1 << 10: "1.0 KiB", 1<<10 + 1: "1.0 KiB", 1<<20 - 1: "1024.0 KiB", 1536: "1.5 KiB",
		1 << 20: "1.0 MiB", 1<<20 + 1: "1.0 MiB", 1<<30 - 1: "1024.0 MiB", 1700000: "1.6 MiB",
		1 << 30: "1.0 GiB", 1<<40 - 1: "1024.0 GiB", 3 << 29: "1.5 GiB",
		1 << 40: "1.0 TiB", 5 << 40: "5.0 TiB", 1 << 50: "1024.0 TiB",
	} {
		if got := Bytes(n); got != want {
			t.Errorf("%d bytes are written %q, want %q", n, got, want)
		}
	}
}
