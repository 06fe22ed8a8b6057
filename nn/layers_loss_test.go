package nn_test

import (
	"workbench/nn"
)

func init() {
	layerCases = append(layerCases, []layerCase{
		{"CrossEntropy", "", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.CrossEntropy(in.m, in.labels, 0.1) },
			"cross_entropy{Smoothing:0.1}(m, labels)"},
		{"CrossEntropyLoss", "", 0, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.CrossEntropyLoss(in.m, in.labels, nn.CrossEntropyLoss{Smoothing: 0.1, Ignore: true, Samples: in.images, Classes: in.classes})
		},
			"cross_entropy{Smoothing:0.1 Ignore:true SampleWeights:true ClassWeights:true}(m, labels, images, classes)"},
		{"CrossEntropyLoss of images", "", 0, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.CrossEntropyLoss(in.m, in.labels, nn.CrossEntropyLoss{Samples: in.images})
		},
			"cross_entropy{SampleWeights:true}(m, labels, images)"},
		{"CrossEntropyLoss of classes", "", 0, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.CrossEntropyLoss(in.m, in.labels, nn.CrossEntropyLoss{Classes: in.classes})
		},
			"cross_entropy{ClassWeights:true}(m, labels, classes)"},
		{"SoftCrossEntropy", "", 0, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.SoftCrossEntropy(in.m, in.n, nn.CrossEntropyLoss{Samples: in.images, Classes: in.classes})
		},
			"soft_cross_entropy{SampleWeights:true ClassWeights:true}(m, n, images, classes)"},
		{"SoftCrossEntropy unweighted", "", 0, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.SoftCrossEntropy(in.m, in.n, nn.CrossEntropyLoss{})
		},
			"soft_cross_entropy(m, n)"},
		{"KLDivergence", "", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.KLDivergence(in.m, in.n, 3) },
			"kl_divergence{Temperature:3}(m, n)"},
		{"BinaryCrossEntropy", "", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.BinaryCrossEntropy(in.m, in.n) },
			"binary_cross_entropy{Kind:1}(m, n)"},
		{"MeanSquaredError", "", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.MeanSquaredError(in.m, in.n) },
			"squared_error(m, n)"},
		{"Softmax", "softmax", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Softmax(in.m) },
			"softmax(m)"},
		{"LogSoftmax", "log softmax", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.LogSoftmax(in.m) },
			"log_softmax{Log:true}(m)"},
		{"L2Normalize", "l2 normalize", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.L2Normalize(in.m) },
			"l2_normalize{Epsilon:1e-12}(m)"},
		{"CosineSimilarity", "row products", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.CosineSimilarity(in.m, in.n) },
			"mul_reduce{To:[2 1 0 0]}(l2_normalize{Epsilon:1e-12}(m), l2_normalize{Epsilon:1e-12}(n))"},
		{"NTXent", "scale", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.NTXent(in.m, 0.5) },
			"nt_xent(scale{By:2}(matmul{TransB:true}(l2_normalize{Epsilon:1e-12}(m), l2_normalize{Epsilon:1e-12}(m))))"},
		{"Mul", "mul", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Mul(in.m, in.n) },
			"mul(m, n)"},
		{"Scale", "scale", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Scale(in.x, 3) },
			"scale{By:3}(x)"},
		{"Sub", "sub", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Sub(in.m, in.n) },
			"sum{N:2}(m, scale{By:-1}(n))"},
		{"StopGradient", "stop gradient", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.StopGradient(in.x) },
			"stop_gradient(x)"},
		{"ScaleGradient", "scale gradient", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.ScaleGradient(in.x, -2) },
			"scale_gradient{By:-2}(x)"},
		{"Mean", "mean", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Mean(in.x) },
			"mean(x)"},
		{"WeightedSum", "weighted sum", 0, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.WeightedSum([]float64{1, 0.5, 0}, in.s, in.s2, in.s)
		},
			"sum{N:3}(mean(m), scale{By:0.5}(mean(n)), scale(mean(m)))"},
		{"WeightedSum of one", "", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.WeightedSum([]float64{1}, in.s) },
			"mean(m)"},
		{"WeightedSum of one, weighted", "", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.WeightedSum([]float64{2}, in.s) },
			"scale{By:2}(mean(m))"},
		{"RowProducts", "row products", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.RowProducts(in.m, in.n) },
			"mul_reduce{To:[2 1 0 0]}(m, n)"},
	}...)
}
