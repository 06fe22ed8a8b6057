package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v4"

	"workbench/experiments/data"
	"workbench/experiments/iec"
	"workbench/nn/nearest"
	"workbench/nn/option"
)

func (a *app) dataCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "data", Short: "List, fetch, check and show data sets"}
	list := &cobra.Command{
		Use: "list [DATASET...]", Short: "List the data sets; of named ones their settings, and what can be fetched",
		Long: "List the data sets, a line each. Of named sets, or of all with --verbose, it says what they are, what settings they have and\n" +
			"what `data fetch` gets. Tables of --format csv and json have all: datasets (default), settings, bundles.",
		ValidArgsFunction: names(data.Names), Args: wantArgs(0, -1, "data sets or nothing"),
		RunE: func(_ *cobra.Command, args []string) error {
			for _, name := range args {
				if _, err := data.Lookup(name); err != nil {
					return usageError{err}
				}
			}
			return a.showSources(args)
		},
	}
	a.formatFlag(list)
	a.dataFlag(list)
	cmd.AddCommand(list, a.dataCheckCommand(), a.dataShowCommand(), a.dataFetchCommand())
	return cmd
}

// showSources lists the named data sets, or all. People read details of named sets only, or where they ask for them.
func (a *app) showSources(named []string) error {
	long := len(named) > 0 || a.verbose || !a.people()
	sets := listing{key: "datasets", leave: []string{"image", "classes"}, columns: []column{{"dataset", "data set", false},
		{"train", "training images", true}, {"test", "test images", true}, {"classes", "classes", true}, {"image", "size", false},
		{"found", "here", false}, {"files", "", false}, {"doc", "", false}}}
	abouts := listing{key: "about", title: "What they are", columns: []column{{"dataset", "data set", false}, {"files", "files in", false},
		{"doc", "what it is", false}}}
	options := listing{key: "settings", title: "Settings", columns: []column{{"path", "path", false}, {"dataset", "data set", false},
		{"default", "default", true}, {"wanted", "wanted", false}, {"doc", "what it does", false}}}
	bundles := listing{key: "bundles", title: "What data fetch gets", leave: []string{"licence"}, columns: []column{{"bundle", "name", false},
		{"dataset", "data set", false}, {"bytes", "size", true}, {"site", "from", false}, {"licence", "licence", false}}}
	for _, s := range data.Sources() {
		if len(named) > 0 && !slices.Contains(named, s.Name) {
			continue
		}
		row, err := a.sourceRow(s)
		if err != nil {
			return err
		}
		sets.rows = append(sets.rows, row)
		abouts.rows = append(abouts.rows, []cell{text(s.Name), row[6], row[7]})
		for _, o := range s.All() {
			options.rows = append(options.rows, []cell{text("dataset." + o.Name), text(s.Name),
				{o.Default, fmt.Sprint(o.Default)}, text(o.Wanted()), text(o.Doc)})
		}
		for _, b := range s.Bundles {
			size := int64(0)
			for _, d := range b.Downloads {
				size += d.Bytes
			}
			bundles.rows = append(bundles.rows, []cell{text(b.Name), text(s.Name), measured(size, iec.Bytes), text(b.Site), text(b.Licence)})
		}
	}
	d := document{listings: []listing{sets}}
	switch {
	case !a.people():
		d.listings = append(d.listings, options, bundles)
	case long:
		d.listings = append(d.listings, abouts, options)
		if len(bundles.rows) > 0 {
			d.listings = append(d.listings, bundles)
		}
	default:
		d.remarks = []string{a.program().On("data", "list", "NAME") + " tells what a set is, its settings and what can be fetched of it"}
	}
	return a.show(d)
}

// sourceRow is a data set in a line: what it has, and where its files are.
func (a *app) sourceRow(s data.Source) ([]cell, error) {
	known := func(n int) cell {
		if n == 0 {
			return cell{nil, "as found"}
		}
		return counted(int64(n))
	}
	h := s.Holds
	image := cell{nil, missing}
	if h.Side > 0 {
		size := []int{h.Channels, h.Side, h.Side}
		image = cell{size, shape(size)}
	}
	files, found := text(s.Files), cell{"", "none needed"}
	switch s.Files {
	case "":
		files = cell{"", "none needed"}
		if _, needs := option.Find(s.Options, "path"); needs {
			files, found = cell{"", "dataset.path"}, cell{"", missing}
		}
	default:
		where, err := s.Where(a.data)
		if err != nil {
			return nil, err
		}
		if found = (cell{where, "no"}); where != "" {
			found.text = "yes"
		}
	}
	return []cell{text(s.Name), known(h.Train), known(h.Test), known(h.Classes), image, found, files, text(s.Doc)}, nil
}

// chosenSet is a data set with settings, as a command line names it.
type chosenSet struct {
	name  string
	given map[string]any
}

// chosenSets reads names of data sets, each perhaps with OPTION=VALUE behind it.
func chosenSets(args []string) ([]chosenSet, error) {
	var all []chosenSet
	for _, arg := range args {
		if !strings.Contains(arg, "=") {
			if _, err := data.Lookup(arg); err != nil {
				return nil, usagef("unknown data set %q%s", arg, nearest.Hint(arg, data.Names()))
			}
			all = append(all, chosenSet{name: arg, given: map[string]any{}})
			continue
		}
		if len(all) == 0 {
			return nil, usagef("want a data set before %q", arg)
		}
		if err := set(all[len(all)-1].given, arg, "dataset."); err != nil {
			return nil, usageError{err}
		}
	}
	for _, c := range all {
		source, err := data.Lookup(c.name)
		if err != nil {
			return nil, err
		}
		if _, err := source.Resolve(c.given); err != nil {
			return nil, usageError{err}
		}
	}
	return all, nil
}

func (c chosenSet) open(ctx context.Context, dir string) (data.Set, error) {
	return data.Open(ctx, c.name, dir, c.given)
}

// set adds what KEY=VALUE says to settings. The key may have its section before it.
func set(settings map[string]any, arg, section string) error {
	key, raw, ok := strings.Cut(arg, "=")
	if !ok {
		return fmt.Errorf("want %sKEY=VALUE, got %q", section, arg)
	}
	var value any
	if err := yaml.Load([]byte(raw), &value); err != nil {
		return fmt.Errorf("%s: %w", arg, err)
	}
	settings[strings.TrimPrefix(key, section)] = value
	return nil
}

// dataSets completes the first argument with the data sets.
func dataSets(cmd *cobra.Command, args []string, part string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return names(data.Names)(cmd, args, part)
	}
	var offers []string
	if s, err := data.Lookup(args[len(args)-1]); err == nil {
		for _, o := range s.All() {
			offers = append(offers, o.Name+"=\t"+o.Doc)
		}
	}
	return offers, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}
