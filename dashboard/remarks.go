package dashboard

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"workbench/experiments"
)

// remark is a sentence in parts, some of which lead to what they name.
type remark []link

// seedBehind is how a remark names a run: by its cell and, behind it, its seed.
var seedBehind = regexp.MustCompile(`^,? seed ([0-9]+)\b`)

// remarksOf makes the cells and runs that the texts name lead to them.
func remarksOf(texts []string, d studyData) []remark {
	var cells []string
	for _, r := range d.ablation.Rows {
		cells = append(cells, r.Cell)
	}
	slices.SortFunc(cells, func(a, b string) int { return cmp.Compare(len(b), len(a)) }) // "a=10" before "a=1"
	list := make([]remark, len(texts))
	for i, text := range texts {
		list[i] = remarkOf(text, cells, d)
	}
	return list
}

func remarkOf(text string, cells []string, d studyData) remark {
	var parts remark
	for text != "" {
		at, cell := len(text), ""
		for _, c := range cells {
			if i := indexName(text, c); i >= 0 && i < at {
				at, cell = i, c
			}
		}
		if at > 0 {
			parts = append(parts, link{Text: text[:at]})
		}
		text = text[at:]
		if cell == "" {
			continue
		}
		named, href := cell, runsLink(runsRef(d.info), cell)
		if m := seedBehind.FindStringSubmatch(text[len(cell):]); m != nil {
			if run, found := d.runOf(cell, m[1]); found {
				named, href = text[:len(cell)+len(m[0])], runPath(run.ID)
			}
		}
		parts = append(parts, link{named, href})
		text = text[len(named):]
	}
	return parts
}

// indexName is where a name begins in a text, as a whole word.
func indexName(text, name string) int {
	for from := 0; name != ""; {
		i := strings.Index(text[from:], name)
		if i < 0 {
			return -1
		}
		i += from
		end := i + len(name)
		if (i == 0 || strings.ContainsAny(text[i-1:i], " (,")) && (end == len(text) || strings.ContainsAny(text[end:end+1], " :,;).")) {
			return i
		}
		from = end
	}
	return -1
}

// runOf is the newest run of a cell and a seed.
func (d studyData) runOf(cell, seed string) (experiments.RunInfo, bool) {
	i := slices.IndexFunc(d.runs, func(r experiments.RunInfo) bool { // newest first
		return r.Cell == cell && strconv.FormatUint(r.Seed, 10) == seed
	})
	if i < 0 {
		return experiments.RunInfo{}, false
	}
	return d.runs[i], true
}
