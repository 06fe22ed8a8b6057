package figure

import (
	"encoding/xml"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"
)

// What is written and ruled stands inside of the drawing, however many names a legend has and however long they are,
// and below the last name is always the same room.
func TestFiguresHoldTheirTexts(t *testing.T) {
	figures := kinds()
	maps.Copy(figures, portraits("a name that is longer than most"))
	below := map[string]float64{} // "lines", "keys" → from the last name to the lower edge
	for n := range 13 {
		for _, name := range []string{"a", "shortcut=identity depth=20", strings.Repeat("a name that is long ", 6)} {
			var lines []Line
			for range n + 1 {
				lines = append(lines, Line{Label: name, X: []float64{0, 1}, Y: []float64{1, 2}})
			}
			figures[fmt.Sprintf("lines: %d of %.10s", n+1, name)] = Plot{Title: "t", X: "epoch"}.Lines(lines)
		}
		figures[fmt.Sprintf("keys: %d", n+1)] = crowded(3, n+1).Draw(crowd(3, 1))
	}
	for name, svg := range figures {
		width, height, lowest := 0.0, 0.0, 0.0
		for d := xml.NewDecoder(strings.NewReader(svg)); ; {
			token, err := d.Token()
			if err != nil {
				break // that they are well-formed is tested elsewhere
			}
			e, begins := token.(xml.StartElement)
			if !begins {
				continue
			}
			is := map[string]float64{}
			for _, a := range e.Attr {
				if v, err := strconv.ParseFloat(a.Value, 64); err == nil {
					is[a.Name.Local] = v
				}
			}
			if e.Name.Local == "svg" {
				width, height = is["width"], is["height"]
				continue
			}
			for _, at := range [][2]string{{"x", "y"}, {"x1", "y1"}, {"x2", "y2"}} {
				if x, y := is[at[0]], is[at[1]]; x < 0 || x > width || y < 0 || y > height {
					t.Errorf("%s, %v by %v: %s %v leaves it", name, width, height, e.Name.Local, is)
				}
			}
			if e.Name.Local == "text" {
				lowest = max(lowest, is["y"])
			}
		}
		kind, _, legend := strings.Cut(name, ":")
		if room, known := below[kind]; legend && known && height-lowest != room {
			t.Errorf("%s: %v pixels below the last name, elsewhere %v", name, height-lowest, room)
		} else if legend {
			below[kind] = height - lowest
		}
	}
}
