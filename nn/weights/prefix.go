package weights

import (
	"slices"
	"strings"
)

// mostPrefixes is how deep names are looked into for what stands before those of a network.
const mostPrefixes = 8

// prefixes lists what may stand before the names of a network because it was part of something else when it was saved:
// beginnings, up to a dot, of more than half of the names. Wrappers of PyTorch's add "module." (DataParallel,
// AveragedModel) or "_orig_mod." (compile), trainers "model.", "net.", "backbone." or "state_dict.". The network tells
// which of them it is, so this is no list.
func (f *File) prefixes() []string {
	names := f.names()
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	middle := names[len(names)/2] // names that begin alike stand together, so more than half of them reach the middle
	var all []string
	for end, c := range middle {
		if c == '.' && len(all) < mostPrefixes {
			all = append(all, middle[:end+1])
		}
	}
	return all
}

// without returns the file with the prefix taken off the names that have it, or nil if two tensors would have one name.
func (f *File) without(prefix string) *File {
	g := f.clone()
	g.Prefix = prefix
	seen := map[string]bool{}
	for i := range g.Entries {
		name := strings.TrimPrefix(g.Entries[i].Name, prefix)
		if seen[name] {
			return nil
		}
		seen[name], g.Entries[i].Name = true, name
	}
	return g
}
