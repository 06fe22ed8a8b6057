package studyfile

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"workbench/experiments"
	"workbench/nn/nearest"
)

//go:embed studies/*.yaml
var library embed.FS

const studyFile = ".yaml"

// Names are the studies that ship with the program, sorted.
func Names() []string {
	files, err := library.ReadDir("studies")
	if err != nil {
		return nil // cannot happen: the folder is part of the program
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(f.Name(), studyFile)
	}
	return names
}

// Load reads a study, applies the overrides in their order, and checks everything. The name is that of a study which
// ships with the program, or the path of a file. It is a path if it has a slash or ends in .yaml or .yml. Everything
// that is wrong with the text is reported at once, as Problems. An unknown name is ErrNotFound with the nearest names.
func Load(name string, overrides []string) (experiments.Study, error) {
	file, text, err := readStudy(name)
	if err != nil {
		return experiments.Study{}, err
	}
	return Parse(file, text, overrides)
}

// Parse reads a study from its text as Load reads it from a file; file is what messages call it.
func Parse(file string, text []byte, overrides []string) (experiments.Study, error) {
	s, d := decodeStudy(file, text)
	if s.Name == "" {
		s.Name = strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	}
	if len(d.problems) == 0 {
		d.change(&s, overrides)
	}
	if err := d.problems.Err(); err != nil {
		return experiments.Study{}, err
	}
	return s, nil
}

// change applies the overrides in their order and checks what came of it.
func (d *decoder) change(s *experiments.Study, overrides []string) {
	for _, o := range overrides {
		d.override(s, o)
	}
	if len(d.problems) == 0 {
		for _, p := range s.Validate() {
			d.problems = append(d.problems, d.places.Locate(p, d.file))
		}
	}
}

// Change applies overrides to a study that is known already, as Load does to the text of one, and checks it.
func Change(s experiments.Study, overrides []string) (experiments.Study, error) {
	d := newDecoder("study "+s.Name, nil)
	d.change(&s, overrides)
	return s, d.problems.Err()
}

// readStudy gives the text of a study and what to call it in messages.
func readStudy(name string) (file string, text []byte, err error) {
	if !IsPath(name) {
		text, err := library.ReadFile("studies/" + name + studyFile)
		if err != nil {
			return "", nil, fmt.Errorf("study %q: %w%s (a file is given by its path, such as ./%s%s)",
				name, experiments.ErrNotFound, nearest.Hint(name, Names()), name, studyFile)
		}
		return name + studyFile, text, nil
	}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil, fmt.Errorf("study file %s: %w%s", name, experiments.ErrNotFound, neighbours(name))
	}
	if err != nil {
		return "", nil, fmt.Errorf("study file: %w", err)
	}
	defer f.Close()
	text, err = io.ReadAll(io.LimitReader(f, maxStudyBytes+1)) // the decoder says that it is too long
	if err != nil {
		return "", nil, fmt.Errorf("study file: %w", err)
	}
	return name, text, nil
}

// IsPath tells whether a study is named by the path of its file.
func IsPath(name string) bool {
	ext := filepath.Ext(name)
	return ext == ".yaml" || ext == ".yml" || strings.ContainsRune(name, '/') || strings.ContainsRune(name, filepath.Separator)
}

// neighbours names files beside a missing one that it may have been meant for, and the shipped studies of a similar
// name.
func neighbours(path string) string {
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
	return fmt.Sprintf("; studies that need no file: %s", strings.Join(Names(), ", "))
}
