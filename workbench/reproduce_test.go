package main

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"workbench/experiments/claim"
)

// ownClaims are claims of every verdict but one, about networks that are quick to build.
const ownClaims = `family: own
claims:
  - id: own-holds
    statement: ResNet-20 has 0.27M parameters.
    source: {paper: He et al. 2015, where: Table 6}
    conditions: 10 classes
    decision: exact
    unit: parameters
    verification: computed
    lecture: {where: 4, sentence: it has 5M, verdict: wrong, fact: it has not}
    values:
      - {name: resnet20, published: 269722, measured: 'params("resnet20_cifar")'}
      - {name: error, published: 8.75, unit: percent}
    slips: [{printed: 5M parameters, value: 5000000, measured: 'params("resnet20_cifar")', unit: parameters}]
  - id: own-cited
    statement: It errs.
    source: {paper: He et al. 2015}
    decision: citation
    values: [{name: error, published: 8.75}]
  - id: own-trained
    statement: Deeper is better.
    source: {paper: He et al. 2015}
    decision: greater
    delta: 0.5
    compare: {study: quickstart, metric: test/top1, cell: {depth: 56}, than: {depth: 20}, direction: higher, alpha: 0.05,
      planned: 5, selection: last epoch, protocol: as the paper, deviations: [fewer epochs]}
`

const ownUndecided = `  - id: own-undecided
    statement: It has a fourth stage.
    source: {paper: nobody}
    decision: exact
    values: [{name: place, published: 1, measured: 'layer("resnet20_cifar", "layer4.0.conv1").params'}]
`

const ownFails = `  - id: own-fails
    statement: Twice the width has as many parameters.
    source: {paper: nobody}
    decision: exact
    values: [{name: wide, published: 269722, measured: 'params("resnet_cifar", {width: 32})'}]
`

func inFolderOfClaims(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"good.yaml": ownClaims, "undecided.yaml": ownClaims + ownUndecided,
		"bad.yaml": ownClaims + ownUndecided + ownFails, "one.yaml": "family: own\nclaims:\n" + ownFails} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// The status says whether a claim fails or, if none does, whether one is undecided; the answer is given all the same.
func TestTheStatusIsTheVerdict(t *testing.T) {
	inFolderOfClaims(t)
	for _, c := range []struct {
		args   string
		status int
		lines  []string
	}{
		{"good.yaml", exitOK, []string{"own-holds    holds    resnet20 269,722  269,722    He et al. 2015, Table 6  wrong",
			"note: 3 claims: 1 holds, 1 not run, 1 cited; what is cited was not judged",
			"note: 1 published value of claims that were judged is cited alone",
			`note: slip in print (own-holds): "5M parameters"; measured 269,722 parameters`}},
		{"good.yaml --analytic", exitOK, []string{"note: 2 claims: 1 holds, 1 cited; what is cited was not judged"}},
		{"undecided.yaml", exitUndecided, []string{"note: 4 claims: 1 holds, 1 undecided, 1 not run, 1 cited; what is cited was not judged",
			"note: own-undecided undecided: place cannot be computed (undecided.yaml:31:52): resnet20_cifar has no place \"layer4.0.conv1\": " +
				"did you mean layer1.0.conv1 or layer2.0.conv1 or layer3.0.conv1?"}},
		{"bad.yaml", exitClaimFails, []string{"note: 5 claims: 1 holds, 1 fails, 1 undecided, 1 not run, 1 cited; what is cited was not judged",
			"note: own-fails fails: wide is 1,073,962, published 269,722 (exact)"}},
		{"resnet-cifar-params", exitOK, []string{"verdict                 holds",
			"again                   workbench reproduce resnet-cifar-params",
			"resnet1202  holds    19,421,274  19,421,274  exact      parameters  params(\"resnet1202_cifar\")"}},
	} {
		got := called(t, append([]string{"reproduce"}, strings.Fields(c.args)...)...)
		if got.status != c.status || got.err != "" {
			t.Errorf("reproduce %s ends with %d, want %d; it says %s", c.args, got.status, c.status, got.err)
		}
		out := strings.ReplaceAll(got.out, os.Args[0], "workbench")
		for _, line := range c.lines {
			if !containsLine(out, line+"\n") {
				t.Errorf("reproduce %s says\n%s\nwant the line\n%s", c.args, out, line)
			}
		}
	}
}

// Programs get everything about a claim, whole numbers as numbers.
func TestProgramsReadClaims(t *testing.T) {
	inFolderOfClaims(t)
	got := called(t, "reproduce", "good.yaml", "--format", "json")
	var answer struct {
		Claims []struct {
			Claim, Verdict string
			Lecture        claim.Lecture
			Values         []struct {
				Measured, Published any
				Expression          string
			}
			Slips []struct{ Value, Measured float64 }
		}
	}
	if err := json.Unmarshal([]byte(got.out), &answer); err != nil || len(answer.Claims) != 3 {
		t.Fatalf("%v\n%s", err, got.out)
	}
	one := answer.Claims[0]
	if one.Claim != "own-holds" || one.Verdict != "holds" || one.Lecture.Fact != "it has not" || one.Values[0].Measured != 269722.0 ||
		one.Values[1].Measured != nil || one.Values[0].Expression != `params("resnet20_cifar")` || one.Slips[0].Value != 5e6 ||
		one.Slips[0].Measured != 269722 || answer.Claims[2].Verdict != "not run" {
		t.Errorf("got %+v", answer)
	}
	table := called(t, "reproduce", "good.yaml", "--format", "csv")
	const heads = "claim,family,verdict,measured,published,source,statement,decision,lecture_verdict\n"
	if !strings.HasPrefix(table.out, heads+"own-holds,own,holds,") {
		t.Errorf("got %s", table.out)
	}
}

// Every quantity is listed with how it is called.
func TestQuantitiesAreListed(t *testing.T) {
	got := called(t, "reproduce", "--quantities")
	for _, want := range []string{"params(NETWORK, OPTIONS)  ", "field_between(NETWORK, FROM, TO, OPTIONS)  ", "largest_slope(ACTIVATION)  "} {
		if got.status != exitOK || !strings.Contains(got.out, "\n"+want) {
			t.Errorf("status %d, want a line %s in\n%s", got.status, want, got.out)
		}
	}
}

// What a claim quotes of its paper stands under its source, in the terminal and for programs.
func TestClaimsQuoteTheirPapers(t *testing.T) {
	got := called(t, "reproduce", "densenet-params-vs-resnet")
	if want := regexp.MustCompile(`(?m)^quote +90% fewer parameters$`); !want.MatchString(got.out) {
		t.Errorf("want a line %s, got\n%s", want, got.out)
	}
	got = called(t, "reproduce", "densenet-params-vs-resnet", "--format", "json")
	if !strings.Contains(got.out, `"quote": "90% fewer parameters"`) {
		t.Errorf("programs read\n%s", got.out)
	}
}
