package nn

import "workbench/nn/op"

// Activate applies a named activation: "relu" or one of op.ActivationNames. The slope of leaky_relu is PyTorch's 0.01.
func (b *Builder) Activate(name string, x Tensor) Tensor {
	if name == "relu" {
		return b.ReLU(x)
	}
	kind, err := op.ActivationNamed(name)
	if err != nil {
		return b.Fail(err)
	}
	if kind == op.LeakyReLU {
		return b.LeakyReLU(x, 0.01)
	}
	return b.activation(kind, 0, x)
}

func (b *Builder) activation(kind op.ActivationKind, alpha float64, x Tensor) Tensor {
	return b.noted(kind.String(), b.Apply(op.Activation{Kind: kind, Alpha: alpha}, x))
}

// ReLU6 is min(max(x, 0), 6).
func (b *Builder) ReLU6(x Tensor) Tensor { return b.activation(op.ReLU6, 0, x) }

// LeakyReLU is x, or slope·x below 0.
func (b *Builder) LeakyReLU(x Tensor, slope float64) Tensor {
	return b.activation(op.LeakyReLU, slope, x)
}

// Sigmoid is 1 / (1 + exp(−x)).
func (b *Builder) Sigmoid(x Tensor) Tensor { return b.activation(op.Sigmoid, 0, x) }

// HardSigmoid is ReLU6(x + 3) / 6.
func (b *Builder) HardSigmoid(x Tensor) Tensor { return b.activation(op.HardSigmoid, 0, x) }

// SiLU is x · sigmoid(x), also called swish.
func (b *Builder) SiLU(x Tensor) Tensor { return b.activation(op.SiLU, 0, x) }

// HardSwish is x · HardSigmoid(x).
func (b *Builder) HardSwish(x Tensor) Tensor { return b.activation(op.HardSwish, 0, x) }

// Tanh of every element.
func (b *Builder) Tanh(x Tensor) Tensor { return b.activation(op.Tanh, 0, x) }

// GELU is x · Φ(x), by the error function.
func (b *Builder) GELU(x Tensor) Tensor { return b.activation(op.GELU, 0, x) }

// GELUTanh is PyTorch's GELU with approximate="tanh".
func (b *Builder) GELUTanh(x Tensor) Tensor { return b.activation(op.GELUTanh, 0, x) }
