package studyfile

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// outline writes what an override can change in one line: "net: residual plain; depth: 8 20".
func outline(s experiments.Study) string {
	var parts []string
	for _, f := range s.Factors {
		parts = append(parts, f.Name+": "+strings.Join(f.Labels(), " "))
	}
	return strings.Join(parts, "; ")
}

func TestOverrideChangesFactors(t *testing.T) {
	for _, c := range []struct {
		override string
		factors  string
		baseline map[string]string
	}{
		{"model.depth=8,14,20", "net: residual plain; depth: 8 14 20", map[string]string{"depth": "20"}},
		{"model.depth=range(8,27,6)", "net: residual plain; depth: 8 14 20 26", map[string]string{"depth": "20"}},
		{"model.depth=14,8", "net: residual plain; depth: 14 8", map[string]string{}},
		{"model.depth=20", "net: residual plain", map[string]string{}},
		{"depth=20", "net: residual plain", map[string]string{}},
		{"depth=20,8", "net: residual plain; depth: 20 8", map[string]string{"depth": "20"}},
		{"net=plain", "depth: 8 20", map[string]string{"depth": "20"}},
		{"batch=32,64", "net: residual plain; depth: 8 20; batch: 32 64", map[string]string{"depth": "20"}},
		{"optim.momentum=0.90,1e-1", "net: residual plain; depth: 8 20; momentum: 0.9 0.1", map[string]string{"depth": "20"}},
		{"schedule.milestones=[2],[1,3]", "net: residual plain; depth: 8 20; milestones: [2] [1,3]", map[string]string{"depth": "20"}},
		{"schedule.warmup_epochs=range(0,2)", "net: residual plain; depth: 8 20; warmup_epochs: 0 1", map[string]string{"depth": "20"}},
		{"baseline.depth=8", "net: residual plain; depth: 8 20", map[string]string{"net": "residual", "depth": "8"}},
		{"+model.zero_init_last=false", "net: residual plain; depth: 8 20", map[string]string{"depth": "20"}},
	} {
		s := mustLoad(t, smallStudy, c.override)
		if got := outline(s); got != c.factors {
			t.Errorf("%s: got factors %s, want %s", c.override, got, c.factors)
		}
		if !maps.Equal(s.Baseline, c.baseline) {
			t.Errorf("%s: got baseline %v, want %v", c.override, s.Baseline, c.baseline)
		}
	}
}

func TestOverrideSetsValues(t *testing.T) {
	s := mustLoad(t, smallStudy, "epochs=10", "batch=16", "batch=8", " optim.momentum = 0.5 ", "schedule.milestones=[4, 6.5]",
		`title="a, b"`, "title='say \\'x\\''", "name=other", "metric=train/loss", "report=best", "design=one_at_a_time", "seeds=1-2,9",
		"dataset.train=200", "~dataset.train", "+dataset.noise=0.2", "net=plain", "depth=8")
	c := s.Base
	if c.Epochs != 10 || c.Batch != 8 || c.Optim.Options["momentum"] != 0.5 ||
		!reflect.DeepEqual(c.Schedule.Options["milestones"], []float64{4, 6.5}) {
		t.Errorf("got %+v", c)
	}
	if s.Title != "say 'x'" || s.Name != "other" || s.Metric != metric.TrainLoss ||
		s.Report != experiments.ReportBest || s.Design != experiments.OneAtATime {
		t.Errorf("got %+v", s)
	}
	if fmt.Sprint(s.Seeds) != "[1 2 9]" || len(s.Factors) != 0 {
		t.Errorf("got seeds %v, factors %v", s.Seeds, s.Factors)
	}
	if !reflect.DeepEqual(c.Dataset.Options, map[string]any{"noise": 0.2}) {
		t.Errorf("got data set options %v", c.Dataset.Options)
	}
	if !reflect.DeepEqual(c.Model.Options, map[string]any{"shortcut": "none", "depth": 8}) || c.Optim.Options["lr"] != 0.01 {
		t.Errorf("a selected level does not set its paths: %v, lr %v", c.Model.Options, c.Optim.Options["lr"])
	}
}

func TestOverrideSaysWhereAndWhat(t *testing.T) {
	for _, c := range []struct{ override, want string }{
		{"optim.lr=fast", `override "optim.lr=fast", column 10: `}, // see TestOverrideOfASharedPath
		{"optim.momentum=1", "column 16: optim.momentum: want a number from 0 to below 1, got 1"},
		{"optim.momentum=0.9,high", `column 20: optim.momentum: want a number from 0 to below 1, got "high"`},
		{"optim.momentum=0.9,1.5", "column 20: optim.momentum: want a number from 0 to below 1, got 1.5"},
		{"optim.momentm=1", `column 1: unknown key "optim.momentm": did you mean optim.momentum?`},
		{"momentum=1", `column 1: unknown key "momentum": did you mean strategy.momentum or optim.momentum?`},
		{"width=8", `column 1: unknown key "width": did you mean model.width?`},
		{"lr=1", `did you mean optim.lr?`},
		{"dept=8", `unknown key "dept": did you mean`},
		{"model.dpeth=8", `column 1: model.dpeth: resnet_mini has no option "dpeth": did you mean depth?`},
		{"model.depth=7", "column 13: model.depth: resnet_mini: option depth: want a whole number from 8 to 2402, got 7"},
		{"depth=21", `column 7: factor depth has no level "21"`},
		{"depth=20,20", "depth: level 20 is there twice"},
		{"model.shortcut=none",
			"column 1: model.shortcut is set by factor net together with other paths: select its levels, such as net=residual,plain"},
		{"epochs", "column 7: want epochs=value, got no ="},
		{"=3", `column 1: want key=value, got "=3"`},
		{"", `want key=value, got ""`},
		{"epochs=", `column 8: want a value`},
		{"epochs=1,", `column 10: want a value`},
		{"epochs=~", `column 8: has no value`},
		{"epochs=1 2", `column 8: epochs: want a whole number from 1 to 1000000, got "1 2"`},
		{"epochs=[1", `column 10: want a comma or ] in the list`},
		{"epochs=[1]x", `column 11: want a comma or the end, got 'x'`},
		{"optim.groups=[{match: fc.*, frozen: true}]", "column 15: a group of keys is written in the study's file"},
		{"epochs=a(b)", `column 9: '(' needs quotes around the value`},
		{"epochs=range(3,3)", "column 8: range(3,3) is empty"},
		{"epochs=range(0,5000)", "at most 1000 values"},
		{"epochs=range(0,9,0)", "column 8: want range(first,end)"},
		{"epochs=range(0,9", "column 8: want range(first,end)"},
		{`title="x`, `column 7: the quote " is not closed`},
		{"title=3", "column 7: want a text, got 3: write it in quotes"},
		{"name=a,b", "column 6: name takes one value"},
		{"seeds=x", "column 7: want a count (5)"},
		{"base=3", "column 1: base is a part of the study's file"},
		{"optim=3", "column 1: optim is a section, want one of its keys: name, lr"},
		{"baseline.depth=9", `override "baseline.depth=9", column 16: baseline.depth: factor depth has no level "9"`},
		{"metric=test/top2", `override "metric=test/top2", column 8: metric: unknown name "test/top2"`},
		{"+epochs=3", "column 2: epochs is always there: write it without +"},
		{"+dataset.train=3", "column 2: dataset.train is already 300: write it without +"},
		{"+modle.x=3", `column 2: unknown key "modle.x"`},
		{"~epochs", "column 2: epochs cannot be dropped"},
		{"~seeds", "column 2: seeds cannot be dropped, only options of data sets and networks and keys of phases can"},
		{"+seeds=3", "column 2: seeds is always there: write it without +"},
		{"~search.optim.lr", "column 2: unknown key \"search.optim.lr\""},
		{"~depth", "column 2: depth is a factor; to vary it no more, name the level that stays: depth="},
		{"~dataset.trian", "column 2: dataset.trian is not set: did you mean train?"},
		{"~dataset.train=3", "column 15: ~ drops a key, it takes no value"},
		{"schedule.name=cosine", "schedule.milestones: schedule cosine does not use it, only step (schedule.milestones=[] removes it)"},
	} {
		_, err := Parse("study.yaml", []byte(smallStudy), []string{"batch=32", c.override})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.override, err, c.want)
		}
	}
}

// Where only some levels of a factor set a path, the other levels have its base value. An override of that path is
// refused, because it would be a guess which of the values should win.
func TestOverrideOfASharedPath(t *testing.T) {
	_, err := Parse("study.yaml", []byte(smallStudy), []string{"optim.lr=0.1"})
	if err == nil || !strings.Contains(err.Error(), "optim.lr is set by factor net together with other paths") {
		t.Errorf("got %v", err)
	}
}

func TestOverrideLeavesListsAlone(t *testing.T) {
	list := smallStudy + "design: list\ncells: [{depth: 20}, {net: plain}, {depth: 8}]\n"
	if s := mustLoad(t, list, "epochs=9"); s.Base.Epochs != 9 {
		t.Errorf("got %d epochs", s.Base.Epochs)
	}
	for _, o := range []string{"depth=8", "model.depth=8", "batch=1,2"} {
		if _, err := Parse("study.yaml", []byte(list), []string{o}); err == nil || !strings.Contains(err.Error(), "lists its cells") {
			t.Errorf("%s: got %v", o, err)
		}
	}
}

func FuzzParseOverride(f *testing.F) {
	for _, text := range []string{
		"optim.lr=0.1", "a=1,2,3", "a=[1, 'x']", "a=range(0,3)", "+a.b=\"c\\\"\"", "~a.b", "a==", "ä=ö,", "a=range(9,-9,-4),x",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		o, err := parseOverride(text)
		if err == nil {
			err = o.parseValues()
		}
		if err != nil {
			if n := len([]rune(text)) + 1; err.column < 1 || err.column > n {
				t.Errorf("%q: an error at column %d of %d", text, err.column, n)
			}
			return
		}
		if o.key == "" || (o.op == '~') != (len(o.values) == 0) {
			t.Errorf("%q: got %+v", text, o)
		}
	})
}
