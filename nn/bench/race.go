package bench

import (
	"context"
	"fmt"
	"math"
	"time"
)

// Race says how often and how long the contestants work.
type Race struct {
	Rounds int           // in each, every contestant has one turn, one after the other
	Turn   time.Duration // about so long
}

// Fewest and most steps of a turn.
const (
	fewestSteps = 3
	mostSteps   = 1000
)

// run measures contestants that have opened their networks. The order is the same in every round, A B A B, so that a
// drift of the machine's speed affects all of them alike.
func (r Race) run(ctx context.Context, contestants []*Contestant) ([]Sample, error) {
	if r.Rounds < 1 {
		return nil, fmt.Errorf("want at least 1 round, got %d", r.Rounds)
	}
	steps, samples := make([]int, len(contestants)), make([]Sample, len(contestants))
	for i, c := range contestants {
		seconds, err := c.turn(2) // and one before them: the first allocates, the second meets warm code
		if err != nil {
			return nil, err
		}
		steps[i] = r.steps(seconds[len(seconds)-1])
	}
	for range r.Rounds {
		for i, c := range contestants {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			seconds, err := c.turn(steps[i])
			if err != nil {
				return nil, err
			}
			samples[i] = append(samples[i], seconds)
		}
	}
	return samples, nil
}

// steps is how many steps make a turn if each takes so many seconds.
func (r Race) steps(seconds float64) int {
	n := math.Ceil(r.Turn.Seconds() / max(seconds, 1e-6))
	return int(min(max(n, fewestSteps), mostSteps))
}
