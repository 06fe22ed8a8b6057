package data

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"workbench/experiments/data/raster"
)

// namedDamaged is how many damaged pictures a run records by name.
const namedDamaged = 20

// damaged reads every picture of a split, by all processors, and says which cannot be read, and why.
func (p *photos) damaged(ctx context.Context, split Split) (rows []int32, reasons []string, err error) {
	var lock sync.Mutex
	why := map[int32]string{}
	group, ctx := errgroup.WithContext(ctx)
	workers := runtime.GOMAXPROCS(0)
	for k := range workers {
		group.Go(func() error {
			var m raster.Image
			for i := k; i < p.Len(split); i += workers {
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := p.decode(split, i, &m); err != nil {
					lock.Lock()
					rows, why[int32(i)] = append(rows, int32(i)), err.Error()
					lock.Unlock()
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	slices.Sort(rows)
	for _, i := range rows {
		reasons = append(reasons, why[i])
	}
	return rows, reasons, nil
}

// without are the rows of n that are not among some, which are sorted.
func without(n int, some []int32) []int32 {
	rest := make([]int32, 0, n-len(some))
	for i := range int32(n) {
		if _, among := slices.BinarySearch(some, i); !among {
			rest = append(rest, i)
		}
	}
	return rest
}

// leave out the pictures that cannot be read. Pick makes the shelf that has only some rows of a split's.
func (p *photos) leaveOut(ctx context.Context, pick func(split Split, rows []int32) shelf) error {
	var all []string
	n := 0
	for split := range splits {
		split := Split(split)
		n += p.Len(split)
		rows, reasons, err := p.damaged(ctx, split)
		if err != nil {
			return err
		}
		if len(rows) > 0 {
			p.shelves[split] = pick(split, without(p.Len(split), rows))
			all = append(all, reasons...)
		}
	}
	if len(all) == 0 {
		return nil
	}
	more := ""
	if len(all) > namedDamaged {
		more = "; …"
	}
	named := strings.Join(all[:min(len(all), namedDamaged)], "; ")
	p.facts["damaged"] = fmt.Sprintf("%d of %d pictures left out: %s%s", len(all), n, named, more)
	return nil
}
