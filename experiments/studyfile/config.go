package studyfile

import (
	"fmt"

	"go.yaml.in/yaml/v4"

	"workbench/experiments"
	"workbench/nn/option"
)

// MarshalConfigYAML writes a configuration as the base section of a study reads it.
func MarshalConfigYAML(c experiments.Config) ([]byte, error) {
	root, err := configNode(c)
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	text, err := yaml.Dump(root)
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	return text, nil
}

// node is a value as YAML, groups with their keys in the order in which they are declared.
func node(value any) (*yaml.Node, error) {
	if groups, ok := value.([]option.Group); ok {
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for _, g := range groups {
			item := &yaml.Node{Kind: yaml.MappingNode}
			for _, e := range g {
				v, err := node(e.Value)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", e.Key, err)
				}
				item.Content = append(item.Content, quoted(e.Key), v)
			}
			list.Content = append(list.Content, item)
		}
		return list, nil
	}
	n := new(yaml.Node)
	return n, n.Encode(value)
}

func quoted(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }

// UnmarshalConfigYAML reads what MarshalConfigYAML wrote, strictly, over the defaults, and checks it. File is its
// name in messages.
func UnmarshalConfigYAML(file string, text []byte) (experiments.Config, error) {
	d := newDecoder(file)
	c := experiments.Defaults()
	if root, ok := d.parse(text); ok {
		d.config(&c, root)
	}
	if len(d.problems) == 0 {
		for _, p := range c.Validate() {
			d.problems = append(d.problems, d.places.Locate(p, file))
		}
	}
	return c, d.problems.Err()
}
