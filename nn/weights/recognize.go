package weights

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"workbench/nn"
)

// Network is what a file is compared with.
type Network struct {
	Name      string      // for people
	Params    []*nn.Param // its parameters and running statistics
	Auxiliary []*nn.Param // those that it has in training alone; a file may have them
	Head      string      // path of the last layer, "fc"; "": that of the last of Params

	namings []naming // found when they are needed
}

// all are the parameters that a file may have.
func (n *Network) all() []*nn.Param { return slices.Concat(n.Params, n.Auxiliary) }

// head is the path of the last layer, with a dot behind it.
func (n *Network) head() string {
	path := n.Head + "."
	if n.Head == "" && len(n.Params) > 0 {
		last := n.Params[len(n.Params)-1].Path
		path = last[:strings.LastIndexByte(last, '.')+1]
	}
	return path
}

// naming is how a library calls the parameters of a network.
type naming struct {
	library string
	called  [][]string      // names for each parameter, of which a file has one
	names   map[string]bool // all of them
}

// known are the namings of the network: the zoo's own first, then those of libraries that have others.
func (n *Network) known() []naming {
	if n.namings != nil {
		return n.namings
	}
	for _, library := range append([]string{""}, slices.Sorted(maps.Keys(libraries))...) { // no library has no rules: its names are the paths
		name, _, _ := strings.Cut(library, ", ")
		naming, other := naming{library: name, names: map[string]bool{}}, library == ""
		for _, p := range n.all() {
			names := namesIn(library, p.Path)
			other = other || names[0] != p.Path
			naming.called = append(naming.called, names)
			for _, name := range names {
				naming.names[name] = true
			}
		}
		if other {
			n.namings = append(n.namings, naming)
		}
	}
	return n.namings
}

// These bound how deep names are looked into for what stands before those of a network, and how many such beginnings
// are tried.
const (
	mostPrefixes = 8
	mostTried    = 4
)

// prefixes lists what may stand before the names of a network because it was part of something else when it was
// saved, with the commonest first: whatever stands before a name that it has. Wrappers of PyTorch's add "module."
// (DataParallel, AveragedModel) or "_orig_mod." (compile), trainers "model.", "backbone." or "encoder_q.". The
// network tells which of them it is, so this is no list.
func (f *File) prefixes(names map[string]bool) []string {
	times := map[string]int{}
	for _, e := range f.Entries {
		if names[e.Name] {
			times[""]++
		}
		dots := 0
		for end, c := range e.Name {
			if c != '.' {
				continue
			}
			if names[e.Name[end+1:]] {
				times[e.Name[:end+1]]++
			}
			if dots++; dots == mostPrefixes {
				break
			}
		}
	}
	all := slices.SortedFunc(maps.Keys(times), func(a, b string) int {
		return cmp.Or(cmp.Compare(times[b], times[a]), cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
	return all[:min(len(all), mostTried)]
}

// without returns the file with the prefix taken off the names that have it, or nil if two tensors would have one name.
func (f *File) without(prefix string) *File {
	if prefix == "" {
		return f
	}
	g := f.clone()
	g.Prefix = prefix
	seen := map[string]bool{}
	for i := range g.Entries {
		g.Entries[i].rename(strings.TrimPrefix(g.Entries[i].Name, prefix))
		name := g.Entries[i].Name
		if seen[name] {
			return nil
		}
		seen[name] = true
	}
	return g
}

// rename gives the tensor another name and keeps what the file calls it.
func (e *Entry) rename(name string) {
	if name != e.Name {
		e.Stored, e.Name = e.stored(), name
	}
}

// reading is a way to read a file as a network's: a part of it, its names without a prefix, as a library has them.
type reading struct {
	*File
	library   string
	fit, held int // parameters that it has by name and form, and by name
	body      int // those that fit and are not of the last layer
}

// readings lists the ways to read the file in which some of the network's parameters are there, the best first.
func (f *File) readings(n *Network) []reading {
	parts := []*File{f}
	if len(f.parts) > 0 {
		parts = nil
		for _, p := range f.parts {
			parts = append(parts, f.of(p))
		}
	}
	var all []reading
	for _, g := range parts {
		for _, naming := range n.known() {
			for _, prefix := range g.prefixes(naming.names) {
				if h := g.without(prefix); h != nil {
					all = append(all, h.read(n, naming))
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b reading) int { return cmp.Or(cmp.Compare(b.fit, a.fit), cmp.Compare(b.held, a.held)) })
	return all
}

// read gives the file the paths of the parameters in place of what they are called in it. A name that is taken stays as
// it is.
func (f *File) read(n *Network, as naming) reading {
	at := map[string]int{}
	for i, e := range f.Entries {
		at[e.Name] = i
	}
	r := reading{File: f.clone(), library: as.library}
	for i, p := range n.all() {
		for _, name := range as.called[i] {
			k, there := at[name]
			if !there {
				continue
			}
			if _, taken := at[p.Path]; !taken || name == p.Path {
				r.Entries[k].rename(p.Path)
			}
			r.count(n, p, r.Entries[k], i < len(n.Params))
			break
		}
	}
	for path, e := range r.renameHead(n) {
		r.count(n, path, e, true)
	}
	return r
}

// count counts a parameter that the file has. own tells whether it is not one of training alone.
func (r *reading) count(n *Network, p *nn.Param, e Entry, own bool) {
	r.held++
	if alike(e.Shape, p.Shape) {
		r.fit++
		if own && !n.isOfHead(p) {
			r.body++
		}
	}
}

// clone returns the file with entries of its own.
func (f *File) clone() *File {
	g := *f
	g.Entries = slices.Clone(f.Entries)
	return &g
}

// MayHold tells soon, and by the shapes alone, that a file cannot have all of a network's parameters but those of its
// last layer. If it is true, Compare tells whether it has.
func (f *File) MayHold(n Network) bool {
	parts := [][]Entry{f.Entries}
	for _, p := range f.parts {
		parts = append(parts, p.entries)
	}
	return slices.ContainsFunc(parts, func(entries []Entry) bool {
		held := map[int]int{} // tensors by the number of their elements, which no change of form alters
		for _, e := range entries {
			held[e.Shape.Size()]++
		}
		for _, p := range n.Params {
			if n.isOfHead(p) {
				continue
			}
			if held[p.Shape.Size()]--; held[p.Shape.Size()] < 0 {
				return false
			}
		}
		return true
	})
}
