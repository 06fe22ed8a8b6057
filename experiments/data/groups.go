package data

import (
	"fmt"
	"slices"
	"strings"

	"workbench/nn/nearest"
)

// Groups are coarse labels: the classes of a set in groups, each class in one.
type Groups struct {
	Names []string
	Of    []int // by class: its group
}

// EveryClass says in place of groups that each class is a group by itself.
const EveryClass = "classes"

// WantedGroups is what groups look like.
const WantedGroups = `groups such as "animals = bird, cat; vehicles = ship, truck", ` + EveryClass +
	` for each class by itself, or nothing for the set's own`

// GroupsOf reads which groups the classes of a set are in: names or numbers of classes as dataset.classes has them,
// behind the name of their group, with a semicolon between groups. Nothing stands for the set's own groups: the twenty
// of CIFAR-100 (Krizhevsky 2009), animals and vehicles of CIFAR-10, and what figures of shapes are drawn by. Every
// class must be in one group, and there must be two groups.
func GroupsOf(info Info, said string) (Groups, error) {
	own, known := knownGroups[info.Name]
	switch said = strings.TrimSpace(said); {
	case said == EveryClass:
		g := Groups{Names: slices.Clone(info.Classes)}
		for class := range info.Classes {
			g.Of = append(g.Of, class)
		}
		return g, nil
	case said == "" && !known:
		return Groups{}, fmt.Errorf("%s has no groups of its own; want %s", info.Name, WantedGroups)
	case said == "":
		return own.limited(info.Classes)
	}
	g := Groups{Of: slices.Repeat([]int{-1}, len(info.Classes))}
	for _, part := range strings.Split(said, ";") {
		if err := g.read(part, info.Classes); err != nil {
			return Groups{}, err
		}
	}
	if class := slices.Index(g.Of, -1); class >= 0 {
		return Groups{}, fmt.Errorf("class %d (%s) is in no group", class, info.Classes[class])
	}
	return g.check()
}

// read adds a group: its name, an equals sign and its classes.
func (g *Groups) read(part string, classes []string) error {
	name, members, isGroup := strings.Cut(part, "=")
	name = strings.TrimSpace(name)
	switch {
	case !isGroup || name == "" || strings.TrimSpace(members) == "":
		return fmt.Errorf("want %s, got %q", WantedGroups, strings.TrimSpace(part))
	case slices.Contains(g.Names, name):
		return fmt.Errorf("group %q is there twice", name)
	}
	g.Names = append(g.Names, name)
	for _, word := range wordsOf(members, classes) {
		from, to, err := classRange(word, classes)
		if err != nil {
			return fmt.Errorf("group %q: %w", name, err)
		}
		for class := from; class <= to; class++ {
			if g.Of[class] >= 0 {
				return fmt.Errorf("class %d (%s) is there twice", class, classes[class])
			}
			g.Of[class] = len(g.Names) - 1
		}
	}
	return nil
}

func (g Groups) check() (Groups, error) {
	if len(g.Names) < 2 {
		return Groups{}, fmt.Errorf("want at least 2 groups, got %d", len(g.Names))
	}
	return g, nil
}

// grouping are groups by the names of their classes.
type grouping []struct {
	name    string
	classes []string
}

// limited are the groups of some classes. Groups without any are left out.
func (all grouping) limited(classes []string) (g Groups, err error) {
	g.Of = slices.Repeat([]int{-1}, len(classes))
	for _, group := range all {
		some := false
		for class, name := range classes {
			if slices.Contains(group.classes, name) {
				g.Of[class], some = len(g.Names), true
			}
		}
		if some {
			g.Names = append(g.Names, group.name)
		}
	}
	if class := slices.Index(g.Of, -1); class >= 0 {
		var names []string
		for _, group := range all {
			names = append(names, group.classes...)
		}
		return Groups{}, fmt.Errorf("class %q is in no group of the set's own%s; want %s", classes[class], nearest.Hint(classes[class], names),
			WantedGroups)
	}
	return g.check()
}

// knownGroups are those of sets, by name.
var knownGroups = map[string]grouping{
	"cifar10": {{"animals", []string{"bird", "cat", "deer", "dog", "frog", "horse"}},
		{"vehicles", []string{"airplane", "automobile", "ship", "truck"}}},
	"shapes": {{"filled", []string{"disc", "square", "triangle up", "triangle down"}},
		{"strokes", []string{"plus", "T", "vertical bars", "horizontal bars"}}, {"hollow", []string{"ring", "hollow square"}}},
	"cifar100": cifar100Groups,
}
