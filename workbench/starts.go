package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
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
// Beside is the folder of the study's file, "" if it has none.
func (a *app) starts(ctx context.Context, beside string) func(start.Start) (start.Start, error) {
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
			return s, misplaced(err, s.File, beside)
		}
		defer f.Close()
		s.Digest, err = f.SHA256()
		digests[s.File] = s.Digest
		return s, err
	}
}

// misplaced adds to the error of a file that is not there that one of its name is where the study's file is.
func misplaced(err error, file, beside string) error {
	if !errors.Is(err, fs.ErrNotExist) || filepath.IsAbs(file) {
		return err
	}
	where := filepath.Join(beside, file)
	if about, missing := os.Stat(where); beside == "" || missing != nil || about.IsDir() {
		return fmt.Errorf("%s (the path is relative to the folder in which the program is run)", plainly(err))
	}
	return fmt.Errorf("%s; %s is there: start.from is relative to the folder in which the program is run, not to the study's file",
		plainly(err), where)
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
		fmt.Fprintf(a.errors(), "%s, for %s:\n", from.From(), c.Network())
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

// elsewhere says that a network was trained on another set than the one that it answers on; "" where it was not, or
// that is not known. Names of classes decide: networks know classes by their numbers only.
func (a *app) elsewhere(ctx context.Context, learnt experiments.Choice, set data.Set, on experiments.Choice) string {
	of := func(c experiments.Choice) string {
		declared := []option.Option{{Name: "classes", Default: ""}, {Name: "path", Default: ""}, {Name: "division", Default: ""},
			{Name: "labels", Default: ""}}
		return fmt.Sprint(c.Name, option.Complete(declared, c.Options))
	}
	if learnt.Name == "" || of(learnt) == of(on) {
		return ""
	}
	said := fmt.Sprintf("was trained on %s, and answers here on %s", setName(learnt), setName(on))
	trained, err := data.Open(ctx, learnt.Name, a.data, learnt.Options)
	if err != nil {
		return said + ": its answers are the classes of the former, by number, whatever these are called"
	}
	was, is := trained.Info().Classes, set.Info().Classes
	for i := range min(len(was), len(is)) {
		if was[i] != is[i] {
			return fmt.Sprintf("%s, which has other classes: what it learnt as %q counts as %q, the class of that number, and so on", said,
				was[i], is[i])
		}
	}
	if setName(learnt) == setName(on) {
		return "" // the same images, with labels that were changed
	}
	return said + ", which has the same classes"
}

// setName is how people call a set: its name, and the folder of one that is a folder.
func setName(c experiments.Choice) string {
	if path, is := c.Options["path"].(string); is && path != "" {
		return c.Name + " " + path
	}
	return c.Name
}

// openStart opens a file, or the last weights of a run, and tells on which set they were trained, if that is known.
func (a *app) openStart(ctx context.Context, from start.Start) (f *weights.File, learnt experiments.Choice, err error) {
	if from.Run == "" {
		if f, err = train.OpenStart(from); err != nil {
			return nil, learnt, err
		}
		return f, learntBy(f), nil
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

// learntBy is the set that weights in a file were trained on, as it notes; without a name if it does not.
func learntBy(f *weights.File) (learnt experiments.Choice) {
	learnt.Name = f.Metadata[metadataSet]
	if noted := f.Metadata[metadataSetOptions]; noted != "" && json.Unmarshal([]byte(noted), &learnt.Options) != nil {
		learnt.Name = "" // another program's note
	}
	return learnt
}

// suspectStarts tries files of weights that runs begin with on clean training images of the sets that they are trained
// on, each once, and warns where the statistics are not those that the weights come with. Images of another kind are a
// reason, too. It returns what it warned of as facts of the runs.
func (a *app) suspectStarts(ctx context.Context, w worklist, runs []experiments.Run, threads int) (map[string]map[string]string, error) {
	facts := map[string]map[string]string{}
	if a.suspected == nil {
		a.suspected = map[string][]string{}
	}
	for _, r := range runs {
		from, c := start.Of(r.Config.Start), r.Config
		if from.File == "" {
			continue
		}
		key := fmt.Sprint(c.Start, c.Model, c.Dataset)
		said, known := a.suspected[key]
		if !known {
			var err error
			if said, err = a.suspectStart(ctx, w, r, threads); err != nil {
				return nil, err
			}
			a.suspected[key] = said
		}
		if len(said) > 0 {
			facts[r.ID] = map[string]string{experiments.StartFact: strings.Join(said, "; ")}
		}
	}
	return facts, nil
}

// suspectStart tries the file that one run begins with.
func (a *app) suspectStart(ctx context.Context, w worklist, r experiments.Run, threads int) ([]string, error) {
	from, c := start.Of(r.Config.Start), r.Config
	set, err := w.sets.get(c.Dataset)
	if err != nil {
		return nil, err
	}
	clean, _, err := data.Choose(set, c.Dataset.Options, r.Seed)
	if err != nil {
		return nil, err
	}
	o := train.Opening{Config: c, Info: set.Info(), Classes: len(set.Info().Classes), Batch: statisticsBatch,
		Fill: func(params []*nn.Param, write func(string, []float32) error) error {
			return train.FillStart(from, c, set.Info(), params, write)
		}}
	shifts, err := train.Statistics(ctx, o, clean, statisticsImages, backend(threads))
	if gone(err, from) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from.From(), err)
	}
	all := train.Suspect(shifts)
	for _, said := range all {
		a.log.Warn(from.From() + ": " + said)
	}
	return all, nil
}

// statisticsBatch is how many images a batch has whose statistics are compared.
const statisticsBatch = 64
