package main

import (
	"context"
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"workbench/experiments"
	"workbench/experiments/search"
	"workbench/experiments/train"
)

// rateFinding is what a range test of learning rates is asked for.
type rateFinding struct {
	cell    string
	seed    uint64
	threads int
	test    train.RangeTest
}

// Bounds of a range test: rates beyond them say nothing in float32, and more steps find no other rate.
const (
	leastRate   = 1e-12
	mostRate    = 1e6
	fewestSteps = 20
	mostSteps   = 100_000
)

func (a *app) lrFindCommand() *cobra.Command {
	f := rateFinding{test: train.RangeTest{From: 1e-7, To: 10, Steps: 100}}
	cmd := &cobra.Command{
		Use:   "lr-find STUDY [PATH=VALUE...]",
		Short: "Find a learning rate: train some steps with a rate that grows from step to step",
		Long: `Train a cell of a study for some steps, from its beginning, with a learning rate that grows by the same factor at each (Smith 2017,
arXiv 1506.01186), until the smoothed loss is four times its least. Nothing is recorded, and no test image is looked at.

Suggested are the rates that fastai's lr_find suggests of the same losses: valley, in the longest descent of the loss; steep,
where it falls fastest; minimum, a tenth of that with the least loss. They are where a search begins (workbench tune), and
not what one has chosen: a schedule and a long training often want another rate.`,
		Example: "  workbench lr-find quickstart\n" +
			"  workbench lr-find quickstart --cell 'shortcut=none depth=56' --steps 200\n" +
			"  workbench lr-find study.yaml optim.name=adam --to 1 --format csv --table steps > steps.csv",
		Args:              wantArgs(1, -1, "a study (workbench studies lists them) and perhaps PATH=VALUE"),
		ValidArgsFunction: a.studyArguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return a.findRate(cmd.Context(), args[0], args[1:], f)
		},
	}
	cmd.Flags().StringVar(&f.cell, "cell", "",
		"the `CELL` that is trained, as ablate --format csv names it (default: the study's baseline, or its first)")
	cmd.Flags().Float64Var(&f.test.From, "from", f.test.From, "the `RATE` of the first step")
	cmd.Flags().Float64Var(&f.test.To, "to", f.test.To, "the `RATE` of the last step")
	cmd.Flags().IntVar(&f.test.Steps, "steps", f.test.Steps, "steps of the test")
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "draws the weights and the order of the images")
	a.dataFlag(cmd)
	cmd.Flags().IntVar(&f.threads, "threads", 0, "threads of the numeric kernels (0: one a core)")
	a.formatFlag(cmd)
	return cmd
}

func (f rateFinding) check() error {
	switch t := f.test; {
	case !(t.From >= leastRate && t.From < t.To && t.To <= mostRate):
		return usagef("--from %g --to %g: want rates from %g to %g, the first below the second", t.From, t.To, leastRate, mostRate)
	case t.Steps < fewestSteps || t.Steps > mostSteps:
		return usagef("--steps %d: want %d to %d", t.Steps, fewestSteps, mostSteps)
	}
	return training{threads: f.threads}.check()
}

func (a *app) findRate(ctx context.Context, name string, overrides []string, f rateFinding) error {
	study, err := a.load(ctx, name, overrides, "")
	if err != nil {
		return err
	}
	cell, err := chosenCell(study.Study, f.cell)
	if err != nil {
		return err
	}
	config, err := cell.Config.Resolved()
	if err != nil {
		return err
	}
	if from, _ := config.Start["from"].(string); strings.HasPrefix(from, "run:") {
		return usagef("start.from=%s: lr-find begins with drawn weights or a file's; want start.from=FILE", from)
	}
	if f.threads == 0 {
		f.threads = runtime.NumCPU()
	}
	job := experiments.Job{Run: experiments.Run{ID: "lr-find", Config: config, Seed: f.seed}, DataDir: a.data, Threads: f.threads}
	var found tried
	err = f.test.Run(ctx, job, backend(job.Threads), found.add)
	if err != nil {
		return err
	}
	return a.showRates(study.Name, cell, f, found)
}

// tried are the steps of a range test.
type tried struct {
	rates, losses, smoothed []float64
	hopeless                bool // the loss was no number, or the smoothed one far above its least
}

// add keeps a step, and tells whether there is something to find behind it.
func (t *tried) add(one train.Tried) bool {
	if t.hopeless = math.IsNaN(one.Loss) || math.IsInf(one.Loss, 0); t.hopeless {
		return false
	}
	t.rates, t.losses = append(t.rates, one.Rate), append(t.losses, one.Loss)
	t.smoothed = search.Smoothed(t.losses)
	t.hopeless = t.smoothed[len(t.smoothed)-1] > search.Hopeless*slices.Min(t.smoothed)
	return !t.hopeless
}

// chosenCell is the cell of a key, or else the baseline, or the first.
func chosenCell(s experiments.Study, key string) (experiments.Cell, error) {
	if key != "" {
		return cellNamed(s, key)
	}
	cells, err := s.Cells()
	if err != nil {
		return experiments.Cell{}, err
	}
	i := slices.IndexFunc(cells, func(c experiments.Cell) bool { return len(s.Baseline) > 0 && maps.Equal(c.Levels, s.Baseline) })
	return cells[max(i, 0)], nil
}

func (a *app) showRates(study string, of experiments.Cell, f rateFinding, found tried) error {
	rates := search.SuggestRates(found.rates, found.smoothed, f.test.Steps)
	suggested := listing{key: "rates", columns: []column{{"suggestion", "suggestion", false}, {"rate", "optim.lr", true},
		{"where", "where", false}}}
	suggested.title = "Learning rates to begin a search with, for " + strings.TrimSpace(study+" "+of.Key)
	for _, one := range []struct {
		name  string
		rate  float64
		where string
	}{
		{"valley", rates.Valley, "in the longest descent of the loss"},
		{"steep", rates.Steep, "where the loss falls fastest"},
		{"minimum", rates.Minimum, "a tenth of that with the least loss"},
	} {
		suggested.rows = append(suggested.rows, []cell{text(one.name), statistic(one.rate, fmt.Sprintf("%.2g", one.rate)), text(one.where)})
	}
	d := document{name: study, listings: []listing{suggested, stepsTried(found, a.people())}}
	d.remarks = append(d.remarks, fmt.Sprintf("%d of %d steps with seed %d, each of a batch of %d; losses are smoothed as fastai does",
		len(found.losses), f.test.Steps, f.seed, of.Config.Batch))
	switch {
	case math.IsNaN(rates.Valley):
		d.remarks = append(d.remarks, fmt.Sprintf("the loss was beyond hope after %d steps: want a lower --from, or more --steps",
			len(found.losses)))
	case !found.hopeless:
		d.remarks = append(d.remarks, fmt.Sprintf("the loss was not yet beyond hope at %g: a higher --to shows where it is", f.test.To))
	}
	return a.show(d)
}

// shownSteps is how many steps people see.
const shownSteps = 20

// stepsTried has a row a step: for people, of some.
func stepsTried(found tried, people bool) listing {
	l := listing{key: "steps", title: "Steps", columns: []column{{"step", "step", true}, {"rate", "rate", true}, {"loss", "loss", true},
		{"smoothed", "smoothed", true}}}
	every := 1
	if people {
		every = max(1, (len(found.losses)+shownSteps-1)/shownSteps)
	}
	for i := range found.losses {
		if (i+1)%every == 0 || i+1 == len(found.losses) {
			l.rows = append(l.rows, []cell{counted(int64(i + 1)), statistic(found.rates[i], fmt.Sprintf("%.2g", found.rates[i])),
				statistic(found.losses[i], decimal(found.losses[i], 4)), statistic(found.smoothed[i], decimal(found.smoothed[i], 4))})
		}
	}
	return l
}
