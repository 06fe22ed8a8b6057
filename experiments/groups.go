package experiments

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"workbench/nn"
	"workbench/nn/glob"
	"workbench/nn/nearest"
)

// groupsOf reads parameter groups from a list of maps with the keys of GroupConfig.
func groupsOf(value any) ([]GroupConfig, error) {
	if groups, ok := value.([]GroupConfig); ok {
		return slices.Clone(groups), nil
	}
	list, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("want a list of groups such as [{match: layer1.**, lr_scale: 0.1}], got %s", Quoted(value))
	}
	var groups []GroupConfig // nil for an empty list: the same as none
	for i, item := range list {
		keys, ok := item.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("group %d: want a group such as {match: layer1.**, lr_scale: 0.1}, got %s", i+1, Quoted(item))
		}
		g, err := groupOf(keys)
		if err != nil {
			return nil, fmt.Errorf("group %d: %w", i+1, err)
		}
		groups = append(groups, g)
	}
	return groups, nil
}

func groupOf(keys map[string]any) (GroupConfig, error) {
	var g GroupConfig
	section := reflect.ValueOf(&g).Elem()
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		to := member(section, key)
		if !to.IsValid() {
			return g, fmt.Errorf("unknown key %q%s", key, nearest.Hint(key, keysOf(section.Type())))
		}
		t := to.Type()
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		good, ok := convert(keys[key], t)
		if !ok {
			return g, fmt.Errorf("%s: want %s, got %s", key, wanted(key, t), Quoted(keys[key]))
		}
		if key == "lr_scale" && good == 0.0 {
			return g, fmt.Errorf("lr_scale: want a number > 0, got 0 (frozen: true keeps parameters as they are)")
		}
		if v := reflect.ValueOf(good); to.Kind() == reflect.Pointer {
			to.Set(reflect.New(t))
			to.Elem().Set(v)
		} else {
			to.Set(v)
		}
	}
	return g, nil
}

// decay is the weight decay of a parameter: its group's, or the configuration's for weights and, if asked for, all others.
func (o OptimConfig) Decay(p *nn.Param, g *GroupConfig) float64 {
	if g != nil && g.WeightDecay != nil {
		return *g.WeightDecay
	}
	if p.Role == nn.Weight || o.DecayAll {
		return o.WeightDecay
	}
	return 0
}

// grouped gives each parameter the first group that matches it, by path. A group without a parameter is an error, and so is a
// network of which nothing is trained.
func (o OptimConfig) Grouped(params []*nn.Param) (map[string]*GroupConfig, error) {
	groups := map[string]*GroupConfig{}
	members := make([]int, len(o.Groups))
	taken := make([]string, len(o.Groups)) // a parameter that a group matches and an earlier one has
	trained := 0
	for _, p := range params {
		if !p.Trainable() {
			continue
		}
		for i := range o.Groups {
			switch {
			case !glob.Match(o.Groups[i].Match, p.Path):
			case groups[p.Path] == nil:
				groups[p.Path] = &o.Groups[i]
				members[i]++
			default:
				taken[i] = p.Path
			}
		}
		if g := groups[p.Path]; g == nil || !g.Frozen {
			trained++
		}
	}
	for i, g := range o.Groups {
		switch {
		case members[i] > 0:
		case taken[i] != "":
			return nil, fmt.Errorf("optim.groups: group %d: all that %q matches, such as %s, belongs to groups before it", i+1, g.Match, taken[i])
		default:
			return nil, fmt.Errorf("optim.groups: group %d: no parameter matches %q%s", i+1, g.Match, nearest.Hint(g.Match, patterns(params)))
		}
	}
	if trained == 0 {
		return nil, fmt.Errorf("optim.groups: every parameter is frozen, nothing would be trained")
	}
	return groups, nil
}

// patterns are the paths of the parameters and of all that is above them, as a group would name these: "layer1.**".
func patterns(params []*nn.Param) []string {
	var all []string
	seen := map[string]bool{}
	add := func(pattern string) {
		if !seen[pattern] {
			seen[pattern] = true
			all = append(all, pattern)
		}
	}
	for _, p := range params {
		if !p.Trainable() {
			continue
		}
		for i, c := range p.Path {
			if c == '.' {
				add(p.Path[:i] + ".**")
			}
		}
		add(p.Path)
	}
	return all
}
