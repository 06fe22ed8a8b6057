package quantity

import (
	"fmt"
	"slices"

	"workbench/nn/nearest"
	"workbench/nn/zoo"
)

func init() {
	Register(Quantity{Name: "variants", Call: "variants(FAMILY)", Doc: "names of the networks of a family that are made for 1000 classes",
		Types: []any{new(func(string) []string)},
		Of:    func(_ *Networks, arguments []any) (any, error) { return variants(arguments[0].(string)) }})
}

func variants(family string) ([]string, error) {
	var names, families []string
	for _, name := range zoo.Names() {
		v, err := zoo.Lookup(name)
		if err != nil {
			return nil, err
		}
		families = append(families, v.Family)
		if v.Family == family && v.Classes == 1000 {
			names = append(names, name)
		}
	}
	if len(names) == 0 && !slices.Contains(families, family) {
		return nil, fmt.Errorf("no family is called %q%s", family, nearest.Hint(family, families))
	}
	return names, nil
}
