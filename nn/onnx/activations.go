package onnx

import (
	"fmt"
	"math"

	"workbench/nn/op"
)

// geluCubic is the coefficient of x³ in GELU's approximation by tanh (Hendrycks and Gimpel 2016, section 2).
const geluCubic = 0.044715

func (t *tracer) activation(s site, v op.Activation) error {
	x := s.in[0].name
	switch v.Kind {
	case op.ReLU6:
		t.emit(s, "Clip", []string{x, t.scalar(0), t.scalar(6)})
	case op.LeakyReLU:
		t.emit(s, "LeakyRelu", s.names(), fraction("alpha", v.Alpha))
	case op.Sigmoid:
		t.emit(s, "Sigmoid", s.names())
	case op.HardSigmoid: // max(0, min(1, alpha·x + beta))
		t.emit(s, "HardSigmoid", s.names(), fraction("alpha", 1.0/6), fraction("beta", 0.5))
	case op.SiLU:
		t.emit(s, "Mul", []string{x, t.inner(s, "Sigmoid", s.names())})
	case op.HardSwish:
		t.emit(s, "HardSwish", s.names())
	case op.Tanh:
		t.emit(s, "Tanh", s.names())
	case op.GELU: // x/2 · (1 + erf(x/√2)); one operator from opset 20 on
		erf := t.inner(s, "Erf", []string{t.inner(s, "Mul", []string{x, t.scalar(1 / math.Sqrt2)})})
		half := t.inner(s, "Mul", []string{x, t.scalar(0.5)})
		t.emit(s, "Mul", []string{half, t.inner(s, "Add", []string{erf, t.scalar(1)})})
	case op.GELUTanh: // x · sigmoid(2 √(2/π) (x + geluCubic x³))
		square := t.inner(s, "Mul", []string{x, x})
		bent := t.inner(s, "Add", []string{t.inner(s, "Mul", []string{square, t.scalar(geluCubic)}), t.scalar(1)})
		straight := t.inner(s, "Mul", []string{x, t.scalar(2 * math.Sqrt(2/math.Pi))})
		t.emit(s, "Mul", []string{x, t.inner(s, "Sigmoid", []string{t.inner(s, "Mul", []string{straight, bent})})})
	default:
		return fmt.Errorf("the activation %s has no mapping to ONNX", v.Kind)
	}
	return nil
}
