package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"workbench/nn"
	"workbench/nn/zoo"
)

// description is what the command describe is asked for.
type description struct {
	input   string
	classes int
	depth   int
	batch   int
	other   second
	dot     bool
	options bool
}

// subject is a network with its settings, as it is described.
type subject struct {
	zoo.Variant
	settings zoo.Settings
	input    [3]int
	classes  int
	cost     nn.Summary // of all layers
	blocks   nn.Summary // of what the table has rows for
}

func (a *app) describeCommand() *cobra.Command {
	var d description
	cmd := &cobra.Command{
		Use:   "describe MODEL [OPTION=VALUE...] [--diff OTHER [OPTION=VALUE...]]",
		Short: "Show a network layer by layer: shapes, receptive fields, parameters, operations, memory",
		Long: `Show a network layer by layer, and what it costs in all and by kinds of layers.

  output      channels × height × width, or features, of one image
  kernel      of convolutions and poolings; /2 is a stride, g32 are groups, dw: one channel a group, d2 is a dilation
  field       receptive field: the square of pixels of the image that one value depends on, padding included
  jump        effective stride: pixels of the image from one value to the next
  mult-adds   multiply-adds of convolutions and linear layers, for one image
  kept        memory of what training keeps of the layer for the backward pass
  live        memory of all results that inference still has to read once the layer has run

In JSON and CSV, reads are the rows that a layer reads, counted from 0; -1 is the image. Memory is that of float32 for --batch images, without the images, the parameters and their gradients.`,
		Example: `  workbench describe resnet50 --depth 1
  workbench describe resnet20_cifar shortcut=projection
  workbench describe resnet18 --input 3x64x64 --classes 200 --batch 32
  workbench describe vgg16 --diff resnet18 width=96
  workbench describe googlenet --depth 1 --dot | dot -Tsvg > googlenet.svg`,
		Args: wantArgs(1, -1, "a network (workbench models lists them) and perhaps OPTION=VALUE"),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, part string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return names(zoo.Names)(cmd, args, part)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := d.check(cmd); err != nil {
				return err
			}
			return a.describe(d, args)
		},
	}
	f := cmd.Flags()
	f.StringVar(&d.input, "input", "", "images as channels×height×width, such as 3x224x224 (default: the network's own)")
	f.IntVar(&d.classes, "classes", 0, "classes (default: the network's own)")
	f.IntVar(&d.depth, "depth", 0, "sum up the layers whose first `N` names are equal (default 0: every layer)")
	f.IntVar(&d.batch, "batch", 1, "images of which the memory is shown")
	d.other.flags = f
	f.Var(&d.other, "diff", "compare with the network `OTHER`; OPTION=VALUE behind it are its own")
	f.BoolVar(&d.options, "options", false, "say what the network's options do")
	f.BoolVar(&d.dot, "dot", false, "write the graph in the language of Graphviz")
	a.formatFlag(cmd)
	complete(cmd, "diff", zoo.Names)
	return cmd
}

// second is the flag --diff: a network, and how many arguments stood before it.
type second struct {
	name   string
	before int
	flags  *pflag.FlagSet
}

func (s *second) String() string { return s.name }
func (s *second) Type() string   { return "string" }

func (s *second) Set(name string) error {
	if s.name != "" {
		return fmt.Errorf("want one network to compare with, got %s and %s", s.name, name)
	}
	s.name, s.before = name, s.flags.NArg()
	return nil
}

// check finds flags that say nothing sensible or do not go together.
func (d description) check(cmd *cobra.Command) error {
	f := cmd.Flags()
	switch {
	case f.Changed("classes") && d.classes < 1:
		return usagef("--classes: want a number of at least 1, got %d", d.classes)
	case d.depth < 0:
		return usagef("--depth: want a number of names of at least 1, or 0 for every layer, got %d", d.depth)
	case d.batch < 1 || d.batch > 1<<20:
		return usagef("--batch: want 1 to %d images, got %d", 1<<20, d.batch)
	case f.Changed("diff") && (d.other.name == "" || d.other.before == 0):
		return usagef("--diff: want the two networks as MODEL --diff OTHER, got %q behind it and %d argument%s before it",
			d.other.name, d.other.before, plural(d.other.before))
	}
	for _, name := range []string{"diff", "format", "batch", "options"} {
		if d.dot && f.Changed(name) {
			return usagef("--dot writes the graph of one network and nothing else: leave --dot or --%s out", name)
		}
	}
	if f.Changed("diff") && d.options {
		return usagef("--diff shows the options that differ: leave --diff or --options out")
	}
	return nil
}

func (a *app) describe(d description, args []string) error {
	var own []string
	if d.other.name != "" {
		args, own = args[:d.other.before], args[d.other.before:]
	}
	one, err := d.subject(args[0], args[1:])
	if err != nil {
		return err
	}
	switch {
	case d.dot:
		_, err := fmt.Fprint(a.out, one.blocks.Dot(one.Name))
		return err
	case d.other.name == "":
		return a.showLayers(one, d)
	}
	two, err := d.subject(d.other.name, own)
	if err != nil {
		return err
	}
	return a.showDifference(one, two, d.batch)
}

// subject builds the network of that name with the options.
func (d description) subject(name string, options []string) (s subject, err error) {
	if s.Variant, err = variantOf(name); err != nil {
		return s, usageError{err}
	}
	if s.settings, err = modelOptions(s.Variant, options); err != nil {
		return s, usageError{err}
	}
	s.input, s.classes = s.Input, s.Classes
	if d.input != "" {
		if s.input, err = parseInput(d.input); err != nil {
			return s, usageError{err}
		}
	}
	if d.classes > 0 {
		s.classes = d.classes
	}
	if s.cost, err = zoo.Describe(s.Variant, s.settings, s.input, s.classes); err != nil {
		return s, usageError{err}
	}
	s.blocks = s.cost.Blocks(d.depth)
	return s, nil
}

// modelOptions reads OPTION=VALUE as a study would.
func modelOptions(v zoo.Variant, args []string) (zoo.Settings, error) {
	given := map[string]any{}
	for _, arg := range args {
		if !strings.Contains(arg, "=") {
			hint := ""
			if _, err := zoo.Lookup(arg); err == nil {
				hint = "; --diff " + arg + " compares two networks"
			}
			return nil, fmt.Errorf("want OPTION=VALUE after the network, got %q%s", arg, hint)
		}
		if err := set(given, arg, "model."); err != nil {
			return nil, err
		}
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

// shape of one image's values: 16×32×32.
func shape(dims []int) string {
	parts := make([]string, len(dims))
	for i, d := range dims {
		parts[i] = strconv.Itoa(d)
	}
	return strings.Join(parts, "×")
}
