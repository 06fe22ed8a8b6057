// Package suggest makes the command lines that messages and pages show, so that they can be pasted into a shell:
// quoted, on the database that is meant, and for studies as the database has them.
package suggest

import (
	"path/filepath"
	"slices"

	"workbench/experiments"
	"workbench/experiments/escape"
	"workbench/experiments/studyfile"
)

// DefaultName is how a shell finds the program unless a Program says otherwise.
const DefaultName = "workbench"

// Program is the program as its commands are called. The zero value calls it by its default name on its default
// database.
type Program struct {
	Name string // "": DefaultName
	DB   string // what --db must say; "": nothing
}

// Abroad is the program as its commands are told to people elsewhere, who learn no path of this machine from them.
func (p Program) Abroad() Program {
	for _, path := range []*string{&p.Name, &p.DB} {
		if filepath.IsAbs(*path) {
			*path = filepath.Base(*path)
		}
	}
	return p
}

// Command is a command line that needs no database, or names it itself.
func (p Program) Command(words ...string) string {
	name := p.Name
	if name == "" {
		name = DefaultName
	}
	return escape.Command(append([]string{name}, words...)...)
}

// On is a command line on the database.
func (p Program) On(words ...string) string {
	if p.DB == "" {
		return p.Command(words...)
	}
	return p.Command(append(slices.Clone(words), "--db", p.DB)...)
}

// Run is the command that trains what is missing of a version of a study in the database: by its name where that means
// the same definition.
func (p Program) Run(info experiments.StudyInfo, flags ...string) string {
	return p.On(append([]string{"run", reference(info)}, flags...)...)
}

// reference is what run must be given to train the version. A name that the program ships means what it ships.
func reference(info experiments.StudyInfo) string {
	if !slices.Contains(studyfile.Names(), info.Study.Name) {
		return info.ShortRef()
	}
	own, err := studyfile.Load(info.Study.Name, nil)
	if err != nil {
		return info.Ref()
	}
	ships, errShips := own.Trains()
	recorded, errRecorded := info.Study.Trains()
	if errShips != nil || errRecorded != nil || ships != recorded || !slices.Equal(own.Seeds, info.Study.Seeds) {
		return info.Ref()
	}
	return info.Study.Name
}
