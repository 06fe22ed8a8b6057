package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/escape"
	"workbench/experiments/start"
	"workbench/experiments/studyfile"
	"workbench/experiments/train"
	"workbench/nn"
	"workbench/nn/glob"
	"workbench/nn/option"
	"workbench/nn/weights"
)

// starts finds out what the starts of a study are: the digest of a file, the whole id of a run that is done. Each is
// looked at once.
func (a *app) starts(ctx context.Context) func(start.Start) (start.Start, error) {
	digests := map[string]string{}
	return func(s start.Start) (start.Start, error) {
		if s.Run != "" {
			return a.startRun(ctx, s)
		}
		if known, ok := digests[s.File]; ok {
			s.Digest = known
			return s, nil
		}
		f, err := weights.Open(s.File)
		if gone(err, s) {
			return s, nil
		}
		if err != nil {
			return s, err
		}
		defer f.Close()
		s.Digest, err = f.SHA256()
		digests[s.File] = s.Digest
		return s, err
	}
}

// gone tells whether a file is not there whose digest is known, as a recorded study has it: runs that continue do not
// need the file, and one that must begin with it says that it is missing.
func gone(err error, s start.Start) bool { return errors.Is(err, fs.ErrNotExist) && s.Digest != "" }

func (a *app) startRun(ctx context.Context, s start.Start) (start.Start, error) {
	db, err := a.read()
	if err != nil {
		return s, err
	}
	defer db.Close()
	r, err := db.Run(ctx, s.Run)
	if err != nil {
		return s, err
	}
	if r.Status != experiments.Done {
		return s, fmt.Errorf("run %s is %s, want one that is done: its weights are still to come", r.ID, r.Status)
	}
	s.Run = r.ID
	return s, nil
}

// begins compares the weights that runs of a study begin with with their networks, each pair once, before anything is
// trained. Without a problem it says what was found.
func (a *app) begins(ctx context.Context, w worklist, study studyfile.Located) error {
	compared := map[string]bool{}
	for _, r := range w.runs {
		from, c := start.Of(r.Config.Start), r.Config
		key := fmt.Sprint(c.Start, c.Model, c.Dataset)
		if !from.Said() || compared[key] {
			continue
		}
		compared[key] = true
		set, err := w.sets.get(c.Dataset)
		if err != nil {
			return err
		}
		f, learnt, err := a.openStart(ctx, from)
		if gone(err, from) {
			a.log.Warn(from.From() + " is not there: runs that continue do not need it, others will fail")
			continue
		}
		if err != nil {
			return err
		}
		report, err := train.Compare(f, c, set.Info(), from)
		if closed := f.Close(); err == nil {
			err = closed
		}
		if err == nil {
			err = report.Err()
		}
		if err != nil {
			p := experiments.Problem{Path: "start.from", Message: fmt.Sprintf("cell %s: %s: %v", r.Cell, from.From(), err)}
			return usageError{study.Locate(p)}
		}
		if unknown := skipsNothing(from, report); unknown != "" {
			p := experiments.Problem{Path: "start.skip", Message: fmt.Sprintf("%s fits no parameter that the weights have", unknown)}
			return usageError{study.Locate(p)}
		}
		if classifier := report.Taken[len(report.Taken)-1].Param.Path; report.Verdict != weights.AllButHead && !from.Skips(classifier) &&
			otherClasses(learnt, c.Dataset) {
			layer := strings.TrimSuffix(classifier, path.Ext(classifier))
			a.log.Warn(fmt.Sprintf("%s: its classifier %s was trained for the classes of %s; start.skip=%s.** draws it anew", from.From(), layer,
				learnt.Name, layer))
		}
		fmt.Fprintf(a.errors(), "%s, for %s:\n", from.From(), c.Model.Name)
		for _, l := range report.Lines() {
			fmt.Fprintf(a.errors(), "  %s: %s\n", l.What, escape.Text(l.Text))
		}
	}
	return nil
}

// skipsNothing is the first pattern of what is to be drawn anew that fits nothing; "" if there is none.
func skipsNothing(from start.Start, report *weights.Report) string {
	for _, pattern := range from.Skip {
		taken := slices.ContainsFunc(report.Taken, func(t weights.Taken) bool { return glob.Match(pattern, t.Param.Path) })
		ofHead := slices.ContainsFunc(report.Head, func(said string) bool { // a path and what is the matter with it: drawn in any case
			path, _, _ := strings.Cut(said, " ")
			return glob.Match(pattern, path)
		})
		if !taken && !ofHead {
			return pattern
		}
	}
	return ""
}

// otherClasses tells whether weights were trained on a set of other classes, as far as that is known.
func otherClasses(learnt, set experiments.Choice) bool {
	if learnt.Name == "" {
		return false
	}
	told := func(c experiments.Choice) string {
		return fmt.Sprint(c.Name, option.Complete([]option.Option{{Name: "classes", Default: ""}, {Name: "path", Default: ""}}, c.Options))
	}
	return told(learnt) != told(set)
}

// openStart opens a file, or the last weights of a run, and tells on which set they were trained, if that is known.
func (a *app) openStart(ctx context.Context, from start.Start) (f *weights.File, learnt experiments.Choice, err error) {
	if from.Run == "" {
		if f, err = train.OpenStart(from); err != nil {
			return nil, learnt, err
		}
		learnt.Name = f.Metadata[metadataSet]
		if noted := f.Metadata[metadataSetOptions]; noted != "" && json.Unmarshal([]byte(noted), &learnt.Options) != nil {
			learnt.Name = "" // another program's note
		}
		return f, learnt, nil
	}
	db, err := a.read()
	if err != nil {
		return nil, learnt, err
	}
	defer db.Close()
	var run experiments.Beginning
	if run.Config, err = db.Config(ctx, from.Run); err == nil {
		run.Last, err = db.Restore(ctx, from.Run)
	}
	if err != nil {
		return nil, learnt, err
	}
	f, err = train.StartOfRun(run, from)
	return f, run.Config.Dataset, err
}

// suspectStarts tries files of weights on clean training images of the sets that they are trained on, each once, and
// warns where the statistics are not those that the weights come with. Images of another kind are a reason, too.
func (a *app) suspectStarts(ctx context.Context, w worklist, threads int) error {
	tried := map[string]bool{}
	for _, r := range w.runs {
		from, c := start.Of(r.Config.Start), r.Config
		key := fmt.Sprint(c.Start, c.Model, c.Dataset)
		if from.File == "" || tried[key] {
			continue
		}
		tried[key] = true
		set, err := w.sets.get(c.Dataset)
		if err != nil {
			return err
		}
		clean, _, err := data.Choose(set, c.Dataset.Options, r.Seed)
		if err != nil {
			return err
		}
		o := train.Opening{Config: c, Info: set.Info(), Classes: len(set.Info().Classes), Batch: statisticsBatch,
			Fill: func(params []*nn.Param, write func(string, []float32) error) error {
				return train.FillStart(from, c, set.Info(), params, write)
			}}
		shifts, err := train.Statistics(ctx, o, clean, statisticsImages, backend(threads))
		if gone(err, from) {
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", from.From(), err)
		}
		for _, said := range train.Suspect(shifts) {
			a.log.Warn(from.From() + ": " + said)
		}
	}
	return nil
}

// statisticsBatch is how many images a batch has whose statistics are compared.
const statisticsBatch = 64
