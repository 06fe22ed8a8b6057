package figure

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestNoLabelCoversAnother(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	room := box{point{50, 20}, point{900, 500}}
	var circles []circle
	for i := range 120 {
		at := point{60 + 830*random.Float64(), 30 + 460*random.Float64()}
		circles = append(circles, circle{at, 30 * random.Float64(), Bubble{Label: fmt.Sprintf("network %d", i)}})
	}
	labels := placeLabels(circles, room)
	if len(labels) < 60 {
		t.Errorf("%d of 120 names have found a place", len(labels))
	}
	var boxes []box
	for _, l := range labels {
		w := labelAdvance * float64(len(l.text))
		boxes = append(boxes, box{point{l.at.x, l.at.y + 3 - labelHeight}, point{l.at.x + w, l.at.y + 3}})
	}
	for i, b := range boxes {
		if !room.holds(b) {
			t.Errorf("%s leaves the room", labels[i].text)
		}
		if overlapsAny(b, boxes[:i]) {
			t.Errorf("%s covers another name", labels[i].text)
		}
	}
}

func TestDecadesAreRound(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      string
	}{{7.9, 9.1, "[8 8.30103 8.69897 9]"}, {6.5, 10.5, "[7 8 9 10]"}} {
		var got []string
		for _, v := range decades(axis{low: c.low, high: c.high}) {
			got = append(got, label(v))
		}
		if s := fmt.Sprint(got); s != c.want {
			t.Errorf("decades(%v, %v) = %s, want %s", c.low, c.high, s, c.want)
		}
	}
}
