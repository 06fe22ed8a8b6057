package studyfile

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	"workbench/experiments"
)

// read is what an override is read as: sign, key, and each value with its type and its column; or the error.
func read(text string) string {
	o, wrong := parseOverride(text)
	if wrong == nil {
		wrong = o.parseValues()
	}
	if wrong != nil {
		return wrong.Error()
	}
	parts := []string{fmt.Sprintf("%c %s at %d", o.op, o.key, o.column)}
	for _, v := range o.values {
		parts = append(parts, fmt.Sprintf("%T %v at %d", v.value, v.value, v.column))
	}
	if o.sweep {
		parts = append(parts, "sweep")
	}
	return strings.Join(parts, "; ")
}

func TestOverridesAreReadWhole(t *testing.T) {
	const aGroup = "column 3: a group of keys is written in the study's file, not in an override (in quotes this is a text)"
	most := experiments.MaxLevels
	for text, want := range map[string]string{
		"a=1":                              "= a at 1; int 1 at 3",
		" a.b = 1 ":                        "= a.b at 2; int 1 at 8",
		"\ta=\t1\t":                        "= a at 2; int 1 at 5",
		"+a=x":                             "+ a at 2; string x at 4",
		"++a=x":                            "= a at 3; string x at 5",
		"~a":                               "~ a at 2",
		"~+a=1":                            "column 4: ~ drops a key, it takes no value",
		"~+a":                              "~ +a at 2",
		"+++a=1":                           "= +a at 3; int 1 at 6",
		"ä=ö,ü":                            "= ä at 1; string ö at 3; string ü at 5; sweep",
		"a=1,2.5,true, x y ,'1'":           "= a at 1; int 1 at 3; float64 2.5 at 5; bool true at 9; string x y at 15; string 1 at 20; sweep",
		"a=[1,2]":                          "= a at 1; []interface {} [1 2] at 3",
		"a=[ 1 , 'b,c' ] , [] ":            "= a at 1; []interface {} [1 b,c] at 3; []interface {} [] at 19; sweep",
		"a=[]":                             "= a at 1; []interface {} [] at 3",
		"a=[,]":                            `column 4: want a value ("" for an empty text)`,
		"a=[1,]":                           `column 6: want a value ("" for an empty text)`,
		"a=[1;2":                           "column 7: want a comma or ] in the list",
		"a=[[1]]":                          `column 4: '[' needs quotes around the value`,
		"a=x)":                             `column 4: ')' needs quotes around the value`,
		"a=x]":                             `column 4: want a comma or the end, got ']'`,
		`a=""`:                             "= a at 1; string  at 3",
		`a="b\"c'\\"`:                      `= a at 1; string b"c'\ at 3`,
		`a='b"c\'d'`:                       `= a at 1; string b"c'd at 3`,
		`a="b" c`:                          `column 7: want a comma or the end, got 'c'`,
		`a=b"c`:                            `column 4: '"' needs quotes around the value`,
		`a="b\`:                            `column 3: the quote " is not closed`,
		`a=1,'b`:                           `column 5: the quote ' is not closed`,
		`a=b\,c\\d\ e\=f`:                  `= a at 1; string b,c\d e=f at 3`,
		`a=\n`:                             `= a at 1; string \n at 3`,
		`a=b\`:                             `= a at 1; string b\ at 3`,
		"a=$x{y}":                          `column 5: '{' needs quotes around the value`,
		"a=x${y}":                          "column 5: ${…} refers to another key in Hydra, here it is not read: write the value",
		"a={y: 1}":                         aGroup,
		"a=010":                            "column 3: want a number without leading zeros (YAML reads it in base 8), got 010",
		"a=1, 010":                         "column 6: want a number without leading zeros (YAML reads it in base 8), got 010",
		"a=":                               `column 3: want a value ("" for an empty text)`,
		"a":                                "column 2: want a=value, got no =",
		"+a":                               "column 3: want a=value, got no =",
		"a b=1":                            `column 1: want key=value, got "a b=1"`,
		" =1":                              `column 2: want key=value, got " =1"`,
		"a=choice(1,2)":                    "= a at 1; int 1 at 10; int 2 at 12; sweep",
		"a=choice(1)":                      "= a at 1; int 1 at 10; sweep",
		"a=choice( [1, 2] , 'x)' ), 3":     "= a at 1; []interface {} [1 2] at 11; string x) at 20; int 3 at 28; sweep",
		"a=choice(1),b)":                   `column 14: ')' needs quotes around the value`,
		"a=choice(1 2":                     "column 13: want a comma or ) in choice(…)",
		"a=choice(1]":                      "column 11: want a comma or ) in choice(…)",
		"a=choice(":                        `column 10: want a value ("" for an empty text)`,
		"a=choice":                         "= a at 1; string choice at 3",
		"a=range":                          "= a at 1; string range at 3",
		"a=Range(1,2)":                     `column 8: '(' needs quotes around the value`,
		"a=json_str(1)":                    "column 3: json_str(…): write the text in quotes",
		"a=1, tag(x)":                      "column 6: tag(…): sweeps have no tags: write the values alone",
		"a={choice(1)":                     aGroup,
		"a=choicé(1)":                      `column 9: '(' needs quotes around the value`,
		"a= range(0, 3), 7":                "= a at 1; int 0 at 4; int 1 at 4; int 2 at 4; int 7 at 17; sweep",
		"a=range(1)":                       "= a at 1; int 0 at 3; sweep",
		"a=range(3,0,-1)":                  "= a at 1; int 3 at 3; int 2 at 3; int 1 at 3; sweep",
		"a=range(0.0,1,0.50)":              "= a at 1; float64 0 at 3; float64 0.5 at 3; sweep",
		"a=range(0,3,1.0)":                 "= a at 1; float64 0 at 3; float64 1 at 3; float64 2 at 3; sweep",
		"a=range(1e0,2)":                   "= a at 1; float64 1 at 3; sweep",
		"a=range(0,1E-3,4e-4)":             "= a at 1; float64 0 at 3; float64 0.0004 at 3; float64 0.0008 at 3; sweep",
		"a=range(0.125,0.3,0.1)":           "= a at 1; float64 0.125 at 3; float64 0.225 at 3; sweep",
		"a=range(stop=2,start=1)":          "= a at 1; int 1 at 3; sweep",
		"a=range(stop=2)":                  "= a at 1; int 0 at 3; int 1 at 3; sweep",
		"a=range(1, step = 2, stop = 4)":   "= a at 1; int 1 at 3; int 3 at 3; sweep",
		"a=range(-2147483648,-2147483647)": "= a at 1; int -2147483648 at 3; sweep",
		"a=range(2,1)":                     "column 3: range(2,1) is empty",
		"a=range(1,1)":                     "column 3: range(1,1) is empty",
	} {
		if got := read(text); got != want {
			t.Errorf("%s:\n got %s\nwant %s", text, got, want)
		}
	}
	range3 := fmt.Sprintf("column 3: want range(first,end) or range(first,end,step) of numbers, without the end, at most %d values", most)
	for _, inside := range []string{"", "x", "1,2,0", "0,1001", "0,1,2,3", "1,step=1", "start=1,step=1", "0,stop=1,stop=2",
		"0,1,start=2", "1,2,by=3", "0,0x3",
		"0,1_0", "0,0b1", "0,1p3", "0,2147483649", "-2147483649,0", "0,inf", "nan,1", "0,1,nan", ",1", "1,", "1 2"} {
		if got := read("a=range(" + inside + ")"); got != range3 {
			t.Errorf("range(%s):\n got %s\nwant %s", inside, got, range3)
		}
	}
	if got, want := read("a=range(0,1000)"), "= a at 1"+numbersAt(1000, 3)+"; sweep"; got != want {
		t.Errorf("a thousand numbers: got %s", got)
	}
	if got := read("a=range(1,2"); got != range3 {
		t.Errorf("a range without its end: got %s", got)
	}
	if got, want := read("a=1"+strings.Repeat(",1", most-1)), fmt.Sprintf("%d values", most); strings.Count(got, "int 1") != most {
		t.Errorf("got %.100s, want %s", got, want)
	}
	if got, want := read("a=1"+strings.Repeat(",1", most)), fmt.Sprintf("column %d: want at most %d values", 2*most+4, most); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// numbersAt are the numbers below n as values at one place.
func numbersAt(n, column int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "; int %d at %d", i, column)
	}
	return text.String()
}

// What an override sets is known to stand in it, to the character.
func TestPlacesOfOverrides(t *testing.T) {
	for text, want := range map[string]map[string]int{
		" epochs= 9":       {"epochs": 10, "name of epochs": 2},
		"++epochs=9":       {"epochs": 10, "name of epochs": 3},
		"+dataset.seed=9":  {"dataset.seed": 15, "name of dataset.seed": 2},
		"~dataset.train":   {},
		"seeds= 1,2":       {"study.seeds": 7},
		"title= x":         {"study.title": 8},
		"baseline.depth=8": {"study.baseline.depth": 16, "baseline.depth": 16},
		"batch=32, 64": {"factor.batch": 7, "factor.batch=32": 7, "factor.batch=32/batch": 7, "factor.batch=64": 11,
			"factor.batch=64/batch": 11},
		"model.depth=14, 20": {"factor.depth": 13, "factor.depth=14": 13, "factor.depth=14/model.depth": 13, "factor.depth=20": 17,
			"factor.depth=20/model.depth": 17},
		"depth= 20":   {"model.depth": 8, "name of model.depth": 8},
		"depth=20, 8": {},
		"net=plain":   {"model.shortcut": 5, "name of model.shortcut": 5, "optim.lr": 5, "name of optim.lr": 5},
	} {
		l, err := parse("study.yaml", []byte(smallStudy), []string{text})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := map[string]int{}
		for name, at := range l.places {
			if at.Source == text {
				got[name] = at.Column
				if at.Excerpt != text {
					t.Errorf("%s: %s has the excerpt %q", text, name, at.Excerpt)
				}
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: got the places %v, want %v", text, got, want)
		}
	}
}

// A study that is changed stays as it is: the change is another study.
func TestChangeLeavesTheStudyAlone(t *testing.T) {
	given := mustLoad(t, smallStudy)
	for _, o := range []string{"epochs=9", "batch=32,64", "model.depth=8,14", "model.depth=20", "depth=8", "depth=20,8", "net=plain",
		"~dataset.train", "+dataset.seed=3", "baseline.depth=8", "baseline.net=plain", "seeds=7", "name=other",
		"metric=train/loss", "optim.momentum=0.5"} {
		before := mustLoad(t, smallStudy)
		l, err := Change(given, []string{o})
		if err != nil {
			t.Errorf("%s: %v", o, err)
			continue
		}
		if !reflect.DeepEqual(given, before) {
			t.Fatalf("%s has changed the study itself:\n%+v\n%+v", o, given, before)
		}
		if want := mustLoad(t, smallStudy, o); !reflect.DeepEqual(l.Study, want) {
			t.Errorf("%s: got\n%+v, want what loading with it gives\n%+v", o, l.Study, want)
		}
	}
	var all experiments.Problems
	if _, err := Change(given, []string{"epochs=x", "batch=9", "optim.lr=1"}); !errors.As(err, &all) || len(all) != 2 {
		t.Errorf("two wrong changes: got %v", err)
	}
}

// A key that there is not is one that ends in it, or one that is spelled alike: of the study, its data set, its network
// or its factors.
func TestUnknownKeysInFull(t *testing.T) {
	for key, want := range map[string]string{
		"noise":         `column 1: unknown key "noise": did you mean dataset.noise?`,
		"shortcut":      `column 1: unknown key "shortcut": did you mean model.shortcut?`,
		"momentum":      `column 1: unknown key "momentum": did you mean strategy.momentum or optim.momentum?`,
		"metrik":        `column 1: unknown key "metrik": did you mean metric?`,
		"x.depth":       `column 1: unknown key "x.depth": did you mean depth or model.depth?`,
		"baseline.dept": `column 15: baseline: unknown factor "dept": did you mean depth or net?`,
	} {
		_, err := Parse("study.yaml", []byte(smallStudy), []string{key + "=x"})
		want = fmt.Sprintf("override %q, %s", key+"=x", want)
		if got, _, _ := strings.Cut(fmt.Sprint(err), "\n"); got != want {
			t.Errorf("%s:\n got %s\nwant %s", key, got, want)
		}
	}
}
