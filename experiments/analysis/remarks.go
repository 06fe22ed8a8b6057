package analysis

import (
	"fmt"
	"slices"
	"strings"
)

// remarks collects what limits a conclusion. Each text is kept once, with the cells, runs or comparisons it is about.
type remarks struct {
	texts []string
	about map[string][]string
}

// add notes the text about a subject; the subject "" is the whole table.
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

// maxSubjects is how many subjects one warning names; it counts the others.
const maxSubjects = 4

// list returns the warnings in the order in which their texts were first noted. It is never nil.
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
