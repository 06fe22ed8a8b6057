package nn

import (
	"slices"

	G "gorgonia.org/gorgonia"

	"workbench/nn/op"
)

// anatomy relates the graph to the layers that it was made from.
type anatomy struct {
	*network
	layers []Layer
	order  []*G.Node             // of what the layers compute and read, operands first
	in     map[*G.Node][]*G.Node // operands
	owner  map[*G.Node]int       // the layer that computes a node; leaves have none
	param  map[*G.Node]*Param

	readers []int // of each layer
}

func (b *Builder) anatomy() *anatomy {
	a := &anatomy{network: b.network, in: map[*G.Node][]*G.Node{}, owner: map[*G.Node]int{}, param: map[*G.Node]*Param{}}
	for _, p := range b.params {
		a.param[p.Node] = p
	}
	var results []*G.Node
	for _, l := range b.layers {
		a.layers, results = append(a.layers, l.Layer), append(results, l.result)
	}
	a.order = op.Reachable(results)
	for _, n := range a.order {
		a.in[n] = op.Children(n)
	}
	return a
}

// spec is the operator of a node, nil of a leaf.
func spec(n *G.Node) op.Spec {
	if o, ok := n.Op().(*op.Op); ok {
		return o.Spec
	}
	return nil
}

// one is the shape without the batch axis.
func one(s op.Shape) op.Shape {
	if len(s) == 0 {
		return s
	}
	return s[1:]
}

// bytes is the size of a node's float32 value for one image.
func (a *anatomy) bytes(n *G.Node) int64 {
	return 4 * int64(op.Shape(n.Shape()).Size()) / int64(max(1, a.network.images))
}

// joins finds what each layer computes and which layers it reads. A layer computes whatever its result
// needs that no layer before it has computed.
func (a *anatomy) joins() {
	for i := range a.layers {
		l, result := &a.layers[i], a.network.layers[i].result
		stack := []*G.Node{result}
		for len(stack) > 0 {
			n := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			owner, computed := a.owner[n]
			switch {
			case computed && owner == i:
			case computed:
				l.From = append(l.From, owner)
			case n.Op() != nil:
				a.owner[n] = i
				stack = append(stack, a.in[n]...)
			case a.param[n] == nil && n != a.network.key:
				l.From = append(l.From, Image)
			}
		}
		slices.Sort(l.From)
		l.From = slices.Compact(l.From)
		l.Out, l.OutBytes = one(op.Shape(result.Shape())), a.bytes(result)
	}
	a.readers = make([]int, len(a.layers))
	for _, l := range a.layers {
		for _, from := range l.From {
			if from != Image {
				a.readers[from]++
			}
		}
	}
	a.separate()
}

// separate marks what inference leaves out: dropout, and the layers that serve only auxiliary classifiers.
func (a *anatomy) separate() {
	heads := map[*G.Node]bool{}
	for _, x := range a.network.aux {
		heads[x.Logits.node] = true
	}
	serves := make([]bool, len(a.layers))
	for i := len(a.layers) - 1; i >= 0; i-- {
		l := &a.layers[i]
		serves[i] = (serves[i] || a.readers[i] == 0) && !heads[a.network.layers[i].result]
		for _, from := range l.From {
			if from != Image {
				serves[from] = serves[from] || serves[i]
			}
		}
		l.TrainingOnly = !serves[i] || l.dropped()
	}
}

// dropped tells whether the layer does nothing in inference.
func (l Layer) dropped() bool { return l.Kind == "dropout" || l.Kind == "drop path" }

// windows fills in the kernel, stride and dilation of convolutions and poolings, and
// the shape of the first operand of each layer.
func (a *anatomy) windows() {
	for _, n := range a.order {
		i, computed := a.owner[n]
		if !computed {
			continue
		}
		l := &a.layers[i]
		first := a.in[n][0]
		if from, inner := a.owner[first]; l.In == nil && a.param[first] == nil && !(inner && from == i) {
			l.In = one(op.Shape(first.Shape()))
		}
		switch s := spec(n).(type) {
		case op.Conv:
			w := a.in[n][1].Shape()
			l.Kernel, l.Stride, l.Dilation, l.Groups = [2]int{w[2], w[3]}, s.Stride, s.Dilation, s.Groups
		case op.MaxPool:
			l.Kernel, l.Stride, l.Dilation = [2]int{s.K, s.Width()}, s.Stride, s.Dilation
		case op.AvgPool:
			l.Kernel, l.Stride, l.Dilation = [2]int{s.KH, s.KW}, s.Stride, s.Dilation
		case op.Subsample:
			l.Kernel, l.Stride, l.Dilation = [2]int{1, 1}, [2]int{s.Stride, s.Stride}, [2]int{1, 1}
		}
	}
}
