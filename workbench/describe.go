package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v4"

	"workbench/nn"
	"workbench/nn/zoo"
)

func (a *app) describeCommand() *cobra.Command {
	var input string
	var classes int
	cmd := &cobra.Command{
		Use: "describe MODEL [OPTION=VALUE...]", Short: "Show a network layer by layer: output, parameters, multiply-adds",
		Example: `  workbench describe resnet20_cifar
  workbench describe resnet20_cifar shortcut=projection
  workbench describe resnet18 --input 3x32x32 --classes 10`,
		Args: wantArgs(1, -1, "a network (workbench models lists them) and perhaps OPTION=VALUE"),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, part string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return names(zoo.Names)(cmd, args, part)
		},
		RunE: func(_ *cobra.Command, args []string) error {
			v, err := zoo.Lookup(args[0])
			if err != nil {
				return usageError{err}
			}
			settings, err := modelOptions(v, args[1:])
			if err != nil {
				return usageError{err}
			}
			images := v.Input
			if input != "" {
				if images, err = parseInput(input); err != nil {
					return usageError{err}
				}
			}
			if classes == 0 {
				classes = v.Classes
			}
			if classes < 1 {
				return usagef("--classes: want a number of at least 1, got %d", classes)
			}
			cost, err := zoo.Describe(v, settings, images, classes)
			if err != nil {
				return usageError{err}
			}
			return a.showLayers(v, settings, cost)
		},
	}
	cmd.Flags().StringVar(&input, "input", "", "images as channels×height×width, such as 3x224x224 (default: the network's own)")
	cmd.Flags().IntVar(&classes, "classes", 0, "classes (default: the network's own)")
	a.formatFlag(cmd)
	return cmd
}

// modelOptions reads OPTION=VALUE as a study would.
func modelOptions(v zoo.Variant, args []string) (zoo.Settings, error) {
	given := map[string]any{}
	for _, arg := range args {
		name, raw, ok := strings.Cut(arg, "=")
		if !ok {
			return nil, fmt.Errorf("want OPTION=VALUE after the network, got %q", arg)
		}
		var val any
		if err := yaml.Load([]byte(raw), &val); err != nil {
			return nil, fmt.Errorf("%s: %w", arg, err)
		}
		given[strings.TrimPrefix(name, "model.")] = val
	}
	return v.Resolve(given)
}

func parseInput(s string) ([3]int, error) {
	input, err := zoo.ParseInput(s)
	if err != nil {
		err = fmt.Errorf("--input: %w", err)
	}
	return input, err
}

func (a *app) showLayers(v zoo.Variant, settings zoo.Settings, cost nn.Summary) error {
	l := listing{key: "layers", title: v.Name + ": " + v.Paper, columns: []column{
		{"layer", "layer", false}, {"kind", "kind", false}, {"output", "output", true}, {"parameters", "parameters", true}, {"macs", "multiply-adds", true}}}
	for _, layer := range cost.Layers {
		out := []int(layer.Out)
		l.rows = append(l.rows, []cell{text(layer.Path), text(layer.Kind), {out, shape(out)}, counted(layer.Params), counted(layer.MACs)})
	}
	total := factsOf("total", "Sum", [][]cell{
		{text("parameters"), counted(cost.Params)}, {text("macs"), counted(cost.MACs)}, {text("weight_layers"), counted(int64(cost.WeightLayers))}})
	d := document{listings: []listing{l, total}}
	if len(v.Options) > 0 {
		options := listing{key: "options", title: "Options", columns: []column{{"option", "option", false}, {"value", "value", false}, {"wanted", "wanted", false}, {"doc", "what it does", false}}}
		for _, o := range v.Options {
			options.rows = append(options.rows, []cell{text(o.Name), {settings[o.Name], fmt.Sprint(settings[o.Name])}, text(o.Wanted()), text(o.Doc)})
		}
		d.listings = append(d.listings, options)
	}
	return a.show(d)
}

// shape of one image's values: 16×32×32.
func shape(dims []int) string {
	parts := make([]string, len(dims))
	for i, d := range dims {
		parts[i] = strconv.Itoa(d)
	}
	return strings.Join(parts, "×")
}
