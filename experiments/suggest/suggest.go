// Package suggest makes the command lines that messages and pages show, so that they can be pasted into a shell:
// quoted, on the database that is meant, and for studies that the program does not ship.
package suggest

import (
	"encoding/json"
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

// Recorded is the flag of run by which it takes a study as the database has it.
const Recorded = "--recorded"

// Run is the command that trains what is missing of a recorded study: by its name if the program ships it like that,
// else as the database has it, with the changes it was given.
func (p Program) Run(s experiments.Study, flags ...string) string {
	words := append([]string{"run", s.Name}, flags...)
	if !shipped(s) {
		words = append(words, Recorded)
	}
	return p.On(words...)
}

// shipped tells whether the study is one that the program ships, unchanged.
func shipped(s experiments.Study) bool {
	if !slices.Contains(studyfile.Names(), s.Name) {
		return false
	}
	own, err := studyfile.Load(s.Name, nil)
	if err != nil {
		return false
	}
	a, errA := json.Marshal(own)
	b, errB := json.Marshal(s)
	return errA == nil && errB == nil && string(a) == string(b)
}
