package studyfile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"workbench/experiments"
)

// maxNodes bounds the keys and values of a study with all its aliases written out. Few studies have a thousand.
const maxNodes = 20_000

// parse gives the root of the text's only document.
func (d *decoder) parse(text []byte) (*yaml.Node, bool) {
	var problem *experiments.Problem
	if d.source, problem = newSource(d.source.file, text); problem != nil {
		problem.Message = d.meaning(problem.Message)
		d.problems = append(d.problems, *problem)
		return nil, false
	}
	loader, err := yaml.NewLoader(bytes.NewReader(d.source.text))
	var document, second yaml.Node
	if err == nil {
		err = loader.Load(&document)
	}
	if err == nil && len(document.Content) == 1 {
		d.second(loader.Load(&second), &second)
	}
	switch {
	case err != nil && !isEnd(err):
		d.syntax(err)
	case len(d.problems) > 0:
	case len(document.Content) != 1, isNothing(document.Content[0]):
		d.problems = append(d.problems, d.source.place(1, 1).Problem("", d.empty()))
	default:
		root := document.Content[0]
		if at, message := tooMuch(root); message != "" {
			d.fail(at, "", "%s", d.meaning(message))
		}
		return root, len(d.problems) == 0
	}
	return nil, false
}

const secondDocument = "a second document begins here: want one study a file, remove this line and what follows"

// meaning is a message about a study as one about what the text is.
func (d *decoder) meaning(message string) string { return strings.Replace(message, "study", d.kind, 1) }

func (d *decoder) empty() string {
	if d.kind != ofStudy {
		return "is empty, want a " + d.kind
	}
	return "is empty, want a study (workbench init writes one to begin with)"
}

// second refuses what follows the first document, whatever it is.
func (d *decoder) second(err error, document *yaml.Node) {
	switch {
	case err == nil && len(document.Content) == 1:
		at := d.at(document.Content[0])
		for line := at.Line; line > 1; line-- {
			if strings.HasPrefix(d.source.lines[line-1], "---") {
				at = d.source.place(line, 1)
				break
			}
		}
		d.problems = append(d.problems, at.Problem("", d.meaning(secondDocument)))
	case err != nil && !isEnd(err):
		d.syntax(err)
	}
}

// isEnd tells whether a loader found no (further) document.
func isEnd(err error) bool {
	return strings.Contains(err.Error(), "EOF") || strings.Contains(err.Error(), "no documents")
}

func isNothing(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" && n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) == 0
}

// syntax reports what the YAML library could not read.
func (d *decoder) syntax(err error) {
	var several *yaml.LoadErrors
	var one *yaml.LoadError
	var all []*yaml.LoadError
	switch {
	case errors.As(err, &several):
		all = several.Errors
	case errors.As(err, &one):
		all = []*yaml.LoadError{one}
	default:
		d.problems = append(d.problems, experiments.Problem{Source: d.source.file, Message: err.Error()})
	}
	for _, e := range all {
		at, message := d.meant(e)
		d.problems = append(d.problems, at.Problem("", message))
	}
}

// meant is the place of a syntax error that a person would call the place, and what is wrong there.
func (d *decoder) meant(e *yaml.LoadError) (experiments.Place, string) {
	at, begun := d.source.place(e.Mark.Line, e.Mark.Column), d.source.place(e.ContextMark.Line, e.ContextMark.Column)
	message := strings.TrimPrefix(e.Message, "yaml: ")
	character := characterAt(at)
	switch {
	case character == "\t" && strings.Contains(message, "cannot start any token"), strings.Contains(message, "a tab character"):
		return at, "a tab: YAML is indented with spaces alone"
	case character != "" && strings.Contains(message, "cannot start any token"):
		return at, fmt.Sprintf("a value cannot begin with %s: write it in quotes", character)
	case strings.Contains(message, "expected ':'") && begun.Line > 0:
		return begun, "a key without a value: behind its colon stands a space"
	case strings.Contains(message, "incompatible YAML"):
		return at, "want no line %YAML, or %YAML 1.1"
	case strings.Contains(message, "mapping values are not allowed"):
		message += " (the line is indented too far, or a text with a colon needs quotes)"
	}
	if e.ContextMsg != "" {
		message = e.ContextMsg + ": " + message
	}
	// What is open is most often noticed lines below.
	open := strings.Contains(e.ContextMsg, "flow") || strings.Contains(e.ContextMsg, "quoted")
	if begun.Line > 0 && begun.Line < at.Line && (open || strings.TrimSpace(at.Excerpt) == "") {
		message += fmt.Sprintf(" up to line %d, column %d", at.Line, at.Column)
		at = begun
	}
	if number := d.tabbed(at.Line); number > 0 {
		message += fmt.Sprintf(" (line %d is indented with a tab: YAML wants spaces)", number)
	}
	for at.Line > 1 && strings.TrimSpace(at.Excerpt) == "" { // the end of the text
		at = d.source.place(at.Line-1, 1)
		at.Column = utf8.RuneCountInString(at.Excerpt) + 1
	}
	return at, message
}

// characterAt is the character at a place, "" behind the end of its line.
func characterAt(at experiments.Place) string {
	line := []rune(at.Excerpt)
	if at.Column < 1 || at.Column > len(line) {
		return ""
	}
	return string(line[at.Column-1])
}

// tabbed finds the last line up to the given one that a tab indents, 0 if none does.
func (d *decoder) tabbed(line int) int {
	for i := min(line, len(d.source.lines)); i >= 1; i-- {
		text := d.source.lines[i-1]
		if strings.Contains(text[:len(text)-len(strings.TrimLeft(text, " \t"))], "\t") {
			return i
		}
	}
	return 0
}

// tooMuch finds an alias that contains itself, or more nodes than a study can have, aliases written out.
func tooMuch(root *yaml.Node) (at *yaml.Node, message string) {
	const open = -1
	size := map[*yaml.Node]int{} // of anchored nodes
	var weigh func(n *yaml.Node) int
	weigh = func(n *yaml.Node) int {
		known, seen := size[n]
		switch {
		case message != "":
			return 0
		case seen && known == open:
			at, message = n, fmt.Sprintf("the anchor %s stands for something that contains it", n.Anchor)
			return 0
		case seen:
			return known
		}
		if n.Anchor != "" {
			size[n] = open
		}
		total := 1
		if n.Kind == yaml.AliasNode {
			total += weigh(n.Alias)
		}
		for _, inner := range n.Content {
			total += weigh(inner)
			if total > maxNodes && message == "" {
				at, message = inner, fmt.Sprintf("want at most %d keys and values in a study, aliases written out", maxNodes)
			}
		}
		if n.Anchor != "" {
			size[n] = total
		}
		return total
	}
	weigh(root)
	return at, message
}
