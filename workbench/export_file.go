package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"strings"

	"workbench/nn/op"
	"workbench/nn/weights"
)

// packFile takes the weights of a safetensors file.
func packFile(path string, options []string, o exportOptions) (parcel, error) {
	f, err := weights.Open(path)
	if err != nil {
		return parcel{}, err
	}
	defer f.Close()
	n, err := importOptions{model: o.model, input: o.input}.network(f, options)
	if err != nil {
		return parcel{}, usageError{fmt.Errorf("%s: %w", path, err)}
	}
	f, names, err := importOptions{}.recognize(f, &n)
	if err != nil {
		return parcel{}, usageError{err}
	}
	params, err := n.parameters()
	if err != nil {
		return parcel{}, usageError{err}
	}
	p := parcel{network: n, name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), metadata: maps.Clone(f.Metadata)}
	p.facts = append([][]cell{{text("weights"), text(path)}}, names...)
	shapes := map[string]op.Shape{}
	for _, param := range params {
		shapes[param.Path] = param.Shape
	}
	err = f.Load(params, func(name string, values []float32) error {
		p.tensors = append(p.tensors, weights.Tensor{Name: name, Shape: shapes[name], Data: values})
		return nil
	})
	if err != nil {
		return p, fmt.Errorf("%s as %s: %w", path, n.variant.Name, err)
	}
	return p, nil
}
