// Package experiments holds the domain: what a study, a run and its records are, how a run is trained, and what can
// be concluded from many of them. It declares the interfaces it needs of a database (Ledger, Recorder, Source) and
// knows none.
package experiments

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

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
	Design   string              `json:"design"`         // factorial, one_at_a_time, leave_one_out, list
	List     []map[string]string `json:"list,omitempty"` // design list: factor name → level label, one map a cell
	Seeds    []uint64            `json:"seeds"`
	Baseline map[string]string   `json:"baseline"` // factor name → level label; the first level where absent
	Metric   string              `json:"metric"`   // the metric that is compared, "test/top1" unless set
	Report   string              `json:"report"`   // which evaluation speaks for a run: "last" or "best"
}

// Factor is one thing that varies, with two or more levels.
type Factor struct {
	Name   string  `json:"name"`
	Levels []Level `json:"levels"`
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
	Levels map[string]string `json:"levels"` // factor name → level label
	Config Config            `json:"config"`
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
	for _, setting := range earlier.Base.Settings() {
		before[setting.Path] = option.Label(setting.Value)
	}
	for _, setting := range s.Base.Settings() {
		now := option.Label(setting.Value)
		if old, had := before[setting.Path]; !had || old != now {
			parts = append(parts, setting.Path+"="+now)
		}
		delete(before, setting.Path)
	}
	for _, setting := range earlier.Base.Settings() {
		if _, gone := before[setting.Path]; gone {
			parts = append(parts, "~"+setting.Path)
		}
	}
	for _, f := range s.Factors {
		i := slices.IndexFunc(earlier.Factors, func(e Factor) bool { return e.Name == f.Name })
		if i < 0 || !reflect.DeepEqual(earlier.Factors[i], f) {
			parts = append(parts, f.Name+"="+strings.Join(f.Labels(), ","))
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
	if len(parts) == 0 && !reflect.DeepEqual(s.List, earlier.List) {
		parts = append(parts, fmt.Sprintf("%d listed cells", len(s.List)))
	}
	return strings.Join(parts, " ")
}
