package weights

import (
	"fmt"
	"slices"
	"strings"
)

// mostGroups is how many names or groups of names stand for a list.
const mostGroups = 6

// Grouped lists names in few words: each by itself if they are few, else as "layer4.* (20 tensors)".
func Grouped(names []string) []string {
	if len(names) <= mostGroups/2 {
		return slices.Clone(names)
	}
	prefix := common(names)
	groups := split(names, prefix)
	if len(groups) == len(names) && prefix != "" {
		groups = []group{{prefix, names}}
	}
	if len(groups) > mostGroups {
		rest := 0
		for _, g := range groups[mostGroups-1:] {
			rest += len(g.names)
		}
		groups = groups[:mostGroups-1]
		return append(described(groups), fmt.Sprintf("… (%d more)", rest))
	}
	return described(groups)
}

// group is names that begin alike.
type group struct {
	begins string // up to a dot, unless there is but one
	names  []string
}

// common is what all names begin with, up to the last dot in it.
func common(names []string) string {
	prefix := names[0]
	for _, name := range names[1:] {
		for !strings.HasPrefix(name, prefix) {
			prefix = prefix[:len(prefix)-1]
		}
	}
	return prefix[:strings.LastIndexByte(prefix, '.')+1]
}

// split groups names by what follows the prefix up to the next dot, in the order in which they come.
func split(names []string, prefix string) []group {
	var groups []group
	at := map[string]int{}
	for _, name := range names {
		begins := name
		if dot := strings.IndexByte(name[len(prefix):], '.'); dot >= 0 {
			begins = name[:len(prefix)+dot+1]
		}
		i, there := at[begins]
		if !there {
			i = len(groups)
			at[begins] = i
			groups = append(groups, group{begins: begins})
		}
		groups[i].names = append(groups[i].names, name)
	}
	return groups
}

func described(groups []group) []string {
	var all []string
	for _, g := range groups {
		if len(g.names) == 1 {
			all = append(all, g.names[0])
		} else {
			all = append(all, fmt.Sprintf("%s* (%d tensors)", g.begins, len(g.names)))
		}
	}
	return all
}
