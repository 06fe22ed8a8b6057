package studyfile

import (
	"reflect"
	"strings"
	"testing"

	"workbench/experiments"
)

// partStudy has a momentum only beside sgd, and deep plain networks are left out.
const partStudy = `name: part
seeds: [1, 2, 3]
exclude: [{net: plain, depth: [14, 20]}, {depth: 20, momentum: 0}]
base:
  dataset: {name: shapes, train: 300}
  model: {name: resnet_mini}
  epochs: 2
factors:
  - {name: net, levels: {residual: {model.shortcut: identity}, plain: {model.shortcut: none}}}
  - {key: model.depth, levels: [8, 14, 20]}
  - {name: optim, levels: {sgd: {optim: {name: sgd, lr: 0.05}}, adam: {optim: {name: adam, lr: 0.001}}}}
  - {key: optim.momentum, levels: [0.9, 0], when: {optim: sgd}}
`

func keysOf(t *testing.T, s experiments.Study) string {
	t.Helper()
	cells, err := s.Cells()
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, c := range cells {
		keys = append(keys, c.Key)
	}
	return strings.Join(keys, "\n")
}

func TestCellsOfAPartialFactorial(t *testing.T) {
	const first = "net=residual depth=8 optim=sgd momentum=0.9\nnet=residual depth=8 optim=sgd momentum=0\nnet=residual depth=8 optim=adam\n"
	whole := first + "net=residual depth=14 optim=sgd momentum=0.9\nnet=residual depth=14 optim=sgd momentum=0\n" +
		"net=residual depth=14 optim=adam\n" +
		"net=residual depth=20 optim=sgd momentum=0.9\nnet=residual depth=20 optim=adam\n" + strings.ReplaceAll(first, "residual", "plain")
	for _, c := range []struct {
		overrides []string
		want      string
	}{
		{nil, whole},
		{[]string{"net=plain", "depth=8"}, "optim=sgd momentum=0.9\noptim=sgd momentum=0\noptim=adam\n"},
		{[]string{"optim=adam", "depth=8,20"}, "net=residual depth=8\nnet=residual depth=20\nnet=plain depth=8\n"},
		{[]string{"optim=sgd", "momentum=0.9", "net=residual"}, "depth=8\ndepth=14\ndepth=20\n"},
		{[]string{"model.depth=26", "net=plain", "optim=sgd"}, "momentum=0.9\nmomentum=0\n"},
		{[]string{"optim=adam", "model.depth=20,26"}, "net=residual depth=20\nnet=residual depth=26\nnet=plain depth=26\n"},
		{[]string{"optim=sgd,adam", "depth=14", "net=residual"}, "optim=sgd momentum=0.9\noptim=sgd momentum=0\noptim=adam\n"},
	} {
		if got := keysOf(t, mustLoad(t, partStudy, c.overrides...)) + "\n"; got != c.want {
			t.Errorf("%q: got\n%s\nwant\n%s", c.overrides, got, c.want)
		}
	}
	text := strings.Replace(partStudy, "exclude: [{net: plain, depth: [14, 20]}, {depth: 20, momentum: 0}]\n", "design: one_at_a_time\n", 1)
	want := strings.Join(strings.Split(first, "\n")[:2], "\n") + strings.Join([]string{"", "net=residual depth=14 optim=sgd momentum=0.9",
		"net=residual depth=20 optim=sgd momentum=0.9", "net=residual depth=8 optim=adam"}, "\n")
	got := strings.Split(keysOf(t, mustLoad(t, text)), "\n")
	if len(got) != 6 || !strings.Contains(strings.Join(got, "\n"), "net=plain depth=8 optim=sgd momentum=0.9") {
		t.Errorf("one at a time: got %q", got)
	}
	for _, key := range strings.Split(want, "\n") {
		if !strings.Contains(strings.Join(got, "\n"), key) {
			t.Errorf("one at a time lacks %s", key)
		}
	}
}

// A factor sets nothing where it does not apply.
func TestFactorsSetNothingElsewhere(t *testing.T) {
	cells, err := mustLoad(t, partStudy).Cells()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cells {
		momentum, sets := c.Config.Optim.Options["momentum"]
		if want := map[string]any{"0.9": 0.9, "0": 0.0}[c.Levels["momentum"]]; c.Levels["optim"] == "sgd" && momentum != want {
			t.Errorf("%s: momentum %v", c.Key, momentum)
		}
		if _, applies := c.Levels["momentum"]; applies != (c.Levels["optim"] == "sgd") || !applies && sets && momentum != 0.9 {
			t.Errorf("%s: momentum applies: %v, %v", c.Key, applies, momentum)
		}
	}
}

// What is stored, written to a file and read again has the same cells, those of a sample too.
func TestPartialFactorialsAreWrittenAndRead(t *testing.T) {
	s := mustLoad(t, partStudy+"sample: {cells: 5, seed: 3}\n")
	text, err := Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	again := mustLoad(t, string(text))
	if !reflect.DeepEqual(again.Exclude, s.Exclude) || !reflect.DeepEqual(again.Sample, s.Sample) ||
		!reflect.DeepEqual(again.Factors[3].When, s.Factors[3].When) {
		t.Errorf("read again: %v, %v, %v", again.Exclude, again.Sample, again.Factors[3].When)
	}
	got, want := keysOf(t, again), keysOf(t, s)
	if got != want || strings.Count(want, "\n") != 4 || !strings.Contains(want, "net=residual depth=8 optim=sgd momentum=0.9") {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for text, since := range map[string]string{
		partStudy: "no sample",
		partStudy + "sample: {cells: 6, seed: 3}\n":                                                       "a sample of 6 cells, seed 3",
		strings.Replace(partStudy, ", {depth: 20, momentum: 0}", "", 1) + "sample: {cells: 5, seed: 3}\n": "1 exclusions",
	} {
		if got := mustLoad(t, text).Since(s); got != since {
			t.Errorf("since: got %q, want %q", got, since)
		}
	}
}

func TestProblemsOfPartialFactorials(t *testing.T) {
	const exclude, when, factors = "exclude: [{net: plain, depth: [14, 20]}, {depth: 20, momentum: 0}]", "when: {optim: sgd}", "  - {name: net"
	for _, c := range []struct{ old, new, want string }{
		{exclude, "exclude: [{net: plan}]", `study.yaml:3:17: exclude[0]: factor net has no level "plan": did you mean plain?`},
		{exclude, "exclude: [{nett: plain}]", `study.yaml:3:18: exclude[0]: unknown factor "nett": did you mean net?`},
		{exclude, "exclude: [{depth: [8, 9]}]", `study.yaml:3:19: exclude[0]: factor depth has no level "9": want one of 14, 20, 8`},
		{exclude, "exclude: [{depth: []}]", "study.yaml:3:19: exclude[0].depth: want a level or a list of levels, got none"},
		{exclude, "exclude: [{}]", "study.yaml:3:11: exclude[0]: want factor: level, such as {depth: 20}"},
		{exclude, "exclude: {net: plain}", "study.yaml:3:10: exclude: want a list, got a group of keys"},
		{exclude, "exclude: [{net: residual, depth: 8}]", "study.yaml:3:11: exclude[0]: leaves out the baseline (depth=8 net=residual), which " +
			"the others are compared with"},
		{exclude, "exclude: [{net: plain}, {net: plain, depth: 8}]", "study.yaml:3:25: exclude[1]: leaves out nothing: no combination that is " +
			"not left out already has depth=8 net=plain"},
		{exclude, "exclude: [{optim: adam, momentum: 0}]", "study.yaml:3:11: exclude[0]: leaves out nothing: no combination that is " +
			"not left out already has momentum=0 optim=adam"},
		{when, "when: {optm: sgd}", `study.yaml:12:58: factor.momentum.when: unknown factor "optm": did you mean optim?`},
		{when, "when: {optim: sg}", `study.yaml:12:59: factor.momentum.when: factor optim has no level "sg": did you mean sgd?`},
		{when, "when: {}", "study.yaml:12:51: factor.momentum.when: want factor: level, such as {depth: 20}"},
		{when, "wen: {optim: sgd}", `study.yaml:12:45: factors[3]: unknown key "wen": did you mean when or key?`},
		{"levels: {residual", "when: {depth: 8}, levels: {residual", "study.yaml:9:31: factor.net.when: factor depth does not stand before it: " +
			"a factor applies by what earlier ones are"},
		{exclude, "sample: {cells: 1}", "study.yaml:3:9: design: sample: want from 2 to 10000 cells, the baseline among them, got 1"},
		{exclude, "sample: {cells: 19}", "study.yaml:3:9: design: sample: want at most 18 cells, as many as there are to choose from, got 19"},
		{exclude, "sample: {cell: 3}", `study.yaml:3:10: sample: unknown key "cell": did you mean cells?`},
		{exclude, "sample: {cells: x}", `study.yaml:3:17: sample.cells: want a whole number, got "x"`},
		{exclude, "sample: 3", "study.yaml:3:9: sample: want a group of keys, got a single value"},
		{exclude, exclude + "\ndesign: one_at_a_time", "study.yaml:3:10: exclude: is only for design factorial, the design is one_at_a_time"},
		{exclude, "sample: {cells: 3}\ndesign: one_at_a_time", "study.yaml:3:9: sample: is " +
			"only for design factorial, the design is one_at_a_time"},
		{exclude, "design: list\ncells: [{}, {optim: adam, momentum: 0}]", "study.yaml:4:37: cells[1]: factor momentum is no part of the " +
			"cell: it applies only when optim=sgd"},
		{exclude, "design: one_at_a_time\nbaseline: {optim: adam}", "study.yaml:13:41: momentum: no cell has level 0: momentum applies only " +
			"when optim=sgd"},
		{factors, "  - {key: batch, levels: [7, 9999999]}\n" + factors, "study.yaml:9:30: batch: " +
			"want a whole number from 1 to 1000000, got 9999999"},
	} {
		_, err := Parse("study.yaml", []byte(strings.Replace(partStudy, c.old, c.new, 1)), nil)
		if got := strings.TrimSpace(shown.ReplaceAllString(errorText(err)+"\n", "")); !strings.Contains(got, c.want) {
			t.Errorf("%s:\n got %s\nwant %s", c.new, got, c.want)
		}
	}
	for override, want := range map[string]string{
		"momentum=0.9": "factor momentum applies only when optim=sgd, the base applies everywhere: want two levels or more, or choose the " +
			"levels that it applies by first",
		"optim.momentum=0.5": "factor momentum applies only when optim=sgd",
	} {
		if _, err := Parse("study.yaml", []byte(partStudy), []string{override}); !strings.Contains(errorText(err), want) {
			t.Errorf("%s: got %v", override, err)
		}
	}
	text := strings.Replace(partStudy, exclude, "exclude: [{net: plain}]", 1)
	_, err := Parse("study.yaml", []byte(text), []string{"net=plain"})
	if !strings.Contains(errorText(err), "exclude[0] leaves out every cell with net=plain") {
		t.Errorf("got %v", err)
	}
}

func errorText(err error) string {
	if err == nil {
		return "no error"
	}
	return err.Error()
}
