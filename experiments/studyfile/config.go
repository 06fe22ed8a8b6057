package studyfile

import (
	"fmt"

	"workbench/experiments"

	"go.yaml.in/yaml/v4"
)

// MarshalConfigYAML writes a configuration as the base section of a study reads it.
func MarshalConfigYAML(c experiments.Config) ([]byte, error) {
	text, err := yaml.Dump(c)
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	return text, nil
}

// UnmarshalConfigYAML reads what MarshalConfigYAML wrote, strictly, over the defaults, and checks it. File is its name in
// messages.
func UnmarshalConfigYAML(file string, text []byte) (experiments.Config, error) {
	d := newDecoder(file, text)
	c := experiments.Defaults()
	if root, ok := d.parse(text); ok {
		d.config(&c, root, "")
	}
	if len(d.problems) == 0 {
		for _, p := range c.Validate() {
			d.problems = append(d.problems, d.places.Locate(p, file))
		}
	}
	return c, d.problems.Err()
}
