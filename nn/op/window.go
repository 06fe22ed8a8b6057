package op

import "fmt"

// Window is how a kernel moves over an image, in pixels. Each field is [vertical, horizontal]. Dilation 1 is a dense
// kernel.
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

// out is the number of positions along axis d (0 is vertical) of n pixels that a kernel of k taps has.
func (w Window) out(d, n, k int) int {
	room := n + w.Begin[d] + w.End[d] - w.Dilation[d]*(k-1) - 1
	if room < 0 {
		return 0
	}
	return room/w.Stride[d] + 1
}

// in is the pixel along axis d that kernel tap k sees at output position o. It may lie in the padding.
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

// RoundedUp is the window padded below and to the right by added pixels, so that the number of kernel positions is
// rounded up instead of down (PyTorch's ceil_mode). No position lies in the added pixels and the end padding alone.
func (w Window) RoundedUp(image Shape, kh, kw int) (up Window, added [2]int) {
	for d, k := range [2]int{kh, kw} {
		n, reach := image[2+d], w.Dilation[d]*(k-1)+1
		room := n + w.Begin[d] + w.End[d] - reach
		if room < 0 || w.Stride[d] < 1 {
			continue // an error that check reports
		}
		steps := (room + w.Stride[d] - 1) / w.Stride[d]
		if steps*w.Stride[d] >= n+w.Begin[d] {
			steps--
		}
		added[d] = max(0, steps*w.Stride[d]-room)
		w.End[d] += added[d]
	}
	return w, added
}

// Same is the window with the padding of TensorFlow's SAME: there are ⌈n/stride⌉ kernel positions along an axis of n
// pixels, and an odd pixel of padding is below or to the right.
func (w Window) Same(image Shape, kh, kw int) Window {
	for d, k := range [2]int{kh, kw} {
		n, stride := image[2+d], max(w.Stride[d], 1)
		total := max(0, (n-1)/stride*stride+w.Dilation[d]*(k-1)+1-n)
		w.Begin[d], w.End[d] = total/2, total-total/2
	}
	return w
}
