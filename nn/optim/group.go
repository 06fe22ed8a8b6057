package optim

import (
	"fmt"

	"workbench/nn"
	"workbench/nn/glob"
	"workbench/nn/nearest"
	"workbench/nn/option"
)

// groupName is how messages call the group of an index.
func groupName(i int) string { return fmt.Sprintf("group %d", i+1) }

// groupConflict is what is wrong with a group whose fields are good each by itself, "" if nothing is.
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

// Members gives each parameter the first group that matches its path. A group without a parameter is an error, and so
// is a network of which nothing is trained.
func Members(groups []option.Group, params []*nn.Param) (map[string]option.Group, error) {
	group := map[string]option.Group{}
	members := make([]int, len(groups))
	taken := make([]string, len(groups)) // a parameter that a group matches and an earlier one has
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

// Decay is the weight decay of a parameter: its group's, or that of the settings for weights and, if asked for, all
// others.
func Decay(s option.Settings, p *nn.Param, g option.Group) float64 {
	if decay, said := g.Float("weight_decay"); said {
		return decay
	}
	if p.Role == nn.Weight || s.Bool("decay_all") {
		return s.Float("weight_decay")
	}
	return 0
}

// Scale is the factor of a parameter's learning rate.
func Scale(g option.Group) float64 {
	if scale, said := g.Float("lr_scale"); said {
		return scale
	}
	return 1
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
