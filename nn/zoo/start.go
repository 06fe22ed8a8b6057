package zoo

import (
	"math"

	"workbench/nn"
)

// start tells how the weights and the biases of a layer start whose values are sums of fanIn products and which go into
// fanOut sums.
type start func(fanIn, fanOut int) (weight, bias nn.Init)

// heFanOut is torchvision's usual start: He et al. (2015) by the fan out, without biases.
func heFanOut(_, fanOut int) (weight, bias nn.Init) {
	return nn.Init{Normal: math.Sqrt(2 / float64(fanOut))}, nn.Init{}
}

// heFanIn is He et al. (2015) by the fan in, without biases.
func heFanIn(fanIn, _ int) (weight, bias nn.Init) {
	return nn.Init{Normal: math.Sqrt(2 / float64(fanIn))}, nn.Init{}
}

// torchDefault is what a PyTorch layer starts with if nothing else is asked for.
func torchDefault(fanIn, _ int) (weight, bias nn.Init) {
	return nn.FanInUniform(fanIn), nn.FanInUniform(fanIn)
}

// normalHundredth is N(0, 0.01²) without biases, as in AlexNet and in torchvision's GoogLeNet.
func normalHundredth(_, _ int) (weight, bias nn.Init) {
	return nn.Init{Normal: 0.01}, nn.Init{}
}

// linear adds a layer [n, in] → [n, out] whose parameters start as begin says.
func linear(b *nn.Builder, x nn.Tensor, out int, begin start) nn.Tensor {
	if b.Err() != nil {
		return x
	}
	in := x.Shape()
	weight, bias := begin(in[len(in)-1], out)
	return b.LinearInit(x, out, weight, bias)
}

// head adds the last linear layer, [n, f] → [n, classes]. A network without classes has no head: it gives the features
// [n, f] that the layer would read.
func head(b *nn.Builder, x nn.Tensor, classes int, begin start) nn.Tensor {
	if classes == 0 {
		return x
	}
	return linear(b, x, classes, begin)
}

// torchWeights is torchDefault without biases.
func torchWeights(fanIn, _ int) (weight, bias nn.Init) { return nn.FanInUniform(fanIn), nn.Init{} }
