package studyfile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Hydra's forms work as in Hydra where a study has a use for them.
func TestFormsOfHydra(t *testing.T) {
	for override, want := range map[string]string{
		"model.depth=choice(8,14,20)":                        "depth: 8 14 20",
		"model.depth=choice( 8 , 14 )":                       "depth: 8 14",
		"schedule.warmup_epochs=choice(0,range(0,1))":        "", // a call is no value of a call
		"optim.lr=range(0.1,0.3,0.1)":                        "lr: 0.1 0.2",
		"optim.lr=range(0.1,0.45,0.1)":                       "lr: 0.1 0.2 0.3 0.4",
		"optim.lr=range(0.05,0.5,0.2)":                       "lr: 0.05 0.25 0.45", // the digits of the start count, too
		"optim.lr=range(1e-3,3e-3,1e-3)":                     "lr: 0.001 0.002",
		"optim.lr=range(start=0.1,stop=0.5,step=0.2)":        "lr: 0.1 0.3",
		"epochs=range(1,5)":                                  "epochs: 1 2 3 4",
		"epochs=range(5,1,-2)":                               "epochs: 5 3",
		"optim.weight_decay=range(2)":                        "weight_decay: 0 1",
		"epochs=range(1,3),7":                                "epochs: 1 2 7",
		"++epochs=3":                                         "",
		"++epochs=3,4":                                       "epochs: 3 4",
		"++model.zero_init_last=true":                        "",
		`metric=test\/top1`:                                  "", // a backslash before another character is itself
		"schedule.name=choice(constant,'cosine',\"cosine\")": "",
	} {
		s, err := Parse("study.yaml", []byte(tinyStudy), []string{override})
		refused := strings.Contains(override, "range(0,1))") || strings.Contains(override, `\/`) || strings.Contains(override, "'cosine'")
		if refused != (err != nil) {
			t.Errorf("%s: got %v", override, err)
		}
		if got := outline(s); got != want {
			t.Errorf("%s: got %s, want %s", override, got, want)
		}
	}
	for override, want := range map[string][]uint64{"seeds=[1,2]": {1, 2}, "seeds=[7]": {7}, "seeds=choice(3,5)": {3, 5},
		"seeds=range(1,4)": {1, 2, 3},
		"seeds=choice(4)":  {4}, "seeds= [ 4 , 9 ]": {4, 9}} {
		if s := mustLoad(t, tinyStudy, override); !slices.Equal(s.Seeds, want) {
			t.Errorf("%s: got %v", override, s.Seeds)
		}
	}
	if s := mustLoad(t, tinyStudy, `title=a\, b \(c\)`); s.Title != "a, b (c)" {
		t.Errorf("got %q", s.Title)
	}
	if s := mustLoad(t, tinyStudy, `title='it\'s'`); s.Title != "it's" {
		t.Errorf("got %q", s.Title)
	}
}

// For what is not read, the error says what to write in its place.
func TestFormsOfHydraThatAreNotRead(t *testing.T) {
	for override, want := range map[string]string{
		"optim.lr=interval(0,1)":                     "column 10: interval(…): a study has no continuous sweeps: write values (0.1,0.2)",
		"model.name=glob(resnet*)":                   "column 12: glob(…): patterns of names are not read: write the names, such as a,b",
		"epochs=1,shuffle(2,3)":                      "column 10: shuffle(…): write the values in the order wanted",
		"optim.lr=${base.lr}":                        "column 11: ${…} refers to another key in Hydra, here it is not read: write the value",
		"optim={lr: 1}":                              "column 7: a group of keys is written in the study's file",
		"+epochs=3":                                  "column 2: epochs is always there: write it without +",
		"epochs=choice(1":                            "column 16: want a comma or ) in choice(…)",
		"epochs=choice()":                            "column 15: want a value",
		"epochs=other(1)":                            "column 13: '(' needs quotes around the value",
		"epochs=range(1,2,0)":                        "column 8: want range(first,end)",
		"epochs=range(0,1e9)":                        "at most 1000 values",
		"epochs=range(0,1,2,3)":                      "column 8: want range(first,end)",
		"epochs=range(stop=3,end=4)":                 "column 8: want range(first,end)",
		"epochs=range(1,nan)":                        "column 8: want range(first,end)",
		"epochs=range(0,1,1e-300)":                   "at most 1000 values",
		"seeds=glob(1)":                              "glob(…): patterns of names",
		"seeds=[]":                                   "want a count (5), seeds (1,4,7)",
		"epochs=" + strings.Repeat("1,", 2000) + "2": "want at most 1000 values",
	} {
		_, err := Parse("study.yaml", []byte(tinyStudy), []string{override})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: got %v, want %s", override, err, want)
		}
	}
}

// Every key that a study is read from explains itself, and none is explained that is not read.
func TestEveryKeyIsExplained(t *testing.T) {
	keys := append(Keys(), FactorKeys()...)
	for _, k := range append(keys, AnchorKey()) {
		if k.Doc == "" || k.Wanted == "" {
			t.Errorf("%s has the doc %q and wants %q", k.Name, k.Doc, k.Wanted)
		}
	}
	for _, k := range Keys() {
		if (k.text == nil) == (k.read == nil) {
			t.Errorf("%s is read in no way, or in two", k.Name)
		}
		_, err := Parse("study.yaml", []byte(k.Name+": {a: [1]}\n"), nil)
		if err == nil || strings.Contains(err.Error(), fmt.Sprintf("unknown key %q", k.Name)) {
			t.Errorf("%s: got %v", k.Name, err)
		}
	}
	for _, k := range FactorKeys() {
		_, err := Parse("study.yaml", []byte(fmt.Sprintf("factors: [{%s: {a: [1]}}]\n", k.Name)), nil)
		if err == nil || strings.Contains(err.Error(), fmt.Sprintf("unknown key %q", k.Name)) {
			t.Errorf("factors: %s: got %v", k.Name, err)
		}
	}
}

// The study that a user begins with shows every key, and is one.
func TestTheBeginningShowsEveryKey(t *testing.T) {
	s := mustLoad(t, string(Beginning))
	if _, err := s.Networks(openInfo); err != nil {
		t.Error(err)
	}
	for _, k := range Keys() {
		if !strings.Contains(string(Beginning), k.Name+":") {
			t.Errorf("it says nothing of %s", k.Name)
		}
	}
}
