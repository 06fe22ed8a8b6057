package quantity

import (
	"fmt"
	"math"
	"slices"

	G "gorgonia.org/gorgonia"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/rng"
)

func init() {
	Register(ofPlace("smallest_gate", "smallest weight that a channel gets at a place, with the weights of its last layer a hundredfold",
		func(_ *Networks, of Network, place string) (float64, error) {
			low, _, err := gateRange(of, place)
			return low, err
		}))
	Register(ofPlace("largest_gate", "largest weight that a channel gets at a place, with the weights of its last layer a hundredfold",
		func(_ *Networks, of Network, place string) (float64, error) {
			_, high, err := gateRange(of, place)
			return high, err
		}))
	Register(ofPlace("gates_at_one", "largest difference of what the gates at a place read and give where every gate is 1", gatesAtOne))
	Register(ofPlace("gate_shift", "largest change of the gates at a place when the pixels that they read are permuted", gateShift))
	Register(ofPlace("attention_sum", "sum, over the splits, of a channel's weights at a place: the one that is farthest from 1",
		attentionSum))
}

// gate is a product at which each channel of a map is multiplied by a weight.
type gate struct{ x, weight, product *G.Node }

// gates are the products at a place and below it.
func (r *running) gates(place string) ([]gate, error) {
	inside, err := r.within(place)
	if err != nil {
		return nil, err
	}
	var found []gate
	for _, i := range inside {
		product := r.result(i)
		if r.layers[i].Kind == "mul" {
			operands := op.Children(product)
			found = append(found, gate{operands[0], operands[1], product})
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s of %s has no gate", place, r.of.Name)
	}
	return found, nil
}

// gateRange drives the gates towards their ends, which they have in sigmoids only in the limit.
func gateRange(of Network, place string) (low, high float64, err error) {
	r, err := run(of, nn.Infer, 2)
	if err != nil {
		return 0, 0, err
	}
	gates, err := r.gates(place)
	if err != nil {
		return 0, 0, err
	}
	if err := r.enlarge(place, 100); err != nil {
		return 0, 0, err
	}
	low, high = math.Inf(1), math.Inf(-1)
	for _, g := range gates {
		values, err := r.values(nil, g.weight)
		if err != nil {
			return 0, 0, err
		}
		low, high = min(low, slices.Min(values[0].F64)), max(high, slices.Max(values[0].F64))
	}
	return low, high, nil
}

// enlarge multiplies the weights of the last layer with weights that lies at or below a place.
func (r *running) enlarge(place string, by float64) error {
	inside, err := r.within(place)
	if err != nil {
		return err
	}
	for _, i := range slices.Backward(inside) {
		if l := r.layers[i]; l.Kind == "conv" || l.Kind == "linear" {
			node := op.Children(r.result(i))[1]
			weights, _ := r.leaf(node)
			for k := range weights.F64 {
				weights.F64[k] *= by
			}
			r.leaves[node] = weights
			return nil
		}
	}
	return fmt.Errorf("%s of %s has no layer with weights", place, r.of.Name)
}

func gatesAtOne(_ *Networks, of Network, place string) (float64, error) {
	r, err := run(of, nn.Infer, 2)
	if err != nil {
		return 0, err
	}
	gates, err := r.gates(place)
	if err != nil {
		return 0, err
	}
	most := 0.0
	for _, g := range gates {
		open := op.Allocate(op.Shape(g.weight.Shape()), true)
		for i := range open.F64 {
			open.F64[i] = 1
		}
		values, err := r.values(map[*G.Node]op.Buffer{g.weight: open}, g.x, g.product)
		if err != nil {
			return 0, err
		}
		d, err := difference(values[0], values[1])
		if err != nil || math.IsNaN(d) {
			return d, err
		}
		most = max(most, d)
	}
	return most, nil
}

// gateShift permutes the pixels of all channels alike.
func gateShift(_ *Networks, of Network, place string) (float64, error) {
	r, err := run(of, nn.Infer, 2)
	if err != nil {
		return 0, err
	}
	gates, err := r.gates(place)
	if err != nil {
		return 0, err
	}
	g := gates[0]
	values, err := r.values(nil, g.x, g.weight)
	if err != nil {
		return 0, err
	}
	x, before := values[0], values[1]
	pixels := x.Shape[2] * x.Shape[3]
	if pixels < 2 {
		return 0, fmt.Errorf("%s of %s reads maps of one pixel, want larger images", place, of.Name)
	}
	order := rng.New(seed, "pixels").Perm(pixels)
	moved := op.Allocate(x.Shape, true)
	for i := range moved.F64 {
		moved.F64[i] = x.F64[i/pixels*pixels+order[i%pixels]]
	}
	if same, err := difference(x, moved); err != nil || same == 0 {
		return 0, fmt.Errorf("the pixels that %s of %s reads are all alike: nothing would show", place, of.Name)
	}
	after, err := r.values(map[*G.Node]op.Buffer{g.x: moved}, g.weight)
	if err != nil {
		return 0, err
	}
	return difference(before, after[0])
}

// attentionSum adds up the weights of all products at the place, channel by channel.
func attentionSum(_ *Networks, of Network, place string) (float64, error) {
	r, err := run(of, nn.Infer, 2)
	if err != nil {
		return 0, err
	}
	gates, err := r.gates(place)
	if err != nil {
		return 0, err
	}
	sums := op.Allocate(op.Shape(gates[0].weight.Shape()), true)
	for _, g := range gates {
		values, err := r.values(nil, g.weight)
		if err != nil {
			return 0, err
		}
		if !values[0].Shape.Equal(sums.Shape) {
			return 0, fmt.Errorf("%s of %s holds gates of %v and of %v channels, want one unit", place, of.Name, sums.Shape, values[0].Shape)
		}
		for i, v := range values[0].F64 {
			sums.F64[i] += v
		}
	}
	farthest := 1.0
	for _, v := range sums.F64 {
		if !(math.Abs(v-1) <= math.Abs(farthest-1)) {
			farthest = v
		}
	}
	return farthest, nil
}
