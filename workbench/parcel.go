package main

import (
	"fmt"
	"io"
	"maps"
	"strings"

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
	remarks  []string
	pixels   string // what the images hold, as far as it is known
}

// sound checks that the weights are those of a network that works. With force they are only remarked upon.
func (p *parcel) sound(force bool) error {
	var wrong []string
	for _, t := range p.tensors {
		if why := weights.Unsound(t.Name, t.Data); why != "" {
			wrong = append(wrong, t.Name+": "+why)
		}
	}
	n := len(wrong)
	if n == 0 {
		return nil
	}
	if n > mostUnsound {
		wrong = append(wrong[:mostUnsound], "…")
	}
	said := fmt.Sprintf("%d of %d tensors are no weights that a network works with:", n, len(p.tensors))
	if !force {
		return fmt.Errorf("%s: %s\n  %s\n--force writes them all the same", p.name, said, strings.Join(wrong, "\n  "))
	}
	p.remarks = append(p.remarks, said+" "+strings.Join(wrong, "; "))
	return nil
}

// mostUnsound is how many tensors an error names.
const mostUnsound = 8

// content returns what there is to say of the file, and what writes it.
func (p parcel) content(format string) (facts [][]cell, write func(io.Writer) error, err error) {
	facts = append(p.facts, []cell{text("model"), text(p.variant.Name)})
	tensors := len(p.tensors)
	write = func(w io.Writer) error { return weights.Write(w, p.metadata, p.tensors) }
	if format == asONNX {
		g, err := onnx.Trace(p.add, p.images)
		if err != nil {
			return nil, nil, p.on(err)
		}
		facts = append(facts, []cell{text("images"), {p.images, shape(p.images[:])}}, []cell{text("classes"), counted(int64(p.classes))},
			[]cell{text("operators"), counted(int64(g.Nodes()))}, []cell{text("opset"), counted(onnx.Opset)})
		tensors = len(g.Params())
		write = onnx.Model{Graph: g, Name: p.variant.Name, Doc: p.variant.Paper, Images: p.pixels,
			Version: version, Metadata: onlyONNX(p.metadata), Weights: p.weights()}.Write
	}
	return append(facts, []cell{text("tensors"), counted(int64(tensors))}), write, nil
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
