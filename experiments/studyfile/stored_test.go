package studyfile

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"workbench/experiments"
)

// What is written of later phases, of a start and of a length: the bytes in databases, and the list of what they say.
func TestLaterPartsOfConfigurationsAreStored(t *testing.T) {
	c := pretraining(t, "probe", map[string]any{"probe.optim.lr": 0.5, "probe.batch": 8, "finetune.length": "7 steps"})
	bare, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for path, value := range map[string]any{"start.from": "a.safetensors", "length": "40 steps", "patience": 3, "until": "pretrain",
		"evaluate.corruption": "contrast:1", "evaluate.portrait": "full"} {
		if err := c.Set(path, value); err != nil {
			t.Fatal(err)
		}
	}
	c.Epochs = 0
	for text, wants := range map[string][]string{
		string(bare): {`"strategy":{"name":"rotation","then":"probe"}`, `"epochs":4,"precision":"float32"`,
			`"checkpoint":{"every":1},"phases":{"finetune":{"length":"7 steps"},"probe":{"batch":8,"optim":{"lr":0.5}}}}`},
		marshal(t, c): {`"model":{"name":"resnet_mini"},"start":{"from":"a.safetensors"},"strategy":`,
			`"recompute":"none","length":"40 steps","patience":3,"until":"pretrain","evaluate":{"corruption":"contrast:1","every":1,"portrait":"full"}`},
	} {
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("no %s in %s", want, text)
			}
		}
	}
	if strings.Contains(string(bare), `"start"`) || strings.Contains(string(bare), "label_smoothing") {
		t.Errorf("written without being said: %s", bare)
	}
	other := c.Clone() // of another program: everything that was always written
	other.Strategy.Name = "telepathy"
	if want := `"strategy":{"name":"telepathy","label_smoothing":0,"then":"probe"}`; !strings.Contains(marshal(t, other), want) {
		t.Errorf("of another program: %s", marshal(t, other))
	}
	var listed []string
	settings := c.Settings()
	for _, s := range settings[len(settings)-3:] {
		listed = append(listed, s.Path)
	}
	if want := []string{"phases.finetune.length", "phases.probe.batch", "phases.probe.optim.lr"}; !reflect.DeepEqual(listed, want) {
		t.Errorf("listed last: %v, want %v", listed, want)
	}
	var back experiments.Config
	if err := json.Unmarshal([]byte(marshal(t, c)), &back); err != nil || marshal(t, back) != marshal(t, c) {
		t.Errorf("comes back as %s (%v), want %s", marshal(t, back), err, marshal(t, c))
	}
	if !reflect.DeepEqual(back.Phases, c.Phases) {
		t.Errorf("phases come back as %v, want %v", back.Phases, c.Phases)
	}
	if err := json.Unmarshal([]byte(`{"batch":3}`), &back); err != nil || back.Phases != nil || back.Batch != 3 {
		t.Errorf("phases of what was read before: %v (%v)", back.Phases, err)
	}
	for text, want := range map[string]string{
		`{"phases":3}`: "phases: want a group of keys, got 3", `{"phases":["a"]}`: `phases: want a group of keys, got ["a"]`} {
		if err := json.Unmarshal([]byte(text), &back); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func marshal(t *testing.T, c experiments.Config) string {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What shows in no result is no part of an identity, and what does is, each alone.
func TestWhatDecidesAResult(t *testing.T) {
	const sum = "start.digest=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
	for _, c := range []struct {
		base, more []string
		same       bool
	}{
		{nil, []string{"checkpoint.every=3"}, true},
		{nil, []string{"recompute=cheap"}, true},
		{nil, []string{"micro_batch=64"}, true}, // the whole batch
		{nil, []string{"micro_batch=32"}, false},
		{nil, []string{"evaluate.every=2"}, false},
		{nil, []string{"precision=bf16"}, false},
		{nil, []string{"algorithms=direct"}, false},
		{nil, []string{"dataset.val=0.0"}, true},
		{nil, []string{"dataset.val=0.1"}, false},
		{[]string{"start.from=a.safetensors", sum}, []string{"start.from=b.safetensors"}, true},
		{[]string{"start.from=a.safetensors"}, []string{"start.from=b.safetensors"}, false},
		{[]string{"dataset.val=0.1"}, []string{"patience=3"}, false},
	} {
		base, more := runIDs(t, oneRun, c.base...), runIDs(t, oneRun, append(c.base[:len(c.base):len(c.base)], c.more...)...)
		if same := base[0] == more[0]; same != c.same {
			t.Errorf("%v beside %v: the same run %v, want %v", c.more, c.base, same, c.same)
		}
	}
}

// Early stopping waits for answers that are right or wrong on what is held out: some phase of the run has them.
func TestPatienceHasSomethingToWaitFor(t *testing.T) {
	const held = "patience: waits for a better val/top1, and nothing is held out: want dataset.val, such as 0.1"
	const none = "patience: waits for a better val/top1, and no phase of rotation has one: its answers are neither right nor wrong"
	for _, c := range []struct {
		name, then, until string
		val               float64
		want              []string
	}{
		{"supervised", "nothing", "", 0, []string{held}},
		{"supervised", "nothing", "", 0.1, nil},
		{"rotation", "nothing", "", 0.1, []string{none}},
		{"rotation", "nothing", "", 0, []string{held, none}},
		{"rotation", "probe", "", 0.1, nil},
		{"rotation", "probe", "pretrain", 0.1, []string{none}},
	} {
		config := pretraining(t, c.then, nil)
		config.Strategy.Name, config.Until, config.Patience = c.name, c.until, 3
		if config.Dataset.Options["val"] = c.val; c.name == "supervised" {
			config.Strategy.Options = map[string]any{}
		}
		var got []string
		for _, p := range config.Validate() {
			got = append(got, p.Path+": "+p.Message)
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v:\n got %q\nwant %q", c, got, c.want)
		}
	}
}

// A run of an earlier program gets the options that came later; where it recorded none, the named thing has none, but
// for those that are recorded only where they say something.
func TestWhatEarlierRunsLack(t *testing.T) {
	bare := experiments.Config{Dataset: experiments.Choice{Name: "shapes"}, Model: experiments.Choice{Name: "resnet_mini"},
		Strategy: experiments.Choice{Name: "supervised"}, Optim: experiments.Choice{Name: "sgd"},
		Schedule: experiments.Choice{Name: "constant"}}
	full := bare.Completed()
	if _, there := full.Model.Options["shuffle"]; there {
		t.Errorf("of a network that recorded nothing: %v", full.Model.Options)
	}
	if full.Schedule.Options != nil || full.Augment != nil || full.Start != nil {
		t.Errorf("of sections that recorded nothing: %v, %v, %v", full.Schedule.Options, full.Augment, full.Start)
	}
	want := map[string]any{"loss": "cross_entropy", "gamma": 2.0, "alpha": 0.25, "q": 0.7, "sce_alpha": 0.1, "sce_beta": 1.0,
		"least_target": 1e-4, "active": 1.0, "passive": 1.0, "believed": 0.95, "believed_hard": 0.8, "transition": "symmetric",
		"transition_rate": 0.4, "frozen_statistics": false} // and not label_smoothing
	if !reflect.DeepEqual(full.Strategy.Options, want) || bare.Strategy.Options != nil {
		t.Errorf("of a strategy: %v, want %v; the run has %v", full.Strategy.Options, want, bare.Strategy.Options)
	}
	bare.Strategy.Options = map[string]any{"loss": "focal", "label_smoothing": 0.1}
	want["loss"], want["label_smoothing"] = "focal", 0.1
	if got := bare.Completed().Strategy.Options; !reflect.DeepEqual(got, want) {
		t.Errorf("what was recorded: %v, want %v", got, want)
	}
	bare.Strategy.Name = "telepathy"
	if got := bare.Completed(); !reflect.DeepEqual(got.Strategy, bare.Strategy) {
		t.Errorf("of another program: %v", got.Strategy)
	}
}
