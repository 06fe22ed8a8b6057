package onnx

import "workbench/nn/op"

func (t *tracer) conv(s site, v op.Conv) {
	w := s.in[1].shape
	t.emit(s, "Conv", s.names(), append(window(v.Window, w[2], w[3]), list("dilations", v.Dilation[:]...), whole("group", v.Groups))...)
}

// window returns the attributes of a kernel of kh×kw. ONNX takes the padding at the beginning and at the end of each
// axis apart, so that TensorFlow's SAME and sizes that are rounded up need nothing else.
func window(w op.Window, kh, kw int) []attribute {
	return []attribute{list("kernel_shape", kh, kw), list("strides", w.Stride[:]...), list("pads", w.Begin[0], w.Begin[1], w.End[0], w.End[1])}
}

func (t *tracer) matMul(s site, v op.MatMul) {
	in := s.names()
	for i, transposed := range []bool{v.TransA, v.TransB} {
		if !transposed {
			continue
		}
		axes := []int{0, 2, 1} // of a batch of matrices
		if len(s.in[i].shape) == 2 {
			axes = []int{1, 0}
		}
		in[i] = t.inner(s, "Transpose", []string{in[i]}, list("perm", axes...))
	}
	t.emit(s, "MatMul", in)
}

// mulReduce multiplies and adds up over the axes in which the result has one element.
func (t *tracer) mulReduce(s site) {
	var axes []int
	for i, n := range s.out.shape {
		if n == 1 {
			axes = append(axes, i)
		}
	}
	product := t.inner(s, "Mul", s.names())
	if axes == nil {
		t.emit(s, "Identity", []string{product})
		return
	}
	t.emit(s, "ReduceSum", []string{product, t.wholes(axes...)}, whole("keepdims", 1))
}
