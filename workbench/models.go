package main

import (
	"path"

	"github.com/spf13/cobra"

	"workbench/nn/nearest"
	"workbench/nn/zoo"
)

func (a *app) modelsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "models [PATTERN]", Short: "List the networks with their size",
		Long:              "List the networks that a study can name in model.name. PATTERN is a name with * and ?, such as 'resnet*_cifar'.",
		Args:              wantArgs(0, 1, "at most one pattern"),
		ValidArgsFunction: names(zoo.Names),
		RunE: func(_ *cobra.Command, args []string) error {
			pattern := "*"
			if len(args) == 1 {
				pattern = args[0]
			}
			return a.showModels(pattern)
		},
	}
	a.formatFlag(cmd)
	return cmd
}

func (a *app) showModels(pattern string) error {
	l := listing{key: "models", columns: []column{
		{"model", "model", false}, {"family", "family", false}, {"year", "year", true}, {"input", "images", true}, {"classes", "classes", true},
		{"weight_layers", "weight layers", true}, {"parameters", "parameters", true}, {"macs", "multiply-adds", true}, {"paper", "", false},
	}}
	for _, name := range zoo.Names() {
		if match, err := path.Match(pattern, name); err != nil {
			return usagef("pattern %q: %w", pattern, err)
		} else if !match {
			continue
		}
		v, err := zoo.Lookup(name)
		if err != nil {
			return err
		}
		settings, err := v.Resolve(nil)
		if err != nil {
			return err
		}
		cost, err := zoo.Describe(v, settings, v.Input, v.Classes)
		if err != nil {
			return err
		}
		l.rows = append(l.rows, []cell{text(v.Name), text(v.Family), {v.Year, decimal(float64(v.Year), 0)}, text(shape(v.Input[:])), counted(int64(v.Classes)),
			counted(int64(cost.WeightLayers)), counted(cost.Params), {cost.MACs, magnitude(float64(cost.MACs))}, text(v.Paper)})
	}
	if len(l.rows) == 0 {
		return usagef("no network matches %q%s", pattern, nearest.Hint(pattern, zoo.Names()))
	}
	return a.show(document{listings: []listing{l}})
}
