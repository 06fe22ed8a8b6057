package nn

import (
	"fmt"

	"workbench/nn/op"
)

// CrossEntropy is the mean loss, a scalar in nats; see op.CrossEntropy.
func (b *Builder) CrossEntropy(logits, labels Tensor, smoothing float64) Tensor {
	return b.CrossEntropyLoss(logits, labels, CrossEntropyLoss{Smoothing: smoothing})
}

// CrossEntropyLoss has all settings of a cross entropy. Builder.CrossEntropy is the usual one.
type CrossEntropyLoss struct {
	Smoothing float64
	Ignore    bool   // leave images with the label −1 out
	Samples   Tensor // weights of the images [n]; zero: all 1
	Classes   Tensor // weights of the classes [classes]; zero: all 1
}

// weights lists the weight operands that are given.
func (l CrossEntropyLoss) weights() (op.Weighted, []Tensor) {
	var in []Tensor
	for _, t := range []Tensor{l.Samples, l.Classes} {
		if t.node != nil {
			in = append(in, t)
		}
	}
	return op.Weighted{SampleWeights: l.Samples.node != nil, ClassWeights: l.Classes.node != nil}, in
}

// CrossEntropyLoss is the weighted mean loss of logits [n, classes] against labels [n].
func (b *Builder) CrossEntropyLoss(logits, labels Tensor, l CrossEntropyLoss) Tensor {
	weighted, weights := l.weights()
	return b.Apply(op.CrossEntropy{Smoothing: l.Smoothing, Ignore: l.Ignore, Weighted: weighted},
		append([]Tensor{logits, labels}, weights...)...)
}

// SoftCrossEntropy is the weighted mean loss of logits against targets, both [n, classes]. It has no smoothing and no
// ignored labels: the targets can express them.
func (b *Builder) SoftCrossEntropy(logits, targets Tensor, l CrossEntropyLoss) Tensor {
	if b.err == nil && (l.Smoothing != 0 || l.Ignore) {
		return b.Fail(fmt.Errorf("soft cross entropy: got smoothing %v and ignored labels %v, which need labels; want neither",
			l.Smoothing, l.Ignore))
	}
	weighted, weights := l.weights()
	return b.Apply(op.SoftCrossEntropy{Weighted: weighted}, append([]Tensor{logits, targets}, weights...)...)
}

// KLDivergence is the distillation loss of a student's logits from a teacher's, both [n, classes]; see
// op.KLDivergence. The teacher gets no gradient.
func (b *Builder) KLDivergence(student, teacher Tensor, temperature float64) Tensor {
	return b.Apply(op.KLDivergence{Temperature: temperature}, student, teacher)
}

// BinaryCrossEntropy is the mean loss of logits against targets from 0 to 1 of the
// same shape. The targets get no gradient.
func (b *Builder) BinaryCrossEntropy(logits, targets Tensor) Tensor {
	return b.Apply(op.PointLoss{Kind: op.BinaryCrossEntropy}, logits, targets)
}

// MeanSquaredError is the mean of (x − target)². Both operands get gradients.
func (b *Builder) MeanSquaredError(x, target Tensor) Tensor {
	return b.Apply(op.PointLoss{Kind: op.SquaredError}, x, target)
}

// Softmax over the last axis.
func (b *Builder) Softmax(x Tensor) Tensor { return b.noted("softmax", b.Apply(op.Softmax{}, x)) }

// LogSoftmax over the last axis.
func (b *Builder) LogSoftmax(x Tensor) Tensor {
	return b.noted("log softmax", b.Apply(op.Softmax{Log: true}, x))
}

// shortest is the norm below which PyTorch's normalize divides by this number instead of the norm.
const shortest = 1e-12

// L2Normalize divides each row of x [n, d] by its Euclidean norm.
func (b *Builder) L2Normalize(x Tensor) Tensor {
	return b.noted("l2 normalize", b.Apply(op.L2Normalize{Epsilon: shortest}, x))
}

// CosineSimilarity of each row of x with that of y: [n, d] and [n, d] → [n, 1].
func (b *Builder) CosineSimilarity(x, y Tensor) Tensor {
	return b.RowProducts(b.L2Normalize(x), b.L2Normalize(y))
}

// NTXent is SimCLR's contrastive loss of embeddings [2n, d], whose rows i and i + n
// are two views of one image; see op.NTXent.
func (b *Builder) NTXent(embeddings Tensor, temperature float64) Tensor {
	if b.err == nil && !(temperature > 0) {
		return b.Fail(fmt.Errorf("nt-xent: temperature %v, want above 0", temperature))
	}
	z := b.L2Normalize(embeddings)
	similarities := b.MatMulTransposed(z, z, op.MatMul{TransB: true})
	return b.Apply(op.NTXent{}, b.Scale(similarities, 1/temperature))
}
