package quantity

import (
	"fmt"
	"math"

	G "gorgonia.org/gorgonia"

	"workbench/nn"
	"workbench/nn/op"
)

func init() {
	Register(ofPath("inputs_reached", "channels that the layer FROM reads and on which the first channel depends that the layer TO gives, "+
		"found by changing one at a time", inputsReached))
	Register(ofPlace("dependency", "which channels of what a layer reads its channels depend on: \"identity\", \"full\" or \"groups of N\"",
		dependency))
	Register(ofPlace("channel_by_channel", "largest difference of the convolution at a place and of one convolution for each of its "+
		"groups, side by side", channelByChannel))
	Register(ofPlace("shuffle_order", "the channel that stands at each place behind the channel shuffle at a place", shuffleOrder))
}

// mostChannels bounds what a dependency is sought in: as many images are run.
const mostChannels = 1024

// depends tells which channels [output][input] of what the layer `to` gives depend on which of what the layer `from`
// reads. Image 0 is run as it is; in image i the input channel i−1 is changed.
func depends(of Network, from, to string) ([][]bool, error) {
	channels, err := channelsRead(of, from)
	if err != nil {
		return nil, err
	}
	if channels > mostChannels {
		return nil, fmt.Errorf("%s of %s reads %d channels, want at most %d", from, of.Name, channels, mostChannels)
	}
	r, err := run(of, nn.Infer, channels+1)
	if err != nil {
		return nil, err
	}
	read, err := r.readBy(from)
	if err != nil {
		return nil, err
	}
	inside, err := r.within(to)
	if err != nil {
		return nil, err
	}
	shape := op.Shape(read.Shape())
	x := noise(shape, "map")
	pixels := shape.Size() / shape[0] / channels
	for i := 1; i <= channels; i++ {
		copy(x.F64[i*channels*pixels:(i+1)*channels*pixels], x.F64[:channels*pixels])
		for k := range pixels {
			x.F64[(i*channels+i-1)*pixels+k] += 1
		}
	}
	values, err := r.values(map[*G.Node]op.Buffer{read: x}, r.result(inside[0]))
	if err != nil {
		return nil, err
	}
	return changed(values[0], channels), nil
}

// changed compares images 1 to n with image 0, channel by channel.
func changed(y op.Buffer, n int) [][]bool {
	channels := y.Shape[1]
	pixels := y.Shape.Size() / y.Shape[0] / channels
	depends := make([][]bool, channels)
	for c := range depends {
		depends[c] = make([]bool, n)
		for i := range n {
			for k := range pixels {
				if d := math.Abs(y.F64[((i+1)*channels+c)*pixels+k] - y.F64[c*pixels+k]); !(d == 0) {
					depends[c][i] = true
				}
			}
		}
	}
	return depends
}

// readBy is what the first layer at a place reads.
func (r *running) readBy(place string) (*G.Node, error) {
	inside, err := r.within(place)
	if err != nil {
		return nil, err
	}
	return r.result(r.layers[inside[0]].From[0]), nil
}

func channelsRead(of Network, place string) (int, error) {
	r, err := run(of, nn.Infer, 1)
	if err != nil {
		return 0, err
	}
	read, err := r.readBy(place)
	if err != nil {
		return 0, err
	}
	if len(read.Shape()) != 4 {
		return 0, fmt.Errorf("%s of %s reads no map", place, of.Name)
	}
	return read.Shape()[1], nil
}

func inputsReached(_ *Networks, of Network, from, to string) (int, error) {
	matrix, err := depends(of, from, to)
	if err != nil {
		return 0, err
	}
	return trues(matrix[0]), nil
}

func trues(row []bool) int {
	n := 0
	for _, is := range row {
		if is {
			n++
		}
	}
	return n
}

func dependency(_ *Networks, of Network, place string) (string, error) {
	matrix, err := depends(of, place, place)
	if err != nil {
		return "", err
	}
	read := len(matrix[0])
	size := trues(matrix[0])
	if size == 0 || read%size != 0 || len(matrix)%(read/size) != 0 {
		return "none of these", nil
	}
	each := len(matrix) / (read / size) // outputs of a group
	for c, row := range matrix {
		for i, is := range row {
			if is != (i/size == c/each) {
				return "none of these", nil
			}
		}
	}
	switch {
	case size == read:
		return "full", nil
	case size == 1 && each == 1:
		return "identity", nil
	}
	return fmt.Sprintf("groups of %d", size), nil
}

func channelByChannel(_ *Networks, of Network, place string) (float64, error) {
	r, err := run(of, nn.Infer, 2)
	if err != nil {
		return 0, err
	}
	inside, err := r.within(place)
	if err != nil {
		return 0, err
	}
	l := r.layers[inside[0]]
	if l.Kind != "conv" {
		return 0, fmt.Errorf("%s of %s is of kind %s, want a convolution", place, of.Name, l.Kind)
	}
	result := r.Result(inside[0])
	operands := op.Children(result.Node())
	spec := result.Node().Op().(*op.Op).Spec.(op.Conv)
	values, err := r.values(nil, append([]*G.Node{result.Node()}, operands...)...)
	if err != nil {
		return 0, err
	}
	apart, err := groupByGroup(spec, l.Groups, values[1:])
	if err != nil {
		return 0, err
	}
	return difference(values[0], apart)
}

// groupByGroup convolves the channels of each group alone and puts the results side by side.
func groupByGroup(spec op.Conv, groups int, operands []op.Buffer) (op.Buffer, error) {
	if len(operands) != 2 {
		return op.Buffer{}, fmt.Errorf("the convolution has biases, want one without")
	}
	x, w := operands[0], operands[1]
	b := nn.NewBuilder(nn.Infer, true)
	whole := b.Input("map", x.Shape...)
	kernel := b.Input("kernels", w.Shape...)
	one := spec
	one.Groups = 1
	var parts []nn.Tensor
	for g := range groups {
		own := b.Channels(whole, g*x.Shape[1]/groups, x.Shape[1]/groups)
		parts = append(parts, b.Apply(one, own, b.Rows(kernel, g*w.Shape[0]/groups, w.Shape[0]/groups)))
	}
	y := b.Concat(parts...)
	if b.Err() != nil {
		return op.Buffer{}, b.Err()
	}
	r := &running{Builder: b, leaves: map[*G.Node]op.Buffer{whole.Node(): x, kernel.Node(): w}}
	values, err := r.values(nil, y.Node())
	if err != nil {
		return op.Buffer{}, err
	}
	return values[0], nil
}

func shuffleOrder(_ *Networks, of Network, place string) ([]int, error) {
	r, err := run(of, nn.Infer, 1)
	if err != nil {
		return nil, err
	}
	read, err := r.readBy(place)
	if err != nil {
		return nil, err
	}
	inside, _ := r.within(place)
	shape := op.Shape(read.Shape())
	x := op.Allocate(shape, true)
	pixels := shape.Size() / shape[1]
	for i := range x.F64 {
		x.F64[i] = float64(i / pixels)
	}
	values, err := r.values(map[*G.Node]op.Buffer{read: x}, r.result(inside[0]))
	if err != nil {
		return nil, err
	}
	var order []int
	for c := range values[0].Shape[1] {
		order = append(order, int(values[0].F64[c*pixels]))
	}
	return order, nil
}
