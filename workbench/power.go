package main

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/spf13/cobra"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/export"
	"workbench/store"
)

func (a *app) powerCommand() *cobra.Command {
	effect := 1.0
	cmd := &cobra.Command{
		Use:   "power STUDY[@VERSION]",
		Short: "How likely a study finds the smallest difference that matters, and how many seeds that takes",
		Long: `For each comparison of a recorded study with its baseline: the pairs (seeds that both have), the difference, the
spread of the differences, the power of so many pairs to find the smallest difference that matters, and the seeds for 80 %
(in brackets: if the spread is at the end of its 95 % interval, which is wide for few seeds). The test is the paired t-test at
0.05 over the number of comparisons, Holm's first step. The p of equivalence is that of two one-sided tests that the
difference is less than what matters. The row A/A compares the baseline with itself.`,
		Example:           "  workbench power quickstart\n  workbench power quickstart --effect 0.5 --format csv > power.csv",
		Args:              wantArgs(1, 1, "the name of a recorded study"),
		ValidArgsFunction: names(a.recordedStudies),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !(effect > 0 && effect <= maxEffect) {
				return usagef("--effect %v: want a number above 0, at most %v", effect, maxEffect)
			}
			return a.ofStudy(cmd.Context(), args[0], func(_ *store.DB, info experiments.StudyInfo, runs []experiments.RunInfo) error {
				return a.showPower(info, runs, effect)
			})
		},
	}
	cmd.Flags().Float64Var(&effect, "effect", effect, "the smallest difference that matters: `POINTS` of a ratio, else in the metric's unit")
	a.formatFlag(cmd)
	return cmd
}

// maxEffect is beyond what any metric differs by.
const maxEffect = 1e9

// ofStudy reads a recorded study and its runs.
func (a *app) ofStudy(ctx context.Context, name string,
	do func(*store.DB, experiments.StudyInfo, []experiments.RunInfo) error) error {
	db, err := a.read()
	if err != nil {
		return err
	}
	defer db.Close()
	info, err := db.Study(ctx, name)
	if errors.Is(err, experiments.ErrNotFound) {
		return a.unknownStudy(name, err)
	}
	if err != nil {
		return err
	}
	runs, err := db.Runs(ctx, experiments.RunFilter{Study: info.Ref()})
	if err != nil {
		return err
	}
	return do(db, info, runs)
}

func (a *app) showPower(info experiments.StudyInfo, runs []experiments.RunInfo, effect float64) error {
	table, err := analysis.Ablate(info.Study, runs)
	if err != nil {
		return err
	}
	scale, _ := percentOf(table.Metric)
	p, err := analysis.PowerFor(table, effect/scale)
	if err != nil {
		return err
	}
	data := export.Power(info, p, version)
	d := document{name: info.ShortRef(), listings: []listing{powerTable(info, p)}, remarks: p.Warnings, data: &data}
	if remark := versionRemark(info); remark != "" {
		d.remarks = append(d.remarks, remark)
	}
	return a.show(d)
}

func powerTable(info experiments.StudyInfo, p analysis.Power) listing {
	l := listing{key: export.Powers, leave: []string{"p_equivalent", "sd", "difference"}, notes: []string{export.PowerNote},
		title: fmt.Sprintf("%s: power to find a difference of %s in %s against %s", info.ShortRef(), size(p.Metric, p.Effect), p.Metric,
			p.Baseline)}
	for _, f := range info.Study.Factors {
		l.columns = append(l.columns, column{f.Name, f.Name, false})
	}
	unit := ""
	if _, percent := percentOf(p.Metric); percent != "" {
		unit = ", points"
	}
	l.columns = append(l.columns, column{"what", "what", false}, column{"pairs", "pairs", true},
		column{"difference", "difference" + unit, true}, column{"sd", "spread" + unit, true}, column{"power", "power %", true},
		column{"seeds", "seeds for 80 %", true}, column{"p_equivalent", "p (equivalent)", true})
	for _, r := range p.Rows {
		l.rows = append(l.rows, powerRow(info.Study, p.Metric, r))
	}
	return l
}

func powerRow(study experiments.Study, metric string, r analysis.PowerRow) []cell {
	var row []cell
	for _, f := range study.Factors {
		row = append(row, text(r.Levels[f.Name]))
	}
	what := "against the baseline"
	if r.Itself {
		what = "A/A"
	}
	return append(row, text(what), cell{r.N, fmt.Sprintf("%d/%d", r.N, r.Planned)},
		statistic(r.Difference, signedValue(metric, r.Difference)), statistic(r.SD, value(metric, r.SD).text),
		statistic(r.Power, decimal(100*r.Power, 0)), seedsCell(r), statistic(r.Equivalent, probability(r.Equivalent)))
}

// seedsCell is how many seeds are needed, and in brackets the most that the spread allows.
func seedsCell(r analysis.PowerRow) cell {
	if !(r.SD > 0) {
		return cell{nil, missing}
	}
	shown := func(n int) string {
		if n == 0 {
			return "> 1,000,000"
		}
		return count(int64(n))
	}
	return cell{r.Seeds, fmt.Sprintf("%s (to %s)", shown(r.Seeds), shown(r.SeedsMost))}
}

// signedValue is a difference without an interval.
func signedValue(metric string, v float64) string {
	shown := value(metric, v).text
	if v >= 0 {
		return "+" + shown
	}
	return shown
}

// size is a difference without its sign.
func size(name string, v float64) string {
	scale, percent := percentOf(name)
	shown := fmt.Sprintf("%.4g", math.Abs(scale*v))
	switch {
	case percent == "":
		return shown
	case shown == "1":
		return shown + " point"
	}
	return shown + " points"
}
