package zoo

import (
	"strings"
	"testing"
)

func TestParseInput(t *testing.T) {
	for text, want := range map[string][3]int{"3x64x48": {3, 64, 48}, "1×16384×1": {1, 16384, 1}} {
		if got, err := ParseInput(text); err != nil || got != want {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "3", "3x64", "3x64x64x1", "3x0x4", "3x-1x4", "3x16385x4", "axbxc", "3x64x64 "} {
		if got, err := ParseInput(text); err == nil || !strings.Contains(err.Error(), "want channels×height×width such as 3x32x32") {
			t.Errorf("%q: %v, %v, want an error that says how", text, got, err)
		}
	}
}
