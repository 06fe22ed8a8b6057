package main

import (
	"math"
	"testing"
	"time"

	"workbench/experiments/escape"
	"workbench/experiments/iec"
)

func TestNumbers(t *testing.T) {
	nan := math.NaN()
	tests := []struct{ got, want string }{
		{withSpread("test/top1", 0.91254, 0.00311), "91.25 ± 0.31"},
		{withSpread("test/top1", 0.33, 0.24), "33 ± 24"},
		{withSpread("test/top1", 0.9, 0.0149), "90.0 ± 1.5"},
		{withSpread("test/top1", 0.9, 0), "90.00 ± 0.00"},
		{withSpread("test/top1", 0.9, nan), "90.00 ± –"},
		{withSpread("test/loss", 0.12345, 0.0123), "0.123 ± 0.012"},
		{withSpread("test/loss", nan, nan), missing},
		{signed("test/top1", 0.007, 0.009), "+0.70 ± 0.90"},
		{signed("test/top1", -0.65, 0.24), "−65 ± 24"},
		{signed("test/top1", 0, 0), "+0.00 ± 0.00"},
		{decimal(-0.0001, 2), "0.00"},
		{decimal(math.Inf(1), 2), "+∞"},
		{decimal(nan, 2), "NaN"},
		{value("test/loss", 0.0123456).text, "0.0123"},
		{value("test/loss", 2.30259).text, "2.303"},
		{value("train/images_per_second", 12345.6).text, "12346"},
		{value("test/top5", 0.99999).text, "100.00"},
		{count(0), "0"},
		{count(-1234), "-1,234"},
		{count(-123), "-123"},
		{count(269722), "269,722"},
		{count(1234567890), "1,234,567,890"},
		{magnitude(40551040), "40.6 M"},
		{magnitude(999), "999"},
		{magnitude(999999999), "1 G"},
		{magnitude(4.92e12), "4.92 T"},
		{iec.Bytes(547233), "534.4 KiB"},
		{iec.Bytes(12), "12 B"},
		{took(1500 * time.Millisecond), "1.5 s"},
		{took(59 * time.Second), "59 s"},
		{took(60 * time.Second), "1 m 00 s"},
		{took(3*time.Hour + 59*time.Minute + 40*time.Second), "4 h 00 m"},
		{probability(0.0004), "< 0.001"},
		{probability(0.0226), "0.023"},
		{escape.Text("a\x1b[2Jb\n"), "a\uFFFD[2Jb\uFFFD"},
	}
	for i, test := range tests {
		if test.got != test.want {
			t.Errorf("case %d: got %q, want %q", i, test.got, test.want)
		}
	}
}
