package quantity

import (
	"fmt"

	"workbench/nn"
)

func init() {
	Register(ofPlace("combination", "how the layer that ends the block at a place combines what it reads: "+
		"\"add\", \"concatenate\" or \"none\"",
		combination))
}

// combination looks behind the last activation and norm of the block.
func combination(n *Networks, of Network, place string) (string, error) {
	r, err := run(of, nn.Infer, 1)
	if err != nil {
		return "", err
	}
	inside, err := r.within(place)
	if err != nil {
		return "", err
	}
	last := inside[len(inside)-1]
	for r.layers[last].Class() == nn.Activation && r.layers[last].From[0] != nn.Image {
		last = r.layers[last].From[0]
	}
	switch kind := r.layers[last].Kind; kind {
	case "add":
		return "add", nil
	case "concat":
		return "concatenate", nil
	case "":
		return "", fmt.Errorf("%s of %s ends with no layer", place, of.Name)
	}
	return "none", nil
}
