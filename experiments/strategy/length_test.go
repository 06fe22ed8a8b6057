package strategy

import (
	"strings"
	"testing"
)

func TestParseLength(t *testing.T) {
	for text, want := range map[string]struct {
		n    float64
		unit string
	}{"2000 steps": {2000, UnitSteps}, "1e6 images": {1e6, UnitImages},
		" 3.5e15multiply-adds ": {3.5e15, UnitMultiplyAdds}, "1 steps": {1, UnitSteps},
		"1e21 images": {1e21, UnitImages}} {
		if n, unit, err := ParseLength(text); err != nil || n != want.n || unit != want.unit {
			t.Errorf("%q is %v %q (%v), want %v", text, n, unit, err, want)
		}
	}
	for text, want := range map[string]string{"20 minutes": "could not be repeated", "9 hours": "could not be repeated",
		"1 second": "could not be repeated", "steps": "want a number", "0.5 steps": "from 1 to 1e21",
		"-3 steps": "from 1", "1e22 images": "to 1e21", "3 epochs": "want a number and steps", "NaN steps": "want",
		"Inf steps": "want", "3": "want a number"} {
		if _, _, err := ParseLength(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got error %v, want %q", text, err, want)
		}
	}
}
