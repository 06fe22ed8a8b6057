package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"workbench/experiments"
	"workbench/experiments/strategy"
	"workbench/experiments/studyfile"
	"workbench/nn/option"
)

func (a *app) optionsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "options [SECTION [NAME]]",
		Short: "Explain the keys of a study: its own, sections of its base, what they name, settings with defaults",
		Example: "  workbench options\n  workbench options study\n  workbench options optim\n" +
			"  workbench options schedule one_cycle\n  workbench options model vgg16",
		Args: wantArgs(0, 2, "a section such as optim, and perhaps a name in it such as adam"),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return optionArguments(args), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.showSections()
			}
			if args[0] == "" {
				return usagef("want a section, got an empty name; workbench options lists them")
			}
			if l, is := studyListings()[args[0]]; is {
				if len(args) > 1 {
					return usagef("%s names nothing, got %q", args[0], args[1])
				}
				return a.show(document{listings: []listing{l}})
			}
			if slices.ContainsFunc(studyfile.Keys(), func(k studyfile.Key) bool { return k.Name == args[0] }) {
				return usagef("%q is no section, it is found by: options study", args[0])
			}
			if len(args) == 1 {
				if d, is := explained(args[0]); is {
					return a.show(d)
				}
			}
			return a.showOptions(args[0], strings.Join(args[1:], ""))
		},
	}
	a.formatFlag(cmd)
	return cmd
}

// explained are the keys of phases, or one that belongs to no section.
func explained(name string) (document, bool) {
	if name == "phases" {
		return document{listings: phaseListings(),
			remarks: []string{"a phase has what the study says but for these; the main phase has the study's own keys"}}, true
	}
	keys, err := experiments.Keys("", "")
	i := slices.IndexFunc(keys, func(k experiments.Key) bool { return k.Path == name })
	if err != nil || i < 0 {
		return document{}, false
	}
	d := document{listings: []listing{keyListing("Key of no section", keys[i:i+1], false)}}
	if name == "until" {
		d.remarks = ends()
	}
	return d, true
}

// ends say with which phases runs of strategies may end, those alike in one line.
func ends() []string {
	var order []string
	alike := map[string][]string{}
	for _, s := range strategies() {
		if len(s.Later) == 0 {
			continue
		}
		text := fmt.Sprintf("may end with %s, without what follows of %s", strings.Join(s.Ends(), " or "), strings.Join(s.Later, ", "))
		if alike[text] == nil {
			order = append(order, text)
		}
		alike[text] = append(alike[text], s.Name)
	}
	var all []string
	for _, text := range order {
		all = append(all, strings.Join(alike[text], ", ")+" "+text)
	}
	return all
}

// strategies are all of the registry.
func strategies() []strategy.Strategy {
	var all []strategy.Strategy
	for _, name := range strategy.Names() {
		if s, err := strategy.Lookup(name); err == nil { // the name is from the registry
			all = append(all, s)
		}
	}
	return all
}

// phaseListings has the keys of every later phase; strategies whose phases are the same share one.
func phaseListings() []listing {
	var all []listing
	for _, s := range strategies() {
		for _, phase := range s.Later {
			l := keyListing(fmt.Sprintf("Phase %s of %s", phase, s.Name), experiments.PhaseKeys(s, phase), false)
			same := slices.IndexFunc(all, func(o listing) bool { return reflect.DeepEqual(o.rows, l.rows) })
			if l.key = phase; same >= 0 {
				all[same].title += ", " + s.Name
			} else {
				all = append(all, l)
			}
		}
	}
	return all
}

// optionArguments offers sections, then what the section can name.
func optionArguments(args []string) []string {
	var offers []string
	for name, l := range studyListings() {
		if len(args) == 0 {
			offers = append(offers, name+"\t"+l.title)
		}
	}
	slices.Sort(offers)
	for _, s := range experiments.Sections() {
		switch {
		case len(args) == 0 && s.Name != "":
			offers = append(offers, s.Name+"\t"+s.Doc)
		case len(args) == 1 && args[0] == s.Name:
			offers = s.Names
		}
	}
	return offers
}

// mostNames is how many names a table lists; networks are more.
const mostNames = 12

// showSections lists the sections, and the keys that belong to none.
func (a *app) showSections() error {
	sections := listing{key: "sections", title: "Sections of base", columns: []column{{"section", "section", false},
		{"doc", "what it is for", false},
		{"names", "what it can name", false}}}
	for _, s := range experiments.Sections() {
		if s.Name == "" {
			continue
		}
		names := cell{s.Names, strings.Join(s.Names, ", ")}
		switch {
		case s.Names == nil:
			names = cell{[]string{}, "its keys turn it on"}
		case len(s.Names) > mostNames:
			names.text = strings.Join(s.Names[:3], ", ") + ", … (workbench models lists all)"
		}
		sections.rows = append(sections.rows, []cell{text(s.Name), text(s.Doc), names})
	}
	keys, err := experiments.Keys("", "")
	if err != nil {
		return err
	}
	own := studyListings()
	return a.show(document{listings: []listing{own["study"], own["factors"], sections, keyListing("Keys of no section", keys, false)},
		remarks: []string{"workbench options SECTION lists what it names and its keys; " +
			"a study sets them below base:, an override as path=value; workbench init writes a study to begin with"}})
}

// studyListings are the keys of a study that are no paths of its configuration, by the name under which they are shown.
func studyListings() map[string]listing {
	table := func(key, title string, keys []studyfile.Key) listing {
		l := listing{key: key, title: title, columns: []column{{"key", "key", false}, {"default", "default", false},
			{"wanted", "wanted", false}, {"doc", "what it does", false}}}
		for _, k := range keys {
			l.rows = append(l.rows, []cell{text(k.Name), text(k.Default), text(k.Wanted), text(k.Doc)})
		}
		return l
	}
	return map[string]listing{
		"study":   table("study", "Keys of a study", append(studyfile.Keys(), studyfile.AnchorKey())),
		"factors": table("factors", "Keys of a factor", studyfile.FactorKeys()),
	}
}

// showOptions lists what a section names and its keys, or the keys of one name.
func (a *app) showOptions(section, name string) error {
	keys, err := experiments.Keys(section, name)
	if err != nil {
		return usagef("%w", err)
	}
	var listings []listing
	for _, s := range experiments.Sections() {
		if s.Name == section && name == "" && len(s.Names) > 0 {
			listings = append(listings, nameListing(s))
		}
	}
	var remarks []string
	if len(keys) == 0 && name == "" {
		remarks = append(remarks, "the keys depend on the name: workbench options "+section+" NAME")
	} else {
		listings = append(listings, keyListing("Keys", keys, name == ""))
	}
	if section == "strategy" && name != "" {
		if s, err := strategy.Lookup(name); err == nil {
			remarks = append(remarks, "train/loss is "+s.Loss)
		}
	}
	return a.show(document{listings: listings, remarks: remarks})
}

func nameListing(s experiments.Section) listing {
	l := listing{key: "names", columns: []column{{"name", s.Noun, false}, {"doc", "what it is", false}}}
	for _, name := range s.Names {
		l.rows = append(l.rows, []cell{text(name), text(experiments.Doing(s.Name, name))})
	}
	return l
}

// keyListing has a row a key; users says whether the names that use a key are a column.
func keyListing(title string, keys []experiments.Key, users bool) listing {
	l := listing{key: "keys", title: title, columns: []column{{"path", "path", false}, {"default", "default", true},
		{"wanted", "wanted", false}}}
	if users {
		l.columns = append(l.columns, column{"used_by", "only of", false})
	}
	l.columns = append(l.columns, column{"doc", "what it does", false})
	for _, k := range keys {
		row := []cell{text(k.Path), defaultOf(k), text(wantedOf(k.Option))}
		if users {
			row = append(row, cell{k.Users, strings.Join(k.Users, ", ")})
		}
		l.rows = append(l.rows, append(row, text(k.Option.Doc)))
	}
	return l
}

// wantedOf says which values are good, and where zero is none: it stands for the default there.
func wantedOf(o option.Option) string {
	if o.ZeroIsDefault && !o.Required && !option.IsZero(o.Default) {
		return o.Wanted() + "; 0: the default"
	}
	return o.Wanted()
}

// defaultOf is what holds where a study says nothing.
func defaultOf(k experiments.Key) cell {
	o := k.Option
	switch {
	case k.Varies:
		return cell{nil, "by name"}
	case o.Required:
		return cell{nil, "must be set"}
	case option.IsZero(o.Default) && o.Fields != nil:
		return cell{[]any{}, "none"}
	}
	return cell{o.Default, option.Label(o.Default)}
}
