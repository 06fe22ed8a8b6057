// Package nearest finds the name a user probably meant.
package nearest

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// Hint is the second half of an error about a wrong name: the nearest good names if any is near, else all of them
// (at most ten). It begins with ": ".
func Hint(name string, good []string) string {
	if len(good) == 0 {
		return ": there are none"
	}
	if near := Names(name, good); len(near) > 0 {
		return fmt.Sprintf(": did you mean %s?", strings.Join(near, " or "))
	}
	all := distinct(good)
	if len(all) > 10 {
		return fmt.Sprintf(": want one of %s, … (%d in all)", strings.Join(all[:10], ", "), len(all))
	}
	return ": want one of " + strings.Join(all, ", ")
}

// Names returns up to three of good, nearest first, whose edit distance is at most a third of the name's length (or
// two, if that is more).
func Names(name string, good []string) []string {
	type candidate struct {
		name string
		d    int
	}
	limit, length := max(2, len(name)/3), utf8.RuneCountInString(name)
	var near []candidate
	for _, g := range distinct(good) {
		if n := utf8.RuneCountInString(g) - length; n > limit || -n > limit {
			continue // the distance is no less, and the product of two lengths may be large
		}
		if d := distance(strings.ToLower(name), strings.ToLower(g)); d <= limit && d < len(g) {
			near = append(near, candidate{g, d})
		}
	}
	sort.Slice(near, func(i, j int) bool {
		return near[i].d < near[j].d || near[i].d == near[j].d && near[i].name < near[j].name
	})
	var names []string
	for _, c := range near[:min(3, len(near))] {
		names = append(names, c.name)
	}
	return names
}

// distinct are the names, each once, sorted.
func distinct(names []string) []string { return slices.Compact(slices.Sorted(slices.Values(names))) }

// distance is Levenshtein's, the least number of insertions, deletions and substitutions between a and b.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := range s {
		diagonal := row[0]
		row[0] = i + 1
		for j := range t {
			cost := diagonal
			if s[i] != t[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(t)]
}
