package dashboard

import (
	"fmt"
	"net/url"

	"workbench/dashboard/figure"
	"workbench/dashboard/filter"
	"workbench/experiments"
)

// coverage is the matrix cell × seed: holes are the first thing to be seen.
type coverage struct {
	Seeds []uint64
	Rows  []coverageRow
}

type coverageRow struct {
	Cell    string
	Href    string // its runs
	Style   figure.Style
	Squares []square
}

// square is one planned run. State "missing" has no run yet.
type square struct {
	State, Href, Text, Glyph string
	Done                     float64 // per cent of a running run
}

var glyphs = map[experiments.Status]string{
	experiments.Done: "✓", experiments.Running: "▶", experiments.Queued: "·", experiments.Interrupted: "‖", experiments.Failed: "✕",
	experiments.Diverged: "✗",
}

func coverageOf(d studyData, styles map[string]figure.Style) coverage {
	c := coverage{Seeds: d.info.Study.Seeds}
	type place struct {
		cell string
		seed uint64
	}
	runs := map[place]experiments.RunInfo{}
	for _, r := range d.runs {
		runs[place{r.Cell, r.Seed}] = r
	}
	for _, planned := range d.ablation.Rows {
		name := planned.Cell
		line := coverageRow{Cell: name, Href: runsLink(d.info.Study.Name, name), Style: styles[name]}
		for _, seed := range c.Seeds {
			r, exists := runs[place{name, seed}]
			line.Squares = append(line.Squares, squareOf(name, seed, r, exists))
		}
		c.Rows = append(c.Rows, line)
	}
	return c
}

func squareOf(cell string, seed uint64, r experiments.RunInfo, exists bool) square {
	where := fmt.Sprintf("%s, seed %d", cell, seed)
	if !exists {
		return square{State: "missing", Text: where + ": missing", Glyph: "?"}
	}
	q := square{State: string(r.Status), Href: runPath(r.ID), Text: where + ": " + string(r.Status), Glyph: glyphs[r.Status]}
	if n := len(r.BlockedBy); n > 0 && r.Status != experiments.Done {
		q.Text += ", waits for " + plural(n, "run", "runs")
	}
	if p := r.Progress; p != nil && r.Status == experiments.Running && p.Steps > 0 {
		q.Done = 100 * float64(p.Step) / float64(p.Steps)
		q.Text += fmt.Sprintf(", epoch %d of %d", p.Epoch, p.Epochs)
	}
	return q
}

func runPath(id string) string { return "/runs/" + url.PathEscape(id) }

// short is the part of an id that people read.
func short(id string) string { return id[:min(len(id), 8)] }

// runsLink is the run table with the runs of one cell.
func runsLink(study, cell string) string {
	return "/runs?" + url.Values{"study": {study}, "q": {"cell=" + filter.Quote(cell)}}.Encode()
}
