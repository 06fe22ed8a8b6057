package studyfile

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"workbench/experiments/strategy"
)

// Every strategy has a first study. It is valid as it is and with each of its commented options, it names all of them,
// and it compares the strategy with another by a metric that both have.
func TestEveryStrategyHasAFirstStudy(t *testing.T) {
	for _, name := range strategy.Names() {
		text, err := First(name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Parse(name+".yaml", text, nil)
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
			continue
		}
		cells, err := s.Cells()
		if err != nil || len(cells) != 2 || cells[1].Config.Strategy.Name != name || len(s.Seeds) != 3 {
			t.Errorf("%s: %d cells, %d seeds, %v", name, len(cells), len(s.Seeds), err)
		}
		if _, err := s.Networks(openInfo); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		full := strings.NewReplacer("        # strategy.", "        strategy.").Replace(string(text))
		if _, err := Parse(name+".yaml", []byte(full), nil); err != nil {
			t.Errorf("%s, with its options: %v", name, err)
		}
		declared, err := strategy.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range declared.Options {
			if !strings.Contains(string(text), "strategy."+o.Name+":") && !strings.Contains(string(text), "    # "+o.Name+":") &&
				!strings.Contains(string(text), "    "+o.Name+":") {
				t.Errorf("%s: nothing is said of %s", name, o.Name)
			}
		}
	}
	if _, err := First("simclear"); err == nil || !strings.Contains(err.Error(), "did you mean simclr?") {
		t.Errorf("an unknown strategy: %v", err)
	}
	if !slices.Contains(strategy.Names(), "random") {
		t.Error("nothing to compare with")
	}
}

var update = flag.Bool("update", false, "write the known first studies anew")

// First studies are known to the letter: of a strategy of one phase, of one with later phases, of one that is compared
// with itself, and of one that has options in common with what it is compared with.
func TestFirstStudiesAreTheKnownOnes(t *testing.T) {
	for _, name := range []string{"supervised", "random", "rotation", "vicreg", "elr"} {
		text, err := First(name)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", "first", name+".yaml")
		if *update {
			if err := os.WriteFile(file, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		known, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(known) != string(text) {
			t.Errorf("%s: got\n%s\nwant\n%s(go test ./experiments/studyfile -update writes it anew)", name, text, known)
		}
	}
}
