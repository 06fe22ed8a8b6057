// Package experiments holds the domain: what a study, a run and its records are, how a run is trained, and what can
// be concluded from many of them. It declares the interfaces it needs of a database (Ledger, Recorder, Source) and
// knows none.
package experiments

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
