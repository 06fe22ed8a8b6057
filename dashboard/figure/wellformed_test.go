package figure

import (
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"math"
	"strings"
	"testing"
)

// Drawings are XML whatever the labels hold.
func TestDrawingsAreWellFormed(t *testing.T) {
	for _, label := range []string{"\x1b[31m\x00", "\u202e\u200b\ufffe", "bad\xffutf8", `<b>&"'`, "]]>", "a\nb", ""} {
		difference := Difference{Label: label, Mean: 1, Low: 0, High: 2, Note: label}
		figures := map[string]string{
			"bar":    Bar(difference, -1, 3),
			"forest": Forest(label, label, []Difference{difference, {Label: label, Mean: math.NaN()}}, 0.5),
			"lines":  Plot{Title: label, X: label}.Lines([]Line{{Label: label, X: []float64{0, 1}, Y: []float64{1, 2}}}),
			"marks":  Plot{Title: label, Marks: []Mark{{0, label}, {1, label}}}.Lines([]Line{{X: []float64{0, 1}, Y: []float64{1, 2}}}),
			"strip":  Strip(label, label, []Stretch{{Name: label, Note: label, Length: 1}}),
		}
		maps.Copy(figures, portraits(label))
		for name, svg := range figures {
			for d := xml.NewDecoder(strings.NewReader(svg)); ; {
				if _, err := d.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Errorf("%s with label %q: %v", name, label, err)
					break
				}
			}
		}
	}
}
