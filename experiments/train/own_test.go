//go:build !race

package train

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/start"
)

// numbered are tensors of one number each, which says what it stands for: "conv1.weight=1 teacher.fc.bias=2".
func numbered(pairs string) (all []experiments.Tensor) {
	for _, pair := range strings.Fields(pairs) {
		name, text, _ := strings.Cut(pair, "=")
		var value float32
		if _, err := fmt.Sscan(text, &value); err != nil {
			panic(err)
		}
		all = append(all, experiments.Tensor{Name: name, Shape: []int{1}, Data: []float32{value}})
	}
	return all
}

func pairsOf(all []experiments.Tensor) string {
	var pairs []string
	for _, t := range all {
		pairs = append(pairs, fmt.Sprint(t.Name, "=", t.Data[0]))
	}
	return strings.Join(pairs, " ")
}

// Of a state parameters alone count, in their order; with evaluated an average stands for the parameter that has one.
func TestWhichWeightsAStateHas(t *testing.T) {
	const averaged = "model/a.weight=1 optim/momentum/a.weight=2 model/a.bias=3 model/ema/x=4 ema/a.weight=5 ema/none=6"
	for _, c := range []struct {
		state     string
		evaluated bool
		want      string
		said      bool
	}{
		{averaged, true, "a.weight=5 a.bias=3 ema/x=4", true}, {averaged, false, "a.weight=1 a.bias=3 ema/x=4", false},
		{"model/b=2 model/a=1 optim/a=3", true, "b=2 a=1", false}, {"model/a=1 ema/b=2", true, "a=1", false}, {"optim/a=3", true, "", false},
	} {
		state := numbered(c.state)
		got, said := Weights(experiments.Checkpoint{Tensors: state}, c.evaluated)
		if pairsOf(got) != c.want || said != c.said || pairsOf(state) != c.state {
			t.Errorf("%s, evaluated %v: %s, averaged %v; want %s, %v; the state is %s", c.state, c.evaluated, pairsOf(got), said, c.want, c.said,
				pairsOf(state))
		}
	}
}

// A run's network has its own paths, each from the phase that trained it last, or from the copy that is evaluated; what
// else a strategy holds is left out. Tensors of what cannot be told are all kept.
func TestWhatIsOfTheNetwork(t *testing.T) {
	paths, built := networkPaths(smallJob().Run.Config)
	if !built || len(paths) < 20 || paths[0] != "conv1.weight" || paths[len(paths)-1] != "fc.bias" {
		t.Fatalf("the network has the tensors %v (%v)", paths, built)
	}
	body := slices.DeleteFunc(slices.Clone(paths), func(path string) bool { return strings.HasPrefix(path, "fc.") })
	valued := func(root string, paths []string, value int) (all string) {
		for _, path := range paths {
			all += fmt.Sprint(root, path, "=", value, " ")
		}
		return all
	}
	const head = "fc.weight=%[1]d fc.bias=%[1]d"
	of := func(value, classifier int) string { return valued("", body, value) + fmt.Sprintf(head, classifier) }
	const probed, tuned = "probe.fc.weight=3 probe.fc.bias=3 ", "finetune.fc.weight=4 finetune.fc.bias=4 "
	lacks := fmt.Sprintf("2 of the network's %d tensors are not there: the run has trained no classifier", len(paths))
	pretrained := "pretrain.queue.keys=9 " + valued("", body, 1) + "pretrain.projector.weight=8 "
	taught := valued("teacher.", paths, 2) + valued("", paths, 1)
	for _, c := range []struct {
		strategy  string
		held      string
		evaluated bool
		want      string
		remark    string
	}{
		{"supervised", "other=1 fc.bias=2", true, "other=1 fc.bias=2", ""}, {"none", "other=1", true, "other=1", ""},
		{"byol", pretrained, true, strings.TrimSpace(valued("", body, 1)), lacks}, {"byol", pretrained + probed, true, of(1, 3), ""},
		{"byol", pretrained + tuned + probed, false, of(1, 4), ""}, {"byol", pretrained + probed + tuned, true, of(1, 4), ""},
		{"byol", pretrained + "fc.weight=7 fc.bias=7 " + probed, true, of(1, 3), ""}, {"byol", of(1, 7) + " pretrain.x=1", true, of(1, 7), ""},
		{"mean_teacher", taught, true, of(2, 2), ""}, {"mean_teacher", taught, false, of(1, 1), ""},
		{"mean_teacher", valued("", paths, 1) + "teacher.fc.weight=5", true, valued("", body, 1) + "fc.weight=5 fc.bias=1", ""},
		{"byol", "pretrain.x=1", true, "", strings.Replace(lacks, "2 of", fmt.Sprint(len(paths), " of"), 1)},
	} {
		config := smallJob().Run.Config
		config.Strategy.Name = c.strategy
		held := numbered(c.held)
		got, remark := OfNetwork(config, held, c.evaluated)
		if pairsOf(got) != c.want || remark != c.remark || pairsOf(held) != strings.TrimSpace(c.held) {
			t.Errorf("%s, evaluated %v, of %s:\ngot  %s, %q\nwant %s, %q", c.strategy, c.evaluated, c.held, pairsOf(got), remark, c.want, c.remark)
		}
	}
	unknown := smallJob().Run.Config
	unknown.Strategy.Name, unknown.Model.Name = "byol", "none"
	if got, remark := OfNetwork(unknown, numbered("x=1"), true); pairsOf(got) != "x=1" || remark != "" {
		t.Errorf("of a network that is not there: %s, %q", pairsOf(got), remark)
	}
}

// A run's last state is given as a file: the copy that is evaluated, or what the optimizer moved, and of these the
// averages only where the evaluated ones are meant.
func TestTheStateOfARunAsAFile(t *testing.T) {
	config := smallJob().Run.Config
	config.Strategy.Name = "mean_teacher"
	paths, _ := networkPaths(config)
	var state string
	for _, path := range paths {
		state += fmt.Sprintf("model/%[1]s=1 ema/%[1]s=2 model/teacher.%[1]s=3 optim/%[1]s=4 ", path)
	}
	for kind, c := range map[string]struct {
		state string
		want  float32
	}{start.Evaluated: {state, 3}, start.Trained: {state, 1}} {
		f, err := StartOfRun(experiments.Beginning{Config: config, Last: experiments.Checkpoint{Tensors: numbered(c.state)}},
			start.Start{Run: "5eed", Weights: kind})
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var names []string
		for _, e := range f.Entries {
			values, err := f.Floats(e)
			if names = append(names, e.Name); err != nil || len(values) != 1 || values[0] != c.want {
				t.Errorf("%s: %s is %v (%v), want %v", kind, e.Name, values, err, c.want)
			}
		}
		if slices.Sort(names); !slices.Equal(names, slices.Sorted(slices.Values(paths))) {
			t.Errorf("%s: the file has %v, want %v", kind, names, paths)
		}
	}
	twice := experiments.Checkpoint{Tensors: numbered("model/a=1 model/a=2")}
	if _, err := StartOfRun(experiments.Beginning{Config: smallJob().Run.Config, Last: twice}, start.Start{}); err == nil {
		t.Error("a state with a tensor twice is given as a file")
	}
}
