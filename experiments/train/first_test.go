package train

import (
	"testing"

	"workbench/experiments/data"
	"workbench/experiments/strategy"
	"workbench/experiments/studyfile"
	"workbench/nn/option"
)

// The first study of a strategy that takes few labels can be trained: there are as many images as a batch has of both
// arms, and as many labels of each class.
func TestFirstStudiesOfFewLabelsFit(t *testing.T) {
	tried := 0
	for _, name := range strategy.Names() {
		s, err := strategy.Lookup(name)
		if _, few := option.Find(s.Options, "labels"); err != nil || !few {
			continue
		}
		tried++
		text, err := studyfile.First(name)
		if err != nil {
			t.Fatal(err)
		}
		study, err := studyfile.Parse(name+".yaml", text, nil)
		if err != nil {
			t.Fatal(err)
		}
		cells, err := study.Cells()
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range cells {
			set, err := data.Open(t.Context(), cell.Config.Dataset.Name, "", cell.Config.Dataset.Options)
			if err == nil {
				err = Check(cell.Config, set, 1)
			}
			if err != nil {
				t.Errorf("%s, strategy %s: %v", name, cell.Config.Strategy.Name, err)
			}
		}
	}
	if tried < 7 {
		t.Errorf("%d strategies take few labels, want at least 7", tried)
	}
}
