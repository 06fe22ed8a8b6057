package experiments_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
)

func TestProblemsShowTheirPlace(t *testing.T) {
	long := strings.Repeat("a", 59) + "b" + strings.Repeat("c", 100)
	for _, c := range []struct {
		problem experiments.Problem
		want    string
	}{
		{experiments.Problem{Message: "odd"}, "odd"},
		{experiments.Problem{Path: "optim.lr", Message: "odd"}, "optim.lr: odd"},
		{experiments.Problem{Line: 3, Column: 4, Excerpt: "text", Message: "odd"}, "odd"},
		{experiments.Problem{Source: "a", Path: "p", Message: "odd"}, "a: p: odd"},
		{experiments.Problem{Source: "a", Line: 7, Column: 2, Message: "odd"}, "a:7:2: odd"},
		{experiments.Problem{Source: "a", Line: 7, Column: 2, Excerpt: "x\r\n", Message: "odd"}, "a:7:2: odd\n    7 | x\n      |  ^"},
		{experiments.Problem{Source: "a", Line: 7, Column: 3, Excerpt: "x", Message: "odd"}, "a:7:3: odd"},
		{experiments.Problem{Source: "a", Line: 7, Column: 1, Excerpt: "\tx", Message: "odd"}, "a:7:1: odd\n    7 | \tx\n      | ^"},
		{experiments.Problem{Source: "x=1", Column: 3, Excerpt: "x=1", Path: "x", Message: "odd"},
			"override \"x=1\", column 3: x: odd\n      | x=1\n      |   ^"},
		{experiments.Problem{Source: "a", Line: 123456, Column: 60, Excerpt: long, Message: "odd"},
			"a:123456:60: odd\n123456 | " + long[:119] + "\n      | " + strings.Repeat(" ", 59) + "^"},
		{experiments.Problem{Source: "a", Line: 1, Column: 62, Excerpt: long, Message: "odd"},
			"a:1:62: odd\n    1 | " + long[1:121] + "\n      | " + strings.Repeat(" ", 60) + "^"},
		{experiments.Problem{Message: strings.Repeat("m", 600), Path: strings.Repeat("p", 200)},
			strings.Repeat("p", 200) + ": " + strings.Repeat("m", 600)},
		{experiments.Problem{Message: strings.Repeat("ä", 601), Path: "b" + strings.Repeat("p", 200)},
			"b" + strings.Repeat("p", 99) + " … " + strings.Repeat("p", 100) + ": " + strings.Repeat("ä", 300) + " … " + strings.Repeat("ä", 300)},
		{experiments.Problem{Message: "tab\tline\nbell\x07"}, "tab\tline\nbell\uFFFD"},
	} {
		if got := c.problem.Error(); got != c.want {
			t.Errorf("got\n%q\nwant\n%q", got, c.want)
		}
	}
}

// Twenty problems are shown, then how many more there are; those without a text only count.
func TestManyProblemsAreCounted(t *testing.T) {
	for _, c := range []struct {
		shown, silent int
		want          string // the number of problems, and the last
	}{
		{1, 0, "1 m0"}, {20, 0, "20 m19"}, {21, 0, "21 and 1 more"}, {25, 0, "21 and 5 more"}, {20, 100, "21 and 100 more"}, {5,
			16, "6 and 16 more"},
	} {
		var ps experiments.Problems
		for i := range c.shown {
			if ps.Full() != (i >= 20) {
				t.Errorf("%d problems are full: %v", i, ps.Full())
			}
			ps = append(ps, experiments.Problem{Message: fmt.Sprint("m", i)})
		}
		ps = append(ps, make(experiments.Problems, c.silent)...)
		err := ps.Err()
		var got experiments.Problems
		if !errors.As(err, &got) || fmt.Sprint(len(got), " ", got[len(got)-1].Message) != c.want {
			t.Errorf("%d and %d silent: got %v, want %s", c.shown, c.silent, err, c.want)
		}
	}
	if err := (experiments.Problems{}).Err(); err != nil {
		t.Errorf("no problems: %v", err)
	}
	two := experiments.Problems{{Path: "a", Message: "x"}, {Message: "y"}}
	var one experiments.Problem
	if two.Error() != "a: x\ny" || !errors.As(error(two), &one) || one.Path != "a" || len(two.Unwrap()) != 2 {
		t.Errorf("got %q, first %+v", two.Error(), one)
	}
}

// A problem stands at the most specific place that is known: its path, what the path lies in, the base, the file.
func TestProblemsAreLocated(t *testing.T) {
	at := func(n int) experiments.Place {
		return experiments.Place{Source: "s", Line: n, Column: n + 1, Excerpt: fmt.Sprint(n)}
	}
	all := experiments.Places{"optim.lr": at(1), "optim": at(2), experiments.AtKey("base"): at(3)}
	for _, c := range []struct {
		path string
		drop []string
		want int
	}{
		{"optim.lr", nil, 1}, {"optim.groups", nil, 2}, {"optim", nil, 2}, {"epochs", nil, 3}, {"", nil, 3}, {"optim.lr.x", nil, 1},
		{"optim.lr", []string{"optim.lr"}, 2}, {"optim.lr", []string{"optim.lr", "optim"}, 3},
		{"optim.lr", []string{"optim.lr", "optim", "study.base"}, 0},
	} {
		places := experiments.Places{}
		for name, place := range all {
			places[name] = place
		}
		for _, name := range c.drop {
			delete(places, name)
		}
		want := experiments.Problem{Source: "file", Path: c.path, Message: "odd"}
		if c.want > 0 {
			want = at(c.want).Problem(c.path, "odd")
		}
		if got := places.Locate(experiments.Problem{Path: c.path, Message: "odd"}, "file"); !reflect.DeepEqual(got, want) {
			t.Errorf("%s without %v: got %+v, want %+v", c.path, c.drop, got, want)
		}
	}
	names := []string{experiments.AtKey("k"), experiments.AtFactor("f"), experiments.AtLevel("f", "l"), experiments.AtSetting("f", "l", "p"),
		experiments.AtName("p"), experiments.AtCell(2)}
	if got, want := strings.Join(names, "|"), "study.k|factor.f|factor.f=l|factor.f=l/p|name of p|cell.2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Problems come in the order of the text, those of overrides after those of the file.
func TestProblemsAreInTheOrderOfTheText(t *testing.T) {
	at := func(line, column int) experiments.Problem { return experiments.Problem{Line: line, Column: column} }
	err := experiments.Problems{at(0, 3), at(2, 9), at(2, 1), at(1, 5), at(2, 3)}.Err()
	want := experiments.Problems{at(1, 5), at(2, 1), at(2, 3), at(2, 9), at(0, 3)}
	if !reflect.DeepEqual(err, error(want)) {
		t.Errorf("got %v, want %v", err, want)
	}
}

// A network that cannot be trained is a problem of the level that makes it so, else of the network's name.
func TestImpossibleNetworks(t *testing.T) {
	for _, c := range []struct{ add, want string }{
		{"", ""},
		{"  batch: 1000000\n", ""},
		{"  batch: 1000000\n  model.width: 64\n",
			"study.yaml:5:17: cell base: training resnet_mini with 4286026 parameters and 1000000 images a step takes about 1.4 TiB of " +
				"memory, want at most 1 TiB"},
		{"  batch: 1000000\n  model.width: 64\n  micro_batch: 1000\n", ""},
		{"  batch: 1000000\n  model.width: 64\n  recompute: segments\n", ""},
		{"factors: [{key: model.depth, levels: [8, 21]}]\n",
			"study.yaml:8:42: cell depth=21: resnet_mini on 3×32×32 images: depth 21 is not 6n+2"},
		{"  model.width: 64\nfactors: [{key: batch, levels: [8, 1000000]}]\n", "study.yaml:9:36: cell batch=1000000: training resnet_mini"},
		{"factors: [{name: f, levels: {a: {}, b: {batch: 1000000, model.width: 64}}}]\n",
			"study.yaml:8:37: cell f=b: training resnet_mini"},
		{"  optim.groups: [{match: nothing.**, lr_scale: 2}]\n", "study.yaml:5:17: cell base: optim.groups: group 1: no parameter matches"},
	} {
		located, err := openStudy(t, oneRun+c.add)
		if err != nil {
			t.Errorf("%s: %v", c.add, err)
			continue
		}
		sizes, err := located.Networks(openInfo)
		if err = located.Locate(err); c.want == "" && (err != nil || len(sizes) == 0) || c.want != "" && (sizes != nil ||
			!strings.HasPrefix(fmt.Sprint(err), c.want)) {
			t.Errorf("%s:\n got %v\nwant %s", c.add, err, c.want)
		}
	}
	gone := fmt.Errorf("no such folder")
	if _, err := mustLoad(t, smallStudy).Networks(func(experiments.Choice) (data.Info, error) { return data.Info{}, gone }); err == nil ||
		err.Error() != "cell net=residual depth=8: no such folder" {
		t.Errorf("got %v", err)
	}
}
