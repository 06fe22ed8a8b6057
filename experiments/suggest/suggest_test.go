package suggest

import (
	"testing"

	"workbench/experiments"
	"workbench/experiments/escape"
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

// People elsewhere learn no folder of this machine; what names none stays as it is.
func TestCommandsAbroadNameNoFolder(t *testing.T) {
	for _, c := range []struct{ here, abroad Program }{
		{Program{}, Program{}},
		{Program{Name: "/opt/bin/work bench", DB: "/home/me/runs.db"}, Program{Name: "work bench", DB: "runs.db"}},
		{Program{Name: "./bin/workbench", DB: "sub/runs.db"}, Program{Name: "./bin/workbench", DB: "sub/runs.db"}},
		{Program{DB: "/runs.db"}, Program{DB: "runs.db"}},
		{Program{Name: "/workbench"}, Program{Name: "workbench"}},
	} {
		before := c.here
		if got := c.here.Abroad(); got != c.abroad || c.here != before {
			t.Errorf("%+v is told as %+v, want %+v", before, got, c.abroad)
		}
	}
	for program, want := range map[Program]string{
		{}:                        "workbench run own --failed",
		{Name: "wb"}:              "wb run own --failed",
		{Name: "wb", DB: "x y"}:   "wb run own --failed --db 'x y'",
		{DB: "/home/me/other.db"}: "workbench run own --failed --db /home/me/other.db",
	} {
		info := experiments.StudyInfo{Study: experiments.Study{Name: "own"}, Version: 1}
		if got := program.Run(info, "--failed"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got := program.Command(); got != escape.Shell(max(program.Name, map[bool]string{true: DefaultName}[program.Name == ""])) {
			t.Errorf("without words: %s", got)
		}
	}
}

// A definition that cannot be computed with is named by its version: nothing is known of what it trains.
func TestDefinitionsThatAreBrokenAreNamedByVersion(t *testing.T) {
	name := studyfile.Names()[0]
	broken, err := studyfile.Load(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	broken.Design = "nonsense"
	if got, want := (Program{}).Run(experiments.StudyInfo{Study: broken, Version: 5}), "workbench run "+name+"@5"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
