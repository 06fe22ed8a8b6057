package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"workbench/experiments"
	"workbench/experiments/studyfile"
)

type completer = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective)

// complete offers the values of a flag to the shell.
func complete(cmd *cobra.Command, flag string, values func() []string) {
	completeOf(cmd, flag, func([]string) []string { return values() })
}

// completeOf is complete for values that depend on the arguments.
func completeOf(cmd *cobra.Command, flag string, values func(args []string) []string) {
	err := cmd.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		return values(args), cobra.ShellCompDirectiveNoFileComp
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

// scalesOf are the sizes that the study has besides its own. Completion is silent.
func scalesOf(args []string) []string {
	if len(args) == 0 {
		return nil
	}
	scales, _ := studyfile.Scales(args[0])
	return scales
}

// studyArguments offers the studies that can be trained, shipped and recorded ones, and the files of the folder; behind
// a study its keys, and behind "key=" the values of the key where these are few.
func (a *app) studyArguments(_ *cobra.Command, args []string, part string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		offers := studyfile.Names()
		for _, recorded := range a.recordedStudies() {
			if !slices.Contains(offers, recorded) {
				offers = append(offers, recorded)
			}
		}
		return offers, cobra.ShellCompDirectiveDefault
	}
	study := experiments.DefaultStudy()
	if s, err := studyfile.Load(args[0], nil); err == nil { // completion is silent
		study = s
	}
	base := study.Base
	key, _, set := strings.Cut(part, "=")
	if strings.HasPrefix(part, "search.") && !set {
		return searchArguments(base), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	if set {
		var offers []string
		for _, value := range append(base.Values(strings.TrimPrefix(key, "search.")), valuesOf(study, key)...) {
			offers = append(offers, key+"="+value)
		}
		return offers, cobra.ShellCompDirectiveNoFileComp
	}
	var offers []string
	for _, k := range studyfile.Keys() {
		if k.IsTyped() {
			offers = append(offers, k.Name+"=\t"+k.Doc)
		}
	}
	for key, doc := range studyfile.PartKeys() {
		offers = append(offers, key+"=\t"+doc)
	}
	for _, f := range study.Factors {
		offers = append(offers, f.Name+"=\tlevels "+strings.Join(f.Labels(), ", "), "baseline."+f.Name+"=\tits level in the baseline")
	}
	for _, path := range base.PathsFor() {
		o, _ := base.Declaration(path)
		offers = append(offers, path+"=\t"+o.Doc)
	}
	return offers, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// searchArguments are what a search may vary, as overrides.
func searchArguments(base experiments.Config) []string {
	var offers []string
	for _, path := range base.PathsFor() {
		if o, _ := base.Declaration(path); experiments.Searchable(path) == nil {
			offers = append(offers, "search."+path+"=\t"+o.Doc)
		}
	}
	return offers
}

// valuesOf are the good values of a key that is no path: a choice of the study's, the labels of a factor.
func valuesOf(study experiments.Study, key string) []string {
	for _, k := range studyfile.Keys() {
		if k.Name == key {
			return k.Choices
		}
	}
	for _, f := range study.Factors {
		if f.Name == strings.TrimPrefix(key, "baseline.") {
			return f.Labels()
		}
	}
	return nil
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
		for _, v := range s.Versions {
			if len(s.Versions) > 1 {
				ids = append(ids, experiments.Version(s.Study.Name, v.Number)+"\t"+v.Label)
			}
		}
	}
	return ids
}
