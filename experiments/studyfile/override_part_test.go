package studyfile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// partOf tells which part of the factorial a study trains.
func partOf(t *testing.T, overrides ...string) string {
	t.Helper()
	s := mustLoad(t, partStudy+"sample: {cells: 5, seed: 3}\n", overrides...)
	var out []string
	for _, e := range s.Exclude {
		out = append(out, e.String())
	}
	sample := "all"
	if s.Sample != nil {
		sample = fmt.Sprint(s.Sample.Cells, " by ", s.Sample.Seed)
	}
	return strings.Join(out, "; ") + " | " + sample
}

// The sample and what is left out are typed key by key, in groups and lists, and taken away.
func TestOverridesOfThePart(t *testing.T) {
	const usual = "depth=14,20 net=plain; depth=20 momentum=0"
	for typed, want := range map[string]string{
		"sample.cells=4":                           usual + " | 4 by 3",
		"sample.seed=9223372036854775807":          usual + " | 5 by 9223372036854775807",
		"sample.cells=4 sample.seed=9":             usual + " | 4 by 9",
		"sample=null":                              usual + " | all",
		"~sample":                                  usual + " | all",
		"sample=null sample.seed=9 sample.cells=6": usual + " | 6 by 9",
		"sample=null +sample.cells=6":              usual + " | 6 by 1",
		"sample={cells:_3,_seed:_7}":               usual + " | 3 by 7",
		"sample={cells:3}":                         usual + " | 3 by 1",
		"exclude=null":                             " | 5 by 3",
		"~exclude":                                 " | 5 by 3",
		"~exclude ~sample":                         " | all",
		"exclude={net:plain,depth:14}":             "depth=14 net=plain | 5 by 3",
		"+exclude={net:_plain,_optim:_[adam]}":     usual + "; net=plain optim=adam | 5 by 3",
		"exclude=[{net:plain,depth:[14,8]},{optim:adam,depth:20}]": "depth=14,8 net=plain; depth=20 optim=adam | 5 by 3",
		"exclude={net:plain,depth:14},_{optim:adam,depth:20}":      "depth=14 net=plain; depth=20 optim=adam | 5 by 3",
		`exclude={net:'plain',_depth:"14"}`:                        "depth=14 net=plain | 5 by 3",
	} {
		if got := partOf(t, spaced(typed)...); got != want {
			t.Errorf("%s: got %s, want %s", typed, got, want)
		}
	}
}

// spaced are overrides that are written in one text, with _ for a blank within.
func spaced(text string) []string {
	var all []string
	for _, o := range strings.Fields(text) {
		all = append(all, strings.ReplaceAll(o, "_", " "))
	}
	return all
}

// More cells of a sample are those of a smaller one and others, however many are typed.
func TestTypedSamplesGrow(t *testing.T) {
	few := strings.Split(keysOf(t, mustLoad(t, partStudy, "sample.cells=4", "sample.seed=2")), "\n")
	more := strings.Split(keysOf(t, mustLoad(t, partStudy, "sample.cells=9", "sample.seed=2")), "\n")
	if len(few) != 4 || len(more) != 9 {
		t.Fatalf("got %d and %d cells, want 4 and 9", len(few), len(more))
	}
	for _, key := range few {
		if !slices.Contains(more, key) {
			t.Errorf("%s is no part of the larger sample", key)
		}
	}
}

// What is wrong with the part is said at the place, with what is good.
func TestProblemsOfTypedParts(t *testing.T) {
	const group = "want {factor: level}, such as {net: plain, depth: [56, 110]}"
	for typed, want := range map[string]string{
		"sample.cells=1":   "column 14: design: sample: want from 2 to 10000 cells, the baseline among them, got 1",
		"sample.cells=99":  "column 14: design: sample: want at most 11 cells, as many as there are to choose from, got 99",
		"sample.seed=9":    "column 13: design: sample: lacks cells: want from 2 to 10000, the baseline among them",
		"sample.cells=x":   `column 14: sample.cells: want a whole number, got "x"`,
		"sample.seed=-1":   "column 13: sample.seed: want a whole number, got -1",
		"sample.cells=3,4": "column 14: sample.cells takes one value, it is no configuration path",
		"sample.cels=3":    `column 1: unknown key "sample.cels": did you mean cells?; want sample.cells=20, sample.seed=1, both as `,
		"sample=5": "column 8: want sample.cells=20, sample.seed=1, both as sample={cells: 20, seed: 1}, or " +
			"sample=null, which trains all cells",
		"sample={cels:3}":                  `column 9: unknown key "cels": did you mean cells?`,
		"sample={cells:3}x":                "column 17: want the end after }, got 'x'",
		"~sample":                          "column 2: the study has no sample",
		"~sample.seed":                     "column 2: sample.seed cannot be dropped alone: ~sample drops the sample, which trains all cells",
		"+exclude=null":                    "column 10: " + group,
		"exclude=14":                       "column 9: " + group,
		"exclude={}":                       "column 10: " + group,
		"exclude={net_plain}":              "column 19: " + group,
		"exclude={net:plain":               "column 19: want a comma or } in the group",
		"exclude=[{net:plain,depth:14}":    "column 30: want a comma or ] in the list",
		"exclude={net:plain}}":             "column 20: want a comma or the end, got '}'",
		"exclude={net:plain,net:residual}": "column 20: net is given twice",
		"exclude={nett:plain}":             `column 9: exclude[0]: unknown factor "nett": did you mean net?`,
		"+exclude={net:plan}":              `column 10: exclude[2]: factor net has no level "plan": did you mean plain?`,
		"exclude={net:residual}":           "column 9: exclude[0]: leaves out the baseline (net=residual), which the others are compared with",
	} {
		_, err := Parse("study.yaml", []byte(partStudy), spaced(typed))
		if got := errorText(err); !strings.Contains(got, `override "`+spaced(typed)[0]+`", `+want) {
			t.Errorf("%s:\n got %s\nwant %s", typed, got, want)
		}
	}
	if _, err := Parse("study.yaml", []byte(partStudy+"sample: {cells: 3}\n"), []string{"+sample.cells=4"}); !strings.Contains(errorText(err),
		"column 2: the study has a sample: write sample.cells without +") {
		t.Errorf("got %v", err)
	}
	_, err := Parse("study.yaml", []byte(partStudy), []string{"+exclude={depth: 14}"})
	if !strings.Contains(errorText(err), "depth: no cell has level 14: exclude leaves out every cell with it, so take it out of the levels") {
		t.Errorf("got %v", err)
	}
}
