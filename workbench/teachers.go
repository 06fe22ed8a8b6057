package main

import (
	"context"
	"fmt"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/escape"
	"workbench/experiments/start"
	"workbench/experiments/strategy"
	"workbench/experiments/studyfile"
	"workbench/experiments/train"
	"workbench/nn/zoo"
)

// pinned is the study with the digests of the files and the whole ids of the runs that it begins with and is taught by.
// Beside is the folder of the study's file, "" if it has none.
func (a *app) pinned(ctx context.Context, s experiments.Study, beside string) (experiments.Study, error) {
	resolve := a.starts(ctx, beside)
	s, err := s.Pin(resolve)
	if err != nil {
		return s, err
	}
	return s.PinTeachers(func(given map[string]any) (map[string]any, error) { return a.teacher(ctx, given, resolve) })
}

// teacher says for good what a strategy's options say of its teacher: of a file its digest, of a run its id, its
// network and how its pixels were normalised.
func (a *app) teacher(ctx context.Context, given map[string]any, resolve func(start.Start) (start.Start, error)) (map[string]any, error) {
	said, _ := strategy.TeacherOf(given)
	known, err := resolve(said.Start)
	if err == nil && said.Start.Digest != "" && said.Start.Digest != known.Digest {
		err = fmt.Errorf("%s has SHA-256 %s, strategy.%s says %s: it is another file", said.Start.File, known.Digest,
			strategy.TeacherDigestKey, said.Start.Digest)
	}
	if err != nil {
		return nil, err
	}
	set := map[string]any{strategy.TeacherKey: known.From(), strategy.TeacherDigestKey: known.Digest}
	if known.Run == "" {
		return set, nil
	}
	c, err := a.configOf(ctx, known.Run)
	if err != nil {
		return nil, err
	}
	if said.Model != "" && said.Model != c.Model.Name {
		return nil, fmt.Errorf("run %s trained %s, strategy.%s says %s", known.Run, c.Network(), strategy.TeacherModelKey, said.Model)
	}
	set[strategy.TeacherModelKey] = c.Model.Name
	if set[strategy.TeacherOptionsKey], err = changedOptions(c.Model); err != nil {
		return nil, err
	}
	if text, _ := given[strategy.TeacherNormalisationKey].(string); text == "" {
		learnt, err := data.Open(ctx, c.Dataset.Name, a.data, c.Dataset.Options)
		if err != nil {
			return nil, fmt.Errorf("run %s: how its pixels were normalised (strategy.%s) its data set says: %w", known.Run,
				strategy.TeacherNormalisationKey, err)
		}
		set[strategy.TeacherNormalisationKey] = learnt.Info().Statistics()
	}
	return set, nil
}

func (a *app) configOf(ctx context.Context, run string) (experiments.Config, error) {
	db, err := a.read()
	if err != nil {
		return experiments.Config{}, err
	}
	defer db.Close()
	return db.Config(ctx, run)
}

// changedOptions are the options of a network that are not at their defaults, as teacher_options has them.
func changedOptions(model experiments.Choice) (string, error) {
	v, err := zoo.Lookup(model.Name)
	if err != nil {
		return "", err
	}
	usual, err := v.Resolve(nil)
	if err != nil {
		return "", err
	}
	own, err := v.Resolve(model.Options)
	if err != nil {
		return "", err
	}
	changed := map[string]any{}
	for name, value := range own {
		if fmt.Sprint(value) != fmt.Sprint(usual[name]) {
			changed[name] = value
		}
	}
	return strategy.WrittenOptions(changed), nil
}

// teaches compares the weights of the teachers of a study with their networks, each pair once, before anything is
// trained. Without a problem it says what was found.
func (a *app) teaches(ctx context.Context, w worklist, study studyfile.Located) error {
	compared := map[string]bool{}
	for _, r := range w.runs {
		teacher, said := strategy.TeacherOf(r.Config.Strategy.Options)
		key := fmt.Sprint(teacher, r.Config.Model, r.Config.Dataset)
		if !said || compared[key] {
			continue
		}
		compared[key] = true
		set, err := w.sets.get(r.Config.Dataset)
		if err != nil {
			return err
		}
		from := teacher.Start.From()
		f, learnt, err := a.openStart(ctx, teacher.Start)
		if gone(err, teacher.Start) {
			a.log.Warn(from + " is not there: runs that continue do not need it, others will fail")
			continue
		}
		if err != nil {
			return err
		}
		report, err := train.CompareTeacher(f, r.Config, set.Info())
		f.Close()
		if err != nil {
			p := experiments.Problem{Path: "strategy." + strategy.TeacherKey, Message: fmt.Sprintf("cell %s: %s: %v", r.Cell, from, err)}
			return usageError{study.Locate(p)}
		}
		if otherClasses(learnt, r.Config.Dataset) {
			a.log.Warn(fmt.Sprintf("%s: it was trained for the classes of %s, and teaches those of %s", from, learnt.Name, r.Config.Dataset.Name))
		}
		fmt.Fprintf(a.errors(), "%s, which teaches:\n", from)
		for _, l := range report.Lines() {
			fmt.Fprintf(a.errors(), "  %s: %s\n", l.What, escape.Text(l.Text))
		}
	}
	return nil
}
