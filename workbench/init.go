package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"workbench/experiments/strategy"
	"workbench/experiments/studyfile"
	"workbench/nn/option"
)

// newStudy is the file that `workbench init` writes when it is given none.
const newStudy = "study.yaml"

// newNetwork is the file that `workbench init --network` writes when it is given none.
const newNetwork = "my_net.yaml"

func (a *app) initCommand() *cobra.Command {
	var strategyName string
	var network bool
	c := &cobra.Command{
		Use: "init [FILE]", Short: "Write a commented study, or a network of your own, to begin with",
		Long: `Write a small study with a comment on every key, as ` + newStudy + ` unless FILE says otherwise; - writes it to standard output.
With --strategy it is one of that training strategy, with all its options, beside what the strategy must beat.
With --network it is a network of your own, as ` + newNetwork + `, with all kinds of layers and their settings.
A file that is there is left alone.`,
		Example: "  workbench init\n  workbench init shortcuts.yaml\n  workbench init - | less\n" +
			"  workbench init --strategy simclr simclr.yaml\n  workbench init --network my_net.yaml",
		Args: wantArgs(0, 1, "one file or none"),
		RunE: func(c *cobra.Command, args []string) error {
			file, text, next := newStudy, studyfile.Beginning, "run %s --dry-run"
			switch chosen := c.Flags().Changed("strategy"); {
			case chosen && network:
				return usagef("--network writes a network, --strategy a study: leave one of them out")
			case network:
				file, text, next = newNetwork, studyfile.FirstNetwork(), "describe %s"
			case chosen:
				var err error
				if text, err = studyfile.First(strategyName); err != nil {
					return usagef("--strategy: %w%s", err, asFollower(strategyName))
				}
			}
			if len(args) > 0 {
				file = args[0]
			}
			return a.writeFirst(file, text, next)
		},
	}
	c.Flags().StringVar(&strategyName, "strategy", "", "a study of the training strategy `NAME` (workbench strategies)")
	c.Flags().BoolVar(&network, "network", false, "a network in place of a study")
	complete(c, "strategy", strategy.Names)
	return c
}

// asFollower says of what is no strategy that it is what may follow one, as fine-tuning follows a pretraining.
func asFollower(name string) string {
	for _, s := range strategy.Names() {
		method, err := strategy.Lookup(s)
		if err != nil {
			continue
		}
		then, has := option.Find(method.Options, "then")
		if has && slices.Contains(then.Choices, name) {
			return fmt.Sprintf("; %s follows a pretraining, as strategy.then=%s of %s and others: workbench init --strategy %s", name, name, s, s)
		}
	}
	return ""
}

// writeFirst writes a file to begin with. Next is the command that can be tried with it.
func (a *app) writeFirst(file string, text []byte, next string) error {
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
		return errors.Join(err, os.Remove(file)) // half a file is none
	}
	path := file
	if !studyfile.IsPath(file) {
		path = "./" + file
	}
	fmt.Fprintf(a.errors(), "%s is written; next: workbench "+next+"\n", file, path)
	return nil
}
