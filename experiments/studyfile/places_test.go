package studyfile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// placesOf are the places that a study knows, in the order of what they are places of: "batch 6:10", or of an override
// "batch=5 column 7".
func placesOf(t *testing.T, text string, overrides ...string) []string {
	t.Helper()
	l, err := parse("a.yaml", []byte(text), overrides)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for of, at := range l.places {
		if at.Line == 0 {
			all = append(all, fmt.Sprintf("%s in %s column %d", of, at.Source, at.Column))
			continue
		}
		all = append(all, fmt.Sprintf("%s %d:%d", of, at.Line, at.Column))
	}
	slices.Sort(all)
	return all
}

// Each part of a study has its place, that of the value or of the name.
func TestPlacesOfAStudy(t *testing.T) {
	text := `name: tiny
base:
  dataset: {name: shapes}
  model: {name: resnet_mini}
  optim.name: sgd
  epochs: 1
factors:
  - {key: optim.lr, levels: [0.5, 1]}
  - name: net
    levels:
      res: {model: {width: 8}}
      plain: {epochs: 2}
baseline: {net: res}
design: list
cells: [{lr: 1}, {net: plain}, {}]
search: {optim.momentum: [0.5, 0.9], optim.weight_decay: {min: 0.1, max: 0.2}}
`
	want := strings.Fields(strings.ReplaceAll(strings.ReplaceAll(`
baseline.net@13:17
cell.0@15:9 cell.1@15:18 cell.2@15:32 cells[0].lr@15:14 cells[1].net@15:24
dataset@3:12 dataset.name@3:19 epochs@6:11
factor.lr@8:5 factor.lr=0.5@8:30 factor.lr=0.5/optim.lr@8:30 factor.lr=1@8:35 factor.lr=1/optim.lr@8:35
factor.net@9:5 factor.net=plain@12:7 factor.net=plain/epochs@12:23 factor.net=res@11:7 factor.net=res/model.width@11:28
SEARCHmomentum@16:10
SEARCHmomentum=0.5@16:27 SEARCHmomentum=0.5/optim.momentum@16:27
SEARCHmomentum=0.9@16:32 SEARCHmomentum=0.9/optim.momentum@16:32
SEARCHweight_decay@16:38
SEARCHweight_decay=0.1@16:64 SEARCHweight_decay=0.1/optim.weight_decay@16:64
SEARCHweight_decay=0.2@16:74 SEARCHweight_decay=0.2/optim.weight_decay@16:74
model@4:10 model.name@4:17
NAMEdataset@3:3 NAMEdataset.name@3:13 NAMEepochs@6:3
NAMEfactor.net=plain/epochs@12:15 NAMEfactor.net=res/model.width@11:21
NAMEmodel@4:3 NAMEmodel.name@4:11 NAMEoptim.name@5:3
optim.name@5:15
study.base@3:3 study.baseline@13:11 study.cells@15:8 study.design@14:9 study.factors@8:3 study.name@1:7 study.search@16:9
`, "SEARCH", "factor.search.optim."), "NAME", "name_of_"))
	before := placesOf(t, text)
	for i, place := range before {
		if got := strings.ReplaceAll(strings.Replace(place, "name of ", "name_of_", 1), " ", "@"); i >= len(want) || got != want[i] {
			t.Fatalf("got\n%s\nwant\n%s", strings.Join(before, "\n"), strings.Join(want, "\n"))
		}
	}
	if len(before) != len(want) {
		t.Errorf("got %d places, want %d", len(before), len(want))
	}
	tuned := strings.ReplaceAll(text, "search:", "x-a:") + `tuned:
  on: val/top1
  arms:
    - {cell: {lr: 0.5}, set: {optim.momentum: 0.5}, value: 1}
    - {cell: {lr: 1}, set: {optim.momentum: 0.9}, value: 1}
`
	added := slices.DeleteFunc(placesOf(t, tuned), func(p string) bool { return slices.Contains(before, p) })
	if want := "arm.0 20:7; arm.0/optim.momentum 20:47; arm.1 21:7; arm.1/optim.momentum 21:45; study.tuned 18:3; study.x-a 16:6; " +
		"tuned.arms 20:5; tuned.arms[0].cell.lr 20:19; tuned.arms[1].cell.lr 21:19; tuned.on 18:7"; strings.Join(added, "; ") != want {
		t.Errorf("got %s\nwant %s", strings.Join(added, "; "), want)
	}
}

// What an override sets is placed in it: values where they stand, names where the key does.
func TestEveryPlaceOfAnOverride(t *testing.T) {
	named := tinyStudy + "factors: [{name: n, levels: {a: {batch: 5}, b: {epochs: 2, batch: 6}}}]\n"
	for _, c := range []struct{ text, override, want string }{
		{tinyStudy, " batch=5", "batch 8; name of batch 2"},
		{varied, "batch=50", "batch 7; name of batch 1"},
		{tinyStudy, "batch=5,6", "factor.batch 7; factor.batch=5 7; factor.batch=5/batch 7; factor.batch=6 9; factor.batch=6/batch 9"},
		{varied, "batch=choice(7, 8)", "factor.batch 14; factor.batch=7 14; factor.batch=7/batch 14; factor.batch=8 17; factor.batch=8/batch 17"},
		{tinyStudy, "title=x", "study.title 7"},
		{tinyStudy, "seeds=3", "study.seeds 7"},
		{tinyStudy, "+model.zero_init_last=false", "model.zero_init_last 23; name of model.zero_init_last 2"},
		{tinyStudy, "++model.width=8", "model.width 15; name of model.width 3"},
		{tinyStudy, "~model.width", ""},
		{varied, "baseline.batch=100", "baseline.batch 16; study.baseline.batch 16"},
		{named, "n=b", "batch 3; epochs 3; name of batch 3; name of epochs 3"},
		{tinyStudy, "search.optim.lr=1,2", "SEARCH 17; SEARCH=1 17; SEARCH=1/optim.lr 17; SEARCH=2 19; SEARCH=2/optim.lr 19"},
		{tinyStudy, "search.optim.lr=interval(0.1,2)", "SEARCH 17; SEARCH=0.1/optim.lr 17; SEARCH=2/optim.lr 17"},
		{tinyStudy, "search.optim.lr=tag(log,interval(0.1,2))", "SEARCH 17; SEARCH=0.1/optim.lr 17; SEARCH=2/optim.lr 17"},
	} {
		var got []string
		for _, p := range placesOf(t, c.text, c.override) {
			if of, column, is := strings.Cut(p, " in "+c.override+" column"); is {
				got = append(got, strings.ReplaceAll(of, "factor.search.optim.lr", "SEARCH")+column)
			}
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s: got %s\nwant %s", c.override, strings.Join(got, "; "), c.want)
		}
	}
}
