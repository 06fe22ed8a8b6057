// Package nearest finds the name a user probably meant.
package nearest

import (
	"cmp"
	"fmt"
	"slices"
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

// leastPart is how many characters a part of a name has that says which name is meant.
const leastPart = 3

// Names returns up to three of good: first those that begin with the name, then those whose edit distance from it is at
// most a third of its length (or two, if that is more), then those that contain it; of each kind the nearest first.
func Names(name string, good []string) []string {
	type candidate struct {
		name    string
		kind, d int
	}
	limit, length, typed := max(2, len(name)/3), utf8.RuneCountInString(name), strings.ToLower(name)
	var near []candidate
	for _, g := range distinct(good) {
		more := utf8.RuneCountInString(g) - length
		lower := strings.ToLower(g)
		switch {
		case length >= leastPart && strings.HasPrefix(lower, typed):
			near = append(near, candidate{g, 0, more})
			continue
		case length >= leastPart && strings.Contains(lower, typed):
			near = append(near, candidate{g, 2, more})
		}
		if more > limit || -more > limit {
			continue // the distance is no less, and the product of two lengths may be large
		}
		if d := distance(typed, lower); d <= limit && d < len(g) {
			near = append(near, candidate{g, 1, d})
		}
	}
	slices.SortFunc(near, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.d, b.d), cmp.Compare(a.name, b.name))
	})
	var names []string
	for _, c := range near {
		if len(names) < 3 && !slices.Contains(names, c.name) {
			names = append(names, c.name)
		}
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
