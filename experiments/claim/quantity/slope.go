package quantity

import (
	"fmt"

	G "gorgonia.org/gorgonia"

	"workbench/nn"
	"workbench/nn/op"
)

func init() {
	Register(Quantity{Name: "largest_slope", Call: "largest_slope(ACTIVATION)",
		Doc:   "largest derivative of an activation, from −8 to 8 in steps of 1/64: largest_slope(\"sigmoid\") is 0.25",
		Types: []any{new(func(string) float64)},
		Of:    func(_ *Networks, arguments []any) (any, error) { return largestSlope(arguments[0].(string)) }})
}

func largestSlope(activation string) (float64, error) {
	const steps, side = 64, 8
	b := nn.NewBuilder(nn.Infer, true)
	x := b.Input("x", 1, 2*side*steps+1)
	loss := b.Mean(b.Activate(activation, x))
	if b.Err() != nil {
		return 0, b.Err()
	}
	gradients, err := b.Graph().Gradients(loss.Node(), []*G.Node{x.Node()})
	if err != nil {
		return 0, err
	}
	points := op.Allocate(x.Shape(), true)
	for i := range points.F64 {
		points.F64[i] = float64(i)/steps - side
	}
	r := &running{Builder: b, leaves: map[*G.Node]op.Buffer{x.Node(): points}}
	values, err := r.values(nil, gradients[0])
	if err != nil {
		return 0, fmt.Errorf("%s: %w", activation, err)
	}
	most := values[0].F64[0]
	for _, v := range values[0].F64 {
		most = max(most, v)
	}
	return most * float64(len(points.F64)), nil // the mean divides by their number
}
