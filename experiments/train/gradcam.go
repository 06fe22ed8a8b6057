package train

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"workbench/experiments/gallery"
	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/plan"
)

// What a program that explains has beside logits.
const (
	asked    = "class"          // input [n, classes]: the class whose logit is explained, times n·classes
	mapped   = "maps"           // output [n, k, h, w]
	weighing = "gradient by it" // output [n, k, h, w]
)

// inner is the output with the maps of the i-th place that is shown.
func inner(i int) string { return fmt.Sprint("inner maps ", i) }

// explained are the places of a program that explains.
type explained struct {
	weighed string   // whose maps are weighed, by the path of the layer
	inner   []string // whose maps are outputs, by the paths of the layers
}

// explaining is inference with the maps of a place, and the gradients by them of the logits of chosen classes; with
// maps of so many places from the first layer to the last.
func (s *stage) explaining(shape strategy.Shape, place string, places int) (program answering, where explained, err error) {
	g, err := s.graph(nn.Train, shape) // gorgonia knows the gradients of these layers
	if err != nil {
		return answering{}, where, err
	}
	g.FixStatistics()
	g.Still(func(string) bool { return true })
	x := g.Input("image", shape.Batch, shape.Channels, shape.Height, shape.Width)
	var logits nn.Tensor
	if s.Answers == nil {
		logits = g.Network(g.Builder, x)
	} else {
		logits = s.Answers(g, x).Logits
	}
	if err := g.Err(); err != nil {
		return answering{}, where, err
	}
	if logits.Node() == nil {
		return answering{}, where, errors.New("the network has no classifier, whose answers could be explained")
	}
	var maps nn.Tensor
	if maps, where.weighed, err = mapsOf(g.Builder, place); err != nil {
		return answering{}, where, err
	}
	outputs := map[string]nn.Tensor{"logits": logits, mapped: maps}
	var layers []int
	if places > 0 {
		layers, where.inner = spreadOver(g.Builder, places)
	}
	for i, layer := range layers {
		outputs[inner(i)] = g.Result(layer)
	}
	cost := g.Cost()
	score := g.Mean(g.Mul(logits, g.Input(asked, shape.Batch, logits.Shape()[1])))
	if err := g.Err(); err != nil {
		return answering{}, where, err
	}
	p, err := plan.LowerGradients(g.Builder, outputs, score, map[string]nn.Tensor{weighing: maps})
	return answering{p, g, cost}, where, err
}

// mapsOf are the maps [n, k, h, w] of a place, and its path; "": of the last layer that has maps of more than one
// pixel.
func mapsOf(b *nn.Builder, place string) (nn.Tensor, string, error) {
	if place != "" {
		maps := b.Inner(place)
		if err := b.Err(); err != nil {
			return maps, "", err
		}
		if len(maps.Shape()) != 4 {
			return maps, "", fmt.Errorf("place %s has no maps, but %v", place, maps.Shape())
		}
		return maps, place, nil
	}
	layers := b.Summary().Layers
	for i, l := range slices.Backward(layers) {
		if maps := b.Result(i); len(maps.Shape()) == 4 && maps.Shape()[2]*maps.Shape()[3] > 1 {
			return maps, cmp.Or(l.Path, l.Kind), nil
		}
	}
	return nn.Tensor{}, "", errors.New("the network has no place with maps")
}

// spreadOver are so many layers, or as many as there are, that have maps of more than one pixel: the last, and others
// at equal distances before it. Where there are enough activations, they are those.
func spreadOver(b *nn.Builder, places int) (layers []int, paths []string) {
	var active, all []int
	own := b.Summary().Layers
	for i, l := range own {
		if maps := b.Result(i); len(maps.Shape()) != 4 || maps.Shape()[2]*maps.Shape()[3] == 1 {
			continue
		}
		if all = append(all, i); l.Kind == "relu" || slices.Contains(op.ActivationNames(), l.Kind) {
			active = append(active, i)
		}
	}
	if len(active) >= places {
		all = active
	}
	for i := range min(places, len(all)) {
		layer := all[(i+1)*len(all)/min(places, len(all))-1]
		layers, paths = append(layers, layer), append(paths, cmp.Or(own[layer].Path, own[layer].Kind))
	}
	return layers, paths
}

// Inner are the maps that were asked for, of the first image of the last batch.
func (n *Network) Inner() []gallery.Maps {
	var all []gallery.Maps
	for i, path := range n.inner {
		shape := n.innerShapes[i]
		m := gallery.Maps{Path: path, Channels: shape[1], Height: shape[2], Width: shape[3]}
		m.Values = n.eval.Output(inner(i))[:m.Channels*m.Height*m.Width]
		all = append(all, m)
	}
	return all
}

// Place is where the maps that GradCAM weighs are computed, by the path of the layer.
func (n *Network) Place() string { return n.place }

// FirstFilters are the weights [out, channels, height, width] of the first convolution, nil if there is none.
func (n *Network) FirstFilters() (weights []float32, shape []int) {
	for _, p := range n.graph.Params() {
		if len(p.Shape) != 4 {
			continue
		}
		values := make([]float32, p.Shape.Size())
		if err := n.memory.Read(p.Path, values); err != nil {
			return nil, nil
		}
		return values, p.Shape
	}
	return nil, nil
}

// GradCAM explains why each of the images that were given with Images would be of a class (Selvaraju et al. 2017,
// arXiv 1610.02391, section 3): the maps of the place, each weighted by the mean gradient of the class's logit by it,
// summed, without what is negative. As pytorch-grad-cam has it, a map is then shifted and scaled to 0 to 1. One that is
// 0 everywhere stays so. The network was opened with Explains.
func (n *Network) GradCAM(classes []int) ([]gallery.CAM, error) {
	class := n.eval.Floats(asked)
	clear(class)
	for i, c := range classes {
		class[i*n.Classes+c] = float32(len(class)) // the score is a mean
	}
	if err := n.eval.RunAll(); err != nil {
		return nil, err
	}
	maps, gradients := n.eval.Output(mapped), n.eval.Output(weighing)
	k, h, w := n.maps[1], n.maps[2], n.maps[3]
	cams := make([]gallery.CAM, len(classes))
	for i := range cams {
		values := make([]float32, h*w)
		for c := range k {
			from := (i*k + c) * h * w
			weight := float32(0)
			for _, g := range gradients[from : from+h*w] {
				weight += g
			}
			weight /= float32(h * w)
			for j, a := range maps[from : from+h*w] {
				values[j] += weight * a
			}
		}
		cams[i] = gallery.CAM{Height: h, Width: w, Values: scaled(values)}
	}
	return cams, nil
}

// scaled are values without the negative ones, shifted and scaled to 0 to 1.
func scaled(values []float32) []float32 {
	low, high := max(values[0], 0), float32(0)
	for i, v := range values {
		values[i] = max(v, 0)
		low, high = min(low, values[i]), max(high, values[i])
	}
	for i := range values {
		values[i] = (values[i] - low) / (1e-7 + high - low)
	}
	return values
}
