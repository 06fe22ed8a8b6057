package figure

import (
	"fmt"
	"math"
	"unicode"
)

// textWidth is how wide a text of 12 pixels is at most, in pixels, in the fonts that stand in for system-ui: the widths
// are those of Verdana, the widest of them. Characters of East Asian scripts and pictures are as wide as they are high.
func textWidth(s string) float64 {
	w := 0.0
	for _, r := range s {
		w += runeWidth(r)
	}
	return w
}

func runeWidth(r rune) float64 {
	switch {
	case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r):
		return 0
	case r >= 0x1100 && (unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana) || r >= 0x1F000 ||
		r >= 0x3000 && r <= 0x303F || r >= 0xFF00 && r <= 0xFF60):
		return 12.5
	case r == 'i' || r == 'j' || r == 'l' || r == '.' || r == ',' || r == ':' || r == ' ' || r == '\'' || r == '|':
		return 4.6
	case r == 'm' || r == 'w' || r == 'M' || r == 'W' || r == '%' || r == '@':
		return 12.2
	case unicode.IsUpper(r) || r == '=' || r == '+' || r == '_' || r == '−' || r == '×' || r == '~':
		return 9.2
	}
	return 7.5
}

// keys is a legend: the lines with a name, in columns as wide as the longest of them.
type keys struct {
	lines   []Line
	columns int
	width   float64 // of all columns
}

const keySample = 28.0 // the stroke before a name

// keysOf lays the legend out in the room, or in one wider column if a name is longer than that.
func keysOf(lines []Line, room float64) keys {
	k := keys{columns: 1}
	widest := 0.0
	for _, l := range lines {
		if l.Label != "" {
			k.lines = append(k.lines, l)
			widest = math.Max(widest, keySample+textWidth(l.Label)+14)
		}
	}
	if widest > 0 {
		k.columns = max(1, min(len(k.lines), int(room/widest)))
	}
	k.width = float64(k.columns) * widest
	return k
}

func (k keys) height() float64 {
	return 20 * math.Ceil(float64(len(k.lines))/float64(k.columns))
}

func (k keys) draw(c *canvas, at point) {
	for i, l := range k.lines {
		x, y := at.x+float64(i%k.columns)*k.width/float64(k.columns), at.y+20*float64(i/k.columns)
		fmt.Fprintf(c, `<line class="line k%d" stroke="%s" stroke-width="2.5" stroke-dasharray="%s" x1="%s" y1="%s" x2="%s" y2="%s"/>`,
			l.Style.Slot, l.Style.Colour(), Dashes[l.Style.Dash], px(x), px(y), px(x+22), px(y))
		c.text("label", "start", x+keySample, y+4, l.Label)
	}
}
