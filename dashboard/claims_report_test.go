package dashboard

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"workbench/dashboard/report"
	"workbench/experiments"
	"workbench/experiments/claim"
)

// ownClaims compare cells of the tests' study.
const ownClaims = `family: own
claims:
  - id: own-residual
    statement: Shortcuts help the deep net.
    source: {paper: He et al. 2015, where: Figure 6, quote: "the degradation problem is well addressed"}
    conditions: CIFAR-10
    decision: greater
    delta: 1
    compare: {study: demo, metric: test/top1, cell: {shortcut: identity, depth: 56}, than: {depth: 56}, direction: higher, alpha: 0.05,
      planned: 5, selection: last epoch, protocol: as the paper, deviations: [fewer epochs, drawn pictures]}
    values: [{name: figure, published: 6.97, unit: percent}]
  - id: own-params
    statement: ResNet-20 has 0.27M parameters.
    source: {paper: He et al. 2015, where: Table 6}
    decision: exact
    values: [{name: resnet20, published: 269722, measured: 'params("resnet20_cifar")'}]
    slips: [{printed: 5M parameters, value: 5000000, measured: 'params("resnet20_cifar")', unit: parameters}]
`

// judgedClaims are own claims judged by the runs of the study demo.
func judgedClaims(t *testing.T, m *memory, claims string) []claim.Judgement {
	t.Helper()
	all, err := claim.Parse("own.yaml", []byte(claims))
	if err != nil {
		t.Fatal(err)
	}
	judged, err := (&claim.Judges{From: m}).All(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	return judged
}

// written is a page in a form.
func written(t *testing.T, p report.Page, form string) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b, form); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// unescaped takes away what forms put around letters.
var unescaped = strings.NewReplacer(`\allowbreak{}`, "", `\_`, "_", "&#39;", "'", "&#34;", `"`, "&#43;", "+", "-{}-", "--",
	`\symbol{34}`, `"`, `$-$`, "−", "≈", "", `\`, "")

// A report of claims tells all that each verdict rests on, in every form.
func TestReportsTellAllOfClaims(t *testing.T) {
	m := degradation("demo", 0, 1, 2, 3, 4)
	for i := range m.runs {
		m.runs[i].Seconds, m.runs[i].Environment["revision"] = 11, "0123abcd"
		m.runs[i].Checkpoint = &experiments.CheckpointInfo{Bytes: 1 << 20, Digest: "feed" + m.runs[i].ID}
	}
	judged := judgedClaims(t, m, ownClaims)
	p, err := ClaimsReport("own", "1.2.3", judged)
	if err != nil {
		t.Fatal(err)
	}
	j := judged[0]
	wants := []string{"own-residual", "Shortcuts help the deep net.", "the degradation problem is well addressed",
		"He et al. 2015, Figure 6",
		"as the paper", "fewer epochs", "drawn pictures", "by 1 points or more; paired t-test, alpha 0.05, 5 seeds, last epoch", "holds",
		"5 of 5", "6.97", "d1ce", "0123abcd", "10 runs, 1 m 50 s of training, checkpoints of 10.0 MiB",
		"workbench reproduce own-residual --run", "probability of improvement", "269,722", "5M parameters", "workbench 1.2.3"}
	for _, pair := range j.Tests[0].Pairs {
		wants = append(wants, pair.Runs[0], pair.Runs[1], fmt.Sprintf("%.5g", 100*pair.Cell), "feed"+pair.Runs[0])
	}
	for _, v := range []float64{j.Tests[0].Mean, j.Tests[0].Low, j.Tests[0].High} {
		wants = append(wants, fmt.Sprintf("%.4g", v))
	}
	for form := range report.Forms {
		text := unescaped.Replace(written(t, p, form))
		for _, want := range wants {
			if !strings.Contains(strings.ToLower(text), strings.ToLower(want)) {
				t.Errorf("%s: want %q", form, want)
			}
		}
	}
	page := written(t, p, report.HTML)
	for _, never := range []string{"<script", "<link", "<img", "src=", " style="} {
		if strings.Contains(page, never) {
			t.Errorf("%q is in the page", never)
		}
	}
	for _, to := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(to[1], "#") {
			t.Errorf("the page leads to %s", to[1])
		}
	}
}

// What readers are often not told stands in reports, where it was planted, and nowhere else.
func TestReportsRaiseFlags(t *testing.T) {
	plain, err := ClaimsReport("own", "1", judgedClaims(t, degradation("demo", 0, 1, 2, 3, 4), ownClaims))
	if err != nil {
		t.Fatal(err)
	}
	m := degradation("demo", 0)
	study := m.studies["demo"]
	study.Report = experiments.ReportBest
	study.Base.Dataset.Options = map[string]any{"label_noise": "symmetric", "label_noise_rate": 0.4}
	m.studies["demo"] = study
	for i := range m.runs {
		m.runs[i].Config.Dataset = study.Base.Dataset
		m.runs[i].Last["test/online_top1"] = 0.5
	}
	planted := strings.NewReplacer("metric: test/top1", "metric: test/online_top1, noise: asymmetric").Replace(ownClaims)
	flagged, err := ClaimsReport("own", "1", judgedClaims(t, m, planted))
	if err != nil {
		t.Fatal(err)
	}
	for form := range report.Forms {
		clean, text := unescaped.Replace(written(t, plain, form)), unescaped.Replace(written(t, flagged, form))
		for _, flag := range []string{"reports the best epoch on the test split", "a single seed",
			"an online classifier trained beside the pretraining", "label noise is symmetric, in the source it is asymmetric"} {
			if n := strings.Count(text, flag); n != 2 { // among all flags, and at its claim
				t.Errorf("%s: %q is told %d times, want 2", form, flag, n)
			}
			if strings.Contains(clean, flag) {
				t.Errorf("%s: %q is told without a reason", form, flag)
			}
		}
	}
}

// The page of a claim quotes the paper.
func TestClaimPagesQuoteThePaper(t *testing.T) {
	const want = "<dt>Quote</dt><dd>neurons in the fully-connected layers are connected to all neurons in the previous layer</dd>"
	wantPage(t, serverOf(t, degradation("demo", 0)), "/claims/alexnet-two-gpu-split", 200, want)
}
