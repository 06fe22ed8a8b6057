package studyfile

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"workbench/nn/definition"
	"workbench/nn/op"
	"workbench/nn/option"
)

//go:embed network.yaml
var firstNetwork string

// FirstNetwork is a commented network for a user to change. All kinds of layers with their settings stand at its end.
func FirstNetwork() []byte {
	var text strings.Builder
	text.WriteString(firstNetwork)
	curves := append([]string{"relu"}, op.ActivationNames()...)
	for _, k := range definition.Kinds() {
		if slices.Contains(curves, k.Name) {
			continue // named together below
		}
		fmt.Fprintf(&text, "#\n# %s  %s\n", k.Name, k.Doc)
		switch k.Holds {
		case "":
		case "branches":
			fmt.Fprintf(&text, "#     %s: [[layers], [layers]]\n", k.Name)
		default:
			text.WriteString("#     layers: a list of layers; a list in place of {…} is this one\n")
		}
		for _, o := range k.Fields {
			fmt.Fprintf(&text, "#     %s  # %s\n", strings.TrimSpace(o.Name+": "+standard(o)), o.Doc)
		}
	}
	fmt.Fprintf(&text, "#\n# Activations, a word each: %s\n", strings.Join(curves, ", "))
	return []byte(text.String())
}

// standard is the default of a setting; nothing where there is none.
func standard(o option.Option) string {
	list, isList := o.Default.([]float64)
	switch {
	case o.Required, isList && len(list) == 0: // the setting's text says what holds without a value
		return ""
	case isList && len(list) == 1:
		return option.Label(list[0])
	}
	return option.Label(o.Default)
}
