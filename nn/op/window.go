package op

import "fmt"

// Window is how a kernel moves over an image, in pixels: [vertical, horizontal] each. Dilation 1 is a dense kernel.
type Window struct {
	Stride   [2]int
	Begin    [2]int // zero padding above and to the left
	End      [2]int // zero padding below and to the right
	Dilation [2]int
}

// Square is the window of an undilated kernel with equal stride and padding in both directions.
func Square(stride, pad int) Window {
	return Window{Stride: [2]int{stride, stride}, Begin: [2]int{pad, pad}, End: [2]int{pad, pad}, Dilation: [2]int{1, 1}}
}

// out is the number of kernel positions along axis d (0 vertical) of n pixels with a kernel of k.
func (w Window) out(d, n, k int) int {
	room := n + w.Begin[d] + w.End[d] - w.Dilation[d]*(k-1) - 1
	if room < 0 {
		return 0
	}
	return room/w.Stride[d] + 1
}

// in is the pixel that kernel tap k sees at output position o; it may lie in the padding.
func (w Window) in(d, o, k int) int { return o*w.Stride[d] - w.Begin[d] + k*w.Dilation[d] }

func (w Window) check(name string, image Shape, kh, kw int) error {
	for d, k := range [2]int{kh, kw} {
		if w.Stride[d] < 1 || w.Dilation[d] < 1 || w.Begin[d] < 0 || w.End[d] < 0 || k < 1 {
			return fmt.Errorf("%s: stride %v and dilation %v must be at least 1, padding %v, %v at least 0, kernel %d×%d at least 1",
				name, w.Stride, w.Dilation, w.Begin, w.End, kh, kw)
		}
		if w.out(d, image[2+d], k) < 1 {
			return fmt.Errorf("%s: a kernel of %d×%d (dilation %v) does not fit into an image of %d×%d with padding %v, %v",
				name, kh, kw, w.Dilation, image[2], image[3], w.Begin, w.End)
		}
	}
	return nil
}
