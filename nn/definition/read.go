package definition

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"workbench/nn/nearest"
	"workbench/nn/option"
)

// Bounds on a tree: beyond them a number was mistyped.
const (
	maxSide       = 1 << 14 // pixels, channels and classes
	maxClasses    = 1 << 20
	maxParameters = 50
	maxBlocks     = 100
	maxList       = 1000 // layers in one list
	maxBranches   = 64
	maxNested     = 20 // layers that hold layers, one inside the other
	maxName       = 40
	maxDoc        = 400
)

var (
	networkName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]*$`)
	pathName    = regexp.MustCompile(`^([A-Za-z0-9_]+)(\.[A-Za-z0-9_]+)*$`)
)

// transparent, as the name of a layer, gives it no path of its own: layers in it count on in the list around it.
const transparent = "."

// Read checks a tree of map[string]any, []any, string, int, float64, bool and nil, and makes a network of it. All that
// is wrong is told at once; what only the sizes of tensors show, Try tells.
func Read(tree any) (*Network, []Fault) {
	r := &treeReader{}
	n := &Network{blocks: map[string]*block{}}
	top, is := tree.(map[string]any)
	if !is {
		r.fail("", "want a network: a group of the keys %s, got %s", strings.Join(topKeys, ", "), shape(tree))
		return nil, r.faults
	}
	r.known(top, "", topKeys)
	r.head(n, top)
	blocks := r.group(top["blocks"], "blocks", maxBlocks)
	for _, name := range slices.Sorted(maps.Keys(blocks)) {
		n.blocks[name] = &block{name: name}
		r.blockNamed(name)
	}
	r.blocks = n.blocks
	for _, name := range slices.Sorted(maps.Keys(blocks)) { // the layers of any of them may use any other
		r.signature(n.blocks[name], blocks[name])
	}
	own := append(slices.Clone(everywhere), option.Names(n.Parameters)...)
	for _, name := range slices.Sorted(maps.Keys(blocks)) {
		r.body(n.blocks[name], blocks[name], own)
	}
	r.scope = own
	if top["layers"] == nil {
		r.fail("", "has no layers: want layers: [conv: {out: 16}, …, classifier]")
	} else {
		n.layers = r.list(top["layers"], "layers", 0)
		r.last(n.layers)
	}
	r.recursive(n)
	if len(r.faults) == 0 {
		r.write(n, tree)
	}
	if len(r.faults) > 0 {
		return nil, r.faults
	}
	return n, nil
}

var topKeys = []string{"name", "doc", "images", "classes", "parameters", "blocks", "layers"}

// treeReader collects what is wrong with a tree.
type treeReader struct {
	faults []Fault
	blocks map[string]*block
	scope  []string // parameters that an expression can name here
	nested int
}

func (r *treeReader) fail(path, format string, args ...any) {
	r.faults = append(r.faults, Fault{Path: path, Message: fmt.Sprintf(format, args...)})
}

// known finds keys that are not among the good ones.
func (r *treeReader) known(keys map[string]any, path string, good []string) {
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if !slices.Contains(good, key) {
			r.faults = append(r.faults, Fault{below(path, key), fmt.Sprintf("unknown key %q%s", key, nearest.Hint(key, good)), true})
		}
	}
}

func below(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// shape says what a part of a tree is, for messages.
func shape(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case map[string]any:
		return "a group of keys"
	case []any:
		return fmt.Sprintf("a list of %d", len(v))
	}
	return option.Text(v)
}

// head reads what is said of the network as a whole.
func (r *treeReader) head(n *Network, top map[string]any) {
	name, _ := top["name"].(string)
	switch {
	case top["name"] == nil:
		r.fail("", "has no name: want name: my_net, by which tables call the network")
	case !networkName.MatchString(name) || len(name) > maxName:
		r.fail("name", "want a name of at most %d letters, digits, _, - and ., a letter first, got %s", maxName, shape(top["name"]))
	}
	n.Name = name
	if doc, said := top["doc"]; said {
		var is bool
		if n.Doc, is = doc.(string); !is || len(n.Doc) > maxDoc || strings.ContainsAny(n.Doc, "\n\r") {
			r.fail("doc", "want a text of one line and at most %d bytes, got %s", maxDoc, shape(doc))
		}
	}
	n.Images, n.Classes = [3]int{3, 32, 32}, 10
	if images, said := top["images"]; said {
		list, _ := images.([]any)
		for i := range n.Images {
			side := 0
			if len(list) == len(n.Images) {
				side, _ = list[i].(int)
			}
			if n.Images[i] = side; side < 1 || side > maxSide {
				r.fail("images", "want [channels, height, width], each from 1 to %d, such as [3, 32, 32], got %s", maxSide, option.Text(images))
				break
			}
		}
	}
	if classes, said := top["classes"]; said {
		if n.Classes, _ = classes.(int); n.Classes < 1 || n.Classes > maxClasses {
			r.fail("classes", "want a whole number from 1 to %d, got %s", maxClasses, shape(classes))
		}
	}
	given := r.group(top["parameters"], "parameters", maxParameters)
	for _, name := range slices.Sorted(maps.Keys(given)) {
		path := "parameters." + name
		r.parameterNamed(name, path)
		switch v := given[name].(type) {
		case int, float64, string, bool:
			n.Parameters = append(n.Parameters, option.Option{Name: name, Default: v, Doc: "a parameter of the network"})
		default:
			r.fail(path, "want a number, a text, true or false as the default, got %s", shape(v))
		}
	}
}

// group is a map with at most so many keys; nothing is an empty one.
func (r *treeReader) group(v any, path string, most int) map[string]any {
	keys, is := v.(map[string]any)
	switch {
	case v == nil:
	case !is:
		r.fail(path, "want a group of keys, got %s", shape(v))
	case len(keys) > most:
		r.fail(path, "want at most %d keys, got %d", most, len(keys))
		return nil
	}
	return keys
}

// reserved are names that no parameter can have: they mean something elsewhere.
var reserved = append([]string{"name", "file"}, everywhere...)

func (r *treeReader) parameterNamed(name, path string) {
	switch {
	case !names.MatchString(name) || len(name) > maxName:
		r.faults = append(r.faults, Fault{path, fmt.Sprintf("want a name of at most %d small letters, digits and _, a letter first, got %q",
			maxName, name), true})
	case slices.Contains(reserved, name):
		r.faults = append(r.faults, Fault{path, fmt.Sprintf("a parameter cannot be called %s, which has a meaning of its own", name), true})
	}
}

func (r *treeReader) blockNamed(name string) {
	path := "blocks." + name
	switch {
	case !names.MatchString(name) || len(name) > maxName:
		r.faults = append(r.faults, Fault{path, fmt.Sprintf("want a name of at most %d small letters, digits and _, a letter first, got %q",
			maxName, name), true})
	case kindOf(name) != nil || name == asKey:
		r.faults = append(r.faults, Fault{path, fmt.Sprintf("%s is a kind of layer: want another name for the block", name), true})
	}
}

// signature reads the parameters of a block.
func (r *treeReader) signature(b *block, v any) {
	path := "blocks." + b.name
	keys, is := v.(map[string]any)
	if !is {
		r.fail(path, "want {parameters: …, layers: […]}, got %s", shape(v))
		return
	}
	r.known(keys, path, []string{"parameters", "layers"})
	given := r.group(keys["parameters"], path+".parameters", maxParameters)
	for _, name := range slices.Sorted(maps.Keys(given)) {
		at := path + ".parameters." + name
		r.parameterNamed(name, at)
		switch given[name].(type) {
		case nil, int, float64, string, bool:
		default:
			r.fail(at, "want a default (a number, a text, true or false) or nothing, got %s", shape(given[name]))
		}
		b.parameters = append(b.parameters, parameter{name, given[name]})
	}
}

// body reads the layers of a block. Outer are the parameters of the network.
func (r *treeReader) body(b *block, v any, outer []string) {
	path := "blocks." + b.name
	keys, is := v.(map[string]any)
	if !is {
		return // which has been said
	}
	r.scope = slices.Clone(outer)
	for _, p := range b.parameters {
		if !slices.Contains(r.scope, p.name) {
			r.scope = append(r.scope, p.name)
		}
	}
	if keys["layers"] == nil {
		r.fail(path, "has no layers: want layers: […]")
		return
	}
	b.layers = r.list(keys["layers"], path+".layers", 1)
}

// last checks that the network ends with its classifier, and has no other.
func (r *treeReader) last(layers []layer) {
	if len(layers) == 0 || len(r.faults) > 0 {
		return
	}
	for i, l := range layers {
		is, last := l.kind != nil && l.kind.Name == classifier, i == len(layers)-1
		switch {
		case last && !is:
			r.fail(l.path, "want the classifier as the network's last layer: - classifier")
		case is && !last:
			r.fail(l.path, "the classifier is the network's last layer, and others follow it")
		}
	}
}

// recursive finds blocks that contain themselves.
func (r *treeReader) recursive(n *Network) {
	const open, done = 1, 2
	state := map[string]int{}
	var visit func(layers []layer)
	visit = func(layers []layer) {
		for _, l := range layers {
			for _, inner := range l.inner {
				visit(inner)
			}
			visit(l.short)
			b := n.blocks[l.block]
			switch {
			case b == nil || state[b.name] == done:
			case state[b.name] == open:
				r.fail(l.path, "the block %s contains itself", b.name)
			default:
				state[b.name] = open
				visit(b.layers)
				state[b.name] = done
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(n.blocks)) {
		if state[name] == 0 {
			state[name] = open
			visit(n.blocks[name].layers)
			state[name] = done
		}
	}
}

// write keeps the tree as text.
func (r *treeReader) write(n *Network, tree any) {
	text, err := canonical(tree)
	switch {
	case err != nil:
		r.fail("", "%v", err)
	case len(n.Name)+len(text) > maxText:
		r.fail("", "want a network of at most %d bytes without comments, got %d", maxText, len(text))
	}
	n.text = text
}
