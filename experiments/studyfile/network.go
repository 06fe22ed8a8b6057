package studyfile

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"workbench/experiments"
	"workbench/nn/definition"
	"workbench/nn/zoo"
)

// ofNetwork is what messages call a file with a network.
const ofNetwork = "network"

// Network reads a network from a file, strictly. Its text is a name by which studies and networks' registries know it.
// Everything that is wrong with the file is told at once, as Problems.
func Network(file string) (*definition.Network, error) {
	text, err := ReadText(file, maxStudyBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("network file %s: %w%s", file, experiments.ErrNotFound, besides(file))
	}
	if err != nil {
		return nil, fmt.Errorf("network file: %w", err)
	}
	return ParseNetwork(file, text)
}

// ParseNetwork reads a network from its text as Network reads it from a file; file is what messages call it.
func ParseNetwork(file string, text []byte) (*definition.Network, error) {
	d := newDecoder(file)
	d.kind = ofNetwork
	root, ok := d.parse(text)
	if !ok {
		return nil, d.problems.Err()
	}
	t := treeOf{d: d, values: map[string]*yaml.Node{}, keys: map[string]*yaml.Node{}}
	tree := t.value(root, "")
	if err := d.problems.Err(); err != nil {
		return nil, err
	}
	n, faults := definition.Read(tree)
	for _, f := range faults {
		t.fail(f)
	}
	switch {
	case len(faults) > 0:
		return nil, d.problems.Err()
	case slices.Contains(zoo.Names(), n.Name):
		t.fail(definition.Fault{Path: "name", Message: n.Name + " is a network of the program: want another name"})
	default:
		if fault := n.Try(n.Images, n.Classes); fault != nil {
			t.fail(*fault)
		}
	}
	return n, d.problems.Err()
}

// MarshalNetwork writes a network as a file that ParseNetwork reads as the same one. Comments are gone, and keys are
// sorted.
func MarshalNetwork(n *definition.Network) ([]byte, error) {
	tree, err := n.Tree()
	if err != nil {
		return nil, fmt.Errorf("network %s: %w", n.Name, err)
	}
	text, err := yaml.Dump(tree)
	if err != nil {
		return nil, fmt.Errorf("network %s: %w", n.Name, err)
	}
	return text, nil
}

// treeOf is a YAML document as a tree of values, and where each of them stands.
type treeOf struct {
	d            *decoder
	values, keys map[string]*yaml.Node // by path: "layers[3].conv.out"
}

func (t *treeOf) value(n *yaml.Node, path string) any {
	n = target(n)
	t.values[path] = n
	switch {
	case isNothing(n):
		return nil
	case n.Kind == yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, item := range n.Content {
			list[i] = t.value(item, fmt.Sprintf("%s[%d]", path, i))
		}
		return list
	case n.Kind == yaml.MappingNode:
		keys := map[string]any{}
		for _, p := range t.d.pairs(n, path) {
			inner := p.key
			if path != "" {
				inner = path + "." + p.key
			}
			t.keys[inner] = p.at
			keys[p.key] = t.value(p.value, inner)
		}
		return keys
	}
	v, err := scalarOf(n)
	if err != nil {
		t.d.failBy(err, n, path)
	}
	return v
}

// fail notes a fault where it is written: at its key, or at its value. A group stands where its key does, and what is
// not written where what it is a part of stands: the settings of a layer that is a single word.
func (t *treeOf) fail(f definition.Fault) {
	path := f.Path
	for t.values[path] == nil {
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	at := t.values[path]
	if key := t.keys[path]; key != nil && (f.Key || at.Kind != yaml.ScalarNode || isNothing(at)) {
		at = key
	}
	t.d.fail(at, f.Path, "%s", f.Message)
}

// modelFile is the key by which a study says that its network stands in a file. What is recorded is the network's text,
// as its name.
const (
	modelFile = "model.file"
	modelName = "model.name"
)

// readModel gives the pair that names the network of a file, for one that names the file. What is wrong is noted.
func (d *decoder) readModel(p pair) (pair, bool) {
	n := target(p.value)
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str" || n.Value == "" {
		d.fail(n, modelFile, "want the path of a file with a network, got %s", kindOf(n))
		return p, false
	}
	text, ok := d.networkText(n.Value, Located{file: d.source.file}.Folder(), func(message string) { d.fail(n, modelFile, "%s", message) })
	named := *n
	named.Value, named.Style, named.Anchor = text, yaml.DoubleQuotedStyle, ""
	p.value = &named
	return p, ok
}

// networkText reads the network of a file that is found from a folder. What is wrong inside of the file is noted with
// its places there; another error is told to fail.
func (d *decoder) networkText(file, folder string, fail func(message string)) (string, bool) {
	if !filepath.IsAbs(file) {
		file = filepath.Join(folder, file)
	}
	n, err := Network(file)
	var inside experiments.Problems
	switch {
	case err == nil:
		return n.Text(), true
	case errors.As(err, &inside):
		d.problems = append(d.problems, inside...)
	default:
		fail(err.Error())
	}
	return "", false
}
