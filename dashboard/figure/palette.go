// Package figure draws the small scientific figures as SVG text: the same in a page, an export and a paper.
// Colours are presentation attributes for a light ground; a page's style sheet overrides them by class (k0 … k9).
package figure

import "hash/fnv"

// Palette is the ten-colour cycle of Petroff 2021 (arXiv 2107.02270), chosen to stay apart under colour blindness; its
// two lightest are darkened here, or they would fade on white paper.
var Palette = [10]string{"#3f90da", "#bd1f01", "#832db6", "#e76300", "#717581", "#a96b59", "#ffa90e", "#94a4a2", "#9c8f4e", "#2ba3a8"}

// Dashes are stroke patterns in pixels: the first is solid.
var Dashes = [5]string{"", "7 3", "2 3", "9 3 2 3", "12 4"}

// Style is how one arm is drawn wherever it appears.
type Style struct {
	Slot int // index into Palette
	Dash int // index into Dashes; more than zero once ten arms have used the colours
}

// Colour in hexadecimal.
func (s Style) Colour() string { return Palette[s.Slot] }

// Assign gives every key a style. A key starts from the slot its hash names and moves on while that is taken, so a
// key mostly keeps its colour from study to study and always within one; equal lists give equal styles.
func Assign(keys []string) map[string]Style {
	styles := make(map[string]Style, len(keys))
	taken := map[Style]bool{}
	for _, key := range keys {
		if _, twice := styles[key]; twice {
			continue
		}
		h := fnv.New32a()
		h.Write([]byte(key))
		s := Style{Slot: int(h.Sum32() % uint32(len(Palette)))}
		n := len(styles)
		s.Dash = n / len(Palette) % len(Dashes)
		for range Palette {
			if !taken[s] {
				break
			}
			s.Slot = (s.Slot + 1) % len(Palette)
		}
		taken[s] = true
		styles[key] = s
	}
	return styles
}
