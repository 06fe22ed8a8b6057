// Package definition holds networks that are described by data instead of Go: a tree of keys and values, such as a YAML
// file has, becomes layers of an nn.Builder. Read checks a tree strictly; a Network that it returns builds the layers.
//
// A tree has the keys name, doc, images [channels, height, width], classes, parameters (name: default), blocks (name:
// {parameters, layers}) and layers. A layer is a word, such as relu, or one key with what it needs, such as
// conv: {out: 16, kernel: 3}; beside it may stand as, the name of its parameters' path. A text where a number is wanted
// is an expression of numbers and parameters: $width * 2. See Kinds for the layers.
package definition

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"workbench/nn/option"
)

// Network is a network that a tree describes.
type Network struct {
	Name    string // as the tree says
	Doc     string // one line on what it is
	Images  [3]int // channels, height and width of the images it was made for
	Classes int

	// Parameters have defaults, and values that a caller of Build may choose.
	Parameters []option.Option

	blocks map[string]*block
	layers []layer
	text   string // the tree as JSON with sorted keys
}

// block is a list of layers that a layer of its name stands for.
type block struct {
	name       string
	parameters []parameter
	layers     []layer
}

// parameter of a block; without a default, each use of the block must give its value.
type parameter struct {
	name     string
	standard any // nil: none
}

// layer is one element of a list of layers.
type layer struct {
	path  string // where it stands in the tree: "layers[3]"
	kind  *kind  // nil: a block
	block string
	as    string // path of its parameters below the list's; "": its number in the list
	given map[string]any
	inner [][]layer // of kinds that hold layers: a body, or branches
	short []layer   // what a residual has as its shortcut
}

// key is the path of what the layer says: "layers[3].conv".
func (l layer) key() string {
	if l.kind != nil {
		return l.path + "." + l.kind.Name
	}
	return l.path + "." + l.block
}

// Fault is something wrong in a tree, and where: "layers[3].conv.out". Of an unknown key, Key is set: the key is wrong,
// not its value.
type Fault struct {
	Path    string
	Message string
	Key     bool
}

func (f Fault) Error() string {
	if f.Path == "" {
		return f.Message
	}
	return f.Path + ": " + f.Message
}

// opening is what the tree begins with in a network's text.
const opening = "{\""

// Is tells whether a name of a network is the text of one that a tree describes.
func Is(name string) bool { return strings.Contains(name, opening) && strings.HasSuffix(name, "}") }

// Text is the whole network on one line: its name and the tree as JSON with sorted keys. Parse reads it. Two trees have
// the same text if they differ in nothing but the order of keys.
func (n *Network) Text() string { return n.Name + n.text }

// Tree is what the network was read from.
func (n *Network) Tree() (any, error) { return decode(n.text) }

// maxText bounds the text of a network; the longest in use take a twentieth of it.
const maxText = 1 << 16

// Parse reads what Text wrote. The error is the first fault.
func Parse(text string) (*Network, error) {
	if len(text) > maxText {
		return nil, fmt.Errorf("want the text of a network of at most %d bytes, got %d", maxText, len(text))
	}
	at := strings.Index(text, opening)
	if at < 0 {
		return nil, fmt.Errorf("want the text of a network, a name and {…}, got %s", option.Text(text))
	}
	tree, err := decode(text[at:])
	if err != nil {
		return nil, fmt.Errorf("the network %s cannot be read: %w", option.Text(text[:at]), err)
	}
	n, faults := Read(tree)
	switch {
	case len(faults) > 0:
		return nil, fmt.Errorf("network %s: %w", text[:at], faults[0])
	case n.Name != text[:at]:
		return nil, fmt.Errorf("the network is called %s, and %s in itself: want one name", option.Text(text[:at]), option.Text(n.Name))
	}
	return n, nil
}

// decode reads JSON, whole numbers as int.
func decode(text string) (any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, fmt.Errorf("something follows the network")
	}
	return exact(tree)
}

// exact gives the numbers of a tree their types.
func exact(tree any) (any, error) {
	var err error
	switch v := tree.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil && math.MinInt <= n && n <= math.MaxInt {
			return int(n), nil
		}
		return v.Float64()
	case []any:
		for i := range v {
			if v[i], err = exact(v[i]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for key := range v {
			if v[key], err = exact(v[key]); err != nil {
				return nil, err
			}
		}
	}
	return tree, nil
}

// canonical writes a tree on one line. Keys are sorted, and <, > and & stay as they are.
func canonical(tree any) (string, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(tree); err != nil {
		return "", err
	}
	return strings.TrimSpace(text.String()), nil
}
