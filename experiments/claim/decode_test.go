package claim

import (
	"fmt"
	"strings"
	"testing"
)

const head = "family: own\nclaims:\n  - id: one\n    statement: s\n    source: {paper: p}\n    decision: "

// Whatever a file of claims can be wrong about is told with its line and column, and the names that are near.
func TestMistakesInClaimsAreToldWithTheirPlace(t *testing.T) {
	value := func(expression string) string {
		return head + "exact\n    values:\n      - {name: a, published: 1, measured: " + expression + "}"
	}
	for text, want := range map[string]string{
		"":                             "f.yaml:1:1: is empty, want a file of claims",
		"family: x\nclaim: []":         `f.yaml:2:1: unknown key "claim": did you mean claims?`,
		"claims: [{id: a}]":            "f.yaml:1:1: want the key family: what the networks of these claims are called",
		"family: x\nclaims: []":        "f.yaml:1:1: want a list of claims",
		head + "citation\n    stat: 1": `f.yaml:7:5: claims[0]: unknown key "stat": did you mean statement?`,
		head + "exacto":                `f.yaml:6:15: claims[0].decision: unknown "exacto": did you mean exact?`,
		strings.Replace(head, "one", "O N", 1) + "citation":       `f.yaml:3:5: claims[0]: want an id of small letters, digits and hyphens, got "O N"`,
		strings.Replace(head, "{paper: p}", "{}", 1) + "citation": "f.yaml:3:5: claims[0]: one: want source: {paper: …, where: …}",
		strings.TrimSuffix(head, "    decision: "):                "f.yaml:3:5: claims[0]: one: want a decision, one of exact, equivalent, greater, ordered, threshold, citation",

		value(`'params("resnet5")'`):                    `f.yaml:8:52: claims[0].values[0].measured: unknown architecture "resnet5": did you mean resnet50 or resnet56_cifar or resnet152?`,
		value(`'param("resnet50")'`):                    "f.yaml:8:45: claims[0].values[0].measured: unknown name param: did you mean params or auxiliary_params?",
		value(`'params("resnet50", {widht: 2})'`):       `f.yaml:8:64: claims[0].values[0].measured: resnet50 has no option "widht": did you mean width?`,
		value(`'params("resnet50", {input: "3x0x3"})'`): `f.yaml:8:64: claims[0].values[0].measured: input of resnet50: want channels×height×width such as 3x32x32, each from 1 to 16384, got "3x0x3"`,
		value(`'params("resnet50", {classes: 0})'`):     "f.yaml:8:64: claims[0].values[0].measured: classes of resnet50: want a number from 1 to 100000, got 0",
		value(`'layer("resnet50", "fc").parms'`):        "f.yaml:8:69: claims[0].values[0].measured: a layer has no field parms: did you mean params?",
		value(`'params("resnet50"'`):                    "f.yaml:8:62: claims[0].values[0].measured: unexpected token EOF",
		value(`'published.b + 1'`):                      `f.yaml:8:55: claims[0].values[0].measured: no published number is called "b": want one of a`,
		value(`'params(3, 4, 5)'`):                      "f.yaml:8:45: claims[0].values[0].measured: too many arguments to call params: it is called params(NETWORK, OPTIONS)",
		value(`1`):                                      "f.yaml:8:44: claims[0].values[0].measured: want a text, got 1: write it in quotes",
		value(`'` + strings.Repeat("1+", 1000) + "1'"):  "f.yaml:8:45: claims[0].values[0].measured: want at most 2000 bytes, got 2001",

		head + "exact":                                                                                   "f.yaml:3:5: claims[0]: one: decision exact needs a value with an expression, or a comparison; what nothing can measure is a citation",
		value("'1'") + "\n    tolerance: 0.1":                                                            "f.yaml:3:5: claims[0]: one: decision exact allows no tolerance: want equivalent",
		value("'1'") + "\n    tolerance: 0":                                                              "f.yaml:9:16: claims[0].tolerance: want a tolerance above 0, got 0: what must be equal has none",
		value("'1'") + "\n    tolerance: some":                                                           `f.yaml:9:16: claims[0].tolerance: want a number such as 0.001, or a share such as "1%", got some`,
		strings.Replace(value("'1'"), "exact", "equivalent", 1):                                          "f.yaml:3:5: claims[0]: one: decision equivalent needs a tolerance: want exact",
		strings.Replace(value("'1'"), "exact", "threshold", 1):                                           "f.yaml:3:5: claims[0]: one: decision threshold needs a bound of every value that is measured",
		strings.Replace(value("'1'"), "exact", "greater", 1):                                             "f.yaml:3:5: claims[0]: one: decision greater needs two values with expressions and a delta above 0, got 1 values and a delta of 0",
		strings.Replace(value("'1'"), "exact", "ordered", 1):                                             "f.yaml:3:5: claims[0]: one: decision ordered needs two values or more with expressions, and a direction",
		strings.Replace(value("'1'"), "exact", "citation", 1):                                            "f.yaml:3:5: claims[0]: one: a citation has neither expressions nor a comparison",
		value("'1', bound: above"):                                                                       "f.yaml:3:5: claims[0]: one: a bound is of decision threshold",
		value("'1', bound: abov"):                                                                        `f.yaml:8:55: claims[0].values[0].bound: unknown "abov": did you mean above?`,
		value("'1'") + "\n      - {name: a, published: 2}":                                               `f.yaml:9:9: claims[0].values[1]: want a name that no other value of the claim has, got "a"`,
		value("'1'") + "\n      - {name: b}":                                                             "f.yaml:8:7: claims[0].values: value b has neither a published value nor an expression",
		value("'1'") + "\n      - {name: b, measured: '1'}":                                              "f.yaml:3:5: claims[0]: one: every value needs a published one",
		value("'1'") + "\n    lecture: {verdict: wrong}":                                                 "f.yaml:9:14: claims[0].lecture: want the right fact beside a sentence that is wrong",
		value("'1'") + "\n    slips: [{printed: x}]":                                                     "f.yaml:9:13: claims[0].slips[0]: want printed, value and measured",
		head + "greater\n    compare: {study: s}":                                                        "f.yaml:7:14: claims[0].compare: want study, metric, cell, than and direction",
		comparison("alpha: 0.5, planned: 5"):                                                             "f.yaml:7:14: claims[0].compare: alpha: want a number above 0 and below 0.5, got 0.5",
		comparison("alpha: 0.05, planned: 4"):                                                            "f.yaml:7:14: claims[0].compare: planned: want at least 5 seeds, got 4",
		head + "citation\n  - id: one\n    statement: s\n    source: {paper: p}\n    decision: citation": "f.yaml:7:5: claims[1]: id one is taken by the claim at line 3",
		value("'1'"): "",
		comparison("alpha: 0.05, planned: 5, deviations: [fewer epochs]"): "",
	} {
		_, err := Parse("f.yaml", []byte(text))
		got := ""
		if err != nil {
			got, _, _ = strings.Cut(err.Error(), "\n")
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

func comparison(rule string) string {
	return head + "greater\n    compare: {study: s, metric: test/top1, cell: {depth: 20}, than: {depth: 56}, direction: higher, selection: last epoch, " + rule + "}"
}

// A claim is read whole.
func TestClaimsAreReadWhole(t *testing.T) {
	claims, err := Parse("f.yaml", []byte(`family: own
claims:
  - id: one
    statement: S
    source: {paper: P, where: W}
    conditions: C
    decision: threshold
    verification: V
    unit: u
    tolerance: 1%
    lecture: {where: 4.1, sentence: L, verdict: wrong, fact: F}
    slips: [{printed: 5M, value: 5, measured: '1 + 1', unit: x}]
    values:
      - {name: 224, published: [1, 2.5, a], measured: '[1]', bound: at most}
      - {name: b, published: 3, measured: 'published.b', tolerance: 0.5, unit: v, bound: below}
`))
	if err != nil {
		t.Fatal(err)
	}
	c := claims[0]
	got := fmt.Sprintln(c.ID, c.Family, c.Statement, c.Source, c.Conditions, c.Decision, c.Verification, c.Lecture, c.Slips[0].Printed,
		c.Slips[0].Value, c.Slips[0].Measured.Text, c.Slips[0].Unit, c.Place.Line)
	for _, v := range c.Values {
		got += fmt.Sprintln(v.Name, v.Published, v.Measured.Text, v.Bound, v.Tolerance, v.Unit, v.Place.Line, v.Place.Column)
	}
	want := "one own S P, W C threshold V {4.1 L wrong F} 5M 5 1 + 1 x 3\n" +
		"224 [1 2.5 a] [1] at most ±1% u 14 56\nb 3 published.b below ±0.5 v 15 43\n"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	claims, err = Parse("f.yaml", []byte(comparison("alpha: 0.05, planned: 6, protocol: P, deviations: [x, y]")))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprintf("%+v", *claims[0].Compare), "{Study:s Metric:test/top1 Cell:map[depth:20] Than:map[depth:56] Direction:higher "+
		"Alpha:0.05 Planned:6 Selection:last epoch Protocol:P Deviations:[x y]}"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
