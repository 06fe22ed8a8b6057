package analysis

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/metric"
)

func comparedRuns() []experiments.RunInfo {
	config := experiments.Defaults()
	config.Dataset = experiments.Choice{Name: "shapes", Options: map[string]any{"images": 100, "noise.kind": "none"}}
	config.Model = experiments.Choice{Name: "resnet20_cifar"}
	first := experiments.RunInfo{
		Run:         experiments.Run{ID: "a", Study: "s", Cell: "base", Seed: 1, Config: config, DataDigest: "d"},
		Status:      experiments.Done,
		Environment: map[string]string{"threads": "2", "backend": "onednn"},
		Last:        map[string]float64{metric.TestTop1: 0.8, metric.TestLoss: 0.7, metric.TrainRate: 0.1},
		Max:         map[string]float64{metric.TestTop1: 0.9, metric.TestLoss: 2, metric.TrainRate: 0.2},
		Min:         map[string]float64{metric.TestTop1: 0.1, metric.TestLoss: 0.5, metric.TrainRate: 0},
	}
	second := first
	second.Config = first.Config.Clone()
	second.ID, second.Seed = "b", 2
	second.Config.Dataset.Options = map[string]any{"images": 100.0, "noise.kind": ""}
	second.Config.Optim.Options["lr"] = 0.25
	second.Config.Schedule = experiments.Choice{Name: "step", Options: map[string]any{"milestones": []float64{1, 2.5}}}
	second.Environment = map[string]string{"threads": "2", "backend": "reference", "cpu": ""}
	second.Last = map[string]float64{metric.TestTop1: 0.75, metric.TestLoss: math.NaN(), "extra": 1}
	second.Max, second.Min = map[string]float64{metric.TestTop1: 0.95, "extra": 1}, map[string]float64{metric.TestTop1: 0.75, "extra": 1}
	return []experiments.RunInfo{first, second}
}

func TestCompareShowsOnlyDifferences(t *testing.T) {
	c := Compare(comparedRuns())
	want := []Difference{
		{`dataset.noise\.kind`, []Setting{{Text: "none"}, {Text: `""`}}},
		{"optim.lr", []Setting{{Text: "0"}, {Text: "0.25"}}},
		{"schedule.name", []Setting{{Text: "constant"}, {Text: "step"}}},
		{"schedule.milestones", []Setting{{Missing: true}, {Text: "[1,2.5]"}}},
	}
	if !slices.EqualFunc(c.Config, want, sameDifference) {
		t.Errorf("differences\n%+v\nwant\n%+v", c.Config, want)
	}
	want = []Difference{
		{"backend", []Setting{{Text: "onednn"}, {Text: "reference"}}},
		{"cpu", []Setting{{Missing: true}, {Text: ""}}},
	}
	if !slices.EqualFunc(c.Environment, want, sameDifference) {
		t.Errorf("environment\n%+v\nwant\n%+v", c.Environment, want)
	}
	if len(c.Runs) != 2 || c.Runs[1] != (ComparedRun{Run: "b", Study: "s", Cell: "base", Seed: 2, Status: experiments.Done, DataDigest: "d"}) {
		t.Errorf("runs %+v", c.Runs)
	}
}

func TestCompareSeesADifferenceInTheMiddle(t *testing.T) {
	runs := comparedRuns()
	c := Compare(append(runs, runs[0]))
	if len(c.Config) != 4 || c.Config[1].Values[2] != c.Config[1].Values[0] {
		t.Errorf("a second run that differs from the first and the third: %+v", c.Config)
	}
}

func sameDifference(a, b Difference) bool {
	return a.Path == b.Path && slices.Equal(a.Values, b.Values)
}

// A run recorded before a network had a switch does not differ from a later one that leaves the switch alone.
func TestCompareTakesLaterSwitchesForTheirDefaults(t *testing.T) {
	runs := comparedRuns()
	runs[0].Config.Model.Options = map[string]any{"shortcut": "none"}
	for value, want := range map[bool]int{false: 4, true: 5} {
		runs[1].Config.Model.Options = map[string]any{"shortcut": "none", "shuffle": value}
		c := Compare(runs)
		if len(c.Config) != want || len(runs[0].Config.Model.Options) != 1 {
			t.Errorf("shuffle=%v: %+v, want %d differences", value, c.Config, want)
		}
	}
}

func TestCompareMetrics(t *testing.T) {
	c := Compare(comparedRuns())
	var names []string
	for _, m := range c.Metrics {
		names = append(names, m.Metric+" "+string(m.Better))
	}
	if want := []string{"test/top1 higher", "test/loss lower", "extra ", "train/lr "}; !slices.Equal(names, want) {
		t.Fatalf("metrics %q, want %q", names, want)
	}
	top1, loss, extra, rate := c.Metrics[0].Values, c.Metrics[1].Values, c.Metrics[2].Values, c.Metrics[3].Values
	almost(t, "last", float64(top1[1].Last), 0.75)
	almost(t, "best", float64(top1[1].Best), 0.95)
	almost(t, "difference of last", float64(top1[1].LastDiff), -0.05)
	almost(t, "difference of best", float64(top1[1].BestDiff), 0.05)
	almost(t, "difference of the first from itself", float64(top1[0].LastDiff), 0)
	almost(t, "lowest loss", float64(loss[0].Best), 0.5)
	for what, v := range map[string]experiments.Number{
		"a loss that was NaN": loss[1].Last, "its best": loss[1].Best, "its difference": loss[1].LastDiff,
		"best rate": rate[0].Best, "difference from a run without": extra[1].LastDiff,
	} {
		if !math.IsNaN(float64(v)) {
			t.Errorf("%s is %v, want NaN", what, v)
		}
	}
	if extra[0] != nil || rate[1] != nil {
		t.Errorf("values of metrics that were not recorded: %+v, %+v", extra[0], rate[1])
	}
	text, err := json.Marshal(c)
	if err != nil || !strings.Contains(string(text), `"last":"NaN"`) || !strings.Contains(string(text), `"values":[null,{`) {
		t.Errorf("%v: %s", err, text)
	}
}

func TestCompareOneOrNone(t *testing.T) {
	if c := Compare(comparedRuns()[:1]); len(c.Config) != 0 || len(c.Environment) != 0 || len(c.Metrics) != 3 {
		t.Errorf("one run differs from itself: %+v", c)
	}
	text, err := json.Marshal(Compare(nil))
	if want := `{"runs":[],"config":[],"environment":[],"metrics":[],"remarks":[]}`; err != nil || string(text) != want {
		t.Errorf("%s, %v, want %s", text, err, want)
	}
}

// Every key that a study can set is compared: changing it shows at its path.
func TestEveryConfigurationPathIsCompared(t *testing.T) {
	for _, path := range experiments.Paths() {
		runs := comparedRuns()[:1]
		other := runs[0]
		other.Config = other.Config.Clone()
		declared, ok := other.Config.Declaration(path)
		if !ok {
			t.Fatalf("nothing declares %s", path)
		}
		was, _ := other.Config.Get(path)
		changed := map[string]any{"string": "other", "int": 41, "float64": 0.41, "bool": was != true, "[]float64": []float64{41},
			"[]option.Group": []any{map[string]any{"match": "fc.**", "frozen": true}}}
		if path == "model.name" { // one that declares the same options: what is not recorded of it has their defaults
			changed["string"] = "resnet32_cifar"
		}
		if err := other.Config.Set(path, changed[fmt.Sprintf("%T", declared.Default)]); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		c := Compare(append(runs, other)).Config
		if path == "strategy.name" { // the options of the one are none of the other
			c = slices.DeleteFunc(c, func(d Difference) bool {
				return d.Path != path && strings.HasPrefix(d.Path, "strategy.") && d.Values[1].Missing
			})
		}
		if len(c) != 1 || c[0].Path != path {
			t.Errorf("changing %s shows as %+v", path, c)
		}
	}
}

func TestTextsThatReadAsSomethingElseAreQuoted(t *testing.T) {
	for want, value := range map[string]any{
		`"1"`: "1", "1": 1, "1e-07": 1e-7,
		`"null"`: "null", "null": nil, `"true"`: "true", "true": true, "none": "none", `""`: "",
		"[80,120]": []float64{80, 120}, "[a,1]": []any{"a", 1},
	} {
		if got := settingText(value); got != want {
			t.Errorf("%#v is written %s, want %s", value, got, want)
		}
	}
}

// The loss that strategies minimise is not one quantity in runs of several, so none of their values is better. Accuracy
// is, and so are losses of one strategy, and test losses.
func TestLossesOfOtherStrategiesAreNotBetter(t *testing.T) {
	strategies := func(names ...string) []experiments.RunInfo {
		runs := comparedRuns()
		for i, name := range names {
			runs[i].Config.Strategy.Name = name
			runs[i].Last = map[string]float64{metric.TestTop1: 0.5, metric.TestLoss: 1, metric.TrainLoss: float64(i),
				"pretrain/train/loss": float64(i)}
		}
		return runs
	}
	focal := strategies("supervised", "supervised")
	focal[1].Config.Strategy.Options = map[string]any{"loss": "focal"}
	if got := Compare(focal); len(got.Remarks) != 1 || !strings.Contains(got.Remarks[0], "; of supervised focal (") {
		t.Errorf("two losses of a strategy: %q", got.Remarks)
	}
	for _, c := range []struct {
		names []string
		none  []string // metrics without a better side
	}{
		{[]string{"supervised", "supervised"}, nil},
		{[]string{"supervised", "elr"}, []string{metric.TrainLoss}},
		{[]string{"byol", "vicreg"}, []string{"pretrain/train/loss"}},
		{[]string{"byol", "byol"}, nil},
	} {
		got := Compare(strategies(c.names...))
		for _, m := range got.Metrics {
			want := metric.BetterSide(m.Metric)
			if slices.Contains(c.none, m.Metric) {
				want = metric.Neither
			}
			if m.Better != want || float64(m.Values[1].LastDiff) != float64(m.Values[1].Last-m.Values[0].Last) {
				t.Errorf("%v: %s is better %q, want %q; %+v", c.names, m.Metric, m.Better, want, m.Values[1])
			}
		}
		if len(got.Remarks) != len(c.none) {
			t.Errorf("%v: remarks %q", c.names, got.Remarks)
		}
		for i, name := range c.none {
			for _, want := range []string{name + " is not one quantity", "of " + c.names[0] + " ", "of " + c.names[1] + " "} {
				if !strings.Contains(got.Remarks[i], want) {
					t.Errorf("%v: remark %q, want %q", c.names, got.Remarks[i], want)
				}
			}
		}
	}
}
