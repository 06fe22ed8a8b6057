package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"workbench/experiments"
	"workbench/experiments/search"
	"workbench/experiments/studyfile"
	"workbench/nn/nearest"
	"workbench/store"
)

// bisectOptions say between what, and where the path goes.
type bisectOptions struct {
	study, out, seeds string
	force             bool
}

func (a *app) bisectCommand() *cobra.Command {
	var o bisectOptions
	cmd := &cobra.Command{
		Use:   "bisect RUN RUN",
		Short: "Write a study that leads from one configuration to another, one change at a time",
		Long: `Write a study whose cells lead from the configuration of one run to that of another, or with --study from one cell to another
(named as ablate --format csv names them: "shortcut=none depth=20"). Each cell changes one setting more, in the order in which
compare lists them; of another network, data set, strategy, optimizer or schedule all options change together. The study is run as
any other; runs that were trained already, such as those of the two ends, are not trained again. Its ablation table then says
after which change the result is another one.`,
		Example: "  workbench bisect 3f2a 91bc -o path.yaml\n" +
			"  workbench bisect --study quickstart 'shortcut=plain depth=20' 'shortcut=residual depth=56' -o path.yaml",
		Args: wantArgs(2, 2, "two runs (the beginnings of their names, or latest), or two cells of --study"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !studyfile.IsPath(o.out) {
				return usagef("want --output FILE, the study to write, such as path.yaml")
			}
			if err := a.vacant(o.out, o.force); err != nil {
				return err
			}
			return a.bisect(cmd.Context(), args[0], args[1], o)
		},
	}
	cmd.Flags().StringVar(&o.study, "study", "", "go from cell to cell of this study (tiny, or tiny@2)")
	cmd.Flags().StringVarP(&o.out, "output", "o", "", "the `FILE` to write the study to")
	cmd.Flags().StringVar(&o.seeds, "seeds", "",
		"seeds of the study: a count (5), a list (1,4,7) or a range (1-5) (default: those of the study of the first end)")
	cmd.Flags().BoolVarP(&o.force, "force", "f", false, "replace the file of --output")
	complete(cmd, "study", a.recordedStudies)
	a.formatFlag(cmd)
	return cmd
}

func (a *app) bisect(ctx context.Context, from, to string, o bisectOptions) error {
	db, err := a.read()
	if err != nil {
		return err
	}
	defer db.Close()
	e, err := endsOf(ctx, db, from, to, o.study)
	if err != nil {
		return err
	}
	if o.seeds != "" {
		if e.Seeds, err = studyfile.ParseSeeds(o.seeds); err != nil {
			return usagef("--seeds: %w", err)
		}
	}
	s, err := e.Path()
	if err != nil {
		return usageError{fmt.Errorf("%s and %s: %w", from, to, err)}
	}
	text, err := studyfile.Marshal(s)
	if err != nil {
		return err
	}
	if s, err = studyfile.Parse(o.out, text, nil); err != nil {
		return usageError{fmt.Errorf("a step between the two cannot be trained: %w", err)}
	}
	text = append([]byte("# Written by workbench bisect; each cell changes one thing more.\n"), text...)
	if err := os.WriteFile(o.out, text, 0o666); err != nil {
		return errors.Join(err, os.Remove(o.out)) // half a study is none
	}
	return a.showPath(s, o.out)
}

// endsOf are two runs, or two cells of a study.
func endsOf(ctx context.Context, db *store.DB, from, to, study string) (search.Ends, error) {
	if study != "" {
		info, err := db.Study(ctx, study)
		if err != nil {
			return search.Ends{}, err
		}
		return cellEnds(info.Study, from, to)
	}
	a, err := db.Run(ctx, from)
	if err != nil {
		return search.Ends{}, err
	}
	b, err := db.Run(ctx, to)
	if err != nil {
		return search.Ends{}, err
	}
	info, err := db.Study(ctx, a.StudyRef())
	if errors.Is(err, experiments.ErrNotFound) { // its definition was not kept
		info.Study, err = experiments.DefaultStudy(), nil
		info.Study.Seeds = []uint64{a.Seed}
	}
	e := search.Ends{Name: "path-" + a.ID[:min(len(a.ID), 6)] + "-" + b.ID[:min(len(b.ID), 6)], From: a.Config, To: b.Config,
		Title: "From run " + a.ID + " to run " + b.ID, Seeds: info.Study.Seeds, Metric: info.Study.Metric, Report: info.Study.Report}
	return e, err
}

func cellEnds(s experiments.Study, from, to string) (search.Ends, error) {
	e := search.Ends{Name: "path-" + s.Name, Title: "From " + from + " to " + to, Seeds: s.Seeds, Metric: s.Metric, Report: s.Report}
	for _, end := range []struct {
		cell string
		of   *experiments.Config
	}{{from, &e.From}, {to, &e.To}} {
		c, err := cellNamed(s, end.cell)
		if err != nil {
			return e, err
		}
		if *end.of, err = c.Config.Resolved(); err != nil {
			return e, err
		}
	}
	return e, nil
}

// cellNamed is the cell of a study by its key, as ablate --format csv names it.
func cellNamed(s experiments.Study, key string) (experiments.Cell, error) {
	cells, err := s.Cells()
	if err != nil {
		return experiments.Cell{}, err
	}
	var keys []string
	for _, c := range cells {
		if c.Key == key {
			return c, nil
		}
		keys = append(keys, c.Key)
	}
	return experiments.Cell{}, usagef("study %s has no cell %q%s", s.Name, key, nearest.Hint(key, keys))
}

// showPath lists the steps, and how to take them.
func (a *app) showPath(s experiments.Study, path string) error {
	l := listing{key: "steps", columns: []column{{"step", "step", true}, {"setting", "changes", false}, {"from", "from", false},
		{"to", "to", false}}}
	for i, f := range s.Factors {
		l.rows = append(l.rows, []cell{counted(int64(i + 1)), text(f.Name), text(f.Levels[0].Label), text(f.Levels[1].Label)})
	}
	p := a.program()
	file := path
	if !strings.ContainsRune(file, '/') {
		file = "./" + file
	}
	remark := fmt.Sprintf("%s is written: %d cells with %d seed%s; %s trains what is missing, %s shows after which change the result is "+
		"another one", path, len(s.List), len(s.Seeds), plural(len(s.Seeds)), p.On("run", file), p.On("ablate", s.Name))
	return a.show(document{listings: []listing{l}, remarks: []string{remark}})
}
