package main

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"maps"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"workbench/experiments/data"
	"workbench/experiments/data/sheet"
	"workbench/experiments/train"
)

// showOptions is what the command data show is asked for.
type showOptions struct {
	out      string
	page     string
	split    string
	augment  []string
	study    string
	seed     uint64
	perClass int
	draws    int
	force    bool
}

const usualDraws = 5

func (a *app) dataShowCommand() *cobra.Command {
	var o showOptions
	cmd := &cobra.Command{
		Use: "show DATASET [OPTION=VALUE...]", Short: "Write some images of each class to a PNG or a page, as a training sees them",
		Long: `Write some images of each class to a PNG, or with --html to a page for browsers that needs no other file: a line for each
class, or with --augment or --study a line for each image, the original on the left, then what a training with the seed sees of it,
one epoch after another. A strategy with two views shows both of each epoch. Classes are those of the labels that the training gets;
the printed table names them, and the true classes where these are others.`,
		Example: `  workbench data show cifar10 --data ~/datasets
  workbench data show cifar10 labels=worse --out worse.png
  workbench data show shapes --augment pad=4 --augment flip=true --draws 8
  workbench data show shapes --study study.yaml --html shapes.html`,
		Args: wantArgs(1, -1, "a data set (workbench data list) and perhaps OPTION=VALUE"), ValidArgsFunction: dataSets,
		RunE: func(cmd *cobra.Command, args []string) error {
			sets, err := chosenSets(args)
			if err != nil {
				return err
			}
			if len(sets) > 1 {
				return usagef("want one data set, got %s and %s", sets[0].name, sets[1].name)
			}
			if err := o.check(cmd, sets[0].name); err != nil {
				return err
			}
			for _, file := range []string{o.out, o.page} {
				if file == "" {
					continue
				}
				if err := a.vacant(file, o.force); err != nil {
					return err
				}
			}
			return a.showImages(cmd, sets[0], o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.out, "out", "", "the PNG `FILE` to write (default: DATASET-SPLIT.png, or none with --html)")
	f.StringVar(&o.page, "html", "", "write a page to this `FILE`: the images, those of each class counted, mean and deviation")
	f.StringVar(&o.split, "split", "train", "train, test, val or unlabeled")
	f.StringArrayVar(&o.augment, "augment", nil, "a `KEY=VALUE` of a study's section augment; it may be repeated")
	f.StringVar(&o.study, "study", "", "a `STUDY`: show what the first phase of its baseline reads")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the draws (with --study by default the study's first)")
	f.IntVar(&o.perClass, "per-class", 0, "images of each class (default: 8, or 1 with draws)")
	f.IntVar(&o.draws, "draws", 0, "epochs of which each image is shown, with --augment or --study (default: 5)")
	f.BoolVarP(&o.force, "force", "f", false, "replace a file that is there")
	a.formatFlag(cmd)
	a.dataFlag(cmd)
	complete(cmd, "split", func() []string {
		return []string{data.Train.String(), data.Test.String(), data.Val.String(), data.Unlabeled.String()}
	})
	return cmd
}

// check finds flags that say nothing sensible or do not go together, and gives the others their values.
func (o *showOptions) check(cmd *cobra.Command, name string) error {
	f := cmd.Flags()
	split, err := data.ParseSplit(o.split)
	drawn := len(o.augment) > 0 || o.study != ""
	switch {
	case err != nil:
		return usagef("--split: %w", err)
	case o.study != "" && f.Changed("split"):
		return usagef("--split does not go with --study: the study says what is read")
	case f.Changed("draws") && !drawn:
		return usagef("--draws needs --augment or --study: images as they are look the same in every epoch")
	case f.Changed("draws") && o.draws < 1:
		return usagef("--draws: want a number of at least 1, got %d", o.draws)
	case f.Changed("per-class") && o.perClass < 1:
		return usagef("--per-class: want a number of at least 1, got %d", o.perClass)
	case drawn && o.draws == 0:
		o.draws = usualDraws
	}
	if o.perClass == 0 {
		o.perClass = 8
		if drawn {
			o.perClass = 1
		}
	}
	switch {
	case o.page != "" && o.page == o.out:
		return usagef("--html and --out: want two files, got %s for both", o.out)
	case namesStandardOutput(o.page):
		return usagef("--html: want a file, the table goes to standard output; got %q", o.page)
	case o.out == "" && o.page == "":
		o.out = name + "-" + split.String() + ".png"
	}
	return nil
}

func (a *app) showImages(cmd *cobra.Command, c chosenSet, o showOptions) error {
	ctx := cmd.Context()
	augment := map[string]any{}
	for _, arg := range o.augment {
		if err := set(augment, arg, "augment."); err != nil {
			return usageError{fmt.Errorf("--augment: %w", err)}
		}
	}
	read := a.plainLoader
	if o.study != "" {
		read = a.studyLoader
		if !cmd.Flags().Changed("seed") {
			o.seed = 0
		}
	}
	loader, remarks, err := read(ctx, c, o, augment)
	if err != nil {
		return err
	}
	for _, v := range loader.Views {
		if _, err := v.Classes(loader.Part.Set.Info()); err != nil {
			return usageError{err}
		}
	}
	img, rows, err := sheet.Draw(ctx, sheet.Plan{Loader: loader, PerClass: o.perClass, Draws: o.draws})
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := png.Encode(&text, img); err != nil {
		return err
	}
	if more := len(loader.Part.Set.Info().Classes) - len(rows); more > 0 && len(rows) >= sheet.MostClasses {
		remarks = append(remarks, fmt.Sprintf("the first %d classes are shown, %d are left out", len(rows), more))
	}
	table := sheetRows(loader.Part.Set.Info(), rows)
	if o.page != "" {
		page := sheetPage{Remarks: remarks, Width: img.Bounds().Dx(), Image: pictured(text.Bytes())}
		if err := writeSheetPage(ctx, o.page, loader.Part.Set, page, table); err != nil {
			return err
		}
		remarks = append(remarks, "written to "+o.page)
	}
	if o.out != "" {
		if err := os.WriteFile(o.out, text.Bytes(), 0o644); err != nil {
			return err
		}
		remarks = append(remarks, fmt.Sprintf("written to %s, %d × %d pixels", o.out, img.Bounds().Dx(), img.Bounds().Dy()))
	}
	return a.show(document{listings: []listing{table}, remarks: remarks})
}

// plainLoader reads a split of a set, augmented as the command line says.
func (a *app) plainLoader(ctx context.Context, c chosenSet, o showOptions, augment map[string]any) (data.Loader, []string, error) {
	set, err := c.open(ctx, a.data)
	if err != nil {
		return data.Loader{}, nil, err
	}
	split, err := data.ParseSplit(o.split)
	if err != nil {
		return data.Loader{}, nil, err
	}
	part := data.Part{Set: set, Split: split}
	if split == data.Train || split == data.Val {
		training, held, err := data.Choose(set, c.given, o.seed)
		if err != nil {
			return data.Loader{}, nil, usageError{err}
		}
		if part = training; split == data.Val {
			part = held
		}
	}
	return data.Loader{Part: part, Seed: o.seed, Views: []data.View{{Augment: augment}}}, nil, nil
}

// studyLoader reads what the first stream of the first phase of a study's baseline reads.
func (a *app) studyLoader(ctx context.Context, c chosenSet, o showOptions, augment map[string]any) (data.Loader, []string, error) {
	none := data.Loader{}
	study, err := a.load(ctx, o.study, nil, "")
	if err != nil {
		return none, nil, err
	}
	cell, err := study.BaselineCell()
	if err != nil {
		return none, nil, usageError{study.Locate(err)}
	}
	config, err := cell.Config.Resolved()
	if err != nil {
		return none, nil, usageError{study.Locate(err)}
	}
	if config.Dataset.Name != c.name {
		return none, nil, usagef("the baseline of %s reads %s, not %s", o.study, config.Dataset.Name, c.name)
	}
	config = config.Clone()
	config.Dataset.Options = changed(config.Dataset.Options, c.given)
	config.Augment = changed(config.Augment, augment)
	if o.seed == 0 && len(study.Seeds) > 0 {
		o.seed = study.Seeds[0]
	}
	opened, err := data.Open(ctx, c.name, a.data, config.Dataset.Options)
	if err != nil {
		return none, nil, err
	}
	streams, err := train.Streams(config, opened, o.seed)
	if err != nil {
		return none, nil, usageError{study.Locate(err)}
	}
	first := streams[0]
	what := fmt.Sprintf("what cell %s of %s reads with seed %d", cell.Key, study.Name, o.seed)
	if first.Phase != "" {
		what += ", phase " + first.Phase
	}
	if first.Name != "" {
		what += ", stream " + first.Name
	}
	return first.Loader, []string{what}, nil
}

// changed are settings with others in place of theirs.
func changed(settings, others map[string]any) map[string]any {
	all := map[string]any{}
	maps.Copy(all, settings)
	maps.Copy(all, others)
	return all
}

// sheetRows names the classes of a sheet from the top, and the images from the left (or, with draws, from the top).
func sheetRows(info data.Info, rows []sheet.Row) listing {
	l := listing{key: "rows", columns: []column{{"row", "row", true}, {"class", "class", false}, {"images", "images", false}}}
	name := func(label int) string {
		if label < 0 {
			return "no label"
		}
		return info.Classes[label]
	}
	for k, r := range rows {
		var samples []int
		var texts []string
		for _, shown := range r.Images {
			samples = append(samples, shown.Sample)
			t := strconv.Itoa(shown.Sample)
			if shown.True != r.Class {
				t += " (in truth " + name(shown.True) + ")"
			}
			texts = append(texts, t)
		}
		class := cell{nil, name(r.Class)}
		if r.Class >= 0 {
			class.value = info.Classes[r.Class]
		}
		l.rows = append(l.rows, []cell{counted(int64(k + 1)), class, {samples, strings.Join(texts, ", ")}})
	}
	return l
}
