package onnx

import (
	"fmt"

	"workbench/nn/op"
)

// translate adds the nodes that compute one operator. Every operator of inference is here or in direct. An operator
// that is not is an error.
func (t *tracer) translate(s site) error {
	if err := s.check(t); err != nil {
		return err
	}
	if operator, attributes := direct(s.spec); operator != "" {
		t.emit(s, operator, s.names(), attributes...)
		return nil
	}
	switch v := s.spec.(type) {
	case op.Conv:
		t.conv(s, v)
	case op.MatMul:
		t.matMul(s, v)
	case op.MulReduce:
		t.mulReduce(s)
	case op.Scale:
		t.emit(s, "Mul", []string{s.in[0].name, t.scalar(v.By)})
	case op.MaxPool:
		t.maxPool(s, v)
	case op.AvgPool:
		t.avgPool(s, v)
	case op.AdaptiveAvgPool:
		t.adaptiveAvgPool(s, v)
	case op.BNInfer:
		t.batchNorm(s, v)
	case op.L2Normalize:
		t.l2Normalize(s, v)
	case op.RowNorm:
		return t.rowNorm(s, v)
	case op.Activation:
		return t.activation(s, v)
	case op.Reshape:
		t.reshape(s)
	case op.Channels:
		t.emit(s, "Slice", t.slice(s, []int{1}, []int{v.From}, []int{v.From + v.Count}, []int{1}))
	case op.ChannelShuffle:
		t.channelShuffle(s, v)
	case op.Subsample:
		t.subsample(s, v)
	default:
		return fmt.Errorf("the operator %s has no mapping to ONNX", v.Name())
	}
	return nil
}

// direct returns the ONNX operator that does the same with the same operands, or "" if there is none.
func direct(s op.Spec) (operator string, attributes []attribute) {
	switch v := s.(type) {
	case op.Linear:
		return "Gemm", []attribute{whole("transB", 1)}
	case op.LRN: // ONNX divides alpha by the size, too
		return "LRN", []attribute{whole("size", v.Size), fraction("alpha", v.Alpha), fraction("beta", v.Beta), fraction("bias", v.K)}
	case op.ReLU:
		return "Relu", nil
	case op.Softmax:
		if v.Log {
			return "LogSoftmax", []attribute{whole("axis", -1)}
		}
		return "Softmax", []attribute{whole("axis", -1)}
	case op.Sum:
		if v.N == 2 {
			return "Add", nil
		}
		return "Sum", nil
	case op.Mul: // ONNX stretches axes of size 1, too
		return "Mul", nil
	case op.Mean:
		return "ReduceMean", []attribute{whole("keepdims", 0)}
	case op.Transpose:
		return "Transpose", []attribute{list("perm", v.Axes[:v.Rank]...)}
	case op.Concat:
		return "Concat", []attribute{whole("axis", 1)}
	case op.StopGradient, op.ScaleGradient: // they change gradients only
		return "Identity", nil
	}
	return "", nil
}

// check checks that the operator is the same for every batch, and that it reads tensors only. Operators that state the
// shape of their result are right if that shape is, and those that state a number of rows are looked at by their
// mapping.
func (s site) check(t *tracer) error {
	switch s.spec.(type) {
	case op.RowNorm:
		return nil
	case op.Reshape, op.MulReduce:
	default:
		if s.spec != s.larger {
			return fmt.Errorf("%s %+v for %d images is %+v for %d: the network depends on the batch", s.spec.Name(), s.spec, few, s.larger, more)
		}
	}
	for _, v := range s.in {
		if _, is := t.statistics[v.name]; is {
			return fmt.Errorf("%s reads row_stats, which has a mapping to ONNX for row_norm alone", s.spec.Name())
		}
	}
	return nil
}

// emit adds the node that computes the site's result.
func (t *tracer) emit(s site, operator string, in []string, attributes ...attribute) {
	t.nodes = append(t.nodes, node{operator, s.name, in, s.out.name, attributes})
}

// inner adds a node for an intermediate result of the site and returns the result's name.
func (t *tracer) inner(s site, operator string, in []string, attributes ...attribute) string {
	name := t.names.unique(s.name + "/" + operator)
	t.nodes = append(t.nodes, node{operator, name, in, name, attributes})
	return name
}

// names returns the names of the operands.
func (s site) names() []string {
	all := make([]string, len(s.in))
	for i, v := range s.in {
		all[i] = v.name
	}
	return all
}

// wholes returns the name of a constant vector of int64.
func (t *tracer) wholes(vs ...int) string {
	return t.constant(constant{shape: op.Shape{len(vs)}, wholes: wide(vs)})
}

// scalar returns the name of a constant number.
func (t *tracer) scalar(v float64) string {
	return t.constant(constant{shape: op.Shape{}, reals: []float32{float32(v)}})
}

// reals returns the name of a constant tensor of float32.
func (t *tracer) reals(shape op.Shape, vs []float32) string {
	return t.constant(constant{shape: shape, reals: vs})
}

// constant returns the name under which the graph has the constant. Equal constants are in the graph once.
func (t *tracer) constant(c constant) string {
	content := fmt.Sprint(c.shape, c.reals, c.wholes)
	if name, there := t.known[content]; there {
		return name
	}
	c.name = t.names.numbered("constant")
	t.known[content] = c.name
	t.constants = append(t.constants, c)
	return c.name
}
