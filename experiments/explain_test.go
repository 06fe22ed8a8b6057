package experiments_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/strategy"
	"workbench/nn/optim"
	"workbench/nn/option"
)

// row is a key as help shows it.
func row(k experiments.Key) string {
	text := fmt.Sprintf("%s=%s", k.Path, option.Label(k.Option.Default))
	if k.Option.Required {
		text += " required"
	}
	if k.Varies {
		text += " varies"
	}
	if len(k.Users) > 0 {
		text += " of " + strings.Join(k.Users, " ")
	}
	return text
}

func rows(t *testing.T, section, name string) []string {
	t.Helper()
	keys, err := experiments.Keys(section, name)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, k := range keys {
		all = append(all, row(k))
		if k.Option.Doc == "" {
			t.Errorf("%s is not explained", k.Path)
		}
	}
	return all
}

func TestKeysOfNoSection(t *testing.T) {
	want := []string{"batch=64", "epochs=0 required", "micro_batch=0", "precision=float32", "algorithms=auto", "recompute=none",
		"length=", "patience=0", "until=",
		"evaluate.every=1", "evaluate.corruption=", "evaluate.portrait=auto", "checkpoint.every=1"}
	if got := rows(t, "", ""); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for name, want := range map[string][]string{
		"evaluate":   {"evaluate.every=1", "evaluate.corruption=", "evaluate.portrait=auto"},
		"checkpoint": {"checkpoint.every=1"},
	} {
		if got := rows(t, name, ""); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	keys, err := experiments.Keys("", "")
	if err != nil {
		t.Fatal(err)
	}
	bounds := map[string]string{}
	for _, k := range keys {
		bounds[k.Path] = fmt.Sprint(k.Option.Min, " ", k.Option.Max, " ", k.Option.Choices)
	}
	for path, want := range map[string]string{"batch": "1 1e+06 []", "epochs": "1 1e+06 []", "micro_batch": "0 1e+06 []",
		"precision": "0 0 [float32 bf16]", "algorithms": "0 0 [direct auto]", "recompute": "0 0 [none cheap segments]",
		"evaluate.every": "1 1e+06 []", "checkpoint.every": "1 1e+06 []"} {
		if bounds[path] != want {
			t.Errorf("%s is within %s, want %s", path, bounds[path], want)
		}
	}
}

// Of a section's keys each says which of its names declare it, and whether they do so in different ways.
func TestKeysOfSections(t *testing.T) {
	for section, want := range map[string][]string{
		"augment":  {"augment.pad=0", "augment.flip=false", "augment.veil=false", "augment.veil_shade=0.5"},
		"dataset":  nil,
		"strategy": {"strategy.name=supervised", "strategy.label_smoothing=0 of supervised"},
		"optim": {"optim.name=sgd", "optim.lr=0 required", "optim.groups=[]", "optim.momentum=0.9",
			"optim.beta2=0.999 varies of adam adamw lamb rmsprop rmsprop_tf", "optim.trust=0.001 of lars",
			"optim.centered=false of rmsprop rmsprop_tf", "optim.nesterov=false of sgd", "optim.dampening=0 of sgd"},
		"schedule": {"schedule.name=constant", "schedule.warmup_epochs=0", "schedule.floor=0 of cosine polynomial restarts",
			"schedule.gamma=0 required varies of exponential step", "schedule.period=1 varies of exponential restarts",
			"schedule.power=1 of polynomial", "schedule.milestones=[] required of step"},
	} {
		got := rows(t, section, "")
		at := -1
		for _, row := range want { // in this order, others between them
			kind, users, _ := strings.Cut(row, " of ") // further users may have come
			i := slices.IndexFunc(got, func(g string) bool {
				k, all, _ := strings.Cut(g, " of ")
				return k == kind && !slices.ContainsFunc(strings.Fields(users), func(u string) bool { return !slices.Contains(strings.Fields(all), u) })
			})
			if i <= at {
				t.Errorf("%s: %q stands at %d of %q", section, row, i, got)
			}
			at = i
		}
		if len(want) == 0 && len(got) > 0 {
			t.Errorf("%s: got %q", section, got)
		}
	}
	if got, want := rows(t, "schedule", "step"), []string{"schedule.warmup_epochs=0", "schedule.milestones=[] required of step",
		"schedule.gamma=0.1 of exponential step"}; !slices.Equal(got, want) {
		t.Errorf("step: got %q, want %q", got, want)
	}
	if got := rows(t, "dataset", "shapes"); !slices.Contains(got, "dataset.train=3000") || slices.Contains(got, "dataset.name= required") {
		t.Errorf("shapes: got %q", got)
	}
	keys, err := experiments.Keys("optim", "")
	if err != nil || keys[0].Option.Want != "one of "+strings.Join(optim.Names(), ", ") ||
		keys[0].Option.Doc != "the optimizer" {
		t.Errorf("optim.name: %+v, %v", keys[0].Option, err)
	}
}

func TestWhatIsNoSection(t *testing.T) {
	for _, c := range []struct{ section, name, want string }{
		{"optim", "sgdd", `unknown optimizer "sgdd": did you mean sgd?`},
		{"augment", "flip", `section augment names nothing, got "flip"`},
		{"lr", "", `"lr" is no section, it is found by: options optim`},
		{"optim.lr", "", `"optim.lr" is no section, it is found by: options optim`},
		{"pad", "", `"pad" is no section, it is found by: options augment`},
		{"sgd", "", `"sgd" is no section, it is found by: options optim sgd`},
		{"shapes", "", `"shapes" is no section, it is found by: options dataset shapes`},
		{"epochs", "", `"epochs" is no section, it is found by: options`},
		{"evaluate.every", "", `"evaluate.every" is no section, it is found by: options`},
		{"evaluate", "x", `unknown section "evaluate": want one of augment, dataset, model, optim, schedule, start, strategy`},
		{"optin", "", `unknown section "optin": did you mean optim?`},
		{"name", "", `unknown section "name": want one of augment, dataset, model, optim, schedule, start, strategy`},
	} {
		if keys, err := experiments.Keys(c.section, c.name); fmt.Sprint(err) != c.want || keys != nil {
			t.Errorf("%s %s: got %v, %v\nwant %s", c.section, c.name, keys, err, c.want)
		}
	}
}

func TestSectionsAreExplained(t *testing.T) {
	var got []string
	for _, s := range experiments.Sections() {
		names := fmt.Sprint(len(s.Names) > 0)
		if s.Doc == "" {
			t.Errorf("section %q has no doc", s.Name)
		}
		got = append(got, s.Name+"|"+s.Noun+"|"+names)
		for _, name := range s.Names {
			if doing := experiments.Doing(s.Name, name); doing == "" && s.Name != "model" || strings.Contains(doing, "\n") {
				t.Errorf("%s %s is said to be %q", s.Name, name, doing)
			}
		}
	}
	want := []string{"dataset|data set|true", "augment|augmentation|false", "model|network|true", "start|start|false",
		"strategy|strategy|true", "optim|optimizer|true", "schedule|schedule|true", "||false"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if doing := experiments.Doing("model", "resnet_mini"); !strings.HasPrefix(doing, "He, Zhang, Ren, Sun. Deep Residual Learning") {
		t.Errorf("resnet_mini is said to be %q", doing)
	}
	for _, s := range [][2]string{{"augment", ""}, {"nothing", "x"}} {
		if doing := experiments.Doing(s[0], s[1]); doing != "" {
			t.Errorf("%v is said to be %q", s, doing)
		}
	}
}

// What a shell completes: the keys of this configuration, and their values where these are few.
func TestPathsAndValuesOfAConfiguration(t *testing.T) {
	c := goodConfig()
	paths := c.PathsFor()
	if !slices.IsSorted(paths) || len(slices.Compact(slices.Clone(paths))) != len(paths) {
		t.Errorf("not sorted, or twice: %q", paths)
	}
	for _, path := range append(experiments.Paths(), "dataset.noise", "model.depth", "model.shortcut") {
		if !slices.Contains(paths, path) {
			t.Errorf("%s is missing", path)
		}
	}
	if more := len(paths) - len(experiments.Paths()); more != len(rows(t, "dataset", "shapes"))+len(rows(t, "model", "resnet_mini")) {
		t.Errorf("%d paths more than every configuration has", more)
	}
	c.Dataset.Name = "nothing"
	if slices.Contains(c.PathsFor(), "dataset.noise") {
		t.Error("an unknown data set has options")
	}
	for path, want := range map[string]string{"optim.nesterov": "true false", "recompute": "none cheap segments", "model.shortcut": "",
		"schedule.name": strings.Join(optim.ScheduleNames(), " "), "optim.lr": "", "nothing": "", "epochs": "",
		"augment.flip": "true false", "dataset.name": strings.Join(data.Names(), " ")} {
		if path == "model.shortcut" {
			o, _ := c.Declaration(path)
			if want = strings.Join(o.Choices, " "); !strings.Contains(want, "none") {
				t.Errorf("%s has the choices %q", path, want)
			}
		}
		if got := strings.Join(c.Values(path), " "); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestPathsOfAConfiguration(t *testing.T) {
	paths := experiments.Paths()
	var tops []string
	for _, path := range paths {
		top, _, _ := strings.Cut(path, ".")
		tops = append(tops, top)
		if err := experiments.Check(path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if got, want := slices.Compact(tops), []string{"dataset", "augment", "model", "start", "strategy", "optim", "schedule", "batch", "epochs",
		"micro_batch", "precision", "algorithms", "recompute", "length", "patience", "until", "evaluate",
		"checkpoint"}; !slices.Equal(got, want) {
		t.Errorf("sections and keys %q, want %q", got, want)
	}
	for name, want := range map[string]string{"dataset": "name", "model": "name",
		"evaluate": "every corruption portrait", "checkpoint": "every", "nothing": "", "batch": ""} {
		if got := strings.Join(experiments.KeysOf(name), " "); got != want {
			t.Errorf("%s has the keys %q, want %q", name, got, want)
		}
	}
	for path, want := range map[string]string{ // section, open
		"optim": "true false", "dataset": "true false", "evaluate": "true false", "optim.lr": "false false", "batch": "false false",
		"dataset.train": "false true", "model.anything": "false true", "model.name": "false false", "evaluate.every": "false false",
		"nothing": "false false", "model.a.b": "false false", "dataset.": "false false",
	} {
		if got := fmt.Sprint(experiments.IsSection(path), " ", experiments.IsOpen(path)); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

func TestWrongPathsSayWhy(t *testing.T) {
	for path, want := range map[string]string{
		"dataset.train": "<nil>", "model.name": "<nil>", "optim.lr": "<nil>", "batch": "<nil>", "evaluate.every": "<nil>",
		"dataset":       "is a section, want one of its keys: name",
		"evaluate":      "is a section, want one of its keys: every, corruption, portrait",
		"optim.lrr":     `unknown key "lrr": did you mean lr?`,
		"evaluate.evry": `unknown key "evry": did you mean every?`,
		"batch.size":    `batch is a value, it has no key "size"`,
		"model.a.b":     `unknown key "a.b": want one of name`,
		"dataset.":      `unknown key "": want one of name`,
		"optm.lr":       `unknown key "optm": did you mean optim?`,
		"epoch":         `unknown key "epoch": did you mean epochs?`,
	} {
		if got := fmt.Sprint(experiments.Check(path)); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

// Every kind of key takes a value, gives it back, and loses it if it can.
func TestKeysAreSetAndRead(t *testing.T) {
	for _, test := range []struct {
		path      string
		value     any
		want      string // after Set, with whether it was given
		dropped   string // after Drop
		wantError string
	}{
		{"batch", 32, "int 32 true", "int 32 true", ""},
		{"batch", 32.0, "int 32 true", "int 32 true", ""},
		{"precision", "bf16", "string bf16 true", "string bf16 true", ""},
		{"precision", "fp8", "string fp8 true", "string fp8 true", ""}, // Validate refuses it
		{"evaluate.every", 5, "int 5 true", "int 5 true", ""},
		{"optim.name", "adam", "string adam true", "string adam true", ""},
		{"model.name", "anything", "string anything true", "string anything true", ""},
		{"optim.lr", 1, "float64 1 true", "<nil> <nil> false", ""},
		{"schedule.milestones", []any{1, 2.5}, "[]float64 [1 2.5] true", "<nil> <nil> false", ""},
		{"augment.flip", true, "bool true true", "<nil> <nil> false", ""},
		{"model.depth", 14, "int 14 true", "<nil> <nil> false", ""},
		{"dataset.new", "x", "string x true", "<nil> <nil> false", ""},
		{"model.depth", []any{14, 20}, "int 8 true", "<nil> <nil> false", "want a single value, got the list [14,20]"},
		{"model.name", 3, "string resnet_mini true", "string resnet_mini true", "want a name, got 3"},
		{"optim.name", 3, "string sgd true", "string sgd true", "want"},
		{"batch", "x", "int 64 true", "int 64 true", `want a whole number from 1 to 1000000, got "x"`},
		{"optim.nope", 1, "<nil> <nil> false", "<nil> <nil> false", `unknown key "nope"`},
	} {
		c := goodConfig()
		err := c.Set(test.path, test.value)
		if test.wantError == "" && err != nil || test.wantError != "" && (err == nil || !strings.HasPrefix(err.Error(), test.wantError)) {
			t.Errorf("%s=%v: got %v, want %s", test.path, test.value, err, test.wantError)
		}
		read := func() string {
			v, given := c.Get(test.path)
			return fmt.Sprintf("%T %v %v", v, v, given)
		}
		if got := read(); got != test.want {
			t.Errorf("%s=%v: reads %s, want %s", test.path, test.value, got, test.want)
		}
		if c.Drop(test.path); read() != test.dropped {
			t.Errorf("%s: dropped, reads %s, want %s", test.path, read(), test.dropped)
		}
	}
	var empty experiments.Config
	if err := empty.Set("optim.lr", 0.5); err != nil || empty.Optim.Options["lr"] != 0.5 {
		t.Errorf("the first option of a section: %v, %v", empty.Optim.Options, err)
	}
	c := goodConfig()
	for _, mean := range [][]any{{0.5, 1}, {}} { // an empty list takes back what was set
		if err := c.Set("dataset.mean", mean); err != nil {
			t.Error(err)
		}
		if got, given := c.Get("dataset.mean"); given != (len(mean) > 0) || given && !reflect.DeepEqual(got, []float64{0.5, 1}) {
			t.Errorf("dataset.mean=%v: reads %v, given %v", mean, got, given)
		}
	}
}

// A path is declared by what the section names, else by whatever declares it first.
func TestDeclarationsOfPaths(t *testing.T) {
	c := goodConfig()
	c.Optim.Name, c.Schedule.Name = "rmsprop", "step"
	for path, want := range map[string]string{
		"batch": "batch 64 true", "evaluate.every": "evaluate.every 1 true", "optim.name": "name rmsprop true",
		"model.name":     "name resnet_mini true",
		"schedule.gamma": "gamma 0.1 true", "schedule.power": "power 1 true", "optim.beta2": "beta2 0.99 true",
		"dataset.noise": "noise 0.06 true",
		"dataset.nope":  " <nil> false", "optim.nope": " <nil> false", "nope": " <nil> false", "optim": " <nil> false",
	} {
		o, ok := c.Declaration(path)
		if got := fmt.Sprint(o.Name, " ", o.Default, " ", ok); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	if o, _ := c.Declaration("strategy.name"); !reflect.DeepEqual(o.Choices, strategy.Names()) || o.Doc != "the strategy" {
		t.Errorf("strategy.name is declared as %+v", o)
	}
	c.Model.Name = "nothing"
	if _, ok := c.Declaration("model.depth"); ok {
		t.Error("an unknown network declares an option")
	}
}

// A problem is shown where it comes from: at the value that is wrong, or at the key if that is, or at the level that
// brings it in though it does not set the key. The place is marked by § in the text.
func TestProblemsStandWhereTheyComeFrom(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"  batch: §0\n", "batch: want a whole number"},
		{"  §optim.nestrov: true\n", `unknown key "nestrov"`},
		{"factors: [{key: batch, levels: [8, §0]}]\n", "batch: want a whole number"},
		{"factors: [{name: f, levels: {a: {}, b: {optim.momentum: 0.5, batch: §0}}}]\n", "batch: want a whole number"},
		// A level that names a schedule brings in what that misses.
		{"factors: [{key: schedule.name, levels: [constant, §step]}]\n", "schedule.milestones: is missing"},
		{"factors: [{name: f, levels: {a: {}, b: {schedule.name: §step}}}]\n", "schedule.milestones: is missing"},
		{"factors: [{name: f, levels: {a: {}, b: {batch: 8, schedule.name: §step}}}]\n", "schedule.milestones: is missing"},
		{"factors: [{key: batch, levels: [8, 16]}, {key: schedule.name, levels: [constant, §step]}]\n", "schedule.milestones: is missing"},
		{"  micro_batch: 4\nfactors: [{key: batch, levels: [8, §6]}]\n", "micro_batch: want a divisor of batch = 6, got 4"},
		{"  micro_batch: 4\nfactors: [{name: f, levels: {a: {}, §b: {batch: 6, precision: bf16}}}]\n",
			"micro_batch: want a divisor of batch = 6, got 4"},
		{"factors: [{name: f, levels: {a: {}, b: {§optim.nestrov: true}}}]\n", `unknown key "nestrov"`},
		{"factors: [{name: f, levels: {a: {}, b: {optim.trust: §0.5}}}]\n", "optim.trust: optimizer sgd does not use it"},
		// Of two levels that do not go together it is the one that sets the key.
		{"factors: [{key: batch, levels: [8, 12]}, {key: micro_batch, levels: [0, 4, §6]}]\n",
			"micro_batch: want a divisor of batch = 8, got 6"},
	} {
		before, after, _ := strings.Cut(c.text, "§")
		_, err := openStudy(t, oneRun+before+after)
		got := fmt.Sprint(err)
		if err == nil || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %v, want %s", c.text, err, c.want)
			continue
		}
		upTo := oneRun + before
		line, column := strings.Count(upTo, "\n")+1, len(upTo)-strings.LastIndex(upTo, "\n")
		if want := fmt.Sprintf("study.yaml:%d:%d: ", line, column); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %s, want it at %s", c.text, got, want)
		}
	}
}
