package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	pretty "github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"workbench/experiments"
	"workbench/experiments/metric"
	"workbench/experiments/portrait"
	"workbench/experiments/studyfile"
	"workbench/nn/bench"
	"workbench/store"
)

const longNamed = `
name: does-a-very-long-name-of-a-study-fit-beside-everything-else
title: Whether the tables of a study whose author likes long names can be read on a narrow terminal
metric: test/top1
seeds: 4
base:
  dataset: {name: shapes, train: 64, test: 16}
  model: {name: resnet_mini, depth: 8, width: 2}
  optim: {lr: 0.05}
  batch: 16
  epochs: 2
factors:
  - name: normalisation_of_the_activations
    levels:
      batch_normalisation_with_running_statistics: {model.norm: batch}
      none: {model.norm: none}
  - {key: optim.lr, levels: [0.05, 0.0123456]}
`

// longAnswers is an app over a database with a study of long names, and the file of the study.
func longAnswers(t *testing.T) (a *app, file string, ids []string) {
	t.Helper()
	a = newApp()
	later := time.Now().Add(time.Hour) // one for all answers, so that they are equal
	a.now = func() time.Time { return later }
	a.db = filepath.Join(t.TempDir(), "a database with a name that is long.db")
	file = filepath.Join(t.TempDir(), "long.yaml")
	if err := os.WriteFile(file, []byte(longNamed), 0o600); err != nil {
		t.Fatal(err)
	}
	study, err := studyfile.Load(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	runs, err := study.Runs(func(experiments.Choice) (string, error) { return strings.Repeat("d", 64), nil })
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(a.db)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx := t.Context()
	if err := db.Enlist(ctx, study, runs); err != nil {
		t.Fatal(err)
	}
	for i, r := range runs {
		ids = append(ids, r.ID)
		attempt, err := db.Begin(ctx, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		top1 := 0.5 + 0.01*float64(i) + 0.003*float64(r.Seed)*float64(r.Seed%3)
		for _, record := range []experiments.Record{
			{Environment: map[string]string{"threads": "2", "backend": "onednn", "parameters": "123456789", "macs": "12345678901",
				"cpu": "A Processor With A Rather Long Name of 2026 at 3.50 GHz"}},
			{Phase: &experiments.Phase{Count: 1, Steps: 8}},
			{Log: "a line of the log that says with many words what there was to be said about this run at this moment"},
			{Artefact: longIssues(t)},
			{Points: []experiments.Point{{Metric: metric.TestTop1, Step: 8, Epoch: 2, Value: top1},
				{Metric: metric.TrainLoss, Step: 8, Epoch: 2, Value: 1234.5}}},
			{Checkpoint: &experiments.Checkpoint{Run: r.ID, Attempt: 1, Step: 8, State: []byte("{}"), Final: true,
				Tensors: []experiments.Tensor{{Name: "model/fc.weight", Shape: []int{1}, Data: []float32{1}}}}},
		} {
			if err := db.Record(ctx, attempt, record); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.End(ctx, attempt, experiments.Done, ""); err != nil {
			t.Fatal(err)
		}
	}
	return a, file, ids
}

// said is what a command writes at a width; 0 is no terminal.
func (a *app) said(t *testing.T, width int, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	a.out, a.width = &out, width
	db := a.db // which the flag's default replaces
	root := a.root()
	root.SetArgs(append([]string{"--db", db}, args...))
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return out.String()
}

var number = regexp.MustCompile(`[0-9]+(\.[0-9]+)?`)

// fits reports lines that are wider than the terminal, and words that are not words of the whole answer or the
// beginning of one.
func fits(t *testing.T, what string, width int, narrow, whole string) {
	t.Helper()
	said := func(words string) string { return words }
	// These measure or count anew: memory that is free, times of steps, looks at images.
	if what == "doctor" || strings.HasSuffix(what, "--dry-run") || strings.HasPrefix(what, "evaluate") {
		said = func(words string) string {
			return number.ReplaceAllString(strings.ReplaceAll(words, "once", "0 times"), "0")
		}
	}
	words := strings.Fields(said(whole))
	for line := range strings.Lines(narrow) {
		line = strings.TrimRight(line, "\n")
		if n := pretty.StringWidthWithoutEscSequences(line); n > width {
			t.Errorf("%s at width %d: a line of %d characters: %q", what, width, n, line)
		}
		if strings.Contains(line, "too narrow for:") || strings.HasPrefix(line, "  ") { // of which the whole answer needs no such line
			continue
		}
		for word := range strings.FieldsSeq(said(line)) {
			beginning, short := strings.CutSuffix(word, "…")
			if strings.Trim(word, "─") != "" && !slices.ContainsFunc(words, func(w string) bool {
				return w == word || short && strings.HasPrefix(w, beginning)
			}) {
				t.Errorf("%s at width %d breaks a word: %q in %q", what, width, word, line)
			}
		}
	}
}

// answersOf calls every command that answers with tables, but for those that take long, over a database with long
// names.
func answersOf(t *testing.T, try func(a *app, args []string)) {
	t.Helper()
	a, file, ids := longAnswers(t)
	here := t.TempDir()
	cifar10In(t, here)
	calls := map[string][][]string{
		"run":  {{file, "--dry-run"}},
		"runs": {{}},
		"show": {{"latest"}},
		"compare": {{ids[0], ids[5]}, {ids[0], ids[5], "--all"},
			{"--study", "does-a-very-long-name-of-a-study-fit-beside-everything-else"}},
		"ablate":       {{"does-a-very-long-name-of-a-study-fit-beside-everything-else"}},
		"power":        {{"does-a-very-long-name-of-a-study-fit-beside-everything-else"}},
		"report":       {{"does-a-very-long-name-of-a-study-fit-beside-everything-else", "--force", "-o", filepath.Join(here, "x.html")}},
		"tune":         {{file, "dataset.val=0.25", "search.optim.weight_decay=0.0123,0.0234", "--dry-run"}},
		"label-issues": {{"latest"}},
		"lr-find":      {{file, "--steps", "20", "--threads", "1"}},
		"studies":      {{}},
		"strategies":   {{}},
		"options":      {{}, {"optim"}, {"model", "resnet_mini"}, {"augment"}},
		"models":       {{"resnet1*"}},
		"describe":     {{"resnet20_cifar"}, {"resnet20_cifar", "--depth", "1", "--options"}, {"vgg11", "--diff", "resnet18"}},
		"evaluate":     evaluations(t),
		"predict":      {{evaluations(t)[0][0], pictureFile(t), "--dataset", "shapes"}},
		"data list":    {{}},
		"data check":   {{"shapes"}},
		"data show":    {{"shapes", "--force", "--out", filepath.Join(here, "x.png")}},
		"data fetch":   {{"cifar10", "--data", here}},
		"diagnose":     {{ids[0], ids[5]}},
		"doctor":       {{}},
		"version":      {{}},
		"bisect":       {{ids[0], ids[5], "--force", "-o", filepath.Join(here, "path.yaml")}},
		"whence":       {{"50.30"}, {"0.5", "1234.5", "77.7777"}},
		"merge":        {{copied(t, a.db)}},
		"reproduce":    {{"vgg", "--analytic"}, {"vgg-compute"}, {"--quantities"}},
	}
	elsewhere := []string{"bench", "demo", // take seconds; see below, and ablate
		"export", "import", // facts in two columns, as show has them
		"archive"} // what merge says
	visit(newApp().root(), func(c *cobra.Command) {
		if c.Flag("format") == nil || slices.Contains(elsewhere, c.Name()) {
			return
		}
		name := strings.TrimPrefix(c.CommandPath(), "workbench ")
		if len(calls[name]) == 0 {
			t.Errorf("no call of %s is tried", c.CommandPath())
		}
		for _, args := range calls[name] {
			try(a, append(strings.Fields(c.CommandPath())[1:], args...))
		}
	})
}

// Every table fits into 60, 80 and 120 columns, whatever the names in it, and no word and no number of it is broken.
func TestTablesFitTheTerminal(t *testing.T) {
	answersOf(t, func(a *app, args []string) {
		whole := a.said(t, 0, args...)
		for _, width := range []int{60, 80, 120} {
			fits(t, strings.Join(args, " "), width, a.said(t, width, args...), whole)
		}
	})
}

func TestTablesOfABenchFit(t *testing.T) {
	c := bench.Case{Name: "DenseNet-BC-100-12 with a remark", Model: "densenet", Batch: 128, Input: [3]int{3, 224, 224}, Precision: "float32"}
	steps := bench.Sample{{0.123456, 0.1334, 0.1334}}
	r := timings{results: []bench.Result{{Case: c, Opened: bench.Opened{PlanBytes: 1 << 33, MACs: 12345678901},
		Ours: bench.Measured{Steps: steps, PeakMemory: 1 << 34},
		Peers: []bench.Measured{{Name: "PyTorch", Layout: bench.PeerLayouts()[0], Steps: steps, PeakMemory: 1 << 35,
			Agreement: &bench.Agreement{Ours: []float64{2}, Theirs: []float64{2}}}}}},
		peak: bench.Peak{FLOPS: 1e11}, pytorch: []bench.Peer{{}}}
	answer := func(width int) string {
		var out bytes.Buffer
		a := newApp()
		a.out, a.width, a.format = &out, width, "table"
		if err := a.show(r.document()); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	for _, width := range []int{60, 80, 120} {
		fits(t, "bench", width, answer(width), answer(0))
	}
}

// A text loses no word when it is wrapped; a word that is longer than the line loses its end, and shows it.
func TestWrapped(t *testing.T) {
	for _, c := range []struct {
		text   string
		width  int
		indent string
		want   string
	}{
		{"as it is", 0, "", "as it is"},
		{"as it is", 8, "", "as it is"},
		{"as it is", 6, "", "as it\nis"},
		{"undecided", 5, "", "unde…"},
		{"note: one two three", 10, "  ", "note: one\n  two\n  three"},
		{"  two blanks first", 9, "", "  two\nblanks\nfirst"},
		{"中文 字符", 5, "", "中文\n字符"},
	} {
		if got := wrapped(c.text, c.width, c.indent); got != c.want {
			t.Errorf("%q in %d characters is %q, want %q", c.text, c.width, got, c.want)
		}
	}
	if got := fmt.Sprint(longestWord("a word undecided")); got != "9" {
		t.Errorf("the longest word has %s characters, want 9", got)
	}
}

// evaluations are calls of evaluate for files of weights with rather long names: one by itself, and two together.
func evaluations(t *testing.T) [][]string {
	t.Helper()
	var files []string
	for _, seed := range []string{"1", "2"} {
		path := filepath.Join(t.TempDir(), "weights-that-nobody-has-trained-as-yet.safetensors")
		if got := called(t, "export", "--model", "resnet_mini", "depth=8", "width=2", "--seed", seed, "-o", path); got.status != 0 {
			t.Fatal(got.err)
		}
		files = append(files, path)
	}
	small := []string{"--dataset", "shapes", "dataset.train=64", "dataset.test=30", "--batch", "30"}
	return [][]string{append([]string{files[0], "--with", "collapse"}, small...), append([]string{files[0], files[1], "--ensemble"}, small...)}
}

// copied is a copy of a file that nobody writes to.
func copied(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), filepath.Base(path))
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// pictureFile is a file with a small grey picture.
func pictureFile(t *testing.T) string {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 20, 16))); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "picture.png")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// longIssues are labels that a run takes to be wrong.
func longIssues(t *testing.T) *experiments.Artefact {
	t.Helper()
	text, err := portrait.Encode(portrait.LabelIssues{Filter: "prune_by_noise_rate", Images: 3000, Found: 2,
		Shown: []portrait.LabelIssue{{Image: 2999, Label: 1, Suggested: 2, True: 2, Quality: 0.0123},
			{Image: 7, Label: 9, Suggested: 0, True: 9, Quality: 0.2}}})
	if err != nil {
		t.Fatal(err)
	}
	return &experiments.Artefact{Data: text, ArtefactInfo: experiments.ArtefactInfo{Name: portrait.LabelIssuesName, Kind: "array",
		Media: portrait.JSON, Step: 8, Time: time.Now()}}
}
