package claim

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"workbench/experiments"
)

// ofValues is a claim of the decision with these values, each written as a file has it.
func ofValues(t *testing.T, decision string, values ...string) Claim {
	t.Helper()
	text := head + decision + "\n    values:\n      - {" + strings.Join(values, "}\n      - {") + "}"
	claims, err := Parse("f.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return claims[0]
}

// Every decision has its rule, and what is measured exactly at its limit is told from what is beyond it.
func TestDecisions(t *testing.T) {
	for _, c := range []struct {
		decision string
		values   []string
		want     string
	}{
		{"exact", []string{"name: a, published: 2, measured: '1 + 1'"}, "holds"},
		{"exact", []string{"name: a, published: 2, measured: '1 + 1.0000001'"}, "fails: a is 2, published 2 (exact)"},
		{"exact", []string{"name: a, published: add, measured: '\"add\"'"}, "holds"},
		{"exact", []string{"name: a, published: add, measured: '\"concat\"'"}, "fails: a is concat, published add (exact)"},
		{"exact", []string{"name: a, published: add, measured: '1'"}, "fails: a is 1, published add (exact)"},
		{"exact", []string{"name: a, published: 1, measured: '\"1\"'"}, "fails: a is 1, published 1 (exact)"},
		{"exact", []string{"name: a, published: [1, 2], measured: '[1, 2]'"}, "holds"},
		{"exact", []string{"name: a, published: [1, 2], measured: '[1, 2, 3]'"}, "fails: a is [1, 2, 3], published [1, 2] (exact)"},
		{"exact", []string{"name: a, published: [1, 2], measured: '[2, 1]'"}, "fails: a is [2, 1], published [1, 2] (exact)"},
		{"exact", []string{"name: a, published: [1], measured: '1'"}, "fails: a is 1, published [1] (exact)"},
		{"exact", []string{"name: a, published: 1234567, measured: '0'", "name: b, published: 1, measured: '1'"},
			"fails: a is 0, published 1,234,567 (exact)"},
		{"equivalent", []string{"name: a, published: 2, measured: '2.5', tolerance: 0.5"}, "holds"},
		{"equivalent", []string{"name: a, published: 2, measured: '1.5', tolerance: 0.5"}, "holds"},
		{"equivalent", []string{"name: a, published: 2, measured: '2.50001', tolerance: 0.5"}, "fails: a is 2.50001, published 2 (±0.5)"},
		{"equivalent", []string{"name: a, published: -200, measured: '-202', tolerance: 1%"}, "holds"},
		{"equivalent", []string{"name: a, published: -200, measured: '-202.1', tolerance: 1%"}, "fails: a is -202.1, published -200 (±1%)"},
		{"equivalent", []string{"name: a, published: [100, 1], measured: '[101, 1.01]', tolerance: 1%"}, "holds"},
		{"equivalent", []string{"name: a, published: [100, 1], measured: '[101, 1.02]', tolerance: 1%"},
			"fails: a is [101, 1.02], published [100, 1] (±1%)"},
		{"equivalent", []string{"name: a, published: 1, measured: '0.0 / 0', tolerance: 1"},
			"undecided: a cannot be computed (f.yaml:8:43): NaN is not a number"},
		{"threshold", []string{"name: a, published: 1, measured: '1.1', bound: above", "name: b, published: 1, measured: '1', bound: at least",
			"name: c, published: 1, measured: '0.9', bound: below", "name: d, published: 1, measured: '1', bound: at most"}, "holds"},
		{"threshold", []string{"name: a, published: 1, measured: '1', bound: above"}, "fails: a is 1, published 1 (above)"},
		{"threshold", []string{"name: a, published: 1, measured: '1', bound: below"}, "fails: a is 1, published 1 (below)"},
		{"threshold", []string{"name: a, published: 1, measured: '0.9', bound: at least"}, "fails: a is 0.9, published 1 (at least)"},
		{"threshold", []string{"name: a, published: 1, measured: '1.1', bound: at most"}, "fails: a is 1.1, published 1 (at most)"},
		{"threshold", []string{"name: a, published: 1, measured: '\"x\"', bound: at most"}, "fails: a is x, published 1 (at most)"},
		{"greater\n    delta: 2", []string{"name: a, measured: '5'", "name: b, measured: '3'"}, "holds"},
		{"greater\n    delta: 2", []string{"name: a, measured: '4.9'", "name: b, measured: '3'"}, "fails: a exceeds b by 1.9, want 2 at least"},
		{"greater\n    delta: 2", []string{"name: a, measured: '\"x\"'", "name: b, measured: '3'"}, "undecided: a is x, want a number"},
		{"ordered\n    direction: rising", []string{"name: a, measured: '1'", "name: b, measured: '2'", "name: c, measured: '3'"}, "holds"},
		{"ordered\n    direction: rising", []string{"name: a, measured: '1'", "name: b, measured: '3'", "name: c, measured: '3'"},
			"fails: c is 3 behind 3 of b, want rising values"},
		{"ordered\n    direction: falling", []string{"name: a, measured: '3'", "name: x, published: 9", "name: b, measured: '2'"}, "holds"},
		{"ordered\n    direction: falling", []string{"name: a, measured: '2'", "name: b, measured: '3'"},
			"fails: b is 3 behind 2 of a, want falling values"},
		{"citation", []string{"name: a, published: 3"}, "cited"},
		{"exact", []string{"name: a, published: 1, measured: '1'", "name: b, published: 9"}, "holds"},
		{"exact", []string{"name: a, published: 1, measured: 'layer(\"vgg16\", \"conv99\").params'", "name: b, published: 1, measured: '2'"},
			"fails: a cannot be computed (f.yaml:8:43): vgg16 has no place \"conv99\": did you mean conv9 or conv1 or conv10?; " +
				"b is 2, published 1 (exact)"},
		{"exact", []string{"name: a, published: 1, measured: '{a: 1}'"},
			"undecided: a cannot be computed (f.yaml:8:43): the expression gives a map[string]interface {}, " +
				"want a number, a text or a list of these"},
		{"exact", []string{"name: a, published: 4, measured: 'published.a'"}, "holds"},
		{"exact", []string{"name: a, published: 4, measured: '1/0'"}, "undecided: a cannot be computed (f.yaml:8:43): +Inf is not a number"},
	} {
		j := judged(t, ofValues(t, c.decision, c.values...))
		got := string(j.Verdict)
		if len(j.Reasons) > 0 {
			got += ": " + strings.Join(j.Reasons, "; ")
		}
		if got != c.want {
			t.Errorf("%s %s:\n got %s\nwant %s", c.decision, c.values, got, c.want)
		}
	}
}

func TestTrainingClaimsAreNotRunYet(t *testing.T) {
	claims, err := Parse("f.yaml", []byte(comparison("alpha: 0.05, planned: 5")))
	if err != nil {
		t.Fatal(err)
	}
	if j := judged(t, claims[0]); j.Verdict != NotRun || j.Analytic() {
		t.Errorf("it %s", j.Verdict)
	}
}

func TestJudgingStopsWhenAsked(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Judge(ctx, &networks, ofValues(t, "exact", "name: a, published: 1, measured: '1'")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestClaimsAreSelected(t *testing.T) {
	number := func(name string) string {
		claims, err := Select(name)
		if err != nil {
			return err.Error()
		}
		return fmt.Sprint(len(claims))
	}
	for name, want := range map[string]string{"all": fmt.Sprint(len(shipped(t))), "wide_resnet": "6", "vgg-compute": "1",
		"vgg-comput":    `claim "vgg-comput": not found: did you mean vgg-compute?`,
		"./nosuch.yaml": "file of claims ./nosuch.yaml: not found"} {
		if got := number(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	if _, err := Select("nosuch"); !errors.Is(err, experiments.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}
