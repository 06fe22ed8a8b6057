package suggest

import (
	"testing"

	"workbench/experiments"
	"workbench/experiments/studyfile"
)

// A study that ships is named by its bare name only where that trains the very runs of the database's version.
func TestCommandsNameTheVersionThatIsMeant(t *testing.T) {
	name := studyfile.Names()[0]
	shipped, err := studyfile.Load(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	two := []experiments.StudyVersion{{Number: 1}, {Number: 2, Current: true}}
	for _, c := range []struct {
		what    string
		change  func(*experiments.Study)
		version int
		want    string
	}{
		{"what ships", func(*experiments.Study) {}, 2, name},
		{"an earlier version with the definition that ships", func(*experiments.Study) {}, 1, name},
		{"another title", func(s *experiments.Study) { s.Title += "!" }, 2, name},
		{"other seeds", func(s *experiments.Study) { s.Seeds = []uint64{77} }, 2, name + "@2"},
		{"fewer seeds", func(s *experiments.Study) { s.Seeds = s.Seeds[:len(s.Seeds)-1] }, 2, name + "@2"},
		{"other epochs", func(s *experiments.Study) { s.Base.Epochs += 5 }, 2, name + "@2"},
		{"a study of the database alone", func(s *experiments.Study) { s.Name = "own" }, 2, "own"},
		{"an earlier version of that", func(s *experiments.Study) { s.Name = "own" }, 1, "own@1"},
	} {
		info := experiments.StudyInfo{Study: shipped, Version: c.version, Versions: two}
		info.Study.Base = shipped.Base.Clone()
		c.change(&info.Study)
		if got, want := (Program{}).Run(info, "--failed"), "workbench run "+c.want+" --failed"; got != want {
			t.Errorf("%s: got %s, want %s", c.what, got, want)
		}
	}
}

func TestCommandsNameTheDatabase(t *testing.T) {
	p := Program{Name: "./bin/work bench", DB: "my runs.db"}
	if got, want := p.On("show", "latest"), "'./bin/work bench' show latest --db 'my runs.db'"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := p.Command("models"), "'./bin/work bench' models"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
