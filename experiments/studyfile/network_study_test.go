package studyfile_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/studyfile"
	"workbench/nn/zoo"
)

const smallNetwork = `
name: small
parameters: {width: 4}
layers: [conv: $width, relu, global_avg_pool, classifier]
`

const studyOfAFile = `
base:
  dataset: {name: shapes}
  model: {file: nets/small.yaml, width: 6}
  optim: {lr: 0.1}
  epochs: 1
seeds: [1]
`

// inFolder writes files below a folder of the test's own.
func inFolder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func runsOf(t *testing.T, file string, overrides ...string) []experiments.Run {
	t.Helper()
	s, err := studyfile.Load(file, overrides)
	if err != nil {
		t.Fatal(err)
	}
	runs, err := s.Runs(func(experiments.Choice) (string, error) { return "data", nil })
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

// What a file says decides a run, and neither where it lies nor its comments.
func TestTheContentOfANetworksFileIsTheRuns(t *testing.T) {
	dir := inFolder(t, map[string]string{
		"one.yaml": studyOfAFile, "nets/small.yaml": smallNetwork,
		"two.yaml": strings.Replace(studyOfAFile, "nets/small", "other", 1), "other.yaml": "# the same\n" + smallNetwork,
		"three.yaml": strings.Replace(studyOfAFile, "nets/small", "tanh", 1), "tanh.yaml": strings.Replace(smallNetwork, "relu", "tanh", 1),
	})
	one, two, three := runsOf(t, dir+"/one.yaml"), runsOf(t, dir+"/two.yaml"), runsOf(t, dir+"/three.yaml")
	if one[0].ID != two[0].ID {
		t.Errorf("the same network in another file is another run: %s and %s", one[0].ID, two[0].ID)
	}
	if one[0].ID == three[0].ID {
		t.Error("another network is the same run")
	}
}

// A recorded run needs no file: its configuration, as a database has it, builds the network.
func TestARecordedRunHasItsNetwork(t *testing.T) {
	dir := inFolder(t, map[string]string{"one.yaml": studyOfAFile, "nets/small.yaml": smallNetwork})
	run := runsOf(t, dir+"/one.yaml")[0]
	recorded, err := json.Marshal(run.Config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	var c experiments.Config
	if err := json.Unmarshal(recorded, &c); err != nil {
		t.Fatal(err)
	}
	v, s, err := c.Variant()
	if err != nil {
		t.Fatal(err)
	}
	cost, err := zoo.Cost(v, s, v.Input, v.Classes)
	if want := int64(6*27 + 6*10 + 10); err != nil || cost.Params != want {
		t.Errorf("%d parameters, %v, want %d", cost.Params, err, want)
	}
	if !strings.HasPrefix(c.Network(), "small@") {
		t.Errorf("people call it %q, want small@ and a hash", c.Network())
	}
	if !reflect.DeepEqual(c.Model, run.Config.Model) {
		t.Errorf("read again, it is %v, want %v", c.Model, run.Config.Model)
	}
}

// A study with the network of a file, written out, is the same study without the file.
func TestAWrittenStudyNeedsNoNetworksFile(t *testing.T) {
	dir := inFolder(t, map[string]string{"one.yaml": studyOfAFile, "nets/small.yaml": smallNetwork})
	s, err := studyfile.Load(dir+"/one.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := studyfile.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	again, err := studyfile.Parse("again.yaml", text, nil)
	if err != nil || !reflect.DeepEqual(again.Base.Model, s.Base.Model) {
		t.Errorf("%v\n%s", err, text)
	}
}

// A network, written out, is the same network.
func TestAWrittenNetworkIsTheSame(t *testing.T) {
	for _, c := range written {
		n, err := studyfile.Network("testdata/networks/" + c.file + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		text, err := studyfile.MarshalNetwork(n)
		if err != nil {
			t.Fatal(err)
		}
		again, err := studyfile.ParseNetwork("again.yaml", text)
		if err != nil || again.Text() != n.Text() {
			t.Errorf("%s: %v\n%s", c.file, err, text)
		}
	}
}

// Levels and overrides take files as they take names.
func TestNetworksOfFilesAreLevels(t *testing.T) {
	factor := strings.Replace(studyOfAFile, "model: {file: nets/small.yaml, width: 6}", "model: {name: resnet_mini}", 1)
	dir := inFolder(t, map[string]string{
		"nets/small.yaml": smallNetwork, "tanh.yaml": strings.Replace(smallNetwork, "relu", "tanh", 1), "base.yaml": studyOfAFile,
		"listed.yaml": factor + "factors:\n- {key: model.file, levels: [nets/small.yaml, tanh.yaml]}\n",
		"named.yaml":  factor + "factors:\n- {name: net, levels: {mine: {model: {file: tanh.yaml}}, theirs: {model.name: resnet_mini}}}\n",
	})
	for _, c := range []struct {
		file     string
		override []string
		want     string // the cells, and what people call their networks
	}{
		{"listed.yaml", nil, "model=nets/small.yaml small, model=tanh.yaml small"},
		{"named.yaml", nil, "net=mine small, net=theirs resnet_mini"},
		{"base.yaml", []string{"model.file=" + dir + "/tanh.yaml"}, "base small"},
		{"base.yaml", []string{"model.file=" + dir + "/tanh.yaml," + dir + "/nets/small.yaml"},
			"model=" + dir + "/tanh.yaml small, model=" + dir + "/nets/small.yaml small"},
		{"base.yaml", []string{"model.width=3,5"}, "width=3 small, width=5 small"},
	} {
		var got []string
		for _, r := range runsOf(t, dir+"/"+c.file, c.override...) {
			name, _, _ := strings.Cut(r.Config.Network(), "@")
			got = append(got, r.Cell+" "+name)
		}
		if all := strings.Join(got, ", "); all != c.want {
			t.Errorf("%s %v: got %s, want %s", c.file, c.override, all, c.want)
		}
	}
}

var hash = regexp.MustCompile("@[0-9a-f]{8}")

func TestStudiesOfNetworksFilesAreRefused(t *testing.T) {
	dir := inFolder(t, map[string]string{"nets/small.yaml": smallNetwork, "nets/wrong.yaml": "name: wrong\nlayers: [conf, classifier]\n"})
	for _, c := range []struct{ model, override, want string }{
		{"{file: nets/smal.yaml}", "", "study.yaml:4:17: model.file: network file nets/smal.yaml: not found: did you mean small.yaml?"},
		{"{file: elsewhere/a.yaml}", "", "study.yaml:4:17: model.file: network file elsewhere/a.yaml: not found: there is no folder elsewhere"},
		{"{file: 3}", "", "study.yaml:4:17: model.file: want the path of a file with a network, got a single value"},
		{"{file: [a.yaml]}", "", "study.yaml:4:17: model.file: want the path of a file with a network, got a list"},
		{"{name: resnet_mini, file: nets/small.yaml}", "",
			"study.yaml:4:30: model.name: already defined at line 4, column 11, in another spelling: write it once"},
		{"{file: nets/wrong.yaml}", "", `nets/wrong.yaml:2:10: layers[0]: unknown layer "conf": did you mean conv?`},
		{"{file: nets/small.yaml, widht: 3}", "", `study.yaml:4:34: model.widht: small@HASH has no option "widht": did you mean width?`},
		{"{file: nets/small.yaml, width: wide}", "",
			`study.yaml:4:41: model.width: small@HASH: option width: want a whole number of at least 0, got "wide"`},
		{"{name: nets/small.yaml}", "", `study.yaml:4:17: model.name: unknown architecture "nets/small.yaml": ` +
			"a network in a file is model: {file: nets/small.yaml} in a study"},
		{"{name: resnet_mini}", "model.file=nets/none.yaml",
			`override "model.file=nets/none.yaml", column 12: network file nets/none.yaml: not found: did you mean wrong.yaml?`},
		{"{name: resnet_mini}", "model.file=3", `override "model.file=3", column 12: model.file: want the path of a file with a network, got 3`},
		{"{name: resnet_mini}", "model.file=nets/wrong.yaml", `nets/wrong.yaml:2:10: layers[0]: unknown layer "conf": did you mean conv?`},
	} {
		t.Chdir(dir)
		text := strings.Replace(studyOfAFile, "{file: nets/small.yaml, width: 6}", c.model, 1)
		var overrides []string
		if c.override != "" {
			overrides = []string{c.override}
		}
		_, err := studyfile.Parse("study.yaml", []byte(text), overrides)
		if err == nil {
			t.Errorf("%s %s: nothing is wrong, want %s", c.model, c.override, c.want)
			continue
		}
		got, _, _ := strings.Cut(err.Error(), "\n")
		if got = hash.ReplaceAllString(got, "@HASH"); got != c.want {
			t.Errorf("%s %s: got\n%s\nwant\n%s", c.model, c.override, got, c.want)
		}
	}
}
