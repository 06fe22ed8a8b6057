package analysis

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"workbench/experiments"
)

// Trend is the metric of a study against a factor whose levels are numbers, such as accuracy against the share of
// labels.
type Trend struct {
	Factor string      `json:"factor"`
	Log    bool        `json:"log"` // the levels are over zero and lie so far apart that an axis of them is logarithmic
	Levels []NamedX    `json:"levels"`
	Lines  []TrendLine `json:"lines"` // one for each combination of the other factors' levels
}

// NamedX is a level as a number.
type NamedX struct {
	Level string  `json:"level"`
	X     float64 `json:"x"`
}

// TrendLine are the cells that differ in the factor alone, by rising number of its level.
type TrendLine struct {
	Others string        `json:"others"` // "strategy=simclr"; "" if there are no other factors
	X      []float64     `json:"x"`
	Rows   []AblationRow `json:"-"` // of the cells, in the same order
}

// MarshalJSON names the cells in place of their rows, which the ablation has.
func (l TrendLine) MarshalJSON() ([]byte, error) {
	type plain TrendLine
	cells := make([]string, len(l.Rows))
	for i, r := range l.Rows {
		cells[i] = r.Cell
	}
	return json.Marshal(struct {
		plain
		Cells []string `json:"cells"`
	}{plain(l), cells})
}

// logarithmic is how many times the lowest level the highest one is where an axis becomes logarithmic.
const logarithmic = 8

// trends of a study, a factor each, whose rows are given. A line has two points at least.
func trends(s experiments.Study, rows []AblationRow) []Trend {
	all := []Trend{}
	for _, f := range s.Factors {
		numbers, ok := numbered(f)
		if !ok {
			continue
		}
		t := Trend{Factor: f.Name}
		for i, l := range f.Levels {
			t.Levels = append(t.Levels, NamedX{l.Label, numbers[i]})
		}
		slices.SortStableFunc(t.Levels, func(a, b NamedX) int { return cmp.Compare(a.X, b.X) })
		low, high := t.Levels[0].X, t.Levels[len(t.Levels)-1].X
		t.Log = low > 0 && high/low >= logarithmic
		t.Lines = linesOf(s, t, rows)
		if len(t.Lines) > 0 {
			all = append(all, t)
		}
	}
	return all
}

func linesOf(s experiments.Study, t Trend, rows []AblationRow) []TrendLine {
	var lines []TrendLine
	for _, r := range rows {
		others := othersOf(s, r.Levels, t.Factor)
		if slices.ContainsFunc(lines, func(l TrendLine) bool { return l.Others == others }) {
			continue
		}
		line := TrendLine{Others: others}
		for _, l := range t.Levels {
			for _, r := range rows {
				if r.Levels[t.Factor] == l.Level && othersOf(s, r.Levels, t.Factor) == others {
					line.X, line.Rows = append(line.X, l.X), append(line.Rows, r)
				}
			}
		}
		if len(line.X) > 1 {
			lines = append(lines, line)
		}
	}
	return lines
}

// othersOf names the levels of the factors other than some, of those that apply.
func othersOf(s experiments.Study, levels map[string]string, but ...string) string {
	var parts []string
	for _, f := range s.Factors {
		if level, applies := levels[f.Name]; applies && !slices.Contains(but, f.Name) {
			parts = append(parts, f.Name+"="+level)
		}
	}
	return strings.Join(parts, " ")
}

// numbered are the numbers of a factor's levels, each another: what their names say if all are numbers, or else what
// the first path that all of them set is given.
func numbered(f experiments.Factor) (numbers []float64, ok bool) {
	if numbers, ok = numbersOf(f, func(l experiments.Level) any { return json.Number(l.Label) }); ok || len(f.Levels) == 0 {
		return numbers, ok
	}
	for _, a := range f.Levels[0].Set {
		numbers, ok = numbersOf(f, func(l experiments.Level) any {
			i := slices.IndexFunc(l.Set, func(b experiments.Assignment) bool { return b.Path == a.Path })
			if i < 0 {
				return nil
			}
			return l.Set[i].Value
		})
		if ok {
			return numbers, true
		}
	}
	return nil, false
}

func numbersOf(f experiments.Factor, of func(experiments.Level) any) (numbers []float64, ok bool) {
	for _, l := range f.Levels {
		v := of(l)
		switch kind := reflect.ValueOf(v); {
		case v == nil:
			return nil, false
		case kind.CanInt(), kind.CanUint(), kind.CanFloat():
		default:
			if _, number := v.(json.Number); !number {
				return nil, false
			}
		}
		x, err := strconv.ParseFloat(fmt.Sprint(v), 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) || slices.Contains(numbers, x) {
			return nil, false
		}
		numbers = append(numbers, x)
	}
	return numbers, len(numbers) > 1
}
