package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v4"

	"workbench/experiments/data"
	"workbench/experiments/iec"
	"workbench/nn/nearest"
)

func (a *app) dataCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "data", Short: "List, fetch, check and show data sets"}
	list := &cobra.Command{
		Use: "list", Short: "List the data sets, their settings, and what can be fetched", Args: wantArgs(0, 0, "no argument"),
		RunE: func(*cobra.Command, []string) error { return a.showSources() },
	}
	a.formatFlag(list)
	a.dataFlag(list)
	cmd.AddCommand(list, a.dataCheckCommand(), a.dataShowCommand(), a.dataFetchCommand())
	return cmd
}

func (a *app) showSources() error {
	sets := listing{key: "datasets", leave: []string{"files"}, columns: []column{{"dataset", "data set", false},
		{"files", "files in", false}, {"found", "here", false}, {"doc", "what it is", false}}}
	options := listing{key: "settings", title: "Settings", columns: []column{{"path", "path", false}, {"dataset", "data set", false},
		{"default", "default", true}, {"wanted", "wanted", false}, {"doc", "what it does", false}}}
	bundles := listing{key: "bundles", title: "What data fetch gets", leave: []string{"licence"}, columns: []column{{"bundle", "name", false},
		{"dataset", "data set", false}, {"bytes", "size", true}, {"site", "from", false}, {"licence", "licence", false}}}
	for _, s := range data.Sources() {
		files, found := text(s.Files), cell{"", "none needed"}
		if s.Files == "" {
			files = cell{"", "none needed"}
		} else {
			where, err := s.Where(a.data)
			if err != nil {
				return err
			}
			found = text(where)
		}
		sets.rows = append(sets.rows, []cell{text(s.Name), files, found, text(s.Doc)})
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
	return a.show(document{listings: []listing{sets, options, bundles}})
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
