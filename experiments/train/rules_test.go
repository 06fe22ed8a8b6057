//go:build !race

package train

import (
	"context"
	"errors"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/nn/plan"
	"workbench/nn/plan/algorithms"
)

// choosing is a backend with rules. It keeps the rules of the programs that it compiled.
type choosing struct {
	plan.Reference
	rules *algorithms.Table
	seen  *[]*algorithms.Table
}

func (c choosing) Rules() (*algorithms.Table, error) { return c.rules, nil }
func (c choosing) Table() (*algorithms.Table, error) { return c.rules, nil }
func (c choosing) Algorithms() []string              { return []string{algorithms.Direct, "other"} }

func (c choosing) Compile(p *plan.Program, m plan.Memory) (plan.Executable, error) {
	*c.seen = append(*c.seen, p.Rules)
	return c.Reference.Compile(p, m)
}

// rulesThat returns a table with one rule, for images of so many pixels.
func rulesThat(pixels int) *algorithms.Table {
	return &algorithms.Table{Processor: "any", Rules: []algorithms.Rule{{Algorithm: "other", Direction: algorithms.Forward, Pixels: pixels}}}
}

// trainWith returns what the job records and the rules of its programs. If stop is set, the job is interrupted at its
// first checkpoint.
func trainWith(
	t *testing.T, job experiments.Job, rules *algorithms.Table, stop bool,
) (records []experiments.Record, seen []*algorithms.Table) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := Run(ctx, job, choosing{rules: rules, seen: &seen}, func(r experiments.Record) error {
		records = append(records, r)
		if stop && len(r.Points) > 0 {
			cancel()
		}
		return nil
	})
	if err != nil && !(stop && errors.Is(err, context.Canceled)) {
		t.Fatal(err)
	}
	return records, seen
}

func TestARunKeepsTheRulesItBeganWith(t *testing.T) {
	job := smallJob()
	job.Run.Config.Algorithms = "auto"
	old, other := rulesThat(1), rulesThat(2)
	first, seen := trainWith(t, job, old, true)
	if got := first[0].Environment["rules"]; !strings.Contains(got, old.Digest()) {
		t.Errorf("the run's environment tells the rules %q, want %s", got, old.Digest())
	}
	for _, rules := range seen {
		if rules.Digest() != old.Digest() {
			t.Errorf("a program has the rules %v, want %v", rules, old)
		}
	}
	c := lastCheckpoint(t, first)
	job.Resume, job.Attempt.Number = &c, 2
	second, seen := trainWith(t, job, other, false)
	if len(seen) == 0 {
		t.Fatal("nothing was compiled")
	}
	for _, rules := range seen {
		if rules.Digest() != old.Digest() {
			t.Errorf("a program of the continued run has the rules %v, want those it began with, %v", rules, old)
		}
	}
	var log, environment string
	for _, r := range second {
		log, environment = log+logLine(r), environment+r.Environment["rules"]
	}
	if !strings.Contains(log, "keeps the rules") || !strings.Contains(log, other.Digest()) {
		t.Errorf("log %q, want that the program has other rules, %s", log, other.Digest())
	}
	if !strings.Contains(environment, old.Digest()) {
		t.Errorf("the continued run's environment tells the rules %q, want %s", environment, old.Digest())
	}
}

func TestDirectRunsHaveNoRules(t *testing.T) {
	job := smallJob()
	job.Run.Config.Algorithms = "direct"
	records, seen := trainWith(t, job, rulesThat(1), true)
	for _, rules := range seen {
		if rules != nil {
			t.Errorf("a program has the rules %v, want none", rules)
		}
	}
	if got, told := records[0].Environment["rules"]; told {
		t.Errorf("the environment tells the rules %q", got)
	}
}
