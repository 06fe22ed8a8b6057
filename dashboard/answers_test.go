package dashboard

import (
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"workbench/experiments"
)

var update = flag.Bool("update", false, "write the golden files")

// answers are addresses, each with the file below testdata/answers that holds what is answered. RUN0 to RUN15 stand
// for ids. Every page, figure and format is among them, once as it is and once with what its parameters change.
var answers = map[string]string{
	"studies.html":            "/studies",
	"studies.csv":             "/studies?format=csv",
	"studies.md":              "/studies?format=markdown",
	"studies.json":            "/studies?format=json",
	"study.html":              "/studies/demo",
	"study-young.html":        "/studies/young",
	"study-none.html":         "/studies/demo@7",
	"study-cells.csv":         "/studies/demo?format=csv",
	"study-effects.csv":       "/studies/demo?format=csv&table=effects",
	"study-budgets.csv":       "/studies/demo?format=csv&table=budgets",
	"study-trends.csv":        "/studies/demo?format=csv&table=trends",
	"trend.svg":               "/studies/demo/trend.svg?factor=depth",
	"trend-none.svg":          "/studies/young/trend.svg",
	"study-values.csv":        "/studies/demo?format=csv&table=values",
	"study-points.csv":        "/studies/demo?format=csv&table=points",
	"study.tex":               "/studies/demo?format=latex",
	"study-young.tex":         "/studies/young?format=latex",
	"run.tex":                 "/runs/RUN5?format=latex",
	"study.md":                "/studies/demo?format=markdown",
	"study.json":              "/studies/demo?format=json",
	"architectures.html":      "/studies/demo/architectures",
	"architectures-some.html": "/studies/demo/architectures?models=56&epochs=2&x=parameters&machine=elsewhere+(onednn,+2+threads)",
	"architectures-none.html": "/studies/young/architectures",
	"architectures.csv":       "/studies/demo/architectures?format=csv",
	"architectures.md":        "/studies/demo/architectures?format=markdown",
	"architectures.json":      "/studies/demo/architectures?format=json&minutes=1",
	"architectures.svg":       "/studies/demo/architectures.svg?x=latency",
	"architectures-none.svg":  "/studies/young/architectures.svg",
	"api-architectures.json":  "/api/v1/studies/demo/architectures?models=20",
	"effects.svg":             "/studies/demo/effects.svg",
	"effects-none.svg":        "/studies/young/effects.svg",
	"curves.svg":              "/studies/demo/curves.svg?metric=test/loss",
	"curves-seeds.svg":        "/studies/demo/curves.svg?metric=test/top1&seeds=1&band=0&x=seconds&hide=shortcut%3Dnone+depth%3D20",
	"curves-changed.svg":      "/studies/demo/curves.svg?metric=train/loss&log=1&smooth=0.5&x=step&zoom=40..120",
	"claims.html":             "/claims?family=vgg",
	"claims.csv":              "/claims?family=vgg&format=csv",
	"claim.html":              "/claims/senet-params",
	"claim-none.html":         "/claims/nosuch",
	"claims-none.html":        "/claims?family=nosuch",
	"study-published.csv":     "/studies/demo?format=csv&table=published",
	"runs.html":               "/runs",
	"runs-chosen.html":        "/runs?q=depth%3D56+and+not+status%3Dqueued&sort=-seed&columns=optim.lr,test/top5&study=demo",
	"runs-none.html":          "/runs?q=status%3Dnothing",
	"runs.csv":                "/runs?format=csv&sort=-seconds&columns=batch",
	"runs.md":                 "/runs?format=markdown&sort=test/top1",
	"runs.json":               "/runs?format=json&q=seed%3C1",
	"run.html":                "/runs/RUN0",
	"run-diverged.html":       "/runs/RUN3",
	"run-failed.html":         "/runs/RUN4",
	"run-running.html":        "/runs/RUN5",
	"run-queued.html":         "/runs/RUN6",
	"run-interrupted.html":    "/runs/RUN7",
	"run.csv":                 "/runs/RUN5?format=csv",
	"run-metrics.csv":         "/runs/RUN5?format=csv&table=metrics",
	"run-config.csv":          "/runs/RUN5?format=csv&table=config",
	"run-environment.csv":     "/runs/RUN5?format=csv&table=environment",
	"run-phases.csv":          "/runs/RUN0?format=csv&table=phases",
	"run-artefacts.csv":       "/runs/RUN0?format=csv&table=artefacts",
	"run.md":                  "/runs/RUN5?format=markdown",
	"run.json":                "/runs/RUN0?format=json",
	"run-curves.svg":          "/runs/RUN0/curves.svg?metric=train/lr",
	"portrait-none.html":      "/runs/RUN5/portrait",
	"portrait-bad.html":       "/runs/RUN0/portrait",
	"compare.html":            "/compare?run=RUN0&run=RUN8&run=RUN5",
	"compare.csv":             "/compare?run=RUN0&run=RUN8&format=csv",
	"compare-metrics.csv":     "/compare?run=RUN0&run=RUN8&format=csv&table=metrics",
	"compare-environment.csv": "/compare?run=RUN0&run=RUN8&format=csv&table=environment",
	"compare.md":              "/compare?run=RUN0&run=RUN8&format=markdown",
	"compare-missing.html":    "/compare?run=RUN6&run=RUN9",
	"compare-missing.csv":     "/compare?run=RUN9&run=RUN6&format=csv&table=metrics",
	"compare.svg":             "/compare/curves.svg?run=RUN0&run=RUN8&metric=test/top1",
	"api-studies.json":        "/api/v1/studies",
	"api-study.json":          "/api/v1/studies/demo",
	"api-curves.json":         "/api/v1/studies/demo/curves?metric=test/top1",
	"api-curves-part.json":    "/api/v1/studies/demo/curves?metric=test/loss&x=epoch&from=1.5&to=2.5",
	"api-ablation.json":       "/api/v1/studies/demo/ablation",
	"api-runs.json":           "/api/v1/runs?q=status%3Ddone+or+status%3Drunning&sort=-seed",
	"api-run.json":            "/api/v1/runs/RUN5",
	"api-run-failed.json":     "/api/v1/runs/RUN4",
	"api-run-curves.json":     "/api/v1/runs/RUN5/curves?metric=train/loss",
	"api-artefacts.json":      "/api/v1/runs/RUN0/artefacts",
	"api-artefact.json":       "/api/v1/runs/RUN0/artefacts/40/matrix",
	"api-series.json":         "/api/v1/series?run=RUN0&run=RUN5&metric=test/top1&max=2",
	"api-compare.json":        "/api/v1/compare/curves?run=RUN0&run=RUN8&metric=test/top1",
	"api-wrong.json":          "/api/v1/runs?q=seed",
	"api-none.json":           "/api/v1/runs/none",
	"start":                   "/",
	"favicon":                 "/favicon.ico",
	"healthz":                 "/healthz",
	"wrong.html":              "/runs?q=modle%3D3",
	"none.html":               "/studies/none",
	"nothing.html":            "/nothing",
}

// modelAnswers are those about networks.
var modelAnswers = map[string]string{
	"models.html":         "/models?family=ResNet-CIFAR&sort=-parameters&on=CIFAR-10",
	"models-sought.html":  "/models?q=mini+shufflenet",
	"models.csv":          "/models?format=csv&family=Plain-CIFAR",
	"models.md":           "/models?format=markdown&q=mini+shufflenet",
	"models.json":         "/models?format=json&q=lenet5",
	"bubbles.svg":         "/models/bubbles.svg?family=ResNet-CIFAR&on=CIFAR-10",
	"model.html":          "/models/resnet20_cifar",
	"model-changed.html":  "/models/resnet_mini?shortcut=none&input=1x16x16&classes=7&level=1",
	"model-wrong.html":    "/models/resnet20_cifar?classes=none",
	"model.csv":           "/models/resnet20_cifar?format=csv",
	"model.md":            "/models/resnet20_cifar?format=markdown&level=1",
	"model.json":          "/models/resnet20_cifar?format=json",
	"costs.svg":           "/models/resnet20_cifar/costs.svg",
	"diagram.svg":         "/models/resnet20_cifar/diagram.svg",
	"models-compare.html": "/models/compare?a=resnet_mini&b=resnet_mini&b.shortcut=none&level=1",
	"models-compare.csv":  "/models/compare?a=resnet20_cifar&b=plain20_cifar&format=csv",
	"models-compare.md":   "/models/compare?a=resnet20_cifar&b=plain20_cifar&format=markdown",
	"models-compare.json": "/models/compare?a=resnet20_cifar&b=plain20_cifar&format=json",
	"api-model.json":      "/api/v1/models/resnet20_cifar?level=1",
}

// versionAnswers are those about a study with several versions, emptyAnswers those of a database without any.
var (
	versionAnswers = map[string]string{
		"versions-studies.html": "/studies", "versions-study.html": "/studies/demo", "versions-first.md": "/studies/demo@1?format=markdown",
		"versions-runs.csv": "/runs?study=demo@1&format=csv", "versions-run.html": "/runs/RUN9", "versions-study.json": "/api/v1/studies/demo@1",
	}
	emptyAnswers = map[string]string{
		"empty-studies.html": "/studies", "empty-runs.html": "/runs", "empty-compare.html": "/compare", "empty-runs.json": "/api/v1/runs",
		"empty-studies.csv": "/studies?format=csv", "empty-runs.md": "/runs?format=markdown",
	}
)

var (
	hashed = regexp.MustCompile(`/assets/[0-9a-f]+/`)
	long   = regexp.MustCompile(`-?\d+\.\d{7,}(e[-+]?\d+)?`)
)

// settled is an answer without what differs between requests, builds and processors.
func settled(text, request string) string {
	if request != "" {
		text = strings.ReplaceAll(text, request, "REQUEST")
	}
	text = hashed.ReplaceAllString(text, "/assets/HASH/")
	return long.ReplaceAllStringFunc(text, func(number string) string {
		v, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return number
		}
		return strconv.FormatFloat(v, 'g', 6, 64)
	})
}

// Whole answers are compared: a column, an order, a unit, a link or a header that changes is seen.
func TestAnswersAreTheKnownOnes(t *testing.T) { compareAnswers(t, everyKind(), answers) }

func TestAnswersAboutModelsAreTheKnownOnes(t *testing.T) {
	compareAnswers(t, everyKind(), modelAnswers)
}

func TestAnswersAboutVersionsAreTheKnownOnes(t *testing.T) {
	compareAnswers(t, twoVersions{everyKind()}, versionAnswers)
}

func TestAnswersAboutNothingAreTheKnownOnes(t *testing.T) { compareAnswers(t, &memory{}, emptyAnswers) }

func compareAnswers(t *testing.T, source experiments.Source, answers map[string]string) {
	m := everyKind()
	s := serverOf(t, source)
	for _, name := range slices.Sorted(maps.Keys(answers)) {
		code, header, body := get(t, s, withIDs(m, answers[name]))
		got := fmt.Sprintln(code, http.StatusText(code))
		for _, key := range []string{"Cache-Control", "Content-Disposition", "Content-Type", "Location", "Retry-After"} {
			if v := header.Get(key); v != "" {
				got += fmt.Sprintf("%s: %s\n", key, v)
			}
		}
		same(t, name, settled(got+"\n"+body, header.Get("X-Request-Id")))
	}
}

// same compares a text with a golden file, and tells the first line that differs.
func same(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "answers", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(text) {
		return
	}
	lines, want := strings.Split(got, "\n"), strings.Split(string(text), "\n")
	i := 0
	for i < min(len(lines), len(want)) && lines[i] == want[i] {
		i++
	}
	lines, want = append(lines, "the end"), append(want, "the end")
	t.Errorf("%s changed in line %d; look at it and run go test -update\ngot  %s\nwant %s", name, i+1, lines[i], want[i])
}

// Nobody else's files lie among the known answers.
func TestEveryKnownAnswerIsAskedFor(t *testing.T) {
	files, err := os.ReadDir(filepath.Join("testdata", "answers"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if answers[f.Name()]+modelAnswers[f.Name()]+versionAnswers[f.Name()]+emptyAnswers[f.Name()] == "" && f.Name() != "metrics" {
			t.Errorf("testdata/answers/%s is compared with nothing", f.Name())
		}
	}
}
