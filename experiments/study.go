// Package experiments holds the domain: what a study, a run and its records are, how a run is trained, and what can
// be concluded from many of them. It declares the interfaces it needs of a database (Ledger, Recorder, Source) and
// knows none.
package experiments

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"workbench/experiments/space"
	"workbench/experiments/start"
	"workbench/experiments/strategy"
	"workbench/nn/option"
)

// Study is a question: a base configuration, the factors to vary, and the seeds to repeat with.
type Study struct {
	Name     string              `json:"name"`
	Title    string              `json:"title,omitempty"`
	Source   string              `json:"source,omitempty"` // the paper and section the study follows
	Expect   string              `json:"expect,omitempty"` // what a reader should see when it is done
	Base     Config              `json:"base"`
	Factors  []Factor            `json:"factors"`
	Design   string              `json:"design"`            // factorial, one_at_a_time, leave_one_out, list
	List     []map[string]string `json:"list,omitempty"`    // design list: factor name → level label, one map a cell
	Exclude  []space.Where       `json:"exclude,omitempty"` // combinations of levels that the factorial leaves out
	Sample   *Sample             `json:"sample,omitempty"`  // a part of the factorial, chosen by chance
	Seeds    []uint64            `json:"seeds"`
	Baseline map[string]string   `json:"baseline"` // factor name → level label; the first level where absent
	Metric   string              `json:"metric"`   // the metric that is compared, "test/top1" unless set
	Report   string              `json:"report"`   // which evaluation speaks for a run: "last" or "best"

	Search []Dimension `json:"search,omitempty"` // what a search may choose for each cell; it changes no run
	Tuned  *Tuned      `json:"tuned,omitempty"`  // what a search has chosen

	Published *Published `json:"published,omitempty"` // what is in print beside it; it changes no run
}

// Sample is how many cells of a factorial are trained, which chance chooses. The baseline is always among them.
type Sample struct {
	Cells int    `json:"cells"`
	Seed  uint64 `json:"seed"`
}

// Published is a table in print that the study repeats. It is shown beside what is measured, as it was printed.
type Published struct {
	Columns []string       `json:"columns"` // what the values are: "top-1 error, %"
	Rows    []PublishedRow `json:"rows"`
}

// PublishedRow is a row of a table in print: beside a cell of the study, or a row for itself, which has a name.
type PublishedRow struct {
	Name   string            `json:"row,omitempty"`
	Levels map[string]string `json:"cell,omitempty"`   // a factor that is not named has its baseline level
	Values []any             `json:"values"`           // one a column: float64, or a text such as "fail"
	N      int               `json:"n,omitempty"`      // runs that the values are means of; 0: not said
	SD     float64           `json:"sd,omitempty"`     // of the first value over them; 0: not said
	Source string            `json:"source,omitempty"` // where it is not the study's
}

// ExternalValue is what a column in print may be called that has the study's metric.
const ExternalValue = "value"

// Compared tells whether the first column in print is a metric, and by what its numbers are multiplied to be in the
// unit in which that is recorded.
func (t *Published) Compared(metric string) (scale float64, is bool) {
	if t == nil || len(t.Columns) == 0 {
		return 0, false
	}
	name, percent := strings.CutSuffix(t.Columns[0], "%")
	if is = strings.TrimRight(name, " ,") == metric || strings.TrimRight(name, " ,") == ExternalValue; percent {
		return 0.01, is
	}
	return 1, is
}

// Dimension is a path of the configuration that a search varies: over levels, or over all numbers of a range.
type Dimension struct {
	Path   string  `json:"path"`
	Levels []Level `json:"levels,omitempty"`
	Range  *Range  `json:"range,omitempty"` // in place of levels
}

// Range is all numbers from Min to Max, both among them.
type Range struct {
	Min   float64 `json:"min"`
	Max   float64 `json:"max"`
	Scale string  `json:"scale"` // on which they are equally likely: linear or log
}

// Tuned says that a search has chosen values for cells of a study, how, and what that cost. The values decide what runs
// compute; all else here shows in no run.
type Tuned struct {
	On           string   `json:"on"`     // the metric by which it chose: "val/top1"
	Method       string   `json:"method"` // random, grid or halving
	Trials       int      `json:"trials"` // configurations that each cell was tried with
	Seeds        []uint64 `json:"seeds"`  // that trained them; the study reports others
	Runs         int      `json:"runs"`
	Minutes      float64  `json:"minutes"` // of all runs together
	MultiplyAdds float64  `json:"multiply_adds"`
	Study        string   `json:"study,omitempty"` // that has the runs: "tiny.search@2"
	Of           string   `json:"of,omitempty"`    // the beginning of Study.Trains of what was searched
	Arms         []Arm    `json:"arms"`
}

// Arm is a cell with the values that were chosen for it.
type Arm struct {
	Levels       map[string]string `json:"cell"` // a factor that is not named has its baseline level
	Set          []Assignment      `json:"set"`
	Value        Number            `json:"value"` // mean over seeds of the metric that chose
	Runs         int               `json:"runs"`
	Minutes      float64           `json:"minutes"`
	MultiplyAdds float64           `json:"multiply_adds"`
}

// Paths are what the arms set, each once, in the order in which it is first set.
func (t *Tuned) Paths() []string {
	var all []string
	for _, arm := range t.Arms {
		for _, a := range arm.Set {
			if !slices.Contains(all, a.Path) {
				all = append(all, a.Path)
			}
		}
	}
	return all
}

// Untuned is the study as it was before a search has chosen values.
func (s Study) Untuned() Study {
	s.Tuned = nil
	return s
}

// armOf is the arm of a cell with these levels, −1 if there is none.
func (s Study) armOf(levels map[string]string) int {
	if s.Tuned == nil {
		return -1
	}
	within := s.Fill(levels) // without what a search adds to the study's factors
	return slices.IndexFunc(s.Tuned.Arms, func(a Arm) bool { return maps.Equal(s.Fill(a.Levels), within) })
}

// Chosen is what a search has chosen for a cell of the study.
func (s Study) Chosen(cell Cell) (arm Arm, ok bool) {
	i := s.armOf(cell.Levels)
	if i < 0 {
		return arm, false
	}
	return s.Tuned.Arms[i], true
}

// SeedsSeen says that seeds of the study have chosen its values, nil if none has.
func (s Study) SeedsSeen() error {
	if s.Tuned == nil {
		return nil
	}
	for _, seed := range s.Seeds {
		if slices.Contains(s.Tuned.Seeds, seed) {
			return fmt.Errorf("seed %d has chosen the values that were tuned (tuned.seeds): want seeds that the search has not seen", seed)
		}
	}
	return nil
}

// Factor is one thing that varies, with two or more levels.
type Factor struct {
	Name   string      `json:"name"`
	When   space.Where `json:"when,omitempty"` // where it applies; elsewhere it sets nothing and is no part of a cell
	Levels []Level     `json:"levels"`
}

// Level is one value of a factor: the configuration paths it sets.
type Level struct {
	Label string       `json:"label"`
	Set   []Assignment `json:"set"`
}

// Assignment gives one configuration path a value (string, int, float64, bool, or a list of these).
type Assignment struct {
	Path  string `json:"path"`
	Value any    `json:"value"`
}

// Cell is one combination of levels: a configuration without its seed.
type Cell struct {
	Key    string            `json:"key"`    // "shortcut=identity depth=20", factors in the study's order; "base" if there are none
	Levels map[string]string `json:"levels"` // factor name → level label, of those factors that apply
	Config Config            `json:"config"`
}

// Pin fixes which weights the trainings of the study begin with, so that runs are told from those with other weights.
// The function resolve gives a start its file's digest, or its run's whole id. An error names the level or the key.
func (s Study) Pin(resolve func(start.Start) (start.Start, error)) (Study, error) {
	pinned := s
	pinned.Base = s.Base.Clone()
	fix := func(given map[string]any) (from, digest string, err error) {
		at := start.Of(given)
		known, err := resolve(at)
		if err == nil && at.Digest != "" && at.Digest != known.Digest {
			err = fmt.Errorf("%s has SHA-256 %s, start.digest says %s: it is another file", at.File, known.Digest, at.Digest)
		}
		return known.From(), known.Digest, err
	}
	if start.Of(s.Base.Start).Said() {
		from, digest, err := fix(s.Base.Start)
		if err != nil {
			return s, Problem{Path: startFrom, Message: err.Error()}
		}
		pinned.Base.Start["from"] = from
		if pinned.Base.Start["digest"] = digest; digest == "" {
			delete(pinned.Base.Start, "digest")
		}
	}
	pinned.Factors = slices.Clone(s.Factors)
	for i, f := range s.Factors {
		pinned.Factors[i].Levels = slices.Clone(f.Levels)
		for k, l := range f.Levels {
			given := l.section("start")
			if !start.Of(given).Said() {
				continue
			}
			from, digest, err := fix(given)
			if err != nil {
				return s, Problem{Path: startFrom, places: []string{AtSetting(f.Name, l.Label, startFrom)}, Message: err.Error()}
			}
			pinned.Factors[i].Levels[k].Set = l.with(startFrom, from).with("start.digest", digest).Set
		}
	}
	return pinned, nil
}

const startFrom = "start.from"

// PinTeachers fixes which weights teach, as Pin does of those that trainings begin with. The function resolve gets what
// is said of a strategy and returns the options that say it for good.
func (s Study) PinTeachers(resolve func(given map[string]any) (map[string]any, error)) (Study, error) {
	const at = "strategy." + strategy.TeacherKey
	pinned := s
	pinned.Base = s.Base.Clone()
	if _, said := strategy.TeacherOf(s.Base.Strategy.Options); said {
		set, err := resolve(s.Base.Strategy.Options)
		if err != nil {
			return s, Problem{Path: at, Message: err.Error()}
		}
		maps.Copy(pinned.Base.Strategy.Options, set)
	}
	pinned.Factors = slices.Clone(s.Factors)
	for i, f := range s.Factors {
		pinned.Factors[i].Levels = slices.Clone(f.Levels)
		for k, l := range f.Levels {
			own := l.section("strategy")
			if !slices.ContainsFunc(slices.Collect(maps.Keys(own)), strategy.OfTeacher) {
				continue
			}
			given := maps.Clone(s.Base.Strategy.Options)
			if given == nil {
				given = map[string]any{}
			}
			maps.Copy(given, own)
			if _, said := strategy.TeacherOf(given); !said {
				continue
			}
			set, err := resolve(given)
			if err != nil {
				return s, Problem{Path: at, places: []string{AtSetting(f.Name, l.Label, at)}, Message: err.Error()}
			}
			for _, name := range slices.Sorted(maps.Keys(set)) {
				l = l.with("strategy."+name, set[name])
			}
			pinned.Factors[i].Levels[k].Set = l.Set
		}
	}
	return pinned, nil
}

// section is what the level sets in a section, by name.
func (l Level) section(name string) map[string]any {
	set := map[string]any{}
	for _, a := range l.Set {
		if inner, of := strings.CutPrefix(a.Path, name+"."); of {
			set[inner] = a.Value
		}
	}
	return set
}

// with is the level with another value at a path.
func (l Level) with(path string, value any) Level {
	l.Set = slices.DeleteFunc(slices.Clone(l.Set), func(a Assignment) bool { return a.Path == path })
	l.Set = append(l.Set, Assignment{Path: path, Value: value})
	return l
}

// mostListed is how many levels a difference names.
const mostListed = 8

// listed are the first labels of many, and how many there are.
func listed(labels []string) string {
	if len(labels) <= mostListed {
		return strings.Join(labels, ",")
	}
	return fmt.Sprintf("%s,… (%d levels)", strings.Join(labels[:2], ","), len(labels))
}

// chosen are the arms' values alone, without what choosing them cost.
func (s Study) chosen() []Arm {
	var all []Arm
	if s.Tuned != nil {
		for _, arm := range s.Tuned.Arms {
			all = append(all, Arm{Levels: arm.Levels, Set: arm.Set})
		}
	}
	return all
}

// SplitVersion splits "tiny@2" into the study and its version. ok is false for a name without one, which means the
// version that was trained last.
func SplitVersion(ref string) (name string, version int, ok bool) {
	at := strings.LastIndexByte(ref, '@')
	if at <= 0 {
		return ref, 0, false
	}
	version, err := strconv.Atoi(ref[at+1:])
	if err != nil || version < 0 || strconv.Itoa(version) != ref[at+1:] {
		return ref, 0, false
	}
	return ref[:at], version, true
}

// Version is how a version of a study is named: "tiny@2".
func Version(study string, number int) string { return study + "@" + strconv.Itoa(number) }

// Since says by what a definition differs from an earlier one in what it trains: "epochs=30 without depth". It is empty
// if nothing differs.
func (s Study) Since(earlier Study) string {
	var parts []string
	before := map[string]string{}
	for _, setting := range earlier.Base.Shown() {
		before[setting.Path] = option.Label(setting.Value)
	}
	for _, setting := range s.Base.Shown() {
		now := option.Label(setting.Value)
		if old, had := before[setting.Path]; !had || old != now {
			parts = append(parts, setting.Path+"="+now)
		}
		delete(before, setting.Path)
	}
	for _, setting := range earlier.Base.Shown() {
		if _, gone := before[setting.Path]; gone {
			parts = append(parts, "~"+setting.Path)
		}
	}
	for _, f := range s.Factors {
		i := slices.IndexFunc(earlier.Factors, func(e Factor) bool { return e.Name == f.Name })
		if i < 0 || !reflect.DeepEqual(earlier.Factors[i], f) {
			parts = append(parts, f.Name+"="+listed(f.Labels()))
		}
	}
	for _, f := range earlier.Factors {
		if !slices.ContainsFunc(s.Factors, func(now Factor) bool { return now.Name == f.Name }) {
			parts = append(parts, "without "+f.Name)
		}
	}
	if s.Design != earlier.Design {
		parts = append(parts, "design="+s.Design)
	}
	if !reflect.DeepEqual(s.Exclude, earlier.Exclude) {
		parts = append(parts, fmt.Sprintf("%d exclusions", len(s.Exclude)))
	}
	switch {
	case reflect.DeepEqual(s.Sample, earlier.Sample):
	case s.Sample == nil:
		parts = append(parts, "no sample")
	default:
		parts = append(parts, fmt.Sprintf("a sample of %d cells, seed %d", s.Sample.Cells, s.Sample.Seed))
	}
	switch {
	case s.Tuned != nil && !reflect.DeepEqual(s.chosen(), earlier.chosen()):
		parts = append(parts, "tuned")
	case s.Tuned == nil && earlier.Tuned != nil:
		parts = append(parts, "untuned")
	}
	if len(parts) == 0 && !reflect.DeepEqual(s.List, earlier.List) {
		parts = append(parts, fmt.Sprintf("%d listed cells", len(s.List)))
	}
	return strings.Join(parts, " ")
}
