package studyfile

import (
	"fmt"
	"reflect"
	"testing"
)

// Keys of a later phase are set, read and taken back beside those of the whole run, with the types that are declared by
// what the phase names.
func TestKeysOfPhasesAreSetAndRead(t *testing.T) {
	for _, c := range []struct {
		path  string
		value any
		want  string // what is read, with whether it is given
		err   string
	}{
		{"phases.probe.batch", 32.0, "int 32 true", ""},
		{"phases.probe.optim.lr", 1, "float64 1 true", ""},
		{"phases.probe.optim.name", "adam", "string adam true", ""},
		{"phases.probe.length", "40 steps", "string 40 steps true", ""},
		{"phases.probe.schedule.milestones", []any{1, 2.5}, "[]float64 [1 2.5] true", ""},
		{"phases.probe.augment.flip", true, "bool true true", ""},
		{"phases.probe.batch", "x", "<nil> <nil> false", `want a whole number from 1 to 1000000, got "x"`},
		{"phases.probe.batch", 1.5, "<nil> <nil> false", "want a whole number from 1 to 1000000, got 1.5"},
		{"phases.probe.model.depth", 8, "<nil> <nil> false", "model is of the whole run, want one of " + whatAPhaseHas},
	} {
		config := pretraining(t, "probe", map[string]any{"finetune.batch": 4})
		batch, optim := config.Batch, config.Optim
		got := ""
		if err := config.Set(c.path, c.value); err != nil {
			got = err.Error()
		}
		if got != c.err {
			t.Errorf("%s=%v: got %q, want %q", c.path, c.value, got, c.err)
		}
		value, given := config.Get(c.path)
		if got := fmt.Sprintf("%T %v %v", value, value, given); got != c.want {
			t.Errorf("%s=%v: reads %s, want %s", c.path, c.value, got, c.want)
		}
		config.Drop(c.path)
		if want := map[string]any{"finetune.batch": 4}; !reflect.DeepEqual(config.Phases, want) {
			t.Errorf("%s: dropped, there is %v, want %v", c.path, config.Phases, want)
		}
		if config.Batch != batch || !reflect.DeepEqual(config.Optim, optim) {
			t.Errorf("%s: changed the whole run", c.path)
		}
	}
	config := pretraining(t, "probe", map[string]any{"probe.optim.name": "rmsprop"})
	for path, want := range map[string]string{"phases.probe.optim.beta2": "beta2 0.99 true", "optim.beta2": "beta2 0.999 true",
		"phases.finetune.optim.beta2": "beta2 0.999 true", "phases.probe.batch": "batch 64 true", "phases.probe.until": " <nil> false"} {
		o, ok := config.Declaration(path)
		if got := fmt.Sprint(o.Name, " ", o.Default, " ", ok); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	for path, value := range map[string]any{"model.mean": []any{0.5}, "dataset.noise": []any{1}, "dataset.val": []any{0.1}} {
		if err := config.Set(path, value); err == nil || err.Error() != "want a single value, got the list "+fmt.Sprint(value) {
			t.Errorf("%s=%v: %v", path, value, err)
		}
	}
	if err := config.Set("dataset.a.b", 1); err == nil {
		t.Error("an option of a data set has a group")
	}
}

// A problem that a level brings in stands at what the level sets if that is one thing, or of the problem's section, and
// else at the level.
func TestPlacesOfWhatLevelsBringIn(t *testing.T) {
	for _, c := range []struct{ levels, want string }{
		{"a: {batch: 50}, b: {batch: 60}", "study.yaml:9:57: micro_batch: want a divisor of batch = 60, got 25"},
		{"a: {batch: 50}, b: {batch: 60, epochs: 2}", "study.yaml:9:46: micro_batch: want a divisor of batch = 60, got 25"},
		{"a: {}, b: {batch: 50, schedule.name: step}", "study.yaml:9:67: schedule.milestones: is missing"},
	} {
		wantProblem(t, tinyStudy+"  micro_batch: 25\nfactors: [{name: f, levels: {"+c.levels+"}}]\n", c.want)
	}
}
