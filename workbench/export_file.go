package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"strings"

	"workbench/nn/weights"
)

// packFile takes the weights of a file.
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
	r, err := importOptions{}.compare(f, &n)
	if err != nil {
		return parcel{}, usageError{err}
	}
	p := parcel{network: n, name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), metadata: maps.Clone(f.Metadata)}
	p.facts = append([][]cell{{text("weights"), text(path)}}, namesOf(r)...)
	if r.Verdict == weights.AllButHead {
		return p, fmt.Errorf("%s as %s: a network without its last layer is not written\n%s", path, n.variant.Name, r)
	}
	err = r.Load(func(t weights.Taken, values []float32) error {
		p.tensors = append(p.tensors, weights.Tensor{Name: t.Param.Path, Shape: t.Param.Shape, Data: values})
		return nil
	})
	if err != nil {
		return p, fmt.Errorf("%s as %s: %w", path, n.variant.Name, err)
	}
	return p, nil
}
