package nn

import (
	"fmt"
	"strings"
)

// Dot writes the graph of the layers in Graphviz's language: each layer with its kind and shape, and an edge from each
// layer that it reads. Layers that inference leaves out have dashed lines.
func (s Summary) Dot(title string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %s {\n", quoted(title))
	b.WriteString("\tnode [shape=box, fontname=\"Helvetica\", fontsize=10]\n\timage [shape=ellipse]\n")
	for i, l := range s.Layers {
		style := ""
		if l.TrainingOnly {
			style = ", style=dashed"
		}
		fmt.Fprintf(&b, "\tn%d [label=%s%s]\n", i, quoted(l.label()), style)
	}
	for i, l := range s.Layers {
		for _, from := range l.From {
			if from == Image {
				fmt.Fprintf(&b, "\timage -> n%d\n", i)
				continue
			}
			fmt.Fprintf(&b, "\tn%d -> n%d\n", from, i)
		}
	}
	b.WriteString("}\n")
	return b.String()
}

// label is path, kind and shape, one below the other.
func (l Layer) label() string {
	kind := l.Kind
	switch {
	case l.Size > 1:
		kind = fmt.Sprintf("%d layers", l.Size)
	case l.Kernel[0] > 0:
		kind = fmt.Sprintf("%s %d×%d", kind, l.Kernel[0], l.Kernel[1])
		if l.Stride != [2]int{1, 1} {
			kind += fmt.Sprintf(" /%d", max(l.Stride[0], l.Stride[1]))
		}
	}
	lines := []string{kind}
	if l.Path != "" {
		lines = []string{l.Path, kind}
	}
	var sizes []string
	for _, n := range l.Out {
		sizes = append(sizes, fmt.Sprint(n))
	}
	return strings.Join(append(lines, strings.Join(sizes, "×")), "\n")
}

// quoted is a string of Graphviz's language: " and \ are escaped, lines are centred.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}
