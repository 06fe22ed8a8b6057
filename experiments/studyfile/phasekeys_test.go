package studyfile

import (
	"reflect"
	"testing"
)

// Keys of a phase are set, added and dropped by overrides as options are.
func TestOverridesOfPhases(t *testing.T) {
	text := oneRun + "  strategy: {name: rotation, then: probe}\n  phases: {probe: {batch: 8}}\n"
	for _, c := range []struct {
		override string
		want     map[string]any // nil where it is refused
		err      string
	}{
		{"phases.probe.batch=16", map[string]any{"probe.batch": 16}, ""},
		{"phases.probe.optim.lr=1", map[string]any{"probe.batch": 8, "probe.optim.lr": 1.0}, ""},
		{"+phases.probe.optim.lr=1", map[string]any{"probe.batch": 8, "probe.optim.lr": 1.0}, ""},
		{"++phases.probe.batch=16", map[string]any{"probe.batch": 16}, ""},
		{"~phases.probe.batch", map[string]any{}, ""},
		{"+phases.probe.batch=16", nil, "column 2: phases.probe.batch is already 8: write it without +"},
		{"~phases.probe.optim.lr", nil, "column 2: phases.probe.optim.lr is not set: want one of probe.batch"},
		{"phases.probe.model.depth=8", nil, "column 1: phases.probe.model.depth: model is of the whole run, want one of " + whatAPhaseHas},
		{"phases.probe.bach=8", nil, `column 1: phases.probe.bach: unknown key "bach": did you mean batch?`},
		{"phases=8", nil, "column 1: phases is a section, want the name of a phase and a key, such as phases.probe.optim.lr"},
		{"phases.probe=8", nil, "column 1: phases.probe is a section, want one of its keys: " + whatAPhaseHas},
		{"+strategy.then=probe", nil, "column 2: strategy.then is always there: write it without +"},
		{"+title=x", nil, "column 2: title is always there: write it without +"},
		{"~title", nil, "column 2: title cannot be dropped, only options of data sets and networks and keys of phases can"},
		{"~model.name", nil, "column 2: model.name cannot be dropped, only options of data sets and networks and keys of phases can"},
		{"+search.optim.lr=1,2", nil, `column 2: unknown key "search.optim.lr": did you mean optim.lr?`},
	} {
		want := ""
		if c.err != "" {
			want = `override "` + c.override + `", ` + c.err
		}
		if got := problemsOf(text, c.override); got != want {
			t.Errorf("%s:\n got %s\nwant %s", c.override, got, want)
		}
		if c.err != "" {
			continue
		}
		got := map[string]any{}
		for path, value := range mustLoad(t, text, c.override).Base.Phases {
			got[path] = value
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.override, got, c.want)
		}
	}
}
