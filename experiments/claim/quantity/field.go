package quantity

import "fmt"

func init() {
	Register(ofPlace("receptive_field", "side, in pixels of the image, of what one value at a place depends on "+
		"(Araujo, Norris and Sim 2019)",
		func(n *Networks, of Network, place string) (int, error) {
			l, err := layer(n, of, place)
			if err != nil {
				return 0, err
			}
			return l.Field[0], nil
		}))
	Register(ofPath("field_between", "side, in values that the layer FROM reads, of what one value of the layer TO depends on", fieldBetween))
}

// fieldBetween is the receptive field of the layers from the one to the other, both included. r = 1 + Σ (k−1)·Π of the
// strides before, which is the growth of the field in the image in units of the distance of two values there.
func fieldBetween(n *Networks, of Network, from, to string) (int, error) {
	first, err := layer(n, of, from)
	if err != nil {
		return 0, err
	}
	last, err := layer(n, of, to)
	if err != nil {
		return 0, err
	}
	if first.Kernel[0] == 0 || first.Jump[0] == 0 || last.Jump[0] == 0 {
		return 0, fmt.Errorf("%s of %s is no convolution or pooling of a map", from, of.Name)
	}
	before := first.Jump[0] / first.Stride[0] // from one value that the first layer reads to the next
	return 1 + (last.Field[0]-first.Field[0]+(first.Kernel[0]-1)*before)/before, nil
}
