package main

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/export"
	"workbench/store"
)

func (a *app) ablateCommand() *cobra.Command {
	var baseline, by string
	cmd := &cobra.Command{
		Use:   "ablate STUDY[@VERSION]",
		Short: "Compare the cells of a study with its baseline",
		Long: `Compare the cells of a study with its baseline, paired by seed. Intervals are of 95 %. The difference is decided
(better, worse) by the paired t-test corrected over the table (Holm); otherwise it is undecided.

JSON has everything. A file of CSV has one table, which --table chooses: cells, the comparison (default); effects, what each
level does, averaged over the other factors; interactions, what two levels do beyond the sum of both; per_cost, differences divided
by added multiply-adds, parameters and minutes; values, that of every run; robust, what holds without normal values (medians,
interquartile means, the probability of improvement, exact tests); budgets, what each phase cost; trends, the metric against
factors whose levels are numbers; published, results in print or from elsewhere (the study's section published), with what was
measured beside them; points, all that the runs have measured. Numbers in both are in the metric's own unit (an accuracy of 91 % is 0.91), and equal to the exports
of the study's page. LaTeX has the tables that people read, for papers, or the one that --table chooses.`,
		Example: "  workbench ablate quickstart\n  workbench ablate quickstart --format csv > cells.csv\n" +
			"  workbench ablate quickstart --format csv --table effects > effects.csv",
		Args:              wantArgs(1, 1, "the name of a recorded study"),
		ValidArgsFunction: names(a.recordedStudies),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ofStudy(cmd.Context(), args[0], func(db *store.DB, info experiments.StudyInfo, runs []experiments.RunInfo) error {
				against, err := againstOf(baseline, by)
				if err != nil {
					return err
				}
				return a.showAblation(cmd.Context(), db, info, runs, against)
			})
		},
	}
	cmd.Flags().StringVar(&baseline, "baseline", "", "compare with this `CELL` in place of the study's baseline: FACTOR=LEVEL,FACTOR=LEVEL")
	cmd.Flags().StringVar(&by, "by", "", "compare each cell with the one that differs from it in this `FACTOR` alone")
	a.formatFlag(cmd)
	return cmd
}

// againstOf reads what cells are compared with: "depth=20,net=plain", separated as a cell's name or with commas.
func againstOf(baseline, by string) (analysis.Against, error) {
	g := analysis.Against{By: by}
	for _, part := range strings.FieldsFunc(baseline, func(r rune) bool { return r == ',' || r == ' ' }) {
		factor, level, is := strings.Cut(part, "=")
		if !is || factor == "" || level == "" {
			return g, usagef("--baseline: want FACTOR=LEVEL, such as depth=20,net=plain, got %q", part)
		}
		if _, twice := g.Cell[factor]; twice {
			return g, usagef("--baseline: factor %s is named twice", factor)
		}
		if g.Cell == nil {
			g.Cell = map[string]string{}
		}
		g.Cell[factor] = level
	}
	return g, nil
}

func (a *app) showAblation(ctx context.Context, from export.Measurements, info experiments.StudyInfo, runs []experiments.RunInfo,
	against analysis.Against) error {
	study := info.Study
	result, err := analysis.AblateAgainst(study, runs, against)
	if err != nil && (against.By != "" || len(against.Cell) > 0) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	data := export.Ablation(info, result, version)
	data.Tables = append(data.Tables, export.Points(ctx, from, runs))
	d := document{name: info.ShortRef(), listings: []listing{ablationTable(info, result)}, remarks: result.Warnings, data: &data}
	if result.Tuned != "" {
		d.remarks = append([]string{result.Tuned}, d.remarks...)
	}
	if remark := versionRemark(info); remark != "" {
		d.remarks = append(d.remarks, remark)
	}
	if len(result.Effects) > 0 && len(study.Factors) > 1 {
		d.listings = append(d.listings, effectTable(result))
	}
	if len(result.Interactions) > 0 {
		d.listings = append(d.listings, interactionTable(result))
	}
	if l := perCostTable(result); len(l.rows) > 0 {
		d.listings = append(d.listings, l)
	}
	for _, t := range result.Trends {
		if l, telling := trendTable(result, t); telling {
			d.listings = append(d.listings, l)
		}
	}
	if l := publishedTable(study, result); len(l.rows) > 0 {
		d.listings = append(d.listings, l)
		if _, compared := study.Published.Compared(result.Metric); compared {
			d.remarks = append(d.remarks, analysis.UnpairedNote)
		}
	}
	if l := budgetTable(study, result); len(l.rows) > 0 {
		d.listings = append(d.listings, l)
	}
	return a.show(d)
}

func ablationTable(info experiments.StudyInfo, result analysis.Ablation) listing {
	study := info.Study
	_, percent := percentOf(result.Metric)
	l := listing{key: export.Cells, leave: []string{"macs", "parameters", "seconds", "train", "p_holm"},
		notes:  []string{export.MeanNote, export.TestNote},
		better: []string{"mean", "difference"},
		title:  fmt.Sprintf("%s: %s (%s evaluation), mean ± 95 %% interval over seeds", info.ShortRef(), result.Metric, result.Report)}
	if result.By != "" {
		l.title += ", each beside the cell that differs in " + result.By + " alone"
	}
	for _, f := range study.Factors {
		l.columns = append(l.columns, column{f.Name, f.Name, false})
	}
	l.columns = append(l.columns, column{"n", "n", true}, column{"mean", headOf(result.Metric), true},
		column{"train", "train" + percent, true}, column{"difference", differenceHead(result.Metric), true}, column{"p_holm", "p (Holm)", true},
		column{"verdict", "verdict", false}, column{"parameters", "parameters", true},
		column{"macs", "multiply-adds", true}, column{"seconds", "time a run", true})
	for _, r := range result.Rows {
		l.rows = append(l.rows, ablationRow(study, result, r))
	}
	return l
}

// differenceHead is the head of a column with differences of a metric.
func differenceHead(metric string) string {
	if _, percent := percentOf(metric); percent != "" {
		return "difference, points"
	}
	return "difference"
}

// ablationRow is a cell of the study. One that differs in result.By alone from no other has nothing to decide.
func ablationRow(study experiments.Study, result analysis.Ablation, r analysis.AblationRow) []cell {
	metric := result.Metric
	var row []cell
	for _, f := range study.Factors {
		row = append(row, text(r.Levels[f.Name]))
	}
	half := (r.Interval.High - r.Interval.Low) / 2
	row = append(row, cell{r.N, fmt.Sprintf("%d/%d", r.N, r.Planned)}, statistic(r.Mean, withSpread(metric, r.Mean, half)),
		statistic(r.Train, value(metric, r.Train).text))
	if result.By != "" && r.Diff == nil && !r.Baseline {
		row = append(row, cell{nil, missing}, cell{}, cell{nil, missing})
	} else {
		row = append(row, differenceCells(metric, r.Diff, r.Baseline)...)
	}
	return append(row, measured(r.Params, count), measured(r.MACs, short), seconds(r.Seconds))
}

// differenceCells are difference, corrected p and verdict.
func differenceCells(metric string, d *analysis.Paired, baseline bool) []cell {
	switch {
	case baseline:
		return []cell{{nil, "baseline"}, {}, {}}
	case d == nil:
		return []cell{{nil, missing}, {}, {nil, string(analysis.Undecided)}}
	}
	half := (d.Interval.High - d.Interval.Low) / 2
	return []cell{statistic(d.Mean, signed(metric, d.Mean, half)), statistic(d.Holm, probability(d.Holm)), text(string(d.Verdict))}
}

func effectTable(result analysis.Ablation) listing {
	l := listing{key: export.Effects, leave: []string{"versus", "pairs", "p_holm"}, notes: []string{export.EffectNote, export.TestNote},
		better: []string{"effect"},
		title:  "Effect of each level, averaged over the other factors", columns: []column{
			{"factor", "factor", false}, {"level", "level", false}, {"versus", "versus", false}, {"pairs", "pairs", true},
			{"effect", "effect", true}, {"p_holm", "p (Holm)", true}, {"verdict", "verdict", false},
		}}
	for _, e := range result.Effects {
		row := []cell{text(e.Factor), text(e.Level), text(e.Versus), {e.N, fmt.Sprint(e.N)}}
		l.rows = append(l.rows, append(row, differenceCells(result.Metric, &e.Paired, false)...))
	}
	return l
}

// statistic is a computed number: missing where it is not defined.
func statistic(v float64, shown string) cell {
	if math.IsNaN(v) {
		return cell{nil, missing}
	}
	return cell{v, shown}
}

func probability(p float64) string {
	if p < 0.001 {
		return "< 0.001"
	}
	return decimal(p, 3)
}
