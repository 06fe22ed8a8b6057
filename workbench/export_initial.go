package main

import (
	"encoding/json"
	"strconv"

	"workbench/nn/weights"
)

// packInitial takes the weights that a training would start from.
func packInitial(options []string, o exportOptions) (parcel, error) {
	n, err := findNetwork(o.model, options, o.input)
	if err != nil {
		return parcel{}, usageError{err}
	}
	if o.classes != 0 {
		n.classes = o.classes
	}
	if n.classes < 1 {
		return parcel{}, usagef("--classes: want a number of at least 1, got %d", n.classes)
	}
	params, err := n.parameters()
	if err != nil {
		return parcel{}, usageError{err}
	}
	noted, err := json.Marshal(n.settings)
	if err != nil {
		return parcel{}, err
	}
	seed := strconv.FormatUint(o.seed, 10)
	p := parcel{network: n, name: n.variant.Name, metadata: map[string]string{
		"format": "pt", "writer": "workbench " + version, metadataModel: n.variant.Known(), metadataOptions: string(noted),
		"seed": seed, "weights": "initial"}}
	p.facts = [][]cell{{text("weights"), text("initial")}, {text("seed"), {o.seed, seed}}}
	for _, param := range params {
		values := make([]float32, param.Shape.Size())
		param.Fill(values, o.seed)
		p.tensors = append(p.tensors, weights.Tensor{Name: param.Path, Shape: param.Shape, Data: values})
	}
	return p, nil
}
