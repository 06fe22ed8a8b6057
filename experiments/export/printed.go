package export

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"workbench/experiments"
	"workbench/experiments/analysis"
)

// Published is the name of the table in print that a study repeats.
const Published = "published"

// printed has a row a row in print, with what was measured in the cell that it stands beside.
func printed(info experiments.StudyInfo, a analysis.Ablation) Table {
	t := Table{Name: Published}
	columns := []string{"row", "source", "published_n", "published_sd", "metric", "n", "mean", "sd", "low", "high"}
	if p := info.Study.Published; p != nil {
		columns = slices.Insert(columns, 1, marked(p.Columns)...)
	}
	_, compared := info.Study.Published.Compared(a.Metric)
	if compared {
		columns = append(columns, "difference", "difference_low", "difference_high", "welch_df", "welch_p")
	}
	t.Columns = withFactors(info.Study, columns...)
	for _, r := range analysis.InPrint(info.Study, a.Rows) {
		cell, levels := "", r.Levels
		if r.Measured != nil {
			cell, levels = r.Measured.Cell, r.Measured.Levels
		}
		row := append(cellOf(info, cell, levels), named(r.Name))
		row = append(row, r.Values...)
		row = append(row, named(SourceOf(info.Study, r.PublishedRow)), measured(int64(r.N)), known(r.SD))
		if m := r.Measured; m != nil {
			row = append(row, a.Metric, m.N, defined(m.Mean), defined(m.SD), defined(m.Interval.Low), defined(m.Interval.High))
		} else {
			row = append(row, nil, nil, nil, nil, nil, nil)
		}
		if d := r.Diff; d != nil {
			row = append(row, defined(d.Mean), defined(d.Interval.Low), defined(d.Interval.High), defined(d.DF), defined(d.P))
		} else if compared {
			row = append(row, nil, nil, nil, nil, nil)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// marked are the printed columns as they are told from what is measured.
func marked(columns []string) []string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = fmt.Sprintf("published_%s", strings.ToLower(c))
	}
	return all
}

// PrintedText is a value in print for people: as it was printed, but for means of many digits.
func PrintedText(v any) string {
	text := fmt.Sprint(v)
	if x, is := v.(float64); is && len(text) > mostDigits && strings.Contains(text, ".") && !strings.Contains(text, "e") {
		return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(x, 'f', 4, 64), "0"), ".")
	}
	return text
}

// mostDigits is how many characters of a number in print people read as they are.
const mostDigits = 9

// SourceOf says where a row in print was printed.
func SourceOf(s experiments.Study, r experiments.PublishedRow) string {
	if r.Source != "" {
		return r.Source
	}
	return s.Source
}
