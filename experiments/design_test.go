package experiments_test

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/studyfile"
)

// smallStudy is a study of every part, on a data set and a network that need nothing.
//
//go:embed studyfile/testdata/small.yaml
var smallStudy string

func mustLoad(t *testing.T, text string, overrides ...string) experiments.Study {
	t.Helper()
	s, err := studyfile.Parse("study.yaml", []byte(text), overrides)
	if err != nil {
		t.Fatalf("overrides %q: %v", overrides, err)
	}
	return s
}

// openStudy reads a text as a file of its own, so that its problems can be located.
func openStudy(t *testing.T, text string) (studyfile.Located, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile("study.yaml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return studyfile.Open("study.yaml", nil)
}

func cellKeys(t *testing.T, s experiments.Study) []string {
	t.Helper()
	cells, err := s.Cells()
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, c := range cells {
		keys = append(keys, c.Key)
	}
	return keys
}

func TestDesignsGiveTheirCells(t *testing.T) {
	for _, c := range []struct {
		extra, baseline string
		overrides       []string
		want            []string
	}{
		{"", "net=residual depth=20", nil,
			[]string{"net=residual depth=8", "net=residual depth=20", "net=plain depth=8", "net=plain depth=20"}},
		{"design: one_at_a_time\n", "net=residual depth=14", []string{"model.depth=8,14,20", "baseline.depth=14"},
			[]string{"net=residual depth=14", "net=plain depth=14", "net=residual depth=8", "net=residual depth=20"}},
		{"design: leave_one_out\n", "net=residual depth=20", nil,
			[]string{"net=residual depth=20", "net=plain depth=20", "net=residual depth=8"}},
		{"design: list\ncells: [{net: plain, depth: 8}, {}, {depth: 8}]\n", "net=residual depth=20", nil,
			[]string{"net=plain depth=8", "net=residual depth=20", "net=residual depth=8"}},
		{"", "base", []string{"net=plain", "depth=8"}, []string{"base"}},
	} {
		s := mustLoad(t, smallStudy+c.extra, c.overrides...)
		if got := cellKeys(t, s); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s%q: got %q, want %q", c.extra, c.overrides, got, c.want)
		}
		if b, err := s.BaselineCell(); err != nil || b.Key != c.baseline {
			t.Errorf("%s%q: got baseline %s, %v, want %s", c.extra, c.overrides, b.Key, err, c.baseline)
		}
	}
}

func TestListWithoutBaselineTakesItsFirstCell(t *testing.T) {
	text := strings.Replace(smallStudy, "baseline: {depth: 20}\n", "design: list\ncells: [{net: plain, depth: 20}, {net: residual}]\n", 1)
	if b, err := mustLoad(t, text).BaselineCell(); err != nil || b.Key != "net=plain depth=20" {
		t.Errorf("got %s, %v", b.Key, err)
	}
}

func TestCellsApplyTheirLevels(t *testing.T) {
	s := mustLoad(t, smallStudy)
	cells, err := s.Cells()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cells {
		lr, shortcut := 0.05, "identity"
		if c.Levels["net"] == "plain" {
			lr, shortcut = 0.01, "none"
		}
		depth := map[string]int{"8": 8, "20": 20}[c.Levels["depth"]]
		want := map[string]any{"shortcut": shortcut, "depth": depth}
		if c.Config.Optim.Options["lr"] != lr || !reflect.DeepEqual(c.Config.Model.Options, want) {
			t.Errorf("%s: got lr %v, options %v, want %v, %v", c.Key, c.Config.Optim.Options["lr"], c.Config.Model.Options, lr, want)
		}
	}
	if len(s.Base.Model.Options) != 0 {
		t.Errorf("a level has changed the base: %v", s.Base.Model.Options)
	}
}

func TestCellsAreTheSameAfterStorage(t *testing.T) {
	s := mustLoad(t, smallStudy)
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var stored experiments.Study
	if err := json.Unmarshal(text, &stored); err != nil {
		t.Fatal(err)
	}
	want, err := s.Runs(noData)
	if err != nil {
		t.Fatal(err)
	}
	got, err := stored.Runs(noData)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestDesignRefusesWhatMakesNoSense(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"title:", "design: leave_one_out\nexpect:", ""},
		{"[8, 20]}", "[8, 14, 20]}\ndesign: leave_one_out", "depth: design leave_one_out wants two levels, with and without, got 3"},
		{"title:", "design: list\nexpect:", "cells: design list wants cells"},
		{"title:", "cells: [{depth: 8}]\nexpect:", "study.yaml:2:8: cells: are only for design list, the design is factorial"},
		{"title:", "design: list\ncells: [{dpth: 8}]\nexpect:", `study.yaml:3:16: cells[0]: unknown factor "dpth": did you mean depth?`},
		{"title:", "design: list\ncells: [{depth: 9}]\nexpect:", `study.yaml:3:17: cells[0].depth: factor depth has no level "9"`},
		{"title:", "design: list\ncells: [{depth: 8}]\nexpect:", "baseline: the baseline net=residual depth=20 is none of the cells"},
		{"title:", "design: list\ncells: [{depth: 20}, {net: residual}]\nexpect:", "cell net=residual depth=20 is there twice"},
		{"title:", "design: list\ncells: [{depth: 20}, {net: plain}]\nexpect:", "depth: no cell has level 8"},
		{"model.depth, levels: [8, 20]", "model.depth, levels: {a: {batch: 8}, b: {batch: 8.0}}", "takes no key"},
		{"{key: model.depth, levels: [8, 20]}", "{name: depth, levels: {20: {batch: 8}, b: {batch: 8.0}}}", "are the same configuration"},
		{"{key: model.depth, levels: [8, 20]}", "{name: depth, levels: {20: {model.width: 8}, b: {batch: 64}}}", "are the same configuration"},
	} {
		_, err := studyfile.Parse("study.yaml", []byte(strings.Replace(smallStudy, c.old, c.new, 1)), nil)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s:\n got %v\nwant %s", c.new, err, c.want)
		}
	}
}

// The cells of a study that was not validated are refused all the same.
func TestLeaveOneOutWantsTwoLevels(t *testing.T) {
	s := mustLoad(t, smallStudy)
	s.Design = experiments.LeaveOneOut
	if _, err := s.Cells(); err != nil {
		t.Error(err)
	}
	f := &s.Factors[0]
	f.Levels = append(f.Levels, experiments.Level{Label: "third"})
	if _, err := s.Cells(); err == nil || !strings.Contains(err.Error(), "wants two levels of every factor, with and without") {
		t.Errorf("three levels: got %v", err)
	}
}

func TestDesignIsBounded(t *testing.T) {
	overrides := []string{"batch=range(1,101)", "epochs=range(5,106)"}
	_, err := studyfile.Parse("study.yaml", []byte(smallStudy), overrides)
	if err == nil || !strings.Contains(err.Error(), "at most 10000 cells") {
		t.Errorf("got %v", err)
	}
}

// A design may be as large as its bounds, in cells and in runs.
func TestDesignMayReachItsBounds(t *testing.T) {
	s := mustLoad(t, oneRun)
	for _, name := range []string{"a", "b"} {
		f := experiments.Factor{Name: name}
		for i := range 100 {
			f.Levels = append(f.Levels, experiments.Level{Label: fmt.Sprint(i)})
		}
		s.Factors = append(s.Factors, f)
	}
	s.Seeds = make([]uint64, 10)
	if cells, err := s.Cells(); err != nil || len(cells) != 10_000 {
		t.Errorf("got %d cells, %v", len(cells), err)
	}
	s.Seeds = make([]uint64, 11)
	if _, err := s.Cells(); err == nil || !strings.Contains(err.Error(), "at most 100000 runs, 10000 cells with 11 seeds make 110000") {
		t.Errorf("11 seeds: got %v", err)
	}
}

// A version is what is trained: its label says what changed as an override would, and what changes no run makes none.
func TestVersionsOfStudies(t *testing.T) {
	first := experiments.DefaultStudy()
	first.Name, first.Base.Dataset.Name, first.Base.Model.Name, first.Base.Epochs = "tiny", "shapes", "resnet20_cifar", 3
	rate := func(label string, value float64) experiments.Level {
		return experiments.Level{Label: label, Set: []experiments.Assignment{{Path: "optim.lr", Value: value}}}
	}
	first.Factors = []experiments.Factor{{Name: "lr", Levels: []experiments.Level{rate("0.1", 0.1), rate("0.2", 0.2)}}}
	for want, change := range map[string]func(*experiments.Study){
		"epochs=30":          func(s *experiments.Study) { s.Base.Epochs = 30 },
		"dataset.train=1000": func(s *experiments.Study) { s.Base.Dataset.Options = map[string]any{"train": 1000} },
		"lr=0.2,0.1": func(s *experiments.Study) {
			s.Factors = []experiments.Factor{{Name: "lr", Levels: []experiments.Level{rate("0.2", 0.2), rate("0.1", 0.1)}}}
		},
		"lr=1,2,… (9 levels)": func(s *experiments.Study) {
			s.Factors = []experiments.Factor{{Name: "lr"}}
			for _, label := range strings.Split("123456789", "") {
				s.Factors[0].Levels = append(s.Factors[0].Levels, rate(label, 1))
			}
		},
		"without lr":  func(s *experiments.Study) { s.Factors = nil },
		"design=list": func(s *experiments.Study) { s.Design, s.List = experiments.Listed, []map[string]string{{"lr": "0.1"}} },
		"": func(s *experiments.Study) {
			s.Seeds, s.Metric, s.Report, s.Title = []uint64{9}, "test/loss", experiments.ReportBest, "other"
		},
	} {
		next := first
		next.Base = first.Base.Clone()
		change(&next)
		if got := next.Since(first); got != want {
			t.Errorf("label %q, want %q", got, want)
		}
	}
	few, more := first, first
	few.Design, few.List = experiments.Listed, []map[string]string{{"lr": "0.1"}}
	more.Design, more.List = experiments.Listed, []map[string]string{{"lr": "0.1"}, {"lr": "0.2"}}
	if got, back := more.Since(few), few.Since(more); got != "2 listed cells" || back != "1 listed cells" {
		t.Errorf("labels of longer and shorter lists %q and %q", got, back)
	}
	sum := func(change func(*experiments.Study)) string {
		s := first
		s.Base = first.Base.Clone()
		change(&s)
		sum, err := s.Trains()
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	same := sum(func(*experiments.Study) {})
	if same != sum(func(s *experiments.Study) {
		s.Seeds, s.Report, s.Base.Checkpoint.Every, s.Base.Recompute = []uint64{7}, experiments.ReportBest, 9, "cheap"
	}) ||
		same != sum(func(s *experiments.Study) { s.Base = resolved(t, s.Base) }) {
		t.Error("what changes no run makes a version")
	}
	if same == sum(func(s *experiments.Study) { s.Base.Epochs = 4 }) || same == sum(func(s *experiments.Study) { s.Factors = nil }) {
		t.Error("what changes the runs makes no version")
	}
	for ref, want := range map[string]string{"tiny@2": "tiny 2 true", "tiny": "tiny 0 false", "a@b@0": "a@b 0 true", "@3": "@3 0 false",
		"tiny@": "tiny@ 0 false", "tiny@-1": "tiny@-1 0 false", "tiny@02": "tiny@02 0 false", "tiny@+2": "tiny@+2 0 false",
		"tiny@99999999999999999999": "tiny@99999999999999999999 0 false"} {
		if name, version, ok := experiments.SplitVersion(ref); fmt.Sprint(name, " ", version, " ", ok) != want {
			t.Errorf("%s: %s %d %v, want %s", ref, name, version, ok, want)
		}
	}
}

func resolved(t *testing.T, c experiments.Config) experiments.Config {
	t.Helper()
	c, err := c.Resolved()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A study may be as large as its bounds.
func TestSizesOfStudies(t *testing.T) {
	levels := func(n int) experiments.Factor {
		f := experiments.Factor{Name: "a"}
		for i := range n {
			f.Levels = append(f.Levels, experiments.Level{Label: fmt.Sprint(i)})
		}
		return f
	}
	factors := func(n int) []experiments.Factor {
		var all []experiments.Factor
		for i := range n {
			all = append(all, experiments.Factor{Name: fmt.Sprint("f", i), Levels: []experiments.Level{{Label: "a"}, {Label: "b"}}})
		}
		return all
	}
	for _, c := range []struct {
		factors []experiments.Factor
		design  string
		list    int
		want    string // the number of cells, or the error
	}{
		{nil, "factorial", 0, "1"}, {nil, "one_at_a_time", 0, "1"}, {factors(100), "one_at_a_time", 0, "101"}, {factors(13),
			"factorial", 0, "8192"},
		{factors(14), "factorial", 0, "want at most 10000 cells, the factors up to f13 alone make 16384"},
		{[]experiments.Factor{levels(10_000)}, "factorial", 0, "10000"},
		{[]experiments.Factor{levels(10_001)}, "factorial", 0, "want at most 10000 cells, the factors up to a alone make 10001"},
		{[]experiments.Factor{levels(10_000)}, "one_at_a_time", 0, "10000"},
		{[]experiments.Factor{levels(10_001)}, "one_at_a_time", 0, "want at most 10000 cells, the levels make 10001"},
		{[]experiments.Factor{{Name: "empty"}}, "one_at_a_time", 0, `factor empty has no level ""`},
		{nil, "list", 0, "design list wants cells: a list of factor: level"},
		{nil, "list", 1, "1"}, {nil, "list", 2, "cell base is there twice"}, {nil, "list", 10_001, "want at most 10000 cells, got 10001"},
		{factors(1), "leave_one_out", 0, "2"},
		{[]experiments.Factor{levels(3)}, "leave_one_out", 0, "design leave_one_out wants two levels of every factor, with and without; a has 3"},
		{[]experiments.Factor{levels(1)}, "leave_one_out", 0, "design leave_one_out wants two levels of every factor, with and without; a has 1"},
		{nil, "lsit", 0, `unknown design "lsit": did you mean list?`},
	} {
		s := mustLoad(t, oneRun)
		s.Design, s.Factors = c.design, c.factors
		for range c.list {
			s.List = append(s.List, map[string]string{})
		}
		cells, err := s.Cells()
		got := fmt.Sprint(len(cells))
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, c.want) || err == nil && got != c.want {
			t.Errorf("%s of %d factors and %d listed: got %s, want %s", c.design, len(c.factors), c.list, got, c.want)
		}
	}
	for n, want := range map[int]string{100: "", 101: "factors: want at most 100 factors, got 101"} {
		s := mustLoad(t, oneRun)
		s.Design, s.Factors = "one_at_a_time", factors(n)
		if got := problems(s); strings.Contains(got, "at most 100 ") != (want != "") || want != "" && got != want {
			t.Errorf("%d factors: got %.200s, want %s", n, got, want)
		}
	}
	for n, want := range map[int]string{1000: "", 1001: "a: want at most 1000 levels, got 1001"} {
		s := mustLoad(t, oneRun)
		s.Factors = []experiments.Factor{levels(n)}
		if got := problems(s); strings.Contains(got, "at most 1000 ") != (want != "") || want != "" && got != want {
			t.Errorf("%d levels: got %.200s, want %s", n, got, want)
		}
	}
}

func TestCellsThatCannotBe(t *testing.T) {
	s := mustLoad(t, oneRun)
	s.Factors = []experiments.Factor{{Name: "f", Levels: []experiments.Level{level("a", "optim.lrr", 1), level("b", "optim.lr", 1)}}}
	if _, err := s.Cells(); err == nil || err.Error() != `level a of factor f: optim.lrr: unknown key "lrr": did you mean lr?` {
		t.Errorf("got %v", err)
	}
	s.Baseline = map[string]string{"f": "b", "g": "x"}
	if _, err := s.BaselineCell(); err == nil || err.Error() != `unknown factor "g": want one of f` {
		t.Errorf("got %v", err)
	}
	l, err := s.Factors[0].Level("b")
	if err != nil || l.Label != "b" || !slices.Equal(s.Factors[0].Labels(), []string{"a", "b"}) ||
		!slices.Equal(s.Factors[0].Paths(), []string{"optim.lr", "optim.lrr"}) {
		t.Errorf("got %+v, %v, labels %q, paths %q", l, err, s.Factors[0].Labels(), s.Factors[0].Paths())
	}
	if _, err := s.Factors[0].Level("c"); err == nil || err.Error() != `factor f has no level "c": want one of a, b` {
		t.Errorf("got %v", err)
	}
}

// Where cells have other phases they are compared by the last phase, if all record the metric there; what a study
// says, and studies whose cells all record the usual metric, stay as they were.
func TestCellsOfOtherPhasesHaveAMetric(t *testing.T) {
	for _, c := range []struct {
		overrides []string
		want      string
	}{
		{nil, "probe/test/top1"},
		{[]string{"strategy.name=supervised", "strategy.then=nothing"}, "test/top1"},
		{[]string{"strategy.name=supervised,byol"}, "final/test/top1"},
		{[]string{"strategy.name=byol,supervised"}, "final/test/top1"},
		{[]string{"strategy.name=supervised,byol", "metric=test/top1"}, "test/top1"},
		{[]string{"strategy.name=supervised,byol", "metric=final/train/loss"}, "final/train/loss"},
		{[]string{"strategy.name=supervised,byol", "strategy.then=nothing"}, "test/top1"}, // one kind has no accuracy
		{[]string{"strategy.name=byol,simsiam"}, "probe/test/top1"},
		{[]string{"strategy.name=supervised", "strategy.then=nothing", "metric=final/test/top1"}, "final/test/top1"}, // the same
	} {
		if s := mustLoad(t, twoPhases, c.overrides...); s.Metric != c.want {
			t.Errorf("%v: compared by %s, want %s", c.overrides, s.Metric, c.want)
		}
	}
}
