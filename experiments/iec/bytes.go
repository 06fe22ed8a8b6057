// Package iec writes quantities as ISO/IEC 80000 has them: sizes in memory and in files in the binary units of part 13,
// the only ones that the program shows (1 KiB is 1024 bytes), and whole numbers in groups of three digits.
package iec

import "fmt"

// Bytes writes a number of bytes with one decimal: "1.6 MiB". Bytes below 1 KiB are whole.
func Bytes(n int64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1 << 40, "TiB"}, {1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if float64(n) >= u.size {
			return fmt.Sprintf("%.1f %s", float64(n)/u.size, u.name)
		}
	}
	return fmt.Sprintf("%d B", n)
}
