package figure

import "math"

// box is a rectangle by its upper left and lower right corners.
type box struct{ min, max point }

func (b box) overlaps(o box) bool {
	return b.min.x < o.max.x && o.min.x < b.max.x && b.min.y < o.max.y && o.min.y < b.max.y
}

func (b box) holds(o box) bool {
	return o.min.x >= b.min.x && o.max.x <= b.max.x && o.min.y >= b.min.y && o.max.y <= b.max.y
}

// placed is a text and where it begins.
type placed struct {
	at   point
	text string
}

// placeLabels puts the circles' names beside, above or below them, inside the room, where they cover neither another
// name nor the centre of another circle. Names that find no such place are left out.
func placeLabels(circles []circle, room box) []placed {
	var taken []box
	for _, o := range circles {
		r := math.Min(o.radius, 5) + 1
		taken = append(taken, box{point{o.at.x - r, o.at.y - r}, point{o.at.x + r, o.at.y + r}})
	}
	var labels []placed
	for _, o := range circles {
		w, gap := labelAdvance*float64(len([]rune(o.Label))), math.Max(o.radius, 3)+3
		for _, corner := range []point{
			{o.at.x + gap, o.at.y - labelHeight/2}, {o.at.x - gap - w, o.at.y - labelHeight/2},
			{o.at.x - w/2, o.at.y - gap - labelHeight}, {o.at.x - w/2, o.at.y + gap},
			{o.at.x + gap*0.8, o.at.y - gap*0.8 - labelHeight/2}, {o.at.x + gap*0.8, o.at.y + gap*0.8 - labelHeight/2},
			{o.at.x - gap*0.8 - w, o.at.y - gap*0.8 - labelHeight/2}, {o.at.x - gap*0.8 - w, o.at.y + gap*0.8 - labelHeight/2},
		} {
			b := box{corner, point{corner.x + w, corner.y + labelHeight}}
			if room.holds(b) && !overlapsAny(b, taken) {
				taken = append(taken, b)
				labels = append(labels, placed{point{corner.x, corner.y + labelHeight - 3}, o.Label})
				break
			}
		}
	}
	return labels
}

func overlapsAny(b box, others []box) bool {
	for _, o := range others {
		if b.overlaps(o) {
			return true
		}
	}
	return false
}
