package claim

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

const head = "family: own\nclaims:\n  - id: one\n    statement: s\n    source: {paper: p}\n    decision: "

// Whatever a file of claims can be wrong about is told with its line and column, and the names that are near.
func TestMistakesInClaimsAreToldWithTheirPlace(t *testing.T) {
	file, err := os.ReadFile("testdata/mistakes.txt")
	if err != nil {
		t.Fatal(err)
	}
	cases := strings.Split(string(file), "\n=== ")[1:]
	if len(cases) < 40 {
		t.Errorf("%d cases were found, want all", len(cases))
	}
	for _, c := range cases {
		want, text, _ := strings.Cut(c, "\n")
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

func TestLongExpressionsAreRefused(t *testing.T) {
	_, wrong := parseExpression(strings.Repeat("1+", 1000)+"1", nil)
	if wrong == nil || wrong.message != "want at most 2000 bytes, got 2001" {
		t.Errorf("got %v", wrong)
	}
}

func comparison(rule string) string {
	return head + "greater\n    delta: 1\n    compare: {study: s, metric: test/top1, cell: {depth: 20}, than: {depth: 56}, " +
		"direction: higher, selection: last epoch, " + rule + "}"
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
		"224 [1 2.5 a] [1] at most ±1% u 14 55\nb 3 published.b below ±0.5 v 15 43\n"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	claims, err = Parse("f.yaml", []byte(comparison("alpha: 0.05, planned: 6, protocol: P, deviations: [x, y]")))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprintf("%+v", *claims[0].Compare), "{Study:s Metric:test/top1 Measure:value Reach:0 Relative:false "+
		"Tests:[{Cell:map[depth:20] Than:map[depth:56] Level:0 Direction:higher Delta:1}] Alpha:0.05 Planned:6 Looks:[] "+
		"Selection:last epoch Noise: Protocol:P Deviations:[x y]}"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := claims[0].Compare.Describe(), "test/top1: depth=20 is higher than depth=56 by 1 points or more; paired t-test, "+
		"alpha 0.05, 6 seeds, last epoch"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
