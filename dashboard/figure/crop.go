package figure

import (
	"fmt"

	"workbench/experiments/escape"
)

// Crop shows a part of a picture that lies at an address: nothing else is needed for it than the picture itself.
type Crop struct {
	Href          string
	Alt           string
	Width, Height int // of the whole picture, in pixels
	X, Y          int // the part's upper left corner
	Wide, High    int // and its size
}

// Draw the part.
func (p Crop) Draw() string {
	return fmt.Sprintf(`<svg class="crop" viewBox="%d %d %d %d" width="%d" height="%d" role="img" aria-label="%s">`+
		`<image href="%s" x="0" y="0" width="%d" height="%d"/></svg>`, p.X, p.Y, p.Wide, p.High, p.Wide, p.High, escape.XML(p.Alt),
		escape.XML(p.Href), p.Width, p.Height)
}
