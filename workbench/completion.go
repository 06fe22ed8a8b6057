package main

import (
	"context"

	"github.com/spf13/cobra"

	"workbench/experiments"
	"workbench/experiments/studyfile"
)

type completer = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective)

// complete offers the values of a flag to the shell.
func complete(cmd *cobra.Command, flag string, values func() []string) {
	err := cmd.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return values(), cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // the command lacks the flag it has just been given, or registers it twice
	}
}

// names offers a list for every argument.
func names(list func() []string) completer {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return list(), cobra.ShellCompDirectiveNoFileComp
	}
}

// studyArguments offers the studies that can be trained, then the files of the folder.
func studyArguments(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return studyfile.Names(), cobra.ShellCompDirectiveDefault
}

// recordedRuns offers what `show` and `compare` take. A database that cannot be read offers nothing: completion is
// silent.
func (a *app) recordedRuns() []string {
	db, err := a.read()
	if err != nil {
		return nil
	}
	defer db.Close()
	runs, err := db.Runs(context.Background(), experiments.RunFilter{})
	if err != nil {
		return nil
	}
	ids := []string{"latest"}
	for _, r := range runs {
		ids = append(ids, r.ID+"\t"+r.Study+" "+r.Cell)
	}
	return ids
}

// recordedStudies are the studies in the database.
func (a *app) recordedStudies() []string {
	db, err := a.read()
	if err != nil {
		return nil
	}
	defer db.Close()
	studies, err := db.Studies(context.Background())
	if err != nil {
		return nil
	}
	var ids []string
	for _, s := range studies {
		ids = append(ids, s.Study.Name)
	}
	return ids
}
