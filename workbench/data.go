package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"workbench/experiments/data"
	"workbench/nn/nearest"
)

func (a *app) dataCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "data", Short: "List data sets, check their files"}
	list := &cobra.Command{
		Use: "list", Short: "List the data sets and their settings", Args: wantArgs(0, 0, "no argument"),
		RunE: func(*cobra.Command, []string) error { return a.showSources() },
	}
	a.formatFlag(list)
	check := &cobra.Command{
		Use: "check DATASET...", Short: "Read data sets, check their files and show their digests",
		Args: wantArgs(1, -1, "a data set (workbench data list)"), ValidArgsFunction: names(data.Names),
		RunE: func(cmd *cobra.Command, args []string) error { return a.checkData(cmd.Context(), args) },
	}
	a.formatFlag(check)
	a.dataFlag(check)
	cmd.AddCommand(list, check)
	return cmd
}

func (a *app) showSources() error {
	sets := listing{key: "datasets", columns: []column{{"dataset", "data set", false}, {"files", "files in", false},
		{"doc", "what it is", false}}}
	options := listing{key: "settings", title: "Settings", columns: []column{{"path", "path", false}, {"dataset", "data set", false},
		{"default", "default", true}, {"wanted", "wanted", false}, {"doc", "what it does", false}}}
	for _, s := range data.Sources() {
		files := text(s.Files)
		if s.Files == "" {
			files = cell{"", "none needed"}
		}
		sets.rows = append(sets.rows, []cell{text(s.Name), files, text(s.Doc)})
		for _, o := range s.All() {
			options.rows = append(options.rows, []cell{text("dataset." + o.Name), text(s.Name),
				{o.Default, fmt.Sprint(o.Default)}, text(o.Wanted()), text(o.Doc)})
		}
	}
	return a.show(document{listings: []listing{sets, options}})
}

func (a *app) checkData(ctx context.Context, which []string) error {
	l := listing{key: "datasets", columns: []column{{"dataset", "data set", false}, {"train", "training images", true},
		{"test", "test images", true},
		{"classes", "classes", true}, {"image", "image", true}, {"digest", "SHA-256", false}}}
	for _, name := range which {
		if _, err := data.Lookup(name); err != nil {
			return usagef("unknown data set %q%s", name, nearest.Hint(name, data.Names()))
		}
		set, err := data.Open(ctx, name, a.data, nil)
		if err != nil {
			return err
		}
		info := set.Info()
		size := []int{info.Channels, info.Height, info.Width}
		l.rows = append(l.rows, []cell{text(name), counted(int64(set.Len(data.Train))), counted(int64(set.Len(data.Test))),
			counted(int64(len(info.Classes))), {size, shape(size)}, text(set.Digest())})
	}
	return a.show(document{listings: []listing{l}})
}
