package definition

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"workbench/nn/nearest"
	"workbench/nn/option"
)

// asKey stands beside a layer's own key and names its path.
const asKey = "as"

// list reads a list of layers, of which there must be at least so many.
func (r *treeReader) list(v any, path string, least int) []layer {
	items, is := v.([]any)
	switch {
	case !is:
		r.fail(path, "want a list of layers, got %s", shape(v))
		return nil
	case len(items) < least:
		r.fail(path, "want at least %d layer, got none", least)
	case len(items) > maxList:
		r.fail(path, "want at most %d layers in a list, got %d: repeat and blocks make more", maxList, len(items))
		return nil
	case r.nested >= maxNested:
		r.fail(path, "want at most %d layers one inside the other", maxNested)
		return nil
	}
	r.nested++
	defer func() { r.nested-- }()
	var layers []layer
	for i, item := range items {
		at := fmt.Sprintf("%s[%d]", path, i)
		if l, ok := r.layer(item, at); ok {
			l.path = at
			layers = append(layers, l)
		}
	}
	return layers
}

// layer reads a word, or a group of one layer and perhaps as.
func (r *treeReader) layer(v any, path string) (l layer, ok bool) {
	before, name, settings := len(r.faults), "", any(nil)
	switch v := v.(type) {
	case string:
		name = v
	case map[string]any:
		keys := slices.DeleteFunc(slices.Sorted(maps.Keys(v)), func(key string) bool { return key == asKey })
		if len(keys) != 1 {
			r.fail(path, "want one layer beside %s, got %s", asKey, count(keys))
			return l, false
		}
		name, settings = keys[0], v[keys[0]]
		if as, said := v[asKey]; said {
			l.as, _ = as.(string)
			if number, is := as.(int); is && number >= 0 {
				l.as = fmt.Sprint(number)
			}
			if l.as != transparent && (!pathName.MatchString(l.as) || len(l.as) > maxExpression) {
				r.fail(path+"."+asKey, "want a name of letters, digits and _, with dots between parts, or one dot, got %s", shape(as))
			}
		}
	default:
		r.fail(path, "want a layer: a word, or conv: {…}, got %s", shape(v))
		return l, false
	}
	l.kind = kindOf(name)
	own := r.blocks[name]
	_, written := v.(string)
	switch {
	case l.kind == nil && own == nil:
		at := path
		if !written {
			at = path + "." + name
		}
		r.faults = append(r.faults, Fault{at, fmt.Sprintf("unknown layer %q%s", name, nearest.Hint(name, r.layerNames())), !written})
	case own != nil:
		l.block = name
		r.use(&l, own, settings, path)
	default:
		r.settings(&l, settings, path)
	}
	if l.kind != nil && l.kind.Name == classifier && !(strings.HasPrefix(path, "layers[") && strings.Count(path, "[") == 1) {
		r.fail(path, "the classifier is the network's last layer, it cannot stand in others")
	}
	return l, len(r.faults) == before
}

func count(keys []string) string {
	if len(keys) == 0 {
		return "none"
	}
	return strings.Join(keys, " and ") + ": begin each with - on a line of its own"
}

func (r *treeReader) layerNames() []string {
	all := slices.Sorted(maps.Keys(r.blocks))
	for _, k := range kinds {
		all = append(all, k.Name)
	}
	return all
}

// use reads the values that a layer gives the parameters of a block.
func (r *treeReader) use(l *layer, b *block, settings any, path string) {
	keys, is := settings.(map[string]any)
	at := path + "." + b.name
	if settings != nil && !is {
		r.fail(at, "want the block's parameters: %s: {name: value}, got %s", b.name, shape(settings))
		return
	}
	var good []string
	for _, p := range b.parameters {
		good = append(good, p.name)
		if _, said := keys[p.name]; !said && p.standard == nil {
			r.fail(at, "the block %s needs its parameter %s, which has no default", b.name, p.name)
		}
	}
	r.known(keys, at, good)
	l.given = map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		switch v := keys[key].(type) {
		case string:
			l.given[key] = r.reference(v, at+"."+key)
		case int, float64, bool:
			l.given[key] = v
		default:
			r.fail(at+"."+key, "want a number, a text, true or false, got %s", shape(v))
		}
	}
}

// reference is a text, or an expression if it has a $ in it.
func (r *treeReader) reference(text, path string) any {
	if !strings.Contains(text, "$") {
		return text
	}
	return r.expression(text, path)
}

func (r *treeReader) expression(text, path string) any {
	e, err := compile(text)
	if err == nil {
		err = e.check(r.scope)
	}
	if err != nil {
		r.fail(path, "%v", err)
	}
	return e
}

// settings reads what a layer of a kind says.
func (r *treeReader) settings(l *layer, settings any, path string) {
	k := l.kind
	at := path + "." + k.Name
	keys, is := settings.(map[string]any)
	list, isList := settings.([]any)
	body := at + "." + holdsLayers
	switch {
	case k.Holds == holdsBranches:
		r.branches(l, settings, at)
		return
	case isList && k.Holds != "":
		keys, body = map[string]any{holdsLayers: list}, at
	case settings == nil || is:
	case k.Holds != "":
		r.fail(at, "want %s, got %s", k.wanted(), shape(settings))
		return
	case len(k.Fields) == 0:
		r.fail(at, "%s has no settings, got %s: write - %s", k.Name, shape(settings), k.Name)
		return
	default:
		keys = map[string]any{k.Fields[0].Name: settings}
	}
	r.known(keys, at, k.names())
	if k.Holds != "" {
		if keys[holdsLayers] == nil {
			r.fail(at, "has no layers: want %s", k.wanted())
		} else {
			l.inner = [][]layer{r.list(keys[holdsLayers], body, 1)}
		}
	}
	if short, has := keys["shortcut"].([]any); has && k.Holds == holdsShortcut {
		l.short = r.list(short, at+".shortcut", 1)
		keys = maps.Clone(keys)
		delete(keys, "shortcut")
	}
	l.given = r.values(k, keys, at, is)
}

// values reads the fields of a kind: values that fit, or expressions.
func (r *treeReader) values(k *kind, keys map[string]any, at string, named bool) map[string]any {
	given := map[string]any{}
	for _, o := range k.Fields {
		v, said := keys[o.Name]
		path := at
		if named {
			path = at + "." + o.Name
		}
		if !said {
			if o.Required {
				r.fail(at, "has no %s: want %s", o.Name, o.Wanted())
			}
			continue
		}
		given[o.Name] = r.value(o, v, path)
	}
	return given
}

func (r *treeReader) value(o option.Option, v any, path string) any {
	if text, is := v.(string); is && (arithmetic(o) || strings.Contains(text, "$")) {
		return r.expression(text, path)
	}
	if list, is := v.([]any); is {
		dynamic := make([]any, len(list))
		some := false
		for i, item := range list {
			dynamic[i] = item
			if text, is := item.(string); is {
				dynamic[i], some = r.expression(text, path), true
			}
		}
		if some {
			return dynamic
		}
	}
	if _, err := checked(o, v); err != nil {
		r.fail(path, "%v", err)
	}
	return v
}

// arithmetic tells whether a text is an expression where the option stands, with or without parameters.
func arithmetic(o option.Option) bool {
	switch o.Default.(type) {
	case string, bool:
		return false
	}
	return true
}

// checked gives a value its field's type, or says what was wanted.
func checked(o option.Option, v any) (any, error) {
	good, err := o.Check(v)
	if numbers, is := good.([]float64); err == nil && is {
		wrong := len(numbers) < 1 || len(numbers) > 2
		for _, x := range numbers {
			wrong = wrong || x != float64(int(x))
		}
		if wrong {
			err = fmt.Errorf("want %s, got %s", o.Wanted(), option.Text(v))
		}
	}
	if word, is := v.(string); err != nil && is && len(o.Choices) > 0 {
		err = fmt.Errorf("unknown %s %q%s", o.Name, word, nearest.Hint(word, o.Choices))
	}
	return good, err
}

// branches reads a list of lists of layers.
func (r *treeReader) branches(l *layer, v any, at string) {
	list, is := v.([]any)
	if !is || len(list) < 2 || len(list) > maxBranches {
		r.fail(at, "want 2 to %d lists of layers: %s, got %s", maxBranches, l.kind.wanted(), shape(v))
		return
	}
	for i, branch := range list {
		l.inner = append(l.inner, r.list(branch, fmt.Sprintf("%s[%d]", at, i), 0))
	}
}

// bounds says from what to what numbers are good.
func bounds(least, most int) string { return fmt.Sprintf("from %d to %d", least, most) }
