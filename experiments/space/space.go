// Package space says which combinations of levels the factors of a study have: where a factor applies only beside some
// levels of others, what is left out, and what a random sample takes. It knows names only.
package space

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"workbench/nn/rng"
)

// Where says at which levels of factors something holds: at one of the labels of every factor that it names.
type Where map[string][]string

// Holds tells whether it does for a combination, of which a factor that does not apply is no part.
func (w Where) Holds(levels map[string]string) bool {
	for factor, labels := range w {
		if level, applies := levels[factor]; !applies || !slices.Contains(labels, level) {
			return false
		}
	}
	return true
}

// String is "depth=20,56 optim=sgd".
func (w Where) String() string {
	var parts []string
	for _, factor := range slices.Sorted(maps.Keys(w)) {
		parts = append(parts, factor+"="+strings.Join(w[factor], ","))
	}
	return strings.Join(parts, " ")
}

// Factor is what varies: its levels, and where it applies. Elsewhere it is no part of a combination.
type Factor struct {
	Name   string
	Labels []string
	When   Where // of factors that stand before it; empty: everywhere
}

// Space is all combinations of levels but those that are left out.
type Space struct {
	Factors []Factor
	Exclude []Where
}

// MaxSteps is how many levels are put beside others when combinations are gone through, which takes about a second.
const MaxSteps = 5_000_000

// ErrLarge is the answer to a space with more combinations than can be gone through.
var ErrLarge = errors.New("the factors have more combinations than can be gone through: want fewer levels or factors")

// Large tells of a space that it has more combinations than can be gone through, without going through any: as many as
// the factors have that apply everywhere, less what each exclusion leaves out of these at most. Walk finds out about
// the
// others.
func (s Space) Large() bool {
	all, share := 1.0, 0.0
	for _, f := range s.Factors {
		if len(f.When) == 0 {
			all *= float64(len(f.Labels))
		}
	}
	for _, e := range s.Exclude {
		out := 1.0
		for _, f := range s.Factors {
			if labels, names := e[f.Name]; names && len(f.When) == 0 {
				out *= float64(len(labels)) / float64(len(f.Labels))
			}
		}
		share += out
	}
	return all*(1-share) > MaxSteps
}

// Applied are the levels of those factors that apply beside them.
func (s Space) Applied(levels map[string]string) map[string]string {
	applied := map[string]string{}
	for _, f := range s.Factors {
		if level, named := levels[f.Name]; named && f.When.Holds(applied) {
			applied[f.Name] = level
		}
	}
	return applied
}

// Walk visits every combination; the first factor varies slowest. The map is changed after each visit. Walk stops at
// the first error, which it returns. The number of each exclusion that has left out something is in used.
func (s Space) Walk(visit func(levels map[string]string) error) (used map[int]bool, err error) {
	w := walk{space: s, naming: map[string][]int{}, levels: map[string]string{}, used: map[int]bool{}, visit: visit}
	for i, e := range s.Exclude {
		for factor := range e {
			w.naming[factor] = append(w.naming[factor], i)
		}
	}
	return w.used, w.from(0)
}

type walk struct {
	space  Space
	naming map[string][]int // factor → the exclusions that name it
	levels map[string]string
	used   map[int]bool
	visit  func(levels map[string]string) error
	steps  int
}

// from goes through the levels of the factors from one on, beside what the earlier ones have.
func (w *walk) from(i int) error {
	if w.steps++; w.steps > MaxSteps {
		return ErrLarge
	}
	if i == len(w.space.Factors) {
		return w.visit(w.levels)
	}
	f := w.space.Factors[i]
	if !f.When.Holds(w.levels) {
		return w.from(i + 1)
	}
	defer delete(w.levels, f.Name)
	for _, label := range f.Labels {
		w.levels[f.Name] = label
		if w.excluded(f.Name) {
			continue
		}
		if err := w.from(i + 1); err != nil {
			return err
		}
	}
	return nil
}

// excluded tells whether the level that the factor was given completes what is left out.
func (w *walk) excluded(factor string) bool {
	out := false
	for _, i := range w.naming[factor] {
		if w.steps++; w.space.Exclude[i].Holds(w.levels) {
			w.used[i], out = true, true
		}
	}
	return out
}

// Sample takes n different combinations, the one that is always among them included. The others are drawn with equal
// chances and without repetition: the first of one random order of all, so that a larger sample has what a smaller one
// of the same seed has. They come in the order of Walk.
func (s Space) Sample(n int, seed uint64, always map[string]string) ([]map[string]string, error) {
	if s.Large() {
		return nil, ErrLarge
	}
	count, at := 0, -1
	_, err := s.Walk(func(levels map[string]string) error {
		if maps.Equal(levels, always) {
			at = count
		}
		count++
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case at < 0:
		return nil, errors.New("the baseline is none of the combinations to choose from")
	case n > count:
		return nil, fmt.Errorf("want at most %d cells, as many as there are to choose from, got %d", count, n)
	}
	order := make([]int32, count)
	rng.Shuffle(rng.Key(seed, "space"), order)
	taken := map[int]bool{at: true}
	for _, i := range order {
		if len(taken) == n {
			break
		}
		taken[int(i)] = true
	}
	var sample []map[string]string
	i := 0
	_, err = s.Walk(func(levels map[string]string) error {
		if taken[i] {
			sample = append(sample, maps.Clone(levels))
		}
		i++
		return nil
	})
	return sample, err
}

// Cover is the first combination that has each level, each combination once.
func (s Space) Cover() ([]map[string]string, error) {
	if s.Large() {
		return nil, ErrLarge
	}
	seen := map[[2]string]bool{}
	var all []map[string]string
	_, err := s.Walk(func(levels map[string]string) error {
		fresh := false
		for factor, label := range levels {
			if at := [2]string{factor, label}; !seen[at] {
				seen[at], fresh = true, true
			}
		}
		if fresh {
			all = append(all, maps.Clone(levels))
		}
		return nil
	})
	return all, err
}
