package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"workbench/experiments/data"
	"workbench/experiments/data/corrupt"
	"workbench/experiments/evaluate"
	"workbench/experiments/start"
	"workbench/nn/nearest"
	"workbench/nn/weights"
	"workbench/nn/zoo"
)

// evaluation is what `evaluate` was asked.
type evaluation struct {
	subjects  []string // runs and files
	overrides []string

	model, dataset, split, weights string
	with                           []string
	read                           weights.Options // how files are read
	html, place                    string          // of the page
	batch, threads                 int
	ensemble, latency, force       bool
	views                          string // how every image is seen several times; "": as it is
	crop                           int    // side of views that are crops; 0: usual
	corruption                     []string
	uses                           []corrupt.Use // what that means
	predictions                    string
	quiet                          bool
	told                           *passing // how far it is
}

// always are the evaluators that answer without being asked.
var always = []string{"classification", "confusion", "calibration"}

// splits of a set that can be evaluated.
var evaluable = []string{"test", "val", "train"}

func (a *app) evaluateCommand() *cobra.Command {
	var e evaluation
	cmd := &cobra.Command{
		Use: "evaluate RUN|FILE... [PATH=VALUE...]", Short: "Measure trained networks, and compare their answers image by image",
		Long: `Measure networks on labelled images. RUN is the beginning of a run's name, or latest; FILE is a file of weights
(safetensors, or PyTorch's .pt and .pth), for which --model and --dataset say what it is for unless the file does.
PATH=VALUE changes the network's or the set's settings, such as model.shortcut_zeros=around or dataset.normalisation=imagenet.

Of several networks, each is also compared with the first, image by image: how many images one alone gets right, McNemar's exact
test of that, and how far they fail on the same images. --ensemble measures all of them together, too, by the mean of their
probabilities.

--views shows every image several times: flip (and mirrored), five_crop, ten_crop (corners and middle, and mirrored), multi_scale
(sides of 7/8, 1 and 9/8). The network is built for the size of each, and its answers are the mean of their probabilities.

--corruption NAME[:STRENGTH] measures on spoilt images, too, as in CIFAR-10-C (Hendrycks and Dietterich 2019): noise, blur and
the like at strengths 1 to 5, or all of them. The mean is not divided by another network's errors. With --views, too, images are
spoilt first, and then seen in several ways.

--predictions FILE is a table in CSV of the answers to every image, without corruptions: a row for each network and image, with
` + aboutPredictions() + `
Tables of --format csv and json: results (default), corruptions, classes, confusion, reliability, versus.`,
		Example: `  workbench evaluate latest
  workbench evaluate 3f2a 91bc --ensemble
  workbench evaluate latest --with knn --with temperature --predictions answers.csv
  workbench evaluate latest --views ten_crop
  workbench evaluate latest --corruption all --format csv --table corruptions
  workbench evaluate resnet20.safetensors --model resnet20_cifar --dataset cifar10 dataset.normalisation=imagenet`,
		Args:              wantArgs(1, -1, "a run or a file of weights, and perhaps PATH=VALUE"),
		ValidArgsFunction: names(a.recordedRuns),
		RunE: func(cmd *cobra.Command, args []string) error {
			e.subjects, e.overrides = divided(args)
			if err := e.check(); err != nil {
				return err
			}
			return a.evaluate(cmd.Context(), e)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&e.model, "model", "", "the `NETWORK` of files (default: what a file says it is of)")
	flags.StringVar(&e.dataset, "dataset", "", "the data `SET` (default: the run's, or what a file says)")
	flags.StringVar(&e.split, "split", "test", "the `SPLIT` that is measured: "+strings.Join(evaluable, ", "))
	flags.StringVar(&e.weights, "weights", start.Evaluated,
		"of a run: evaluated: the moving average where it kept one; trained: what the optimizer moved")
	readFlags(cmd, &e.read)
	flags.StringSliceVar(&e.with, "with", nil, "a further `EVALUATOR`: "+strings.Join(further(), ", "))
	flags.IntVar(&e.batch, "batch", 100, "images at a time")
	flags.IntVar(&e.threads, "threads", 0, "threads (0: one a core)")
	flags.BoolVar(&e.ensemble, "ensemble", false, "measure all networks together, too")
	flags.BoolVar(&e.latency, "latency", false, "time single images, too")
	seeingFlags(cmd, &e)
	complete(cmd, "model", zoo.Names)
	complete(cmd, "dataset", data.Names)
	complete(cmd, "split", func() []string { return evaluable })
	complete(cmd, "weights", func() []string { return start.Kinds })
	complete(cmd, "with", further)
	a.dataFlag(cmd)
	a.formatFlag(cmd)
	return cmd
}

// further are the evaluators that answer when asked. What a pretraining compares is no part of a network, so nothing
// that reads embeddings is among them.
func further() []string {
	return slices.DeleteFunc(evaluate.Names(), func(name string) bool {
		about, err := evaluate.Lookup(name)
		return err != nil || slices.Contains(always, name) || about.Reads == evaluate.Embeddings || about.Reads == evaluate.Online
	})
}

// divided separates what is measured from PATH=VALUE. A file that is there may have an = in its name.
func divided(args []string) (subjects, overrides []string) {
	for _, arg := range args {
		if _, err := os.Stat(arg); err != nil && strings.Contains(arg, "=") {
			overrides = append(overrides, arg)
			continue
		}
		subjects = append(subjects, arg)
	}
	return subjects, overrides
}

const mostBatch, mostSubjects = 4096, 50

func (e *evaluation) check() error {
	switch most := mostPerCore * runtime.NumCPU(); {
	case len(e.subjects) == 0:
		return usagef("want a run (the beginning of its name, or latest) or a file of weights before PATH=VALUE")
	case len(e.subjects) > mostSubjects:
		return usagef("want at most %d networks at a time, got %d", mostSubjects, len(e.subjects))
	case !slices.Contains(evaluable, e.split):
		return usagef("unknown --split %q%s", e.split, nearest.Hint(e.split, evaluable))
	case !slices.Contains(start.Kinds, e.weights):
		return usagef("unknown --weights %q%s", e.weights, nearest.Hint(e.weights, start.Kinds))
	case e.batch < 1 || e.batch > mostBatch:
		return usagef("--batch: want a number from 1 to %d, got %d", mostBatch, e.batch)
	case e.threads < 0 || e.threads > most:
		return usagef("--threads: want a number from 0 to %d, got %d", most, e.threads)
	case namesStandardOutput(e.predictions):
		return usagef("--predictions: want a file, the results go to standard output; got %q", e.predictions)
	case namesStandardOutput(e.html):
		return usagef("--html: want a file, the results go to standard output; got %q", e.html)
	case e.html != "" && (len(e.subjects) != 1 || e.views != ""):
		return usagef("--html shows what one network sees of images as they are: want one network, and no --views")
	case e.html != "" && e.html == e.predictions:
		return usagef("--html and --predictions are both %q: want two files", e.html)
	case e.place != "" && e.html == "":
		return usagef("--place says where --html looks; want both")
	case e.ensemble && len(e.subjects) < 2:
		return usagef("--ensemble puts several networks together, got one")
	}
	if err := e.checkViews(); err != nil {
		return err
	}
	if err := e.checkCorruptions(); err != nil {
		return err
	}
	for _, name := range e.with {
		if !slices.Contains(further(), name) {
			return usagef("--with: unknown evaluator %q%s", name, nearest.Hint(name, further()))
		}
	}
	if e.threads == 0 {
		e.threads = runtime.NumCPU()
	}
	for _, o := range e.overrides {
		top, _, _ := strings.Cut(o, ".")
		if !slices.Contains([]string{"model", "dataset"}, top) && !strings.HasPrefix(o, "precision=") && !strings.HasPrefix(o, "algorithms=") {
			return usagef("%s: an evaluation has settings model.…, dataset.…, precision and algorithms", o)
		}
	}
	return nil
}

func (a *app) evaluate(ctx context.Context, e evaluation) error {
	e.told = a.passing(e.quiet)
	for _, file := range []string{e.predictions, e.html} { // before the work
		if file == "" {
			continue
		}
		if err := a.vacant(file, e.force); err != nil {
			return err
		}
	}
	var found []examined
	defer func() {
		for _, m := range found {
			m.close()
		}
	}()
	for _, name := range e.subjects {
		m, err := a.open(ctx, e, name)
		found = append(found, m) // with what it holds already, where the rest cannot be opened
		if err != nil {
			return err
		}
		if err := found[len(found)-1].measure(ctx, e); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	looked, err := a.look(ctx, e, found)
	if err != nil {
		return err
	}
	rows := found
	if e.ensemble {
		whole, err := e.together(ctx, found)
		if err != nil {
			return err
		}
		rows = append(slices.Clone(found), whole)
	}
	d, err := e.document(rows, a.people())
	if err != nil {
		return err
	}
	d.remarks = append(d.remarks, looked...)
	if e.predictions != "" {
		if err := writePredictions(ctx, e.predictions, rows, e.split); err != nil {
			return err
		}
	}
	if e.html != "" {
		if err := found[0].writeAnswers(ctx, e); err != nil {
			return err
		}
	}
	return a.show(d)
}
