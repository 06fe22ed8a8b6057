package quantity

import (
	"fmt"
	"math"
	"slices"

	G "gorgonia.org/gorgonia"

	"workbench/nn"
	"workbench/nn/op"
)

func init() {
	Register(ofPlace("zero_branch", "largest |block(x) − x| of the block at a place with all its weights, scales and biases at zero, "+
		"run on what it reads in its network", zeroBranch))
	Register(ofPlace("residual_sum", "largest |H(x) − (F(x) + x)| of the block at a place: its sum, its branch, what it reads "+
		"(He et al. 2015, equation 1)", residualSum))
	Register(ofPath("gradient_ratio", "|∂L/∂x| of what the block FROM gives over that of what the block TO gives, with all weights "+
		"behind FROM at zero (He et al. 2016, equation 5)", gradientRatio))
	Register(ofPair("extension", "largest difference of the logits of a network and of a deeper one that has the same weights, and "+
		"zeros in its further blocks", extension))
}

// unit is a block of a network by the nodes that matter.
type unit struct {
	reads  *G.Node // x
	branch *G.Node // F(x); that of a block without a sum is the sum
	sum    *G.Node // H(x), before the last activation
	gives  *G.Node
}

// unit finds the block at a place.
func (r *running) unit(place string) (unit, error) {
	inside, err := r.within(place)
	if err != nil {
		return unit{}, err
	}
	last := inside[len(inside)-1]
	u := unit{reads: r.result(r.layers[inside[0]].From[0]), gives: r.result(last)}
	if r.layers[last].Class() == nn.Activation {
		last = r.layers[last].From[0]
	}
	u.sum = r.result(last)
	u.branch = u.sum
	for _, from := range r.layers[last].From {
		if r.layers[last].Kind == "add" && slices.Contains(inside, from) && !projects(r.layers[from].Path+".") {
			u.branch = r.result(from)
		}
	}
	return u, r.Err()
}

func zeroBranch(_ *Networks, of Network, place string) (float64, error) {
	r, err := run(of, nn.Infer, 2)
	if err != nil {
		return 0, err
	}
	u, err := r.unit(place)
	if err != nil {
		return 0, err
	}
	r.clear(place)
	values, err := r.values(nil, u.reads, u.gives)
	if err != nil {
		return 0, err
	}
	return difference(values[0], values[1])
}

func residualSum(_ *Networks, of Network, place string) (float64, error) {
	r, err := run(of, nn.Infer, 2)
	if err != nil {
		return 0, err
	}
	u, err := r.unit(place)
	if err != nil {
		return 0, err
	}
	values, err := r.values(nil, u.reads, u.branch, u.sum)
	if err != nil {
		return 0, err
	}
	x, branch, sum := values[0], values[1], values[2]
	if !x.Shape.Equal(branch.Shape) {
		return 0, fmt.Errorf("%s of %s turns %v into %v: want a block with an identity shortcut", place, of.Name, x.Shape, branch.Shape)
	}
	formula := op.Allocate(x.Shape, true)
	for i := range formula.F64 {
		formula.F64[i] = branch.F64[i] + x.F64[i]
	}
	return difference(sum, formula)
}

// gradientRatio takes for L the sum of what TO gives, each value times a normal number, so ∂L/∂x there is the numbers.
// At FROM it is differences: in image 0 nothing is changed, in image i value i−1.
func gradientRatio(_ *Networks, of Network, from, to string) (float64, error) {
	const step = 1e-3
	alone, err := run(of, nn.Infer, 1)
	if err != nil {
		return 0, err
	}
	u, err := alone.unit(from)
	if err != nil {
		return 0, err
	}
	size := op.Shape(u.gives.Shape()).Size()
	if size > mostDifferences {
		return 0, fmt.Errorf("%s of %s gives %d values, want at most %d: take smaller images", from, of.Name, size, mostDifferences)
	}
	r, err := run(of, nn.Infer, size+1)
	if err != nil {
		return 0, err
	}
	first, err := r.unit(from)
	if err != nil {
		return 0, err
	}
	last, err := r.unit(to)
	if err != nil {
		return 0, err
	}
	if err := r.clearBetween(from, to); err != nil {
		return 0, err
	}
	one, shape := noise(append(op.Shape{1}, first.gives.Shape()[1:]...), "map"), op.Shape(first.gives.Shape())
	x := op.Allocate(shape, true)
	for i := range x.F64 {
		x.F64[i] = one.F64[i%size]
	}
	for i := range size {
		x.F64[(i+1)*size+i] += step
	}
	values, err := r.values(map[*G.Node]op.Buffer{first.gives: x}, last.gives)
	if err != nil {
		return 0, err
	}
	y := values[0]
	wide := len(y.F64) / (size + 1)
	weights, gradient := noise(op.Shape{wide}, "weights of the loss"), op.Allocate(op.Shape{size}, true)
	for i := range size {
		for k, w := range weights.F64 {
			gradient.F64[i] += w * (y.F64[(i+1)*wide+k] - y.F64[k]) / step
		}
	}
	return norm(gradient) / norm(weights), nil
}

// mostDifferences bounds the values of which a gradient is sought: as many images are run.
const mostDifferences = 2048

// clearBetween clears every block behind the one at from, up to the one at to.
func (r *running) clearBetween(from, to string) error {
	before, err := r.within(from)
	if err != nil {
		return err
	}
	until, err := r.within(to)
	if err != nil {
		return err
	}
	begin, end := before[len(before)-1]+1, until[len(until)-1]
	if begin > end {
		return fmt.Errorf("%s stands not behind %s in %s", to, from, r.of.Name)
	}
	for _, l := range r.layers[begin : end+1] {
		r.clear(l.Path)
	}
	return nil
}

func norm(x op.Buffer) float64 {
	sum := 0.0
	for _, v := range x.F64 {
		sum += v * v
	}
	return math.Sqrt(sum)
}

// extension runs both. What starts weights goes by their paths, so those of one path are equal.
func extension(_ *Networks, shallow, deep Network) (float64, error) {
	one, err := run(shallow, nn.Infer, 2)
	if err != nil {
		return 0, err
	}
	two, err := run(deep, nn.Infer, 2)
	if err != nil {
		return 0, err
	}
	known := map[string]bool{}
	for _, p := range one.Params() {
		known[p.Path] = true
	}
	more := 0
	for _, p := range two.Params() {
		if !known[p.Path] && p.Trainable() {
			two.leaves[p.Node] = op.Allocate(p.Shape, true)
			more++
		}
	}
	if more == 0 {
		return 0, fmt.Errorf("%s: the second network has no parameter that the first has not", shallow.Name)
	}
	return logitsDiffer(one, two)
}

// logitsDiffer is the largest difference of the logits of two networks on the same images.
func logitsDiffer(one, two *running) (float64, error) {
	x, err := one.values(nil, one.logits.Node())
	if err != nil {
		return 0, err
	}
	y, err := two.values(nil, two.logits.Node())
	if err != nil {
		return 0, err
	}
	return difference(x[0], y[0])
}
