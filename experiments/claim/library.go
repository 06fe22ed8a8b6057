package claim

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"workbench/experiments"
	"workbench/experiments/studyfile"
	"workbench/nn/nearest"
)

//go:embed claims/*.yaml
var library embed.FS

// All is the selection of every claim that ships with the program.
const All = "all"

// mostBytes bounds a file of claims; the largest that ships takes a tenth of it.
const mostBytes = 1 << 18

// Families are the families of the claims that ship with the program, sorted: one a file.
func Families() []string {
	files, err := library.ReadDir("claims")
	if err != nil {
		return nil // cannot happen: the folder is part of the program
	}
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimSuffix(f.Name(), ".yaml"))
	}
	return names
}

// Shipped are all claims that ship with the program, by families in the order of their names.
func Shipped() ([]Claim, error) {
	var all []Claim
	for _, family := range Families() {
		claims, err := ofFamily(family)
		if err != nil {
			return nil, err
		}
		all = append(all, claims...)
	}
	return all, nil
}

func ofFamily(family string) ([]Claim, error) {
	name := family + ".yaml"
	text, err := library.ReadFile("claims/" + name)
	if err != nil {
		return nil, err
	}
	return Parse(name, text)
}

// Select finds claims: All, a family, the id of a claim, or the path of a file of claims (see studyfile.IsPath). An
// unknown name is experiments.ErrNotFound with the nearest names.
func Select(name string) ([]Claim, error) {
	switch {
	case studyfile.IsPath(name):
		return read(name)
	case name == All:
		return Shipped()
	case slices.Contains(Families(), name):
		return ofFamily(name)
	}
	all, err := Shipped()
	if err != nil {
		return nil, err
	}
	names := append([]string{All}, Families()...)
	for _, c := range all {
		if c.ID == name {
			return []Claim{c}, nil
		}
		names = append(names, c.ID)
	}
	return nil, fmt.Errorf("claim %q: %w%s", name, experiments.ErrNotFound, nearest.Hint(name, names))
}

// StudyPath is the study of a training claim as studyfile.Load takes it: a path is meant from the folder of the file
// that the claim is written in.
func (c Claim) StudyPath() string {
	study := c.Compare.Study
	if studyfile.IsPath(study) && studyfile.IsPath(c.File) && !filepath.IsAbs(study) {
		return filepath.Join(filepath.Dir(c.File), study)
	}
	return study
}

// Argument is how the claim is asked for again: by its id, or by the file that it is written in.
func (c Claim) Argument() string {
	if studyfile.IsPath(c.File) && c.File != c.Family+".yaml" {
		return c.File
	}
	return c.ID
}

func read(path string) ([]Claim, error) {
	text, err := studyfile.ReadText(path, mostBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("file of claims %s: %w", path, experiments.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("file of claims: %w", err)
	}
	return Parse(path, text)
}
