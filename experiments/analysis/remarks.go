package analysis

import (
	"fmt"
	"slices"
	"strings"
)

// remarks collects what limits a conclusion: each text once, with the cells, runs or comparisons it is about.
type remarks struct {
	texts []string
	about map[string][]string
}

// add notes the text about a subject, "" for the whole.
func (r *remarks) add(text, subject string) {
	if r.about == nil {
		r.about = map[string][]string{}
	}
	if !slices.Contains(r.texts, text) {
		r.texts = append(r.texts, text)
	}
	if subject != "" && !slices.Contains(r.about[text], subject) {
		r.about[text] = append(r.about[text], subject)
	}
}

// maxSubjects are named in one warning; the others are counted.
const maxSubjects = 4

// list is never nil. Texts stand in the order in which they were first noted.
func (r *remarks) list() []string {
	lines := []string{}
	for _, text := range r.texts {
		subjects := r.about[text]
		if more := len(subjects) - maxSubjects; more > 0 {
			subjects = append(slices.Clone(subjects[:maxSubjects]), fmt.Sprintf("%d more", more))
		}
		if len(subjects) > 0 {
			text = strings.Join(subjects, ", ") + ": " + text
		}
		lines = append(lines, text)
	}
	return lines
}
