package analysis

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"workbench/experiments"
	"workbench/nn/option"
)

// Difference is one path at which runs differ.
type Difference struct {
	Path   string    `json:"path"` // as in studies and overrides; a dot inside a name is written "\."
	Values []Setting `json:"values"`
}

// Setting is the value of one run. A missing one is not the same as one that is null or empty.
type Setting struct {
	Text    string `json:"text"` // as a study would write it
	Missing bool   `json:"missing,omitempty"`
}

// settings are the leaves of a configuration in its order.
type settings []setting

type setting struct{ path, text string }

func (s settings) of(path string) Setting {
	for _, one := range s {
		if one.path == path {
			return Setting{Text: one.text}
		}
	}
	return Setting{Missing: true}
}

// settingsOf lists every key of c, including the options of its data set and network. Keys that a study may leave out
// are missing if they are empty.
func settingsOf(c experiments.Config) settings {
	var all settings
	for _, s := range c.Shown() {
		path := s.Path
		if section, name, nested := strings.Cut(path, "."); nested {
			path = section + "." + strings.ReplaceAll(name, ".", `\.`)
		}
		all = append(all, setting{path, settingText(s.Value)})
	}
	return all
}

// settingText writes a value as a study would; it quotes a text that would be read as something else.
func settingText(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case string:
		if v == "" || json.Valid([]byte(v)) {
			return strconv.Quote(v)
		}
		return v
	}
	return option.Label(value)
}

// differences returns the paths at which not all configurations have the same value. Paths of one section stand
// together.
func differences(all []settings) []Difference {
	var paths, sections []string
	for _, s := range all {
		for _, one := range s {
			section, _, _ := strings.Cut(one.path, ".")
			if !slices.Contains(sections, section) {
				sections = append(sections, section)
			}
			if !slices.Contains(paths, one.path) {
				paths = append(paths, one.path)
			}
		}
	}
	slices.SortStableFunc(paths, func(a, b string) int {
		a, _, _ = strings.Cut(a, ".")
		b, _, _ = strings.Cut(b, ".")
		return cmp.Compare(slices.Index(sections, a), slices.Index(sections, b))
	})
	found := []Difference{}
	for _, path := range paths {
		d := Difference{Path: path, Values: make([]Setting, len(all))}
		differs := false
		for i, s := range all {
			d.Values[i] = s.of(path)
			differs = differs || d.Values[i] != d.Values[0]
		}
		if differs {
			found = append(found, d)
		}
	}
	return found
}
