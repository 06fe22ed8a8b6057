package experiments

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"workbench/experiments/label"
	"workbench/experiments/metric"
	"workbench/experiments/space"
	"workbench/nn/nearest"
)

// Validate reports everything that is wrong with a study: its own keys, its factors, and the configuration of every
// cell.
func (s Study) Validate() []Problem {
	var ps Problems
	ps.header(s)
	ps.factors(s)
	ps.references(s)
	if len(ps) > 0 {
		return ps // cells of a wrong design would only repeat it
	}
	cells, err := s.Cells()
	if err != nil {
		places := []string{AtKey("sample"), AtKey("cells"), AtKey("design"), AtKey("factors")}
		return Problems{{Path: "design", Message: err.Error(), places: places}}
	}
	ps.unusedExclusions(s)
	ps.tuned(s, cells)
	checked, err := s.withCover(cells)
	if err != nil {
		ps.add("sample", []string{AtKey("sample")}, "%v", err)
	}
	ps.configs(s, checked)
	ps.unusedLevels(s, checked)
	ps.unusedKeys(s, checked)
	if len(ps) == 0 {
		ps.search(s, cells)
	}
	if len(ps) == 0 {
		ps.twins(cells)
	}
	return ps
}

func (ps *Problems) add(path string, places []string, format string, args ...any) {
	if ps.Full() {
		*ps = append(*ps, Problem{})
		return
	}
	*ps = append(*ps, Problem{Path: path, Message: fmt.Sprintf(format, args...), places: places})
}

// knowsMetrics tells whether it is certain what runs record: there are cells, and nothing is wrong with their
// strategies.
func (s Study) knowsMetrics() bool {
	cells, err := s.Cells()
	for _, c := range cells {
		if slices.ContainsFunc(c.Config.Validate(), func(p Problem) bool { return strings.HasPrefix(p.Path, "strategy.") }) {
			return false
		}
	}
	return err == nil && len(cells) > 0
}

func (ps *Problems) header(s Study) {
	if problem := label.Study(s.Name); problem != "" {
		ps.add("name", []string{AtKey("name")}, "%q %s", s.Name, problem)
	}
	for key, text := range map[string]string{"title": s.Title, "source": s.Source, "expect": s.Expect} {
		if n := utf8.RuneCountInString(text); n > maxText {
			ps.add(key, []string{AtKey(key)}, "want at most %d characters, got %d", maxText, n)
		}
	}
	for _, choice := range []struct {
		key, got string
		good     []string
	}{{"design", s.Design, DesignNames}, {"metric", s.Metric, s.metrics()}, {"report", s.Report, ReportNames}} {
		if choice.key == "metric" && !s.knowsMetrics() {
			continue // what is wrong there is told where it stands
		}
		if !slices.Contains(choice.good, choice.got) {
			ps.add(choice.key, []string{AtKey(choice.key)}, "unknown name %q%s", choice.got, nearest.Hint(choice.got, choice.good))
		}
	}
	if len(s.Seeds) == 0 {
		ps.add("seeds", []string{AtKey("seeds")}, "want at least one")
	}
	sorted := slices.Sorted(slices.Values(s.Seeds))
	for i, seed := range sorted {
		if i > 0 && seed == sorted[i-1] {
			ps.add("seeds", []string{AtKey("seeds")}, "seed %d is given twice", seed)
		}
	}
	if s.Design == Listed && len(s.List) == 0 {
		ps.add("cells", []string{AtKey("design")}, "design %s wants cells: a list of factor: level", Listed)
	}
	if s.Design != Listed && len(s.List) > 0 {
		ps.add("cells", []string{AtKey("cells")}, "are only for design %s, the design is %s", Listed, s.Design)
	}
	if s.Design != Factorial && len(s.Exclude) > 0 {
		ps.add("exclude", []string{AtKey("exclude")}, "is only for design %s, the design is %s", Factorial, s.Design)
	}
	if s.Design != Factorial && s.Sample != nil {
		ps.add("sample", []string{AtKey("sample")}, "is only for design %s, the design is %s", Factorial, s.Design)
	}
}

func (ps *Problems) factors(s Study) {
	names := map[string]bool{}
	owner := map[string]string{} // path → the factor that varies it
	if len(s.Factors) > MaxFactors {
		ps.add("factors", []string{AtKey("factors")}, "want at most %d factors, got %d", MaxFactors, len(s.Factors))
		return
	}
	for _, f := range s.Factors {
		at := []string{AtFactor(f.Name)}
		if names[f.Name] {
			ps.add("factors", at, "two factors are called %s: give one another name", f.Name)
		}
		names[f.Name] = true
		if problem := label.Part(f.Name); problem != "" {
			ps.add("factors", at, "the name %q %s", f.Name, problem)
		}
		if len(f.Levels) < 2 {
			ps.add(f.Name, at, "want two levels or more, got %d: a single value belongs into base", len(f.Levels))
		}
		if s.Design == LeaveOneOut && len(f.Levels) > 2 {
			ps.add(f.Name, at, "design %s wants two levels, with and without, got %d", LeaveOneOut, len(f.Levels))
		}
		ps.levels(f)
		for _, path := range f.Paths() {
			if other, taken := owner[path]; taken && other != f.Name {
				ps.add(f.Name, at, "sets %s, which factor %s sets too", path, other)
			}
			owner[path] = f.Name
		}
	}
}

func (ps *Problems) levels(f Factor) {
	if len(f.Levels) > MaxLevels {
		ps.add(f.Name, []string{AtFactor(f.Name)}, "want at most %d levels, got %d", MaxLevels, len(f.Levels))
		return
	}
	labels := map[string]bool{}
	for _, l := range f.Levels {
		at := []string{AtLevel(f.Name, l.Label)}
		if labels[l.Label] {
			ps.add(f.Name, at, "level %s is there twice", l.Label)
		}
		labels[l.Label] = true
		if problem := label.Part(l.Label); problem != "" {
			ps.add(f.Name, at, "the label %q %s: name the levels, as in levels: {short: {path: value}}", l.Label, problem)
		}
	}
}

// Paths are all that some level of the factor sets, sorted.
func (f Factor) Paths() []string {
	set := map[string]bool{}
	for _, l := range f.Levels {
		for _, a := range l.Set {
			set[a.Path] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// CheckPublished reports what is wrong with the study's table in print. It is no part of Validate: a change of the
// study may take away the factors that rows name, which then stand for themselves.
func (s Study) CheckPublished() []Problem {
	var ps Problems
	t := s.Published
	if t == nil {
		return nil
	}
	if len(t.Columns) == 0 || len(t.Rows) == 0 {
		ps.add("published", []string{AtKey("published")}, "want columns and rows, got %d and %d", len(t.Columns), len(t.Rows))
	}
	scale, compared := t.Compared(s.Metric)
	share := compared && scale == 1 && metric.Of(s.Metric).Percent
	for i, r := range t.Rows {
		path, at := AtPublished(i), []string{AtPublished(i)}
		switch {
		case len(r.Values) != len(t.Columns):
			ps.add(path, at, "want %d values, as there are columns, got %d", len(t.Columns), len(r.Values))
		case r.Levels == nil && r.Name == "":
			ps.add(path, at, "want cell: the cell that it stands beside, or row: its name")
		case r.SD < 0:
			ps.add(path, at, "sd: want 0 or more, got %v", r.SD)
		case share && (above1(r.Values[0]) || r.SD > 1):
			ps.add(path, at, "want a share from 0 to 1, as %s is recorded, got %v, sd %v; name the column %q for percent", s.Metric,
				r.Values[0], r.SD, t.Columns[0]+", %")
		}
		for _, name := range slices.Sorted(maps.Keys(r.Levels)) {
			if k := slices.IndexFunc(s.Factors, func(f Factor) bool { return f.Name == name }); k < 0 {
				ps.add(path, at, "unknown factor %q%s", name, nearest.Hint(name, s.factorNames()))
			} else if _, err := s.Factors[k].Level(r.Levels[name]); err != nil {
				ps.add(path, at, "%v", err)
			}
		}
	}
	return ps
}

// conditions checks where factors apply and what is left out: that they name factors and levels that there are.
func (ps *Problems) conditions(s Study) {
	names := s.factorNames()
	check := func(path string, good []string, w space.Where) {
		if len(w) == 0 {
			ps.add(path, []string{path}, "want factor: level, such as {depth: 20}")
		}
		for _, name := range slices.Sorted(maps.Keys(w)) {
			places := []string{path + "." + name, path}
			i := slices.Index(names, name)
			switch {
			case i < 0:
				ps.add(path, places, "unknown factor %q%s", name, nearest.Hint(name, good))
				continue
			case !slices.Contains(good, name):
				ps.add(path, places, "factor %s does not stand before it: a factor applies by what earlier ones are", name)
				continue
			case len(w[name]) == 0:
				ps.add(path, places, "%s: want a level or a list of levels, got none", name)
			}
			for _, label := range w[name] {
				if _, err := s.Factors[i].Level(label); err != nil {
					ps.add(path, places, "%v", err)
				}
			}
		}
	}
	for i, f := range s.Factors {
		if f.When != nil {
			check(AtWhen(f.Name), names[:i], f.When)
		}
	}
	if len(s.Exclude) > MaxExclude {
		ps.add("exclude", []string{AtKey("exclude")}, "want at most %d, got %d", MaxExclude, len(s.Exclude))
		return
	}
	for i, e := range s.Exclude {
		check(AtExclude(i), names, e)
	}
}

// unusedExclusions refuses exclusions without an effect: what they were meant to leave out would be trained.
func (ps *Problems) unusedExclusions(s Study) {
	if len(s.Exclude) == 0 {
		return
	}
	if s.space().Large() {
		return // which is said of the cells
	}
	used, err := s.space().Walk(func(map[string]string) error { return nil })
	if err != nil {
		ps.add("exclude", []string{AtKey("exclude")}, "%v", err)
		return
	}
	for i, e := range s.Exclude {
		if !used[i] {
			ps.add(AtExclude(i), []string{AtExclude(i)}, "leaves out nothing: no combination that is not left out already has %s", e)
		}
	}
}

// withCover adds to the cells of a sample the first cell with each level, so that all levels are checked, whichever
// chance takes.
func (s Study) withCover(cells []Cell) ([]Cell, error) {
	if s.Sample == nil {
		return cells, nil
	}
	cover, err := s.space().Cover()
	if err != nil {
		return cells, err
	}
	all := slices.Clone(cells)
	for _, levels := range cover {
		c, err := s.cell(levels)
		if err != nil {
			return cells, err
		}
		if !slices.ContainsFunc(cells, func(o Cell) bool { return o.Key == c.Key }) {
			all = append(all, c)
		}
	}
	return all, nil
}

func above1(v any) bool {
	x, is := v.(float64)
	return is && x > 1
}

func (s Study) factorNames() []string {
	names := make([]string, len(s.Factors))
	for i, f := range s.Factors {
		names[i] = f.Name
	}
	return names
}

// references checks that the baseline and the listed cells name factors and levels that there are.
func (ps *Problems) references(s Study) {
	names := s.factorNames()
	ps.conditions(s)
	check := func(path, at string, levels map[string]string) {
		for _, name := range slices.Sorted(maps.Keys(levels)) {
			places := []string{path + "." + name, at}
			i := slices.Index(names, name)
			if i < 0 {
				ps.add(path, places, "unknown factor %q%s", name, nearest.Hint(name, names))
			} else if _, err := s.Factors[i].Level(levels[name]); err != nil {
				ps.add(path+"."+name, places, "%v", err)
			}
		}
	}
	check("baseline", AtKey("baseline"), s.Baseline)
	for i, levels := range s.List {
		check(fmt.Sprintf("cells[%d]", i), AtCell(i), levels)
	}
	if s.Tuned != nil {
		for i, arm := range s.Tuned.Arms {
			check(fmt.Sprintf("tuned.arms[%d].cell", i), AtArm(i), arm.Levels)
		}
	}
	if len(*ps) > 0 {
		return
	}
	for i, e := range s.Exclude {
		if baseline := s.Fill(nil); e.Holds(baseline) {
			ps.add(AtExclude(i), []string{AtExclude(i)}, "leaves out the baseline (%s), which the others are compared with", e)
		}
	}
	if s.Design != Listed {
		return
	}
	for i, levels := range s.List {
		for _, name := range slices.Sorted(maps.Keys(levels)) {
			if _, applies := s.Fill(levels)[name]; !applies {
				ps.add(fmt.Sprintf("cells[%d]", i), []string{fmt.Sprintf("cells[%d].%s", i, name), AtCell(i)},
					"factor %s is no part of the cell: it applies only when %s", name, s.Factors[slices.Index(names, name)].When)
			}
		}
	}
	baseline, err := s.BaselineCell()
	if err != nil {
		ps.add("baseline", []string{AtKey("baseline")}, "%v", err)
		return
	}
	if !slices.ContainsFunc(s.List, func(l map[string]string) bool { return maps.Equal(s.Fill(l), baseline.Levels) }) {
		ps.add("baseline", []string{AtKey("baseline"), AtKey("cells")}, "the baseline %s is none of the cells", baseline.Key)
	}
}
