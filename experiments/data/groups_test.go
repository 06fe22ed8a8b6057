package data

import (
	"slices"
	"testing"
)

func TestGroupsOfClasses(t *testing.T) {
	info := Info{Name: "three", Classes: []string{"cat", "ship", "wild dog", "T"}}
	for said, want := range map[string]struct {
		names []string
		of    []int
	}{
		"classes":                               {[]string{"cat", "ship", "wild dog", "T"}, []int{0, 1, 2, 3}},
		"animals = cat, wild dog; things = 1 T": {[]string{"animals", "things"}, []int{0, 1, 0, 1}},
		" b=3;a=0-2 ":                           {[]string{"b", "a"}, []int{1, 1, 1, 0}},
	} {
		got, err := GroupsOf(info, said)
		if err != nil || !slices.Equal(got.Names, want.names) || !slices.Equal(got.Of, want.of) {
			t.Errorf("%q: %+v (%v), want %+v", said, got, err, want)
		}
	}
	for said, want := range map[string]string{
		"":                         "three has no groups of its own; want " + WantedGroups,
		"a = 0-3":                  "want at least 2 groups, got 1",
		"a = 0-3; a = 1":           `group "a" is there twice`,
		"a = 0 1; b = 2":           "class 3 (T) is in no group",
		"a = 0 1; b = 1 2 3":       "class 1 (ship) is there twice",
		"a = 0 1; b = ":            "want " + WantedGroups + `, got "b ="`,
		"a = 0 1; b":               "want " + WantedGroups + `, got "b"`,
		"a = 0 1; = 2 3":           "want " + WantedGroups + `, got "= 2 3"`,
		"a = cat shp; b = 2 3":     `group "a": unknown class "shp": did you mean ship?`,
		"a = 0 1; b = 2-4":         `group "b": want numbers from 0 to 3, the lower first, got "2-4"`,
		"a = cat, wild dog; b = T": "class 1 (ship) is in no group",
	} {
		if _, err := GroupsOf(info, said); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", said, err, want)
		}
	}
}

// The groups of sets have all classes, each once; those of CIFAR-100 are the twenty of five whose labels the files
// have, in their order.
func TestGroupsOfSets(t *testing.T) {
	for name, classes := range map[string][]string{"cifar10": cifar10.Classes, "cifar100": cifar100Fine, "shapes": nil} {
		if name == "shapes" {
			for _, f := range figures {
				classes = append(classes, f.name)
			}
		}
		count := map[string]int{}
		for _, group := range knownGroups[name] {
			for _, class := range group.classes {
				count[class]++
			}
		}
		for _, class := range classes {
			if count[class] != 1 {
				t.Errorf("%s is in %d groups of %s", class, count[class], name)
			}
		}
		if len(count) != len(classes) {
			t.Errorf("the groups of %s have %d classes, want %d", name, len(count), len(classes))
		}
	}
	g, err := GroupsOf(Info{Name: "cifar100", Classes: cifar100Fine}, "")
	if err != nil || !slices.Equal(g.Names, cifar100Coarse) {
		t.Fatalf("the groups of CIFAR-100 are %v (%v)", g.Names, err)
	}
	for group := range g.Names {
		if n := len(cifar100Groups[group].classes); n != 5 {
			t.Errorf("%s has %d classes", g.Names[group], n)
		}
	}
	// Of a set's chosen classes, groups without any are left out.
	g, err = GroupsOf(Info{Name: "shapes", Classes: []string{"ring", "disc"}}, "")
	if err != nil || !slices.Equal(g.Names, []string{"filled", "hollow"}) || !slices.Equal(g.Of, []int{1, 0}) {
		t.Errorf("of rings and discs: %+v (%v)", g, err)
	}
	_, err = GroupsOf(Info{Name: "cifar10", Classes: []string{"cat", "dog"}}, "")
	if err == nil || err.Error() != "want at least 2 groups, got 1" {
		t.Errorf("of animals alone: %v", err)
	}
}
