package main

import (
	"fmt"
	"maps"

	"workbench/nn"
	"workbench/nn/onnx"
	"workbench/nn/weights"
)

// parcel is a network with weights on its way to a file.
type parcel struct {
	network
	name     string // of the file, without its ending
	tensors  []weights.Tensor
	metadata map[string]string
	facts    [][]cell
	pixels   string // what the images hold, as far as it is known
}

// save writes the file and returns what there is to say of it.
func (p parcel) save(path, format string) (facts [][]cell, err error) {
	tensors, digest := len(p.tensors), ""
	facts = append(p.facts, []cell{text("model"), text(p.variant.Name)})
	if format == asONNX {
		g, err := onnx.Trace(p.add, p.images)
		if err != nil {
			return nil, p.on(err)
		}
		facts = append(facts, []cell{text("images"), {p.images, shape(p.images[:])}}, []cell{text("classes"), counted(int64(p.classes))},
			[]cell{text("operators"), counted(int64(g.Nodes()))}, []cell{text("opset"), counted(onnx.Opset)})
		tensors = len(g.Params())
		digest, err = onnx.Save(path, onnx.Model{Graph: g, Name: p.variant.Name, Doc: p.variant.Paper, Images: p.pixels,
			Version: version, Metadata: onlyONNX(p.metadata), Weights: p.weights()})
		if err != nil {
			return nil, err
		}
	} else if digest, err = weights.Save(path, p.metadata, p.tensors); err != nil {
		return nil, err
	}
	return append(facts, []cell{text("tensors"), counted(int64(tensors))}, []cell{text("sha256"), text(digest)}), nil
}

// weights gives the values of a parameter.
func (p parcel) weights() func(*nn.Param, []float32) error {
	byPath := map[string]weights.Tensor{}
	for _, t := range p.tensors {
		byPath[t.Name] = t
	}
	return func(param *nn.Param, dst []float32) error {
		t, there := byPath[param.Path]
		if !there || !t.Shape.Equal(param.Shape) {
			return fmt.Errorf("%s: want weights %s %v, got %v", p.variant.Name, param.Path, param.Shape, t.Shape)
		}
		copy(dst, t.Data)
		return nil
	}
}

// onlyONNX leaves out what is for readers of safetensors, or has a field of its own.
func onlyONNX(metadata map[string]string) map[string]string {
	kept := maps.Clone(metadata)
	delete(kept, "format")
	delete(kept, "writer")
	return kept
}
