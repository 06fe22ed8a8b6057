package dashboard

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"workbench/dashboard/figure"
	"workbench/dashboard/filter"
	"workbench/experiments"
	"workbench/experiments/analysis"
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
	Count   string // of its runs in each state: "2 done, 1 diverged (step 212)"
}

// square is one planned run. State "missing" has no run yet.
type square struct {
	State, Href, Text, Glyph string
}

var glyphs = map[experiments.Status]string{
	experiments.Done: "✓", experiments.Running: "▶", experiments.Queued: "·", experiments.Interrupted: "‖", experiments.Failed: "!",
	experiments.Diverged: "✗", experiments.Blocked: "⊘",
}

// collapsedGlyph stands for a run that is done and has collapsed: all pictures are alike to it.
const collapsedGlyph = "≡"

func coverageOf(d studyData, styles map[string]figure.Style) coverage {
	c := coverage{Seeds: d.seedsShown()}
	type place struct {
		cell string
		seed uint64
	}
	runs := map[place]experiments.RunInfo{}
	for _, r := range d.runs {
		if _, newer := runs[place{r.Cell, r.Seed}]; !newer { // newest first
			runs[place{r.Cell, r.Seed}] = r
		}
	}
	collapsed := analysis.CollapsedAmong(d.runs)
	for _, planned := range d.shown() {
		name := planned.Cell
		line := coverageRow{Cell: name, Href: runsLink(runsRef(d.info), name), Style: styles[name]}
		var made []experiments.RunInfo
		for i, seed := range d.seeds() {
			r, exists := runs[place{name, seed}]
			if i < len(c.Seeds) {
				q := squareOf(name, seed, r, exists)
				if flat, yes := collapsed[r.ID]; exists && yes {
					q.Text += ", " + flat.String()
					if r.Status == experiments.Done {
						q.State, q.Glyph = "collapsed", collapsedGlyph
					}
				}
				line.Squares = append(line.Squares, q)
			}
			if exists {
				made = append(made, r)
			}
		}
		line.Count = countOf(made, len(d.seeds()))
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
	if n := len(r.BlockedBy); n > 0 && r.Status != experiments.Done && r.Status != experiments.Blocked {
		q.Text += ", waits for " + plural(n, "run", "runs")
	}
	if r.Reason != "" {
		q.Text += ": " + firstLine(r.Reason)
	}
	if p := r.Progress; p != nil && r.Status == experiments.Running && p.Steps > 0 {
		q.Text += strings.TrimSuffix(fmt.Sprintf(", epoch %d of %d %s", p.Epoch, p.Epochs, ofPhase(r)), " ")
	}
	return q
}

// countOf the runs of a cell in each state, and where those that diverged did.
func countOf(runs []experiments.RunInfo, planned int) string {
	count := map[experiments.Status]int{}
	var steps []string
	for _, r := range runs {
		count[r.Status]++
		if step := lostStep(r); step != "" && !slices.Contains(steps, step) {
			steps = append(steps, step)
		}
	}
	var parts []string
	for _, status := range statuses {
		if n := count[status]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, status))
			if status == experiments.Diverged && len(steps) > 0 {
				parts[len(parts)-1] += fmt.Sprintf(" (step %s)", strings.Join(steps, ", "))
			}
		}
	}
	if n := planned - len(runs); n > 0 {
		parts = append(parts, fmt.Sprintf("%d missing", n))
	}
	return strings.Join(parts, ", ")
}

// atStep is how the reason of a run that diverged says where; see experiments.DivergedError.
var atStep = regexp.MustCompile(`at step (\d+)`)

// lostStep is the step at which a run diverged, "" if it did not or does not say.
func lostStep(r experiments.RunInfo) string {
	if m := atStep.FindStringSubmatch(r.Reason); m != nil && r.Status == experiments.Diverged {
		return m[1]
	}
	return ""
}

func runPath(id string) string { return "/runs/" + url.PathEscape(id) }

// short is the part of an id that people read.
func short(id string) string { return id[:min(len(id), 8)] }

// runsLink is the run table with the runs of one cell.
func runsLink(study, cell string) string {
	return "/runs?" + url.Values{"study": {study}, "q": {"cell=" + filter.Quote(cell)}}.Encode()
}

// runsOf is the run table of a study or of a version of it.
func runsOf(study string) string { return "/runs?" + url.Values{"study": {study}}.Encode() }
