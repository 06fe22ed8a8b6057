package pytorch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"workbench/nn/pickle"
)

// These bound the walk through a checkpoint, in which values may be in several places and in themselves.
const (
	mostDepth   = 64
	mostSteps   = 4 << 20
	mostTensors = 60_000
	mostName    = 512 // bytes
)

// walker looks for tensors.
type walker struct {
	storages
	size    int64 // of the file
	steps   int
	seen    map[any]bool // dictionaries, lists and objects that were looked through
	tensors []Tensor
	at      map[[2]string]int // places among the tensors, by part and name
	left    []string
}

// step counts what is looked at.
func (w *walker) step(depth int) error {
	if w.steps++; w.steps > mostSteps {
		return fmt.Errorf("its values refer to one another too often: more than %d steps lead through them", mostSteps)
	}
	if depth > mostDepth {
		return fmt.Errorf("its values lie %d deep in one another, which no checkpoint needs", depth)
	}
	return nil
}

// find looks through a value that is called path for dictionaries of tensors.
func (w *walker) find(v any, path string, depth int) error {
	if err := w.step(depth); err != nil {
		return err
	}
	if function, args, is := tensorCall(v); is {
		return w.add(path, "tensor", function, args)
	}
	switch v := v.(type) {
	case pickle.Tuple:
		return w.list(v, path, depth)
	case *pickle.List:
		if w.seen[v] {
			return nil
		}
		w.seen[v] = true
		return w.list(v.Values, path, depth)
	case *pickle.Dict:
		if w.seen[v] {
			return nil
		}
		w.seen[v] = true
		return w.items(v.Items, path, depth)
	case *pickle.Call:
		if w.seen[v] {
			return nil
		}
		w.seen[v] = true
		return w.object(v, path, depth)
	}
	return nil
}

// list looks through values, which are called by their numbers from 0. Tensors in it have no name, and no network's
// state is a list of them.
func (w *walker) list(values []any, path string, depth int) error {
	for i, v := range values {
		if _, _, is := tensorCall(v); is {
			continue
		}
		if err := w.find(v, join(path, strconv.Itoa(i)), depth+1); err != nil {
			return err
		}
	}
	return nil
}

// items looks through a dictionary. That of an optimizer holds no network.
func (w *walker) items(items []pickle.Item, path string, depth int) error {
	if has(items, "state") && has(items, "param_groups") {
		return nil
	}
	for _, item := range items {
		if err := w.step(depth); err != nil {
			return err
		}
		name, named := item.Key.(string)
		if n, numbered := item.Key.(int64); numbered {
			name, named = strconv.FormatInt(n, 10), true
		}
		if !named {
			continue
		}
		var err error
		if function, args, is := tensorCall(item.Value); is {
			err = w.add(path, name, function, args)
		} else {
			err = w.find(item.Value, join(path, name), depth+1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// object looks through an object: a kind of dictionary or list, or a module.
func (w *walker) object(c *pickle.Call, path string, depth int) error {
	if err := w.items(c.Dict.Items, path, depth); err != nil {
		return err
	}
	if err := w.list(c.List.Values, path, depth); err != nil {
		return err
	}
	return w.module(attributes(c.State), module{path, "", []*pickle.Call{c}}, depth+1)
}

// attributes are those of an object's state: a dictionary, or a tuple of that and of values in slots.
func attributes(state any) []pickle.Item {
	if both, is := state.(pickle.Tuple); is && len(both) == 2 {
		state = both[0]
	}
	if d, is := state.(*pickle.Dict); is {
		return d.Items
	}
	return nil
}

// module is where a walk through modules has come to: the part that they are, the name there, and what leads there.
type module struct {
	part, name string
	above      []*pickle.Call
}

// held are the attributes in which torch.nn.Module keeps what is its state; their names are in no parameter's.
var held = map[string]bool{"_parameters": true, "_buffers": true, "_modules": true}

// module looks through the attributes of a module that was stored whole. TorchScript stores tensors and modules as
// attributes of their names.
func (w *walker) module(own []pickle.Item, at module, depth int) error {
	for _, a := range own {
		if err := w.step(depth); err != nil {
			return err
		}
		key, named := a.Key.(string)
		if !named {
			continue
		}
		var err error
		items := dictionary(a.Value)
		if held[key] && items != nil {
			err = w.module(items, at, depth+1)
		} else if function, args, is := tensorCall(a.Value); is {
			err = w.add(at.part, join(at.name, key), function, args)
		} else if items != nil { // a state dict that is an attribute
			err = w.find(a.Value, join(at.part, join(at.name, key)), depth+1)
		} else if c, is := a.Value.(*pickle.Call); is && !slices.Contains(at.above, c) {
			below := module{at.part, join(at.name, key), append(slices.Clone(at.above), c)}
			err = w.module(attributes(c.State), below, depth+1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// dictionary returns the items of a dictionary or of an object that is one; nil for all else.
func dictionary(v any) []pickle.Item {
	switch v := v.(type) {
	case *pickle.Dict:
		return v.Items
	case *pickle.Call:
		return v.Dict.Items
	}
	return nil
}

func has(items []pickle.Item, key string) bool {
	for _, item := range items {
		if item.Key == key {
			return true
		}
	}
	return false
}

// add notes a tensor. What is set twice is what it was set to last, and what cannot be read is noted in words.
func (w *walker) add(part, name, function string, args pickle.Tuple) error {
	full := join(part, name)
	switch {
	case len(full) > mostName || !utf8.ValidString(full):
		return fmt.Errorf("tensor %.60q…: the name has more than %d bytes or is not UTF-8", full, mostName)
	case len(w.tensors) == mostTensors:
		return fmt.Errorf("there are more than %d tensors, which no network has", mostTensors)
	}
	if strange[function] {
		w.left = append(w.left, fmt.Sprintf("%s is made by torch._utils.%s", full, function))
		return nil
	}
	t, err := w.tensor(function, args)
	if err != nil {
		return fmt.Errorf("tensor %q: %w", full, err)
	}
	t.Part, t.Name = part, name
	if i, twice := w.at[[2]string{part, name}]; twice {
		w.tensors[i] = t
		return nil
	}
	w.at[[2]string{part, name}] = len(w.tensors)
	w.tensors = append(w.tensors, t)
	return nil
}

// reasons say why there are no tensors, as far as that is known.
func (w *walker) reasons() string {
	if len(w.left) == 0 {
		return ""
	}
	return ": " + strings.Join(w.left[:min(len(w.left), 4)], ", ")
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
