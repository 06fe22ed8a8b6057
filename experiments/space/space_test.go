package space

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// small has momentum only beside sgd, nesterov only beside its momentum, and leaves out a depth of plain networks.
func small() Space {
	return Space{
		Factors: []Factor{
			{Name: "net", Labels: []string{"plain", "residual"}},
			{Name: "depth", Labels: []string{"8", "20", "56"}},
			{Name: "optim", Labels: []string{"sgd", "adam"}},
			{Name: "momentum", Labels: []string{"0", "0.9"}, When: Where{"optim": {"sgd"}}},
			{Name: "nesterov", Labels: []string{"no", "yes"}, When: Where{"momentum": {"0.9"}}},
		},
		Exclude: []Where{{"net": {"plain"}, "depth": {"20", "56"}, "optim": {"adam"}}, {"depth": {"56"}, "momentum": {"0"}}},
	}
}

func text(s Space, levels map[string]string) string {
	var parts []string
	for _, f := range s.Factors {
		if l, applies := levels[f.Name]; applies {
			parts = append(parts, f.Name+"="+l)
		}
	}
	return strings.Join(parts, " ")
}

func all(t *testing.T, s Space) []string {
	t.Helper()
	var list []string
	if _, err := s.Walk(func(levels map[string]string) error { list = append(list, text(s, levels)); return nil }); err != nil {
		t.Fatal(err)
	}
	return list
}

// byHand makes the combinations as they are defined: all products, without factors that do not apply, each once,
// without those that an exclusion holds for.
func byHand(s Space) []string {
	products := []map[string]string{{}}
	for _, f := range s.Factors {
		var next []map[string]string
		for _, p := range products {
			for _, l := range f.Labels {
				q := maps.Clone(p)
				q[f.Name] = l
				next = append(next, q)
			}
		}
		products = next
	}
	var list []string
	for _, p := range products {
		p = s.Applied(p)
		out := slices.ContainsFunc(s.Exclude, func(e Where) bool { return e.Holds(p) })
		if name := text(s, p); !out && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

func TestWalkHasWhatIsDefined(t *testing.T) {
	s := small()
	got, want := all(t, s), byHand(s)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// Beside each of 2 × 3 networks: adam, sgd without momentum, sgd with it and two kinds of it: 24. Left out are
	// plain with adam twice, and depth 56 without momentum twice.
	if len(got) != 20 {
		t.Errorf("%d combinations, want 20", len(got))
	}
}

func TestExclusionsWithoutEffectAreKnown(t *testing.T) {
	s := small()
	s.Exclude = append(s.Exclude, Where{"optim": {"adam"}, "momentum": {"0"}}, Where{"depth": {"56"}, "net": {"plain"}, "optim": {"adam"}})
	used, err := s.Walk(func(map[string]string) error { return nil })
	if want := map[int]bool{0: true, 1: true, 3: true}; err != nil || !maps.Equal(used, want) {
		t.Errorf("used %v, %v, want %v", used, err, want)
	}
}

func TestASampleIsPartOfTheSpace(t *testing.T) {
	s := small()
	whole := all(t, s)
	always := map[string]string{"net": "residual", "depth": "56", "optim": "adam"}
	before := []string{text(s, always)}
	for n := 2; n <= len(whole); n++ {
		picks, err := s.Sample(n, 7, always)
		if err != nil {
			t.Fatal(err)
		}
		var got, ordered []string
		for _, p := range picks {
			got = append(got, text(s, p))
		}
		for _, name := range whole {
			if slices.Contains(got, name) {
				ordered = append(ordered, name)
			}
		}
		if len(ordered) != n || !slices.Equal(got, ordered) {
			t.Errorf("%d cells: got %q, want so many of the space in its order", n, got)
		}
		for _, name := range before {
			if !slices.Contains(got, name) {
				t.Errorf("%d cells lack %s, which %d had", n, name, n-1)
			}
		}
		before = got
	}
	if _, err := s.Sample(len(whole)+1, 7, always); err == nil ||
		err.Error() != "want at most 20 cells, as many as there are to choose from, got 21" {
		t.Errorf("too many: %v", err)
	}
	if _, err := s.Sample(3, 7, map[string]string{"net": "plain"}); err == nil {
		t.Error("a sample without a baseline in the space")
	}
}

// Over many seeds each combination is taken as often as the others: within five standard errors of 4 in 19.
func TestSamplesAreFair(t *testing.T) {
	s := small()
	const seeds = 2000
	always := map[string]string{"net": "residual", "depth": "56", "optim": "adam"}
	counts := map[string]int{}
	for seed := range uint64(seeds) {
		picks, err := s.Sample(5, seed, always)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range picks {
			counts[text(s, p)]++
		}
	}
	for _, name := range all(t, s) {
		want, error5 := seeds*4./19, 5*20.4 // √(2000 · 4/19 · 15/19) = 18.2
		if name == text(s, always) {
			want, error5 = seeds, 0
		}
		if n := float64(counts[name]); n < want-error5 || n > want+error5 {
			t.Errorf("%s is in %v of %d samples, want %v ± %v", name, n, seeds, want, error5)
		}
	}
}

func TestCoverHasEveryLevelOnce(t *testing.T) {
	s := small()
	cover, err := s.Cover()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, c := range cover {
		for f, l := range c {
			seen[f+"="+l] = true
		}
	}
	if len(seen) != 11 || len(cover) > 11 || !slices.Contains(byHand(s), text(s, cover[len(cover)-1])) {
		t.Errorf("%d levels in %d combinations", len(seen), len(cover))
	}
}

func TestLargeSpacesAreRefused(t *testing.T) {
	var s Space
	for i := range 23 {
		s.Factors = append(s.Factors, Factor{Name: fmt.Sprint("f", i), Labels: []string{"a", "b"}})
	}
	if _, err := s.Walk(func(map[string]string) error { return nil }); !errors.Is(err, ErrLarge) {
		t.Errorf("got %v", err)
	}
	one := Space{Factors: []Factor{{Name: "f"}}}
	for i := range 1000 {
		one.Factors[0].Labels = append(one.Factors[0].Labels, strconv.Itoa(i))
	}
	if n := len(all(t, one)); n != 1000 {
		t.Errorf("%d combinations, want 1000", n)
	}
}

// A space of 10²⁴ combinations is refused by counting, and what exclusions may leave of one is not.
func TestLargeSpacesAreCounted(t *testing.T) {
	var s Space
	for i := range 8 {
		f := Factor{Name: fmt.Sprint("f", i)}
		for k := range 1000 {
			f.Labels = append(f.Labels, strconv.Itoa(k))
		}
		s.Factors = append(s.Factors, f)
	}
	_, cover := s.Cover()
	if _, err := s.Sample(4, 1, nil); !s.Large() || !errors.Is(err, ErrLarge) || !errors.Is(cover, ErrLarge) {
		t.Errorf("large: %v, a sample: %v, a cover: %v", s.Large(), err, cover)
	}
	s.Exclude = []Where{{"f0": s.Factors[0].Labels[1:]}, {"f1": s.Factors[1].Labels[1:]}}
	if s.Large() {
		t.Error("exclusions that may leave little are taken for none")
	}
	s.Exclude = s.Exclude[:1]
	if !s.Large() { // 10²¹ are left
		t.Error("an exclusion that leaves much is taken for one that leaves little")
	}
	s.Exclude = nil
	for i := range s.Factors[2:] {
		s.Factors[i+2].When = Where{"f0": {"0"}}
	}
	if s.Large() {
		t.Error("factors that apply beside one level are counted beside all")
	}
}
