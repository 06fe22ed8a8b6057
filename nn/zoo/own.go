package zoo

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"workbench/nn/definition"
)

// Own is the variant of a network that a user has described. Its Lookup name is the network's text, so that whoever has
// the name, such as a recorded configuration or a file of weights, can build the network.
func Own(n *definition.Network) Variant {
	return Variant{Name: n.Name, Family: "own", Paper: cmp.Or(n.Doc, "a network from a file"), Input: n.Images, Classes: n.Classes,
		Options: n.Parameters, Build: n.Build, text: n.Text()}
}

func lookupOwn(text string) (Variant, error) {
	n, err := definition.Parse(text)
	if err != nil {
		return Variant{}, err
	}
	return Own(n), nil
}

// Known is the name under which Lookup finds the variant, also in another process.
func (v Variant) Known() string { return cmp.Or(v.text, v.Name) }

// shownDigits are enough of a text's SHA-256 to tell two networks of one name apart.
const shownDigits = 8

// Short is a Lookup name as people read it: of a described network its name and the beginning of its text's SHA-256.
func Short(name string) string {
	if !definition.Is(name) {
		return name
	}
	n, err := definition.Parse(name)
	if err != nil {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return fmt.Sprintf("%s@%s", n.Name, hex.EncodeToString(sum[:])[:shownDigits])
}
