package optim

import (
	"fmt"

	"workbench/nn"
	"workbench/nn/glob"
	"workbench/nn/nearest"
	"workbench/nn/option"
)

// groupName returns what messages call the group with the index i.
func groupName(i int) string { return fmt.Sprintf("group %d", i+1) }

// groupConflict says what is wrong with a group of which each field is good by itself. It is "" if nothing is wrong.
func groupConflict(g option.Group) string {
	if err := glob.Check(g.Text("match")); err != nil {
		return "match: " + err.Error()
	}
	_, scaled := g.Float("lr_scale")
	_, decayed := g.Float("weight_decay")
	if g.Bool("frozen") && (scaled || decayed) {
		return "is frozen: lr_scale and weight_decay have no effect"
	}
	return ""
}

// Members returns the first group that matches each parameter's path. It is an error if a group has no parameter, or if
// all parameters are frozen.
func Members(groups []option.Group, params []*nn.Param) (map[string]option.Group, error) {
	group := map[string]option.Group{}
	members := make([]int, len(groups))
	taken := make([]string, len(groups)) // for each group, a parameter that it matches but that an earlier group has
	trained := 0
	for _, p := range params {
		if !p.Trainable() {
			continue
		}
		for i, g := range groups {
			switch {
			case !glob.Match(g.Text("match"), p.Path):
			case group[p.Path] == nil:
				group[p.Path] = g
				members[i]++
			default:
				taken[i] = p.Path
			}
		}
		if !group[p.Path].Bool("frozen") {
			trained++
		}
	}
	for i, g := range groups {
		switch match := g.Text("match"); {
		case members[i] > 0:
		case taken[i] != "":
			return nil, fmt.Errorf("optim.groups: %s: all that %q matches, such as %s, belongs to groups before it",
				groupName(i), match, taken[i])
		default:
			return nil, fmt.Errorf("optim.groups: %s: no parameter matches %q%s", groupName(i), match, nearest.Hint(match, patterns(params)))
		}
	}
	if trained == 0 {
		return nil, fmt.Errorf("optim.groups: every parameter is frozen, nothing would be trained")
	}
	return group, nil
}

// Frozen reports, by its path, whether a parameter stays as it is, because the first group that matches is frozen.
func Frozen(groups []option.Group) func(path string) bool {
	return func(path string) bool {
		for _, g := range groups {
			if glob.Match(g.Text("match"), path) {
				return g.Bool("frozen")
			}
		}
		return false
	}
}

// Decay returns the weight decay of a parameter. If its group says nothing, weights have the decay of the settings, and
// so do all other parameters if decay_all is set.
func Decay(s option.Settings, p *nn.Param, g option.Group) float64 {
	if decay, said := g.Float("weight_decay"); said {
		return decay
	}
	if p.Role == nn.Weight || s.Bool("decay_all") {
		return s.Float("weight_decay")
	}
	return 0
}

// Scale returns the factor by which the learning rate of the group's parameters is multiplied.
func Scale(g option.Group) float64 {
	if scale, said := g.Float("lr_scale"); said {
		return scale
	}
	return 1
}

// patterns returns the paths of the trainable parameters, and a pattern such as "layer1.**" for everything above them.
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
