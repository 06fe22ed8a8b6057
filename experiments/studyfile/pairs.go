package studyfile

import (
	"fmt"

	"go.yaml.in/yaml/v4"

	"workbench/experiments"
)

// pair is one key of a mapping with its value.
type pair struct {
	key    string
	at     *yaml.Node // the key
	value  *yaml.Node
	merged bool // it comes from another mapping, by the key <<
}

// fault is what is wrong with a node.
type fault struct {
	at      *yaml.Node
	message string
}

func (f fault) Error() string { return f.message }

// pairsOf gives the keys of a mapping. Those that << merges stand first, as in PyYAML; a key that the mapping has
// itself takes the place of a merged one. A key that is there twice is a fault.
func pairsOf(n *yaml.Node) (ps []pair, faults []fault) {
	n = target(n)
	if n.Kind != yaml.MappingNode {
		return nil, []fault{{n, "want a group of keys, got " + kindOf(n)}}
	}
	index := map[string]int{}
	var merges *yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := target(n.Content[i]), target(n.Content[i+1])
		switch {
		case key.Kind != yaml.ScalarNode:
			faults = append(faults, fault{key, "want a name as key, got " + kindOf(key)})
		case key.ShortTag() != "!!merge":
		case merges != nil:
			faults = append(faults, fault{key, fmt.Sprintf("mapping key \"<<\" already defined at line %d: "+
				"several groups are merged by one <<: [*a, *b]", merges.Line)})
		default:
			merges = key
			merged, wrong := mergedPairs(value)
			ps, faults = append(ps, merged...), append(faults, wrong...)
		}
	}
	for i, p := range ps {
		index[p.key] = i
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := target(n.Content[i])
		if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge" {
			continue
		}
		p := pair{key: key.Value, at: n.Content[i], value: target(n.Content[i+1])}
		at, known := index[p.key]
		switch {
		case known && ps[at].merged:
			ps[at] = p
		case known:
			faults = append(faults, fault{p.at, fmt.Sprintf("mapping key %q already defined at line %d", p.key, ps[at].at.Line)})
		default:
			index[p.key] = len(ps)
			ps = append(ps, p)
		}
	}
	return ps, faults
}

// mergedPairs are the keys that << brings: of one mapping, or of a list of them, of which the earlier win.
func mergedPairs(n *yaml.Node) (ps []pair, faults []fault) {
	from := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		from = n.Content
	}
	seen := map[string]bool{}
	for _, m := range from {
		if target(m).Kind != yaml.MappingNode {
			faults = append(faults, fault{m, "<< merges a group of keys, or a list of groups, got " + kindOf(m)})
			continue
		}
		inner, wrong := pairsOf(m)
		faults = append(faults, wrong...)
		for _, p := range inner {
			if !seen[p.key] {
				seen[p.key], p.merged = true, true
				ps = append(ps, p)
			}
		}
	}
	return ps, faults
}

// pairs gives the keys of a mapping and reports what is wrong with them.
func (d *decoder) pairs(n *yaml.Node, path string) []pair {
	ps, faults := pairsOf(n)
	for _, f := range faults {
		d.fail(f.at, path, "%s", f.message)
	}
	return ps
}

// leaf is a configuration path with its value, however the path is spelled: optim.lr: 1 and optim: {lr: 1} are one.
type leaf struct {
	pair
	path string
}

// leaves gives the configuration paths that a mapping sets. A path that is there twice, in two spellings, is a problem.
// Where is what messages call the mapping. Sections are told to each, if it is not nil.
func (d *decoder) leaves(n *yaml.Node, where string, each func(path string, p pair)) []leaf {
	var all []leaf
	index := map[string]int{}
	var walk func(n *yaml.Node, where, prefix string, merged bool)
	walk = func(n *yaml.Node, where, prefix string, merged bool) {
		for _, p := range d.pairs(n, where) {
			p.merged = p.merged || merged
			path := prefix + p.key
			if experiments.IsSection(path) {
				if each != nil {
					each(path, p)
				}
				walk(p.value, path, path+".", p.merged)
				continue
			}
			if path == modelFile {
				var ok bool
				if p, ok = d.readModel(p); !ok {
					continue
				}
				path = modelName
			}
			at, known := index[path]
			switch {
			case !known:
				index[path] = len(all)
				all = append(all, leaf{p, path})
			case p.merged:
			case all[at].merged:
				all[at] = leaf{p, path}
			default:
				first := all[at].at
				d.fail(p.at, path, "already defined at line %d, column %d, in another spelling: write it once", first.Line, first.Column)
			}
		}
	}
	walk(n, where, "", false)
	return all
}
