package analysis

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"workbench/experiments"
	"workbench/nn/nearest"
)

// Machine says where, and by what, a latency was measured. Latencies of two machines are no comparison.
func Machine(l experiments.Latency) string {
	threads := fmt.Sprintf("%d threads", l.Threads)
	if l.Threads == 1 {
		threads = "1 thread"
	}
	return fmt.Sprintf("%s (%s, %s)", cmp.Or(l.Host, "a machine without a name"), l.Backend, threads)
}

// way is one in which latencies were measured: a machine, with how many cells have any there, and which are the newest.
type way struct {
	name, host string
	cells      map[string]bool
	newest     time.Time
}

// measured gives the rows the latencies of one machine: of each the newest of one image, and of a batch that most rows
// have.
func (c *Compared) measured(ctx context.Context, from Timings, runs []experiments.RunInfo, machine string) error {
	cell := map[string]string{}
	for _, row := range c.Rows {
		cell[row.Cell] = row.Cell
	}
	of, ids := map[string]string{}, []string{}
	for _, r := range runs {
		if _, shown := cell[r.Cell]; shown {
			of[r.ID] = r.Cell
			ids = append(ids, r.ID)
		}
	}
	all, err := from.Latencies(ctx, ids)
	if err != nil {
		return err
	}
	ways := waysOf(all, of)
	for _, w := range ways {
		c.Machines = append(c.Machines, w.name)
	}
	chosen := 0
	if machine != "" {
		chosen = slices.IndexFunc(ways, func(w way) bool { return w.name == machine || w.host == machine })
	}
	switch {
	case chosen < 0 && len(ways) == 0:
		return UnknownError{"machine",
			fmt.Sprintf("no latency was measured on %q, nor on any other machine; compare --latency measures", machine)}
	case chosen < 0:
		return UnknownError{"machine", fmt.Sprintf("no latency was measured on %q%s", machine, nearest.Hint(machine, c.Machines))}
	case len(ways) == 0:
		return nil
	}
	c.Machine = ways[chosen].name
	all = slices.DeleteFunc(all, func(l experiments.Latency) bool { return Machine(l) != c.Machine })
	slices.SortStableFunc(all, func(a, b experiments.Latency) int { return b.Time.Compare(a.Time) })
	batch := usualBatch(all, of)
	for i := range c.Rows {
		row := &c.Rows[i]
		for _, l := range all {
			if of[l.Run] != row.Cell {
				continue
			}
			if l.Batch == 1 && row.Latency == nil {
				row.Latency = &l
			}
			if l.Batch == batch && row.Batch == nil {
				row.Batch = &l
			}
		}
	}
	return nil
}

// waysOf are those in which latencies were measured: the one with the most cells first, then the newest.
func waysOf(all []experiments.Latency, cell map[string]string) []way {
	var ways []way
	for _, l := range all {
		name := Machine(l)
		i := slices.IndexFunc(ways, func(w way) bool { return w.name == name })
		if i < 0 {
			i = len(ways)
			ways = append(ways, way{name: name, host: l.Host, cells: map[string]bool{}})
		}
		ways[i].cells[cell[l.Run]] = true
		if l.Time.After(ways[i].newest) {
			ways[i].newest = l.Time
		}
	}
	slices.SortFunc(ways, func(a, b way) int {
		return cmp.Or(cmp.Compare(len(b.cells), len(a.cells)), b.newest.Compare(a.newest), cmp.Compare(a.name, b.name))
	})
	return ways
}

// usualBatch is the number of images above one with which most cells were measured, the largest of several such.
func usualBatch(all []experiments.Latency, cell map[string]string) (batch int) {
	cells := map[int]map[string]bool{}
	for _, l := range all {
		if l.Batch > 1 {
			if cells[l.Batch] == nil {
				cells[l.Batch] = map[string]bool{}
			}
			cells[l.Batch][cell[l.Run]] = true
		}
	}
	for n, with := range cells {
		if most := len(cells[batch]); len(with) > most || len(with) == most && n > batch {
			batch = n
		}
	}
	return batch
}
