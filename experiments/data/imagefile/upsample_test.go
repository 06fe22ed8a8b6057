package imagefile

import (
	"slices"
	"testing"
)

// By hand, from jdsample.c of libjpeg: a row is mixed 3:1 with its neighbours, rounded down and up in turn; of two rows
// the sums 3a + b are.
func TestColoursAreSpreadAsByLibjpeg(t *testing.T) {
	across := make([]uint8, 6)
	mixAcross(across, []uint8{10, 23, 40})
	if want := []uint8{10, 13, 20, 27, 36, 40}; !slices.Equal(across, want) {
		t.Errorf("a row became %v, want %v", across, want)
	}
	both := make([]uint8, 6)
	mixBoth(both, []uint8{10, 22, 40}, []uint8{30, 18, 0}) // sums 60, 84, 120
	if want := []uint8{15, 16, 20, 23, 28, 30}; !slices.Equal(both, want) {
		t.Errorf("two rows became %v, want %v", both, want)
	}
}
