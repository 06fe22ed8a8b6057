package experiments

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"workbench/experiments/strategy"
	"workbench/nn/nearest"
	"workbench/nn/option"
)

// Section is what a part of a configuration is for and what it can name, as help shows it.
type Section struct {
	Name  string // "optim"; empty: the keys that belong to no section
	Noun  string // "optimizer"
	Doc   string
	Names []string // what can be named; empty where a section has no name
}

// Key is one key of a configuration with its declaration, as help shows it.
type Key struct {
	Path   string // "optim.lr"
	Option option.Option
	Users  []string // the names that declare it; empty: all of them, or the section has no names
	Varies bool     // those names have different defaults, or need no value where others do
}

// Sections are the parts of a configuration, in its order; the last are the keys of no section.
func Sections() []Section {
	var all []Section
	for _, s := range sections {
		info := Section{Name: s.name, Noun: s.noun, Doc: s.doc}
		if s.names != nil {
			info.Names = s.names()
		}
		all = append(all, info)
	}
	return append(all, Section{Doc: "how long and how exactly a run computes, when it is evaluated and saved"})
}

// Doing is what a named thing of a section is, in one line.
func Doing(sectionName, name string) string {
	if s := sectionOf(sectionName); s != nil && s.doing != nil {
		return s.doing(name)
	}
	return ""
}

// Keys are the keys of a section, of one name of it or, with name "", of all names; those of no section for section
// "". Of a section whose names have options of their own alone (data sets, networks) a name is needed. Unknown names
// are errors that list the nearest.
func Keys(sectionName, name string) ([]Key, error) {
	s := sectionOf(sectionName)
	switch {
	case sectionName == "":
		return generalKeys(""), nil
	case s == nil && name == "" && len(under(sectionName)) > 0:
		return generalKeys(sectionName + "."), nil
	case s == nil:
		return nil, unknownSection(sectionName)
	case s.names == nil && name != "":
		return nil, fmt.Errorf("section %s names nothing, got %q", s.name, name)
	case name == "" && s.open:
		return nil, nil
	case name == "":
		keys := append(s.nameKeys(), s.keys(s.union())...)
		for i := range keys {
			if o := &keys[i].Option; o.Name != nameKey {
				keys[i].Varies = s.varies(*o)
				o.Doc = s.docs(o.Name)
			}
		}
		return keys, nil
	}
	declared, err := s.options(name)
	if err != nil {
		return nil, err
	}
	return s.keys(declared), nil
}

// generalKeys are the keys of no section whose paths begin so.
func generalKeys(prefix string) []Key {
	var keys []Key
	for _, g := range general {
		if strings.HasPrefix(g.Name, prefix) {
			keys = append(keys, Key{Path: g.Name, Option: g.Option})
		}
	}
	return keys
}

// unknownSection says where a key or a name is to be found that was taken for a section.
func unknownSection(text string) error {
	var known, found []string
	for i := range sections {
		s := &sections[i]
		known = append(known, s.name)
		if s.names != nil && slices.Contains(s.names(), text) {
			found = append(found, s.name+" "+text)
		}
		if s.open {
			continue
		}
		for _, o := range s.union() {
			if o.Name == text || s.name+"."+o.Name == text {
				found = append(found, s.name)
			}
		}
	}
	for _, k := range generalKeys("") {
		if k.Path == text {
			return fmt.Errorf("%q is no section, it is found by: options", text)
		}
	}
	if len(found) > 0 {
		return fmt.Errorf("%q is no section, it is found by: options %s", text, strings.Join(slices.Compact(found), " or options "))
	}
	return fmt.Errorf("unknown section %q%s", text, nearest.Hint(text, known))
}

// nameKeys is the key of what the section names.
func (s *section) nameKeys() []Key {
	if s.names == nil {
		return nil
	}
	base := Defaults()
	name, _ := s.of(&base)
	return []Key{{Path: s.name + "." + nameKey, Option: option.Option{Name: nameKey, Default: *name, Required: *name == "",
		Want: "one of " + strings.Join(s.names(), ", "), Doc: "the " + s.noun}}}
}

func (s *section) keys(options []option.Option) []Key {
	var keys []Key
	for _, o := range options {
		k := Key{Path: s.name + "." + o.Name, Option: o}
		if s.names != nil && !s.open {
			if users := s.users(o.Name); len(users) < len(s.names()) {
				k.Users = users
			}
		}
		keys = append(keys, k)
	}
	return keys
}

// varies tells whether things of the section declare an option with another default than this one.
func (s *section) varies(o option.Option) bool {
	if s.names == nil {
		return false
	}
	for _, name := range s.users(o.Name) {
		declared, _ := s.options(name) // the name is from the registry
		if other, _ := option.Find(declared, o.Name); other.Required != o.Required || !option.Equal(other.Default, o.Default) {
			return true
		}
	}
	return false
}

// docs are what the things of the section say of an option, with their names where they say other things.
func (s *section) docs(name string) string {
	var said []string
	by := map[string][]string{}
	users := []string{""} // of a section without names
	if s.names != nil {
		users = s.users(name)
	}
	for _, user := range users {
		declared, _ := s.options(user) // the name is from the registry
		o, _ := option.Find(declared, name)
		if by[o.Doc] == nil {
			said = append(said, o.Doc)
		}
		by[o.Doc] = append(by[o.Doc], user)
	}
	if len(said) == 1 {
		return said[0]
	}
	for i, doc := range said {
		said[i] = strings.Join(by[doc], ", ") + ": " + doc
	}
	return strings.Join(said, "; ")
}

// PhaseKeys are the keys that a later phase of that name has in strategies: first those that a strategy sets, with what
// it sets, then the sections and keys whose values are those of the study unless the study says otherwise.
func PhaseKeys(method strategy.Strategy, phase string) []Key {
	var keys []Key
	at := phasesKey + "." + phase + "."
	set := method.Set[phase]
	for _, path := range slices.Sorted(maps.Keys(set)) {
		k, _ := find(path) // a test sets every one of them
		c := Defaults()
		o, _ := k.declaration(&c)
		o.Default, o.Required = set[path], false
		keys = append(keys, Key{Path: at + path, Option: o})
	}
	for _, path := range perPhase {
		_, said := set[path]
		switch s := sectionOf(path); {
		case s != nil:
			keys = append(keys, Key{Path: at + path + ".KEY", Option: option.Option{Default: ofStudy,
				Want: "a key of the section " + path, Doc: s.doc}})
		case !said:
			o := generalOf(path).Option
			o.Want, o.Default = o.Wanted(), ofStudy
			keys = append(keys, Key{Path: at + path, Option: o})
		}
	}
	return keys
}

// ofStudy stands for the default of a phase's key.
const ofStudy = "the study's"

// Values are what a path can be set to in this configuration where these are few: names, choices, true and false.
// Nil: others.
func (c Config) Values(path string) []string {
	o, ok := c.Declaration(path)
	if _, is := o.Default.(bool); ok && is {
		return []string{"true", "false"}
	}
	return o.Choices
}

// PathsFor are all keys of this configuration, the options of its data set and its network included.
func (c Config) PathsFor() []string {
	paths := Paths()
	for i := range sections {
		s := &sections[i]
		name, _ := s.of(&c)
		if declared, err := s.options(*name); err == nil && s.open {
			for _, o := range declared {
				paths = append(paths, s.name+"."+o.Name)
			}
		}
	}
	slices.SortFunc(paths, strings.Compare)
	return slices.Compact(paths)
}
