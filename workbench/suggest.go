package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"workbench/experiments/escape"
	"workbench/experiments/suggest"
)

// program is this program as its next call is written: as it was called now, on the same database.
func (a *app) program() suggest.Program {
	p := suggest.Program{}
	if strings.ContainsRune(os.Args[0], '/') {
		p.Name = os.Args[0]
	}
	if a.db != setting("WORKBENCH_DB", defaultDB) {
		p.DB = a.db
	}
	return p
}

// again is the command that continues what cmd began: the same one, but for flags that would begin anew.
func (a *app) again(cmd *cobra.Command, args []string) string {
	words := strings.Fields(cmd.CommandPath())[1:]
	dashes := false
	for _, arg := range args {
		dashes = dashes || strings.HasPrefix(arg, "-")
	}
	if !dashes {
		words = append(words, args...)
	}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		list, several := f.Value.(pflag.SliceValue)
		switch {
		case f.Name == "force", f.Name == "verbose":
		case several:
			for _, v := range list.GetSlice() {
				words = append(words, "--"+f.Name, v)
			}
		case f.Value.Type() == "bool" && f.Value.String() == "true":
			words = append(words, "--"+f.Name)
		default:
			words = append(words, "--"+f.Name+"="+f.Value.String())
		}
	})
	if dashes {
		words = append(append(words, "--"), args...)
	}
	return escape.Command(append([]string{os.Args[0]}, words...)...)
}
