package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"workbench/experiments/strategy"
	"workbench/experiments/studyfile"
)

// newStudy is the file that `workbench init` writes when it is given none.
const newStudy = "study.yaml"

func (a *app) initCommand() *cobra.Command {
	var strategyName string
	c := &cobra.Command{
		Use: "init [FILE]", Short: "Write a commented study to begin with",
		Long: `Write a small study with a comment on every key, as ` + newStudy + ` unless FILE says otherwise; - writes it to standard output.
With --strategy it is one of that training strategy, with all its options, beside what the strategy must beat.
A file that is there is left alone.`,
		Example: "  workbench init\n  workbench init shortcuts.yaml\n  workbench init - | less\n  workbench init --strategy simclr simclr.yaml",
		Args:    wantArgs(0, 1, "one file or none"),
		RunE: func(c *cobra.Command, args []string) error {
			file, text := newStudy, studyfile.Beginning
			if len(args) > 0 {
				file = args[0]
			}
			if c.Flags().Changed("strategy") {
				var err error
				if text, err = studyfile.First(strategyName); err != nil {
					return usagef("--strategy: %w", err)
				}
			}
			return a.writeStudy(file, text)
		},
	}
	c.Flags().StringVar(&strategyName, "strategy", "", "a study of the training strategy `NAME` (workbench strategies)")
	complete(c, "strategy", strategy.Names)
	return c
}

func (a *app) writeStudy(file string, text []byte) error {
	switch file {
	case "":
		return usagef("want a file, got an empty name")
	case "-":
		_, err := a.out.Write(text)
		return err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return usagef("%s is there already, it is left alone: give another name, such as workbench init other.yaml", file)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(file)) // half a study is none
	}
	path := file
	if !studyfile.IsPath(file) {
		path = "./" + file
	}
	fmt.Fprintf(a.errors(), "%s is written; next: workbench run %s --dry-run\n", file, path)
	return nil
}
