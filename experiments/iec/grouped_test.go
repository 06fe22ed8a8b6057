package iec

import (
	"math"
	"testing"
)

func TestGrouped(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 7: "7", -12: "-12", 999: "999", -999: "-999", 1000: "1,000", -1000: "-1,000",
		272474: "272,474", 1234567: "1,234,567", math.MinInt64: "-9,223,372,036,854,775,808"} {
		if got := Grouped(n, Comma); got != want {
			t.Errorf("%d is written %q, want %q", n, got, want)
		}
	}
	if got := Grouped(-1234567, ThinSpace); got != "-1\u202f234\u202f567" {
		t.Errorf("got %q", got)
	}
}
