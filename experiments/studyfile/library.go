package studyfile

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"workbench/experiments"
	"workbench/experiments/label"
	"workbench/nn/nearest"
)

//go:embed studies/*.yaml
var library embed.FS

const studyFile = ".yaml"

// Table is how the names of shipped studies begin that repeat a table in print.
const Table = "abl-"

// Beginning is a commented study for a user to change.
//
//go:embed beginning.yaml
var Beginning []byte

// Names are the studies that ship with the program: first those that repeat no table in print, then those that do,
// which are many; both sorted.
func Names() []string {
	files, err := library.ReadDir("studies")
	if err != nil {
		return nil // cannot happen: the folder is part of the program
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(f.Name(), studyFile)
	}
	repeats := func(name string) int { return len(name) - len(strings.TrimPrefix(name, Table)) }
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(repeats(a), repeats(b)) })
	return names
}

// Located is a study that knows where its parts are written.
type Located struct {
	experiments.Study
	file   string
	places experiments.Places
}

// Locate gives the problem in an error its place in the study's file or in an override. It leaves other errors alone.
func (l Located) Locate(err error) error {
	var p experiments.Problem
	if !errors.As(err, &p) {
		return err
	}
	return l.places.Locate(p, l.file)
}

// Folder is where the study's file lies, "" if it was read from none.
func (l Located) Folder() string {
	if !IsPath(l.file) {
		return ""
	}
	return filepath.Dir(l.file)
}

// As is another study made of this one, checked, whose parts are found where this one has them.
func (l Located) As(s experiments.Study) (Located, error) {
	var problems experiments.Problems
	for _, p := range s.Validate() {
		problems = append(problems, l.places.Locate(p, l.file))
	}
	return Located{s, l.file, l.places}, problems.Err()
}

// Open reads a study as Load does.
func Open(name string, overrides []string) (Located, error) {
	file, text, err := readStudy(name)
	if err != nil {
		return Located{}, err
	}
	return parse(file, text, overrides)
}

// Load reads a study, applies the overrides in their order, and checks everything. The name is that of a study which
// ships with the program, or the path of a file. It is a path if it has a slash or ends in .yaml or .yml. Everything
// that is wrong with the text is reported at once, as Problems. An unknown name is ErrNotFound with the nearest names.
func Load(name string, overrides []string) (experiments.Study, error) {
	l, err := Open(name, overrides)
	return l.Study, err
}

// Parse reads a study from its text as Load reads it from a file; file is what messages call it.
func Parse(file string, text []byte, overrides []string) (experiments.Study, error) {
	l, err := parse(file, text, overrides)
	return l.Study, err
}

func parse(file string, text []byte, overrides []string) (Located, error) {
	s, d := decodeStudy(file, text)
	if s.Name == "" {
		s.Name = label.Normal(strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)))
	}
	if len(d.problems) == 0 {
		for _, p := range s.CheckPublished() {
			d.problems = append(d.problems, d.places.Locate(p, file))
		}
		d.change(&s, overrides)
	}
	if err := d.problems.Err(); err != nil {
		return Located{}, err
	}
	return Located{s, file, d.places}, nil
}

// change applies the overrides in their order and checks what came of it.
func (d *decoder) change(s *experiments.Study, overrides []string) {
	for _, o := range overrides {
		d.override(s, o)
	}
	if _, said := d.places[experiments.AtKey("metric")]; !said {
		s.Metric = s.UsualMetric()
	}
	if len(d.problems) == 0 {
		for _, p := range s.Validate() {
			d.problems = append(d.problems, d.places.Locate(p, d.source.file))
		}
	}
}

// Change applies overrides to a study that is known already, as Load does to the text of one, and checks it.
func Change(s experiments.Study, overrides []string) (Located, error) {
	d := newDecoder("study " + s.Name)
	s.Base = s.Base.Clone() // which overrides set values in
	d.change(&s, overrides)
	return Located{s, d.source.file, d.places}, d.problems.Err()
}

// readStudy gives the text of a study and what to call it in messages.
func readStudy(name string) (file string, text []byte, err error) {
	if !IsPath(name) {
		text, err := library.ReadFile("studies/" + name + studyFile)
		if err != nil {
			return "", nil, fmt.Errorf("study %q: %w%s (a file is given by its path, such as ./%s%s)",
				name, experiments.ErrNotFound, hint(name), name, studyFile)
		}
		return name + studyFile, text, nil
	}
	text, err = ReadText(name, maxStudyBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil, fmt.Errorf("study file %s: %w%s", name, experiments.ErrNotFound, neighbours(name))
	}
	if err != nil {
		return "", nil, fmt.Errorf("study file: %w", err)
	}
	return name, text, nil
}

// hint names the studies that a wrong name is near to, or else those that repeat no table in print, which are few.
func hint(name string) string {
	all := Names()
	if len(nearest.Names(name, all)) == 0 {
		all = slices.DeleteFunc(all, func(n string) bool { return strings.HasPrefix(n, Table) })
	}
	return nearest.Hint(name, all)
}

// IsPath tells whether the name of a study is the path of a file.
func IsPath(name string) bool {
	ext := filepath.Ext(name)
	return ext == ".yaml" || ext == ".yml" || strings.ContainsRune(name, '/') || strings.ContainsRune(name, filepath.Separator)
}

// neighbours names files beside a missing study that it may have been meant for, or else the shipped studies.
func neighbours(path string) string {
	if near := besides(path); near != "" {
		return near
	}
	return fmt.Sprintf("; studies that need no file: %s", strings.Join(Names(), ", "))
}

// besides names YAML files beside a missing one that it may have been meant for; "" if there are none.
func besides(path string) string {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return ": there is no folder " + filepath.Dir(path)
	}
	var names []string
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); ext == ".yaml" || ext == ".yml" {
			names = append(names, e.Name())
		}
	}
	if near := nearest.Names(filepath.Base(path), names); len(near) > 0 {
		return ": did you mean " + strings.Join(near, " or ") + "?"
	}
	return ""
}
