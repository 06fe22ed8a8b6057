package main

import (
	"strings"

	"github.com/spf13/cobra"

	"workbench/experiments/strategy"
)

// pipedWidth is that of the list where it is written into a pipe or a file, in characters.
const pipedWidth = 160

func (a *app) strategiesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "strategies", Short: "List the training strategies, their papers and phases", Args: wantArgs(0, 0, "no argument"),
		RunE: func(*cobra.Command, []string) error { return a.showStrategies() },
	}
	a.formatFlag(cmd)
	return cmd
}

func (a *app) showStrategies() error {
	l := listing{key: "strategies", leave: []string{"paper", "metric", "loss"}, columns: []column{{"strategy", "strategy", false},
		{"phases", "phases", false}, {"metric", "compared by", false}, {"doc", "what it does", false},
		{"loss", "train/loss is", false}, {"paper", "paper", false}}}
	for _, name := range strategy.Names() {
		s, err := strategy.Lookup(name)
		if err != nil {
			return err
		}
		var phases []string
		if len(s.Later) > 0 {
			phases = append([]string{s.Main}, s.Later...)
		}
		l.rows = append(l.rows, []cell{text(s.Name), {phases, strings.Join(phases, ", ")}, text(s.Usual(s.Resolve(nil))),
			text(s.Doc), text(s.Loss), text(s.Paper)})
	}
	if a.width == 0 && a.format == formats[0] { // whole texts make lines of thousands of characters, which json has
		a.width = pipedWidth
	}
	return a.show(document{listings: []listing{l}, remarks: []string{"workbench options strategy NAME explains the options of one"}})
}
