package dashboard

import (
	"net/url"
	"slices"

	"workbench/experiments/analysis"
)

// A page shows so many cells of a study, and of a cell so many seeds one by one, without being asked for all; exports
// and counts have them all.
const (
	cellsAtOnce = 100
	seedsAtOnce = 60
)

// shown are the cells that a page shows, always with the baseline.
func (d studyData) shown() []analysis.AblationRow {
	rows := d.ablation.Rows
	if d.whole || len(rows) <= cellsAtOnce {
		return rows
	}
	first := slices.Clone(rows[:cellsAtOnce])
	for _, r := range rows[cellsAtOnce:] {
		if r.Baseline {
			first = append(first, r)
		}
	}
	return first
}

// seeds are those that the study asks for, and those that were trained before and are not asked for any more.
func (d studyData) seeds() []uint64 {
	all := slices.Clone(d.info.Study.Seeds)
	asked := map[uint64]bool{}
	for _, seed := range all {
		asked[seed] = true
	}
	for _, r := range d.runs {
		if !asked[r.Seed] {
			asked[r.Seed] = true
			all = append(all, r.Seed)
		}
	}
	return all
}

// seedsShown are those whose runs a page shows one by one.
func (d studyData) seedsShown() []uint64 {
	seeds := d.seeds()
	if d.whole {
		return seeds
	}
	return seeds[:min(len(seeds), seedsAtOnce)]
}

// ofCells are the rows of a table that are about cells that the page shows.
func (d studyData) ofCells(rows []row) []row {
	keys := map[string]bool{}
	for _, r := range d.shown() {
		keys[r.Cell] = true
	}
	return slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return !keys[r.Key] })
}

// wantsAll says whether an address asks for all cells and seeds.
func wantsAll(u *url.URL) bool { return u.Query().Get("rows") == "all" }

// base is the query that every address of the study's curves has.
func (d studyData) base() *url.URL {
	if d.whole {
		return &url.URL{RawQuery: url.Values{"rows": {"all"}}.Encode()}
	}
	return noQuery
}

// cut says what a page leaves out, with the page that does not; it is empty where nothing is left out.
type cut struct {
	Cells, OfCells, Seeds, OfSeeds int
	Whole                          string
}

func (d studyData) cut() cut {
	c := cut{len(d.shown()), len(d.ablation.Rows), len(d.seedsShown()), len(d.seeds()), ""}
	if c.Cells < c.OfCells || c.Seeds < c.OfSeeds {
		c.Whole = studyPath(d.info.ShortRef()) + "?rows=all"
	}
	return c
}
