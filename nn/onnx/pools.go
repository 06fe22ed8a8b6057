package onnx

import "workbench/nn/op"

// covers reports whether a kernel is the whole image.
func covers(image op.Shape, w op.Window, kh, kw int) bool {
	return image[2] == kh && image[3] == kw && w.Begin == [2]int{} && w.End == [2]int{}
}

func (t *tracer) maxPool(s site, v op.MaxPool) {
	if covers(s.in[0].shape, v.Window, v.K, v.Width()) {
		t.emit(s, "GlobalMaxPool", s.names())
		return
	}
	t.emit(s, "MaxPool", s.names(), window(v.Window, v.K, v.Width())...)
}

// avgPool divides by what the kernel sees. Rounding the size up may have added rows that do not count although padding
// does. Then the padding is made first, because runtimes disagree on ONNX's own ceil_mode, whose meaning opset 19
// changed.
func (t *tracer) avgPool(s site, v op.AvgPool) {
	if covers(s.in[0].shape, v.Window, v.KH, v.KW) {
		t.emit(s, "GlobalAveragePool", s.names())
		return
	}
	x, w, counts := s.in[0].name, v.Window, v.CountPad
	if counts && v.Uncounted != [2]int{} {
		bottom, right := w.End[0]-v.Uncounted[0], w.End[1]-v.Uncounted[1]
		x = t.inner(s, "Pad", []string{x, t.wholes(0, 0, w.Begin[0], w.Begin[1], 0, 0, bottom, right)})
		w.Begin, w.End, counts = [2]int{}, v.Uncounted, false
	}
	attributes := window(w, v.KH, v.KW)
	if counts {
		attributes = append(attributes, whole("count_include_pad", 1))
	}
	t.emit(s, "AveragePool", []string{x}, attributes...)
}

// adaptiveAvgPool multiplies by a matrix of means from either side, because ONNX has no pooling whose fields differ in
// size.
func (t *tracer) adaptiveAvgPool(s site, v op.AdaptiveAvgPool) {
	h, w := s.in[0].shape[2], s.in[0].shape[3]
	rows := t.inner(s, "MatMul", []string{t.reals(op.Shape{v.H, h}, means(h, v.H, false)), s.in[0].name})
	t.emit(s, "MatMul", []string{rows, t.reals(op.Shape{w, v.W}, means(w, v.W, true))})
}

// means returns the matrix [fields, n], or its transpose, whose row i has the shares of n pixels in the mean of field
// i. The pixels from ⌊i·n/fields⌋ to below ⌈(i+1)·n/fields⌉ have equal shares.
func means(n, fields int, transposed bool) []float32 {
	m := make([]float32, n*fields)
	for i := range fields {
		first, end := i*n/fields, ((i+1)*n+fields-1)/fields
		for pixel := first; pixel < end; pixel++ {
			at := i*n + pixel
			if transposed {
				at = pixel*fields + i
			}
			m[at] = 1 / float32(end-first)
		}
	}
	return m
}
