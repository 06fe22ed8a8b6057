package studyfile

import (
	"fmt"
	"regexp"

	"go.yaml.in/yaml/v4"

	"workbench/experiments/label"
	"workbench/nn/option"
)

// octal matches a number that YAML 1.1 reads in base 8, while its writer most likely meant base 10.
var octal = regexp.MustCompile(`^[-+]?0[0-9_]+$`)

// valueOf reads a scalar, or a list of scalars and flat maps. It returns a string, int, float64 or bool, or a []any of
// these and of map[string]any. Types are those of YAML 1.2. Nothing is guessed from the key, so "yes" is a text and 1.5
// is no whole number.
func valueOf(n *yaml.Node) (any, error) {
	n = target(n)
	switch n.Kind {
	case yaml.ScalarNode:
		return scalarOf(n)
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for _, item := range n.Content {
			v, err := itemOf(target(item))
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	}
	return nil, fmt.Errorf("want a value, got %s", kindOf(n))
}

// itemOf reads what may stand in a list: a scalar, or a map of scalars such as a parameter group.
func itemOf(n *yaml.Node) (any, error) {
	switch n.Kind {
	case yaml.ScalarNode:
		return scalarOf(n)
	case yaml.MappingNode:
		ps, faults := pairsOf(n)
		if len(faults) > 0 {
			return nil, faults[0]
		}
		keys := map[string]any{}
		for _, p := range ps {
			if p.value.Kind != yaml.ScalarNode {
				return nil, fault{p.value, fmt.Sprintf("%s: want a single value, got %s", p.key, kindOf(p.value))}
			}
			v, err := scalarOf(p.value)
			if err != nil {
				return nil, fault{p.value, fmt.Sprintf("%s: %v", p.key, err)}
			}
			keys[p.key] = v
		}
		return keys, nil
	}
	return nil, fault{n, "want a list of single values, got " + kindOf(n) + " in it"}
}

func scalarOf(n *yaml.Node) (any, error) {
	switch tag := n.ShortTag(); tag {
	case "!!str", "!!timestamp", "!!merge":
		return n.Value, nil
	case "!!null":
		return nil, fmt.Errorf("has no value")
	case "!!int", "!!float", "!!bool":
		if octal.MatchString(n.Value) {
			return nil, fmt.Errorf("want a number without leading zeros (YAML reads it in base 8), got %s", n.Value)
		}
		var v any
		if err := n.Load(&v); err != nil {
			return nil, fmt.Errorf("want a value of the type %s, got %q", tag, n.Value)
		}
		switch v.(type) {
		case int, float64, bool:
			return v, nil
		}
		return nil, fmt.Errorf("want a number below 2^63, got %s", n.Value)
	default:
		return nil, fmt.Errorf("want a text, a number or true or false, got the type %s", tag)
	}
}

// labelOf reads a scalar as a label: 0.10 and 0.1 are one level.
func labelOf(n *yaml.Node) string {
	n = target(n)
	v, err := scalarOf(n)
	if err != nil {
		return n.Value
	}
	return label.Normal(option.Label(v))
}

// target is the node an alias stands for. Aliases that contain themselves or multiply have been refused.
func target(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func kindOf(n *yaml.Node) string {
	switch n = target(n); {
	case n.Kind == yaml.MappingNode:
		return "a group of keys"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case isNothing(n):
		return "nothing"
	}
	return "a single value"
}

// plain reads a text that was typed outside a file as a scalar of a file is read, so that both have the same types. A
// text that is no plain scalar in a file, such as "a: b" or "*x", is taken as it is.
func plain(text string) *yaml.Node {
	var document yaml.Node
	if err := yaml.Load([]byte(text), &document); err == nil && len(document.Content) == 1 {
		n := document.Content[0]
		if n.Kind == yaml.ScalarNode && n.Value == text {
			return n
		}
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
}
