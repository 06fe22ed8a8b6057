package studyfile

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
)

func TestShippedStudiesLoad(t *testing.T) {
	names := Names()
	for _, want := range []string{"quickstart", "cifar10-resnet20"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is not shipped: %v", want, names)
		}
	}
	for _, name := range names {
		s, err := Load(name, nil)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if s.Name != name || s.Title == "" || s.Source == "" || s.Expect == "" {
			t.Errorf("%s: want its own name, a title, a source and what to expect, got %+v", name, s)
		}
		if _, err := s.Runs(noData); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		text, err := library.ReadFile("studies/" + name + studyFile)
		if err != nil || !strings.HasPrefix(string(text), "# ") || !strings.Contains(string(text), "`workbench run "+name) {
			t.Errorf("%s: its head gives no paper and command (%v)", name, err)
		}
	}
}

func TestQuickstartIsTheDegradationProblem(t *testing.T) {
	s, err := Load("quickstart", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := outline(s), "shortcut: plain residual; depth: 20 56"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if b, err := s.BaselineCell(); err != nil || b.Key != "shortcut=plain depth=20" {
		t.Errorf("got baseline %s, %v", b.Key, err)
	}
	if len(s.Seeds) != 4 {
		t.Errorf("got seeds %v", s.Seeds)
	}
	sizes, err := s.Networks(openInfo)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string][2]int64{
		"shortcut=plain depth=20": {68_050, 2_562_368}, "shortcut=residual depth=20": {68_050, 2_562_368},
		"shortcut=plain depth=56": {214_546, 7_870_784}, "shortcut=residual depth=56": {214_546, 7_870_784},
	} {
		if got := [2]int64{sizes[key].Params, sizes[key].MACs}; got != want {
			t.Errorf("%s: got %d parameters and multiply-adds, want %d", key, got, want)
		}
	}
}

func TestLoadStudyFromAFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "mine.yaml")
	text := strings.Replace(smallStudy, "name: small\n", "", 1)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := Load(path, []string{"epochs=9"})
	if err != nil || s.Name != "mine" || s.Base.Epochs != 9 {
		t.Errorf("got %s, %d epochs, %v", s.Name, s.Base.Epochs, err)
	}
	if _, err := Load(path, []string{"epochs=0"}); err == nil || !strings.HasPrefix(err.Error(), `override "epochs=0", column 8: epochs: `) {
		t.Errorf("got %v", err)
	}
	for _, c := range []struct{ name, want string }{
		{"quickstrat", `study "quickstrat": not found: did you mean quickstart?`},
		{"", `study "": not found`},
		{filepath.Join(folder, "mien.yaml"), "did you mean mine.yaml?"},
		{filepath.Join(folder, "x", "mine.yaml"), "there is no folder"},
	} {
		if _, err := Load(c.name, nil); !errors.Is(err, experiments.ErrNotFound) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
	if _, err := Load(folder, nil); err == nil || !strings.Contains(err.Error(), folder) {
		t.Errorf("a folder: got %v", err)
	}
}
