package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"workbench/dashboard/report"
	"workbench/experiments"
	"workbench/experiments/claim"
	"workbench/experiments/data"
	"workbench/experiments/iec"
	"workbench/experiments/machine"
	"workbench/experiments/suggest"
)

// proof is an experiment of an artifact appendix.
type proof struct {
	title    string
	needs    string // minutes and disk
	how      string
	fetch    []string // data sets that have files
	commands []string
	claims   []int // places in the appendix's list of claims
}

// appendix is an artifact appendix in the form that ACM's and USENIX's evaluations of artifacts ask for (USENIX
// Security artifact appendix template, sections A.2 to A.5): requirements, set-up, the claims C1, C2, … and the
// experiments E1, E2, … that prove them. Took is how long the judging took.
func (a *app) appendix(ctx context.Context, name string, all []claim.Judgement, took time.Duration) (report.Page, error) {
	var claims []claim.Judgement
	var cited []string
	for _, j := range all {
		if j.Verdict == claim.Cited {
			cited = append(cited, j.ID)
			continue
		}
		claims = append(claims, j)
	}
	proofs, err := a.proofs(ctx, name, claims, took)
	if err != nil {
		return report.Page{}, err
	}
	them := map[bool]string{true: "it", false: "them"}[len(claims) == 1]
	p := report.Page{Title: "Artifact Appendix", Program: "workbench " + versions()["version"],
		Lead: fmt.Sprintf("%s and the experiments that prove %s, asked for as %s.", several(len(claims), "claim"), them, name)}
	p.Sections = append(p.Sections, requirements(proofs), claimsOf(claims, proofs), matrix(claims, proofs), experimentsOf(claims, proofs))
	if len(cited) > 0 {
		p.Sections = append(p.Sections, report.Section{ID: "cited", Title: "What no experiment proves",
			Parts: []report.Part{{Text: "Published figures that nothing here can measure, and which are not counted: " + strings.Join(cited, ", ") +
				"."}}})
	}
	return p, nil
}

// several is a count with its word.
func several(n int, word string) string { return fmt.Sprintf("%d %s%s", n, word, plural(n)) }

// proofs are one experiment for all claims that need no training, and one a study.
func (a *app) proofs(ctx context.Context, name string, claims []claim.Judgement, took time.Duration) ([]proof, error) {
	program := suggest.Program{}
	networks := proof{title: "Networks, without training", needs: minutesOf(took) + " and no disk",
		how:      "Each value is computed from the networks as the program builds them.",
		commands: []string{program.Command("reproduce", name, "--analytic")}}
	var training []claim.Claim
	for i, j := range claims {
		if j.Analytic() {
			networks.claims = append(networks.claims, i)
		} else {
			training = append(training, j.Claim)
		}
	}
	studies, err := a.claimStudies(ctx, training)
	if err != nil {
		return nil, err
	}
	var all []proof
	if len(networks.claims) > 0 {
		all = append(all, networks)
	}
	for _, s := range studies {
		p := proof{title: "Study " + s.study.Name, how: s.study.Title, fetch: fetched(s.study.Study)}
		for _, c := range s.claims {
			p.claims = append(p.claims, slices.IndexFunc(claims, func(j claim.Judgement) bool { return j.ID == c.ID }))
			if command := program.Command("reproduce", c.Argument(), "--run"); !slices.Contains(p.commands, command) {
				p.commands = append(p.commands, command)
			}
		}
		if p.needs, err = a.needs(ctx, s); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// fetched are the data sets of a study that have files.
func fetched(s experiments.Study) []string {
	var names []string
	cells, _ := s.Cells() // one that cannot be was told of when the study was read
	for _, c := range cells {
		set, err := data.Lookup(c.Config.Dataset.Name)
		if err == nil && set.Files != "" && !slices.Contains(names, set.Name) {
			names = append(names, set.Name)
		}
	}
	return names
}

// minutesOf is a time as appendices give it, a minute at least.
func minutesOf(d time.Duration) string {
	return several(max(1, int(math.Ceil(d.Minutes()))), "compute-minute")
}

// needs says which minutes and disk all planned runs of a study take from the start, one after the other: as recorded
// of those that are done, else as estimated on this machine.
func (a *app) needs(ctx context.Context, s claimStudy) (string, error) {
	w, err := a.prepare(ctx, first(s.study, s.seeds))
	if err != nil {
		return fmt.Sprintf("not known on this machine: %v", err), ctx.Err() // its data are not here
	}
	statuses, earlier, err := a.recordedOf(ctx, w.runs)
	if err != nil {
		return "", err
	}
	var spent time.Duration
	var bytes int64
	var todo []experiments.Run
	for _, r := range w.runs {
		i := slices.IndexFunc(earlier, func(e experiments.RunInfo) bool { return e.ID == r.ID })
		if statuses[r.ID] != experiments.Done || i < 0 {
			todo = append(todo, r)
			continue
		}
		spent += time.Duration(earlier[i].Seconds * float64(time.Second))
		if c := earlier[i].Checkpoint; c != nil {
			bytes += c.Bytes
		}
	}
	how := "measured"
	if len(todo) > 0 {
		cost, err := a.costOf(ctx, w, training{jobs: 1})
		if err != nil {
			return fmt.Sprintf("minutes not known (%v), about %s of disk", err, iec.Bytes(w.states(w.runs))), ctx.Err()
		}
		spent, bytes, how = spent+cost, bytes+w.states(todo), "estimated"
	}
	return fmt.Sprintf("%s and %s of disk, %s, %s", minutesOf(spent), iec.Bytes(bytes), several(len(w.runs), "run"), how), nil
}

// requirements are sections A.2 and A.3 of an appendix.
func requirements(proofs []proof) report.Section {
	program := suggest.Program{}
	var sets []string
	for _, p := range proofs {
		sets = append(sets, p.fetch...)
	}
	slices.Sort(sets)
	sets = slices.Compact(sets)
	memory := "not known"
	if bytes, known := machine.Memory(); known {
		memory = iec.Bytes(bytes)
	}
	facts := machine.Facts()
	needed := "none: the program draws its own pictures"
	commands := []string{"make build", program.Command("doctor")}
	if len(sets) > 0 {
		needed = strings.Join(sets, ", ")
	}
	for _, set := range sets {
		commands = append(commands, program.Command("data", "fetch", set))
	}
	return report.Section{ID: "requirements", Title: "Requirements and set-up", Parts: []report.Part{{Facts: []report.Fact{
		{Name: "Hardware", Value: "x86-64; no accelerator. Times are those of " + facts["cpu"] + ", memory " + memory},
		{Name: "Software", Value: "Debian 12 with git and make; no Python, no account, no network beyond the data"},
		{Name: "Data sets", Value: needed},
		{Name: "Risks", Value: "none for the machine, for data or for people: nothing runs with privileges"},
		{Name: "Human time", Value: "five minutes for the set-up, one for each experiment"}}},
		{Text: "Set-up, and a test that all is there:"}, {Commands: commands}}}
}

// provenBy are the experiments of a claim: "E1".
func provenBy(c int, proofs []proof) string {
	var all []string
	for i, p := range proofs {
		if slices.Contains(p.claims, c) {
			all = append(all, fmt.Sprintf("E%d", i+1))
		}
	}
	return strings.Join(all, ", ")
}

func claimsOf(claims []claim.Judgement, proofs []proof) report.Section {
	s := report.Section{ID: "claims", Title: "Major claims"}
	var facts []report.Fact
	for i, j := range claims {
		facts = append(facts, report.Fact{Name: fmt.Sprintf("(C%d)", i+1), Value: fmt.Sprintf("%s: %s (%s). Proven by experiment (%s); %s.",
			j.ID, strings.TrimSuffix(j.Statement, "."), j.Source, provenBy(i, proofs), expected(j))})
	}
	if len(facts) > 0 {
		s.Parts = []report.Part{{Facts: facts}}
	}
	return s
}

// expected says what the experiment should come to: what it came to here.
func expected(j claim.Judgement) string {
	said := "expected: " + string(j.Verdict)
	if j.Verdict == claim.NotRun {
		return "no run of it is recorded here"
	}
	if m := j.Measured(); m != "" {
		said += ", " + m
	}
	return said
}

// matrix has claims beside experiments.
func matrix(claims []claim.Judgement, proofs []proof) report.Section {
	t := &report.Table{Columns: []report.Column{{Title: "Claim"}, {Title: "Id"}, {Title: "Experiment"}, {Title: "Verdict here"},
		{Title: "Measured"}}}
	for i, j := range claims {
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{{Text: fmt.Sprintf("C%d", i+1)}, {Text: j.ID}, {Text: provenBy(i, proofs)},
			{Text: string(j.Verdict)}, {Text: j.Measured()}}})
	}
	return report.Section{ID: "matrix", Title: "Claims and experiments", Parts: []report.Part{{Table: t}}}
}

func experimentsOf(claims []claim.Judgement, proofs []proof) report.Section {
	s := report.Section{ID: "experiments", Title: "Experiments"}
	for i, p := range proofs {
		var proven, results []string
		for _, c := range p.claims {
			proven = append(proven, fmt.Sprintf("C%d", c+1))
			if claims[c].Compare != nil {
				results = append(results, fmt.Sprintf("C%d %s; rule: %s", c+1, expected(claims[c]), claims[c].Compare.Describe()))
			}
		}
		if len(results) == 0 {
			results = []string{"the verdict on each claim is the one in the table above"}
		}
		facts := []report.Fact{{Name: fmt.Sprintf("(E%d)", i+1), Value: fmt.Sprintf("%s [1 human-minute, %s]", p.title, p.needs)},
			{Name: "Proves", Value: strings.Join(proven, ", ")}}
		if p.how != "" {
			facts = append(facts, report.Fact{Name: "How", Value: p.how})
		}
		if len(p.fetch) > 0 {
			facts = append(facts, report.Fact{Name: "Preparation", Value: "the data of " + strings.Join(p.fetch, ", ")})
		}
		s.Parts = append(s.Parts, report.Part{Facts: append(facts, report.Fact{Name: "Results", Value: strings.Join(results, "; ")})},
			report.Part{Commands: p.commands})
	}
	s.Parts = append(s.Parts, report.Part{Text: "Runs that are done are not trained again, and a training that was interrupted goes on. The " +
		"exit status is 0 if no claim fails or is open, 3 if one fails, 4 if one is undecided."})
	return s
}
