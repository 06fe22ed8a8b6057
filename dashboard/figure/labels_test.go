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

// Boxes that only touch do not overlap, and one that only just fits is held.
func TestBoxesAtTheirEdges(t *testing.T) {
	b := box{point{10, 20}, point{30, 40}}
	for _, c := range []struct {
		other           box
		overlaps, holds bool
	}{
		{b, true, true},
		{box{point{30, 20}, point{50, 40}}, false, false}, {box{point{29, 20}, point{50, 40}}, true, false},
		{box{point{-9, 20}, point{10, 40}}, false, false}, {box{point{-9, 20}, point{11, 40}}, true, false},
		{box{point{10, 40}, point{30, 60}}, false, false}, {box{point{10, 39}, point{30, 60}}, true, false},
		{box{point{10, 0}, point{30, 20}}, false, false}, {box{point{10, 0}, point{30, 21}}, true, false},
		{box{point{15, 25}, point{20, 30}}, true, true},
		{box{point{9, 25}, point{20, 30}}, true, false}, {box{point{15, 19}, point{20, 30}}, true, false},
		{box{point{15, 25}, point{31, 30}}, true, false}, {box{point{15, 25}, point{20, 41}}, true, false},
	} {
		if got := b.overlaps(c.other); got != c.overlaps {
			t.Errorf("%v and %v overlap: %v", b, c.other, got)
		}
		if got := b.holds(c.other); got != c.holds {
			t.Errorf("%v holds %v: %v", b, c.other, got)
		}
	}
}

// A name stands to the right, else to the left, above, below, or at a corner, whichever is the first that is free.
func TestNamesTryEightPlaces(t *testing.T) {
	room := box{point{0, 0}, point{200, 200}}
	// Each blocks one place of a name of two letters beside a circle of radius 10 at 100, 100, and no other.
	blockers := []point{{124.5, 100}, {75.5, 100}, {100, 80}, {100, 120}, {121, 85}, {121, 115}, {79, 85}, {79, 115}}
	for n, want := range []string{"113 103.5", "74.8 103.5", "93.9 84", "93.9 123", "110.4 93.1", "110.4 113.9", "77.4 93.1", "77.4 113.9"} {
		circles := []circle{{point{100, 100}, 10, Bubble{Label: "ab"}}}
		for _, at := range blockers[:n] {
			circles = append(circles, circle{at, 0, Bubble{}})
		}
		got := placeLabels(circles, room)[0]
		if s := px(got.at.x) + " " + px(got.at.y); got.text != "ab" || s != want {
			t.Errorf("with %d places taken: %q at %s, want ab at %s", n, got.text, s, want)
		}
	}
	circles := []circle{{point{100, 100}, 2, Bubble{Label: "ab"}}} // small circles keep the distance of one of radius 3
	if got := placeLabels(circles, room)[0]; px(got.at.x) != "106" {
		t.Errorf("beside a small circle: %v, want 106", got.at)
	}
	// Of a large circle only the middle is kept free: names may stand on it.
	circles = []circle{{point{100, 100}, 10, Bubble{Label: "ab"}}, {point{131.3, 100}, 40, Bubble{}}}
	if got := placeLabels(circles, room)[0]; px(got.at.x) != "113" {
		t.Errorf("beside the middle of a large circle: %v, want 113", got.at)
	}
	circles[1].at.x = 131.1
	if got := placeLabels(circles, room)[0]; px(got.at.x) != "74.8" {
		t.Errorf("over the middle of a large circle: %v, want 74.8", got.at)
	}
}
