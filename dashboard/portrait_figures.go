package dashboard

import (
	"fmt"
	"html/template"
	"strings"

	"workbench/dashboard/figure"
	"workbench/dashboard/portrait"
)

// portraitFigures are drawn of a portrait, by the names of their files: the same in the page and in the export. Each is
// "" where there is nothing to be drawn, and may say what is left out of it.
var portraitFigures = map[string]func(d portraitData, title string) (svg, note string){
	"confusion":   func(d portraitData, title string) (string, string) { return drawConfusion(d.mine.Confusion, title) },
	"classes":     drawClasses,
	"calibration": drawCalibration,
	"embedding":   drawEmbedding,
	"layers":      drawLayers,
	"difference":  drawDifference,
	"gains":       drawGains,
}

func portraitFigureNames() string {
	return strings.Join(sortedKeys(portraitFigures), ".svg, ") + ".svg"
}

// portraitFigure answers with one of them.
func (s *Server) portraitFigure(r request) (response, error) {
	name, isSVG := strings.CutSuffix(r.Param("figure"), ".svg")
	draw := portraitFigures[name]
	if !isSVG || draw == nil {
		return nil, missing("A portrait has no figure %q: want one of %s.", r.Param("figure"), portraitFigureNames())
	}
	d, err := s.portraitData(r)
	if err != nil {
		return nil, err
	}
	svg, note := draw(d, runName(d.run))
	if svg == "" {
		return nil, missing("%s", strings.TrimSpace("Run "+short(d.run.ID)+" has nothing for "+name+".svg here. "+note))
	}
	return svgBody(svg), nil
}

// panel is a figure of one run in the page.
type panel struct {
	Name   string // of the run, where there are two
	Href   string
	Step   string // that it was made at
	Figure template.HTML
	SVG    string // where the figure is by itself
	Note   string
}

// swapped is the data seen from the other run, so that each figure has one definition.
func (d portraitData) swapped() portraitData {
	o := portraitData{run: d.other, other: d.run, asked: d.asked, mine: *d.beside, beside: &d.mine}
	o.difference = portrait.Differ(o.mine.Confusion, o.beside.Confusion)
	return o
}

func drawConfusion(c *portrait.Confusion, title string) (svg, note string) {
	if c == nil {
		return "", ""
	}
	if svg = c.Figure("Confusion matrix of " + title); svg == "" {
		note = fmt.Sprintf("A matrix of %d classes is not drawn, only of up to %d; the pairs below are those confused most.", len(c.Classes),
			portrait.MostDrawn)
	}
	return svg, note
}

func drawClasses(d portraitData, title string) (svg, note string) {
	if d.mine.Confusion == nil {
		return "", ""
	}
	var other *portrait.Confusion
	if d.beside != nil {
		other = d.beside.Confusion
	}
	svg, left := d.mine.Confusion.Bars("Accuracy of each class of "+title, other)
	return svg, leftOut(left, "that are right more often are")
}

// leftOut says how many classes a figure has not.
func leftOut(classes int, which string) string {
	if classes == 0 {
		return ""
	}
	return plural(classes, "class", "classes") + " " + which + " left out; the JSON has them all."
}

func drawCalibration(d portraitData, title string) (svg, note string) {
	if d.mine.Calibration == nil {
		return "", ""
	}
	c := d.mine.Calibration
	note = fmt.Sprintf("Expected calibration error %.2f %%", 100*c.ECE)
	if c.Temperature > 0 {
		note += fmt.Sprintf("; best temperature %.3f", c.Temperature)
		switch {
		case c.Temperature > 1.02:
			note += ", above 1: the network is too sure of itself"
		case c.Temperature < 0.98:
			note += ", below 1: the network is less sure than it could be"
		}
	}
	return c.Figure("Reliability of " + title), note + "."
}

func drawEmbedding(d portraitData, title string) (svg, note string) {
	e := d.mine.Embedding
	if e == nil {
		return "", ""
	}
	note = plural(e.Of, "image", "images") + "."
	if n := len(e.Points); n < e.Of {
		note = fmt.Sprintf("%d of %d images, evenly chosen.", n, e.Of)
	}
	return e.Figure("Features of " + title), note
}

// drawLayers draws both runs on one scale.
func drawLayers(d portraitData, title string) (svg, note string) {
	h := d.mine.Layers
	if h == nil {
		return "", ""
	}
	var other *portrait.History
	if d.beside != nil {
		other = d.beside.Layers
	}
	m, _ := portrait.MeasureOf(h.Measure)
	if len(h.Rows) == 0 {
		return "", "No layer has a " + m.Title + "."
	}
	low, high := portrait.Range(h, other)
	if n := len(h.Rows); n < h.OfRows {
		note = fmt.Sprintf("%d of %d layers, evenly chosen. ", n, h.OfRows)
	}
	if n := len(h.Steps); n < h.OfSteps {
		note += fmt.Sprintf("%d of %d steps.", n, h.OfSteps)
	}
	return h.Figure(figure.Cut(m.Title, 60)+" by layer and step of "+title, low, high), strings.TrimSpace(note)
}

func drawDifference(d portraitData, title string) (svg, note string) {
	if d.difference == nil {
		return "", ""
	}
	if svg = d.difference.Matrix("How answers of " + runName(d.other) + " differ from those of " + title); svg == "" {
		note = fmt.Sprintf("A matrix of %d classes is not drawn, only of up to %d.", len(d.difference.Classes), portrait.MostDrawn)
	} else if d.difference.Counts == nil {
		note = "The runs have answered unequally many images; numbers are points of the share of a row."
	}
	return svg, note
}

func drawGains(d portraitData, title string) (svg, note string) {
	if d.difference == nil {
		return "", ""
	}
	svg, left := d.difference.Forest("How much more often than " + title + " each class is right in " + runName(d.other))
	return svg, leftOut(left, "that differ less are")
}
