package studyfile

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// A range of a search is an interval, on a log scale with a tag around it: every bracket and comma has its place, and
// spaces may stand beside each. What is no such range is read as levels, and refused as a function in levels is.
func TestIntervalsOfSearches(t *testing.T) {
	const continuous = "interval(…): a study has no continuous sweeps: write values (0.1,0.2) or range(0.1,0.3,0.1)"
	const function = "column 17: " + continuous
	const tag = "column 17: tag(…): sweeps have no tags: write the values alone"
	number := func(got string) string { return "column 17: search.optim.lr: want a number, got " + got }
	for text, want := range map[string]string{
		"interval(1,2)":                      `{"min":1,"max":2,"scale":"linear"}`,
		"interval(.5,1e1)":                   `{"min":0.5,"max":10,"scale":"linear"}`,
		"tag(log,interval(1,2))":             `{"min":1,"max":2,"scale":"log"}`,
		"\t interval( 1\t, 2 ) ":             `{"min":1,"max":2,"scale":"linear"}`,
		" tag( log , interval( 1 , 2 ) ) \t": `{"min":1,"max":2,"scale":"log"}`,
		"interval(a,2)":                      number(`"a"`),
		"interval(1,b)":                      number(`"b"`),
		"interval(a,b)":                      number(`"a"`),
		"interval( ,2)":                      number(`" "`),
		"interval(1, )":                      number(`" "`),
		"interval(2,1)":                      "column 17: search: optim.lr: want min below max, got 2 and 1",
		"interval(nan,1)":                    "column 17: search: optim.lr: want min below max, got NaN and 1",
		"interval(-1,1)":                     "column 17: optim.lr: want a number > 0, got -1",
		"interval(1,-1)":                     "column 17: search: optim.lr: want min below max, got 1 and -1",
		"interval(1)":                        function,
		"interval()":                         function,
		"interval(,2)":                       function,
		"interval(1,)":                       function,
		"interval(1,2,3)":                    function,
		"interval(1,2":                       function,
		"interval(1,2))":                     function,
		"interval(1,2)x":                     function,
		"interval(1,2),3":                    function,
		"interval((1,2))":                    function,
		"tag(log,interval(1,2)":              tag,
		"tag(log,interval(1,2)))":            tag,
		"tag(log interval(1,2))":             tag,
		"tag(lin,interval(1,2))":             tag,
		"tag(interval(1,2))":                 tag,
		"tag(log,1,2)":                       tag,
		"log,interval(1,2)":                  "column 21: " + continuous,
		"3,interval(1,2)":                    "column 19: " + continuous,
		"xinterval(1,2)":                     "column 26: '(' needs quotes around the value",
		"Interval(1,2)":                      "column 25: '(' needs quotes around the value",
		"interval (1,2)":                     "column 26: '(' needs quotes around the value",
		"interval[1,2]":                      "column 25: '[' needs quotes around the value",
	} {
		override := "search.optim.lr=" + text
		s, err := Parse("study.yaml", []byte(tinyStudy), []string{override})
		var got string
		if err != nil {
			got, _, _ = strings.Cut(strings.TrimPrefix(err.Error(), fmt.Sprintf("override %q, ", override)), "\n")
		} else if len(s.Search) == 1 && s.Search[0].Path == "optim.lr" && s.Search[0].Levels == nil {
			ends, err := json.Marshal(s.Search[0].Range)
			if err != nil {
				t.Fatal(err)
			}
			got = string(ends)
		}
		if got != want {
			t.Errorf("%q:\n got %s\nwant %s", text, got, want)
		}
	}
}

// A search that is typed takes the place of the file's for that path alone, whatever kind either is.
func TestTypedSearchesTakeThePlaceOfWritten(t *testing.T) {
	text := tinyStudy + "search: {optim.lr: [1, 2], batch: {min: 8, max: 16}, optim.momentum: [0, 0.5]}\n"
	for override, want := range map[string]string{
		"search.optim.lr=interval(1,2)":            "optim.lr {1 2 linear}; batch {8 16 linear}; optim.momentum 0 0.5",
		"search.batch=8,32":                        "optim.lr 1 2; batch 8 32; optim.momentum 0 0.5",
		"search.batch=tag(log,interval(4,8))":      "optim.lr 1 2; batch {4 8 log}; optim.momentum 0 0.5",
		"search.optim.momentum=choice(0.10,0.9)":   "optim.lr 1 2; batch {8 16 linear}; optim.momentum 0.1 0.9",
		"search.augment.pad=range(0,3)":            "optim.lr 1 2; batch {8 16 linear}; optim.momentum 0 0.5; augment.pad 0 1 2",
		"batch=8":                                  "optim.lr 1 2; optim.momentum 0 0.5",
		"optim.momentum=0.1,0.2":                   "optim.lr 1 2; batch {8 16 linear}",
		"search.schedule.name='constant','cosine'": "optim.lr 1 2; batch {8 16 linear}; optim.momentum 0 0.5; schedule.name constant cosine",
	} {
		var got []string
		for _, d := range mustLoad(t, text, override).Search {
			if d.Range != nil {
				got = append(got, fmt.Sprintf("%s %v", d.Path, *d.Range))
				continue
			}
			said := d.Path
			for _, l := range d.Levels {
				said += " " + l.Label
			}
			got = append(got, said)
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s:\n got %s\nwant %s", override, strings.Join(got, "; "), want)
		}
	}
}
