package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/studyfile"
	"workbench/nn/zoo"
)

// completed is what the shell is offered behind the words: the offers, and whether files are among them, and whether a
// blank follows.
func completed(t *testing.T, words ...string) (offers []string, directive string) {
	t.Helper()
	got := called(t, append([]string{"__complete"}, words...)...)
	lines := strings.Split(strings.TrimSuffix(got.out, "\n"), "\n")
	last := len(lines) - 1
	return lines[:last], lines[last]
}

const (
	andFiles       = ":0"
	noFiles        = ":4"
	noFilesNoBlank = ":6"
)

func TestShellsAreOfferedWhatACommandTakes(t *testing.T) {
	packed, err := filepath.Abs("testdata/kept/kept.db.gz")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	unpacked(t, packed, "kept.db")
	runs := []string{"latest", "320e6e1a8e70680f\tkept shortcut=none", "ddd8a8f9a4c5b759\tkept shortcut=identity",
		"f669c3b6e74d9991\tkept shortcut=none", "df45426a936051fd\tkept shortcut=identity"}
	sections := []string{"factors\tKeys of a factor", "study\tKeys of a study"}
	for _, s := range experiments.Sections() {
		if s.Name != "" {
			sections = append(sections, s.Name+"\t"+s.Doc)
		}
	}
	for _, c := range []struct {
		words     string
		offers    []string
		directive string
	}{
		{"ablate |", []string{"kept"}, noFiles},
		{"power |", []string{"kept"}, noFiles},
		{"report |", []string{"kept"}, noFiles},
		{"compare |", runs, noFiles},
		{"compare latest |", runs, noFiles},
		{"show |", runs, noFiles},
		{"export |", runs, noFiles},
		{"run |", append(studyfile.Names(), "kept"), andFiles},
		{"run quickstart optim.name=|", []string{"optim.name=adam", "optim.name=adamw", "optim.name=lamb", "optim.name=lars",
			"optim.name=rmsprop", "optim.name=rmsprop_tf", "optim.name=sgd"}, noFiles},
		{"run quickstart design=|", []string{"design=factorial", "design=one_at_a_time", "design=leave_one_out", "design=list"}, noFiles},
		{"run quickstart depth=|", []string{"depth=20", "depth=56"}, noFiles},
		{"run quickstart baseline.depth=|", []string{"baseline.depth=20", "baseline.depth=56"}, noFiles},
		{"run quickstart nothing=|", []string{}, noFiles},
		{"run quickstart --data |", []string{}, andFiles},
		{"run --scale |", []string{}, noFiles},
		{"run quickstart --scale |", []string{}, noFiles},
		{"run abl-resnet-shortcuts --scale |", []string{"paper"}, noFiles},
		{"tune |", append(studyfile.Names(), "kept"), andFiles},
		{"tune quickstart search.optim.nesterov=|", []string{"search.optim.nesterov=true", "search.optim.nesterov=false"}, noFiles},
		{"tune --method |", []string{"random", "grid", "halving"}, noFiles},
		{"tune --on |", []string{"val"}, noFiles},
		{"reproduce |", claimNames(), andFiles},
		{"reproduce senet |", []string{}, noFiles},
		{"report --as |", []string{"html", "latex", "markdown"}, noFiles},
		{"models |", zoo.Names(), noFiles},
		{"describe |", zoo.Names(), noFiles},
		{"describe vgg_mini |", []string{}, noFiles},
		{"describe vgg_mini --diff |", zoo.Names(), noFiles},
		{"bench |", zoo.Names(), noFiles},
		{"bench --peer |", []string{"auto", "pytorch", "none"}, noFiles},
		{"bench --profile=|", []string{"operator", "shape"}, noFiles},
		{"bench --precision |", []string{"float32", "bf16"}, noFiles},
		{"bench --algorithms |", []string{"direct", "auto"}, noFiles},
		{"bench --recompute |", []string{"none", "cheap", "segments"}, noFiles},
		{"export --format |", []string{"safetensors", "onnx"}, noFiles},
		{"export --weights |", []string{"evaluated", "trained"}, noFiles},
		{"export --model |", zoo.Names(), noFiles},
		{"import --model |", zoo.Names(), noFiles},
		{"import |", []string{}, andFiles},
		{"runs --study |", []string{"kept"}, noFiles},
		{"runs --status |", []string{"queued", "running", "interrupted", "done", "failed", "diverged", "blocked"}, noFiles},
		{"data check |", data.Names(), noFiles},
		{"options |", sections, noFiles},
		{"options optim |", []string{"adam", "adamw", "lamb", "lars", "rmsprop", "rmsprop_tf", "sgd"}, noFiles},
		{"options augment |", []string{}, noFiles},
		{"options optim sgd |", []string{}, noFiles},
	} {
		words := strings.Fields(c.words)
		last := len(words) - 1
		words[last] = strings.TrimSuffix(words[last], "|")
		offers, directive := completed(t, append([]string{"--db", "kept.db"}, words...)...)
		if !slices.Equal(offers, c.offers) || directive != c.directive {
			t.Errorf("%s is offered %q %s, want %q %s", c.words, offers, directive, c.offers, c.directive)
		}
		silent, _ := completed(t, append([]string{"--db", "none.db"}, words...)...)
		for _, offer := range silent {
			if !slices.Contains(c.offers, offer) || strings.HasPrefix(offer, "latest") {
				t.Errorf("without a database %s is offered %q", c.words, offer)
			}
		}
	}
}

// Behind a study stand its own keys, those of its factors, and every path of its base, each with what it is for.
func TestKeysOfAStudyAreOffered(t *testing.T) {
	offers, directive := completed(t, "run", "quickstart", "")
	for _, want := range []string{"metric=\t", "depth=\tlevels 20, 56", "baseline.depth=\tits level in the baseline",
		"optim.lr=\t", "model.width=\t", "epochs=\t"} {
		n := 0
		for _, offer := range offers {
			if strings.HasPrefix(offer, want) && !strings.HasSuffix(offer, "\t") {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d offers begin with %q, want 1 in\n%s", n, want, strings.Join(offers, "\n"))
		}
	}
	if directive != noFilesNoBlank {
		t.Errorf("directive %s, want %s", directive, noFilesNoBlank)
	}
	if i := slices.IndexFunc(offers, func(s string) bool { return strings.HasPrefix(s, "factors=") }); i >= 0 {
		t.Errorf("what cannot be typed is offered: %s", offers[i])
	}
}

// Behind search. stand the paths that a search may vary, and no others.
func TestPathsOfASearchAreOffered(t *testing.T) {
	offers, directive := completed(t, "tune", "quickstart", "search.")
	for _, want := range []string{"search.optim.lr=\t", "search.model.width=\t", "search.batch=\t", "search.strategy.label_smoothing=\t"} {
		if !slices.ContainsFunc(offers, func(s string) bool { return strings.HasPrefix(s, want) && len(s) > len(want) }) {
			t.Errorf("no offer begins with %q in\n%s", want, strings.Join(offers, "\n"))
		}
	}
	for _, offer := range offers {
		path, _, _ := strings.Cut(strings.TrimPrefix(offer, "search."), "=")
		if err := experiments.Searchable(path); err != nil {
			t.Errorf("%s: %v", offer, err)
		}
	}
	if directive != noFilesNoBlank {
		t.Errorf("directive %s, want %s", directive, noFilesNoBlank)
	}
}

// Every command that takes --format is offered its values.
func TestFormatsAreOffered(t *testing.T) {
	visit(newApp().root(), func(c *cobra.Command) {
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Name != "format" || c.Name() == "export" {
				return
			}
			words := append(strings.Fields(c.CommandPath())[1:], "--format", "")
			if offers, directive := completed(t, words...); !slices.Equal(offers, formats) || directive != noFiles {
				t.Errorf("%s --format is offered %q %s", c.CommandPath(), offers, directive)
			}
		})
	})
}
