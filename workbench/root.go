package main

import (
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"workbench/nn/nearest"
)

const about = `Workbench trains studies of convolutional networks, records every run in one file, and says
which variant is better, by how much, and how sure that is.

Begin with
  workbench demo                      train a small study, read its table, see its curves
  workbench run quickstart --dry-run  what a study would train, and what it costs
  workbench studies                   the studies that ship with the program`

const notes = `
Environment: WORKBENCH_DB, WORKBENCH_DATA and WORKBENCH_ADDR are the defaults of --db, --data and --addr;
WORKBENCH_RULES names a file of rules for algorithms (workbench bench --tune writes one) in place of the built-in ones;
NO_COLOR turns colours off.
Exit status: 0 done; 1 it failed, or a run did, or diverged, or standard output could not be written; 2 the command line or the
study is wrong; 3 a claim that was judged fails; 4 none fails, and one is undecided; 5 another process is writing the database;
130 stopped by Ctrl-C, SIGTERM or SIGHUP, checkpoints written; 141 the reader of standard output has gone.
`

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:               "workbench",
		Short:             "Train and compare convolutional networks",
		Long:              about,
		Args:              usage(cobra.NoArgs),
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: false},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if a.version {
				return a.showVersions()
			}
			return cmd.Help()
		},
		PersistentPreRun: func(*cobra.Command, []string) {
			if a.verbose {
				a.startLog(slog.LevelDebug)
			}
		},
	}
	root.SetOut(a.out)
	root.SetErr(a.errors())
	root.SetHelpTemplate(root.HelpTemplate() + "{{if not .HasParent}}" + notes + "{{end}}")
	root.SetFlagErrorFunc(flagError)
	flags := root.PersistentFlags()
	flags.StringVar(&a.db, "db", setting("WORKBENCH_DB", defaultDB), "the database `FILE`")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "say more")
	root.Flags().BoolVar(&a.version, "version", false, "show versions, as workbench version does")
	root.AddCommand(
		a.runCommand(), a.runsCommand(), a.showCommand(), a.compareCommand(), a.ablateCommand(), a.powerCommand(), a.reportCommand(),
		a.lrFindCommand(), a.tuneCommand(), a.labelIssuesCommand(), a.reproduceCommand(), a.whenceCommand(), a.bisectCommand(),
		a.diagnoseCommand(), a.archiveCommand(), a.mergeCommand(),
		a.initCommand(), a.studiesCommand(), a.optionsCommand(), a.strategiesCommand(),
		a.modelsCommand(), a.describeCommand(), a.dataCommand(), a.exportCommand(), a.importCommand(), a.evaluateCommand(), a.predictCommand(),
		a.serveCommand(), a.demoCommand(), a.healthCommand(), a.doctorCommand(), a.versionCommand(), a.childCommand(),
		a.benchCommand(), a.benchChildCommand(),
	)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	visit(root, func(c *cobra.Command) {
		switch {
		case c.HasSubCommands() && c.HasParent() && !c.Runnable():
			c.Args, c.RunE = usage(unknownSubcommand), func(c *cobra.Command, _ []string) error { return c.Help() }
		case c.Name() == "help":
			c.Args = usage(unknownTopic)
		case c.HasParent() && c.Parent().Name() == "completion":
			c.Args = usage(c.Args)
		}
	})
	root.Args = usage(unknownSubcommand)
	return root
}

func visit(c *cobra.Command, f func(*cobra.Command)) {
	f(c)
	for _, sub := range c.Commands() {
		visit(sub, f)
	}
}

// usage makes the errors of an argument check mistakes on the command line, and shows how the command is called.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usagef("%w\nusage: %s", err, cmd.UseLine())
		}
		return nil
	}
}

func unknownSubcommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return usagef("%s has no command %q%s", cmd.CommandPath(), args[0], nearest.Hint(args[0], names))
}

// unknownTopic refuses words behind help that are no command.
func unknownTopic(help *cobra.Command, args []string) error {
	topic, rest, err := help.Root().Find(args)
	if err != nil || len(rest) == 0 || !topic.HasSubCommands() {
		return err
	}
	return unknownSubcommand(topic, rest)
}

// wantArgs checks the number of arguments and says what they are. Most below zero: any number.
func wantArgs(least, most int, what string) cobra.PositionalArgs {
	return usage(func(_ *cobra.Command, args []string) error {
		if len(args) < least || most >= 0 && len(args) > most {
			return usagef("want %s, got %d argument%s", what, len(args), plural(len(args)))
		}
		return nil
	})
}

// dashes finds the flag in pflag's messages.
var unknownFlag = regexp.MustCompile(`^unknown (?:shorthand )?flag: (?:'(.)' in )?-{0,2}(\S+)`)

// flagError adds the nearest flags to the error of an unknown one, which cobra does only for commands.
func flagError(cmd *cobra.Command, err error) error {
	var bad *pflag.InvalidValueError
	if errors.As(err, &bad) {
		if message, known := badValue(bad); known {
			return usagef("%s\nsee: %s --help", message, cmd.CommandPath())
		}
	}
	found := unknownFlag.FindStringSubmatch(err.Error())
	if found == nil || found[1] != "" {
		return usagef("%w\nsee: %s --help", err, cmd.CommandPath())
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, "--"+f.Name)
		}
	})
	slices.Sort(names)
	given := strings.TrimLeft(found[2], "-")
	hint := nearest.Hint("--"+given, names)
	// Other programs take their configuration as flags: --optim.lr=0.1, --epochs 5.
	if strings.Contains(cmd.Use, "=VALUE") && len(nearest.Names("--"+given, names)) == 0 {
		hint = fmt.Sprintf(": a setting has no dashes, %s=VALUE; flags are%s", given, strings.TrimPrefix(hint, ": want one of"))
	}
	return usagef("unknown flag --%s%s", given, hint)
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}
