package weights

import (
	"fmt"

	"workbench/nn"
)

// adapt changes the first layer as the options ask for.
func adapt(s *sorted, n Network, o Options) error {
	if !o.BGR && !o.Gray {
		return nil
	}
	first := firstLayer(n.Params)
	if first == nil {
		return fmt.Errorf("the network has no convolution whose channels could be changed")
	}
	channels := first.Shape[1]
	if o.BGR && !o.Gray && channels != 3 {
		return fmt.Errorf("the channels of %s cannot be turned round: it takes %d, want 3", first.Path, channels)
	}
	if o.Gray && channels != 1 {
		return fmt.Errorf("the channels of %s cannot be added up: it takes %d, want 1", first.Path, channels)
	}
	if o.Gray {
		return s.addUp(first)
	}
	for i := range s.taken {
		if t := &s.taken[i]; t.Param == first {
			t.How, t.change = "blue and red change places", turnedRound(first.Shape[0], first.Shape[2:].Size())
		}
	}
	return nil
}

// firstLayer is the convolution that takes the images.
func firstLayer(params []*nn.Param) *nn.Param {
	for _, p := range params {
		if p.Role == nn.Weight && len(p.Shape) == 4 {
			return p
		}
	}
	return nil
}

// turnedRound puts the three channels of weights [o, 3, field] in the opposite order.
func turnedRound(o, field int) func([]float32) []float32 {
	return func(v []float32) []float32 {
		turned := make([]float32, 0, len(v))
		for i := range o {
			for c := 2; c >= 0; c-- {
				at := (3*i + c) * field
				turned = append(turned, v[at:at+field]...)
			}
		}
		return turned
	}
}

// addUp takes weights [o, 3, h, w] for those of a layer that takes one channel: the sums over the channels, which
// answer to a gray image as before to the same in colour (timm's way, timm/models/_manipulate.py, adapt_input_conv).
func (s *sorted) addUp(first *nn.Param) error {
	for i, m := range s.misshapen {
		in := m.Tensor.Shape
		if m.Param != first || m.Why != "" || len(in) != 4 || in[0] != first.Shape[0] || in[1] != 3 || !in[2:].Equal(first.Shape[2:]) {
			continue
		}
		o, field := in[0], in[2:].Size()
		change := func(v []float32) []float32 {
			sums := make([]float32, 0, o*field)
			for i := range o {
				for k := range field {
					at := 3*i*field + k
					sums = append(sums, float32(float64(v[at])+float64(v[at+field])+float64(v[at+2*field])))
				}
			}
			return sums
		}
		if _, _, err := m.Tensor.DType.float(); err != nil {
			return err
		}
		s.misshapen = append(s.misshapen[:i:i], s.misshapen[i+1:]...)
		s.taken = append([]Taken{{Param: first, Tensor: m.Tensor, How: "three channels are added up", change: change}}, s.taken...)
		return nil
	}
	return fmt.Errorf("the file has no weights of three channels for %s to add up", first.Path)
}
