package studyfile

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v4"

	"workbench/experiments/label"
	"workbench/nn/nearest"
)

// ErrNoScale is that a study has no size of a name.
var ErrNoScale = errors.New("no scale")

// Bounds of the sizes that a study has.
const (
	mostScales  = 10
	mostChanges = 50
)

// scales reads the sizes that a study has besides its own: {NAME: [PATH=VALUE, …]}. They are applied by Scaled.
func (d *decoder) scales(n *yaml.Node) {
	all := d.pairs(n, "scales")
	if len(all) > mostScales {
		d.fail(n, "scales", "want at most %d, got %d", mostScales, len(all))
		return
	}
	d.sizes = map[string][]string{}
	for _, p := range all {
		path := "scales." + p.key
		if problem := label.Part(p.key); problem != "" {
			d.fail(p.at, "scales", "the name %q %s", p.key, problem)
			continue
		}
		changes := []string{}
		for i, item := range d.items(p.value, path, mostChanges) {
			var change string
			d.text(pair{key: fmt.Sprintf("%s[%d]", path, i), at: item, value: item}, &change)
			changes = append(changes, change)
		}
		d.sizes[p.key] = changes
	}
}

// OpenScaled reads a study as Open does, at another of its sizes: what the size changes comes before the overrides. The
// study is called NAME-SCALE, so that its runs are no version of the study as it is.
func OpenScaled(name, scale string, overrides []string) (Located, error) {
	file, text, err := readStudy(name)
	if err != nil {
		return Located{}, err
	}
	own, d := decodeStudy(file, text)
	if err := d.problems.Err(); err != nil {
		return Located{}, err
	}
	changes, known := d.sizes[scale]
	if !known {
		names := slices.Sorted(maps.Keys(d.sizes))
		if len(names) == 0 {
			return Located{}, fmt.Errorf("study %s has %w but its own", own.Name, ErrNoScale)
		}
		return Located{}, fmt.Errorf("study %s has %w %q%s", own.Name, ErrNoScale, scale, nearest.Hint(scale, names))
	}
	l, err := parse(file, text, append(slices.Clone(changes), overrides...))
	l.Name = label.Normal(l.Name + "-" + scale)
	return l, err
}

// Scales are the sizes that a study has besides its own, by name, sorted. An error is that of reading it.
func Scales(name string) ([]string, error) {
	file, text, err := readStudy(name)
	if err != nil {
		return nil, err
	}
	_, d := decodeStudy(file, text)
	return slices.Sorted(maps.Keys(d.sizes)), d.problems.Err()
}
