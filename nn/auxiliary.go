package nn

import "fmt"

// Auxiliary is a second classifier in the middle of a network. It exists in training only, where its loss times Weight
// is added to that of the last classifier (Szegedy et al. 2015, section 5).
type Auxiliary struct {
	Path   string
	Logits Tensor // [n, classes]
	Weight float64
}

// Auxiliary records the logits of a second classifier. In inference it is an error, because the
// classifier would cost work that nothing reads.
func (b *Builder) Auxiliary(logits Tensor, weight float64) {
	switch {
	case b.err != nil:
	case !b.moving():
		b.Fail(fmt.Errorf("auxiliary classifier: the graph is for inference, want training"))
	case !(weight > 0):
		b.Fail(fmt.Errorf("auxiliary classifier: weight %v, want above 0", weight))
	default:
		b.aux = append(b.aux, Auxiliary{Path: b.path, Logits: logits, Weight: weight})
	}
}

// Auxiliaries returns the auxiliary classifiers in the order in which they were added.
func (b *Builder) Auxiliaries() []Auxiliary { return b.aux }

// ClassifierLoss is the mean cross-entropy of the logits plus that of every auxiliary
// classifier times its weight: a scalar in nats.
func (b *Builder) ClassifierLoss(logits, labels Tensor, smoothing float64) Tensor {
	return b.EveryClassifierLoss(logits, func(logits Tensor) Tensor { return b.CrossEntropy(logits, labels, smoothing) })
}

// SoftClassifierLoss is ClassifierLoss against shares of the classes [n, classes] in place of labels.
func (b *Builder) SoftClassifierLoss(logits, targets Tensor) Tensor {
	return b.EveryClassifierLoss(logits, func(logits Tensor) Tensor { return b.SoftCrossEntropy(logits, targets, CrossEntropyLoss{}) })
}

// EveryClassifierLoss is a loss of the logits plus that of every auxiliary classifier times its weight.
func (b *Builder) EveryClassifierLoss(logits Tensor, of func(logits Tensor) Tensor) Tensor {
	loss := of(logits)
	if len(b.aux) == 0 {
		return loss
	}
	weights, losses := []float64{1}, []Tensor{loss}
	for _, a := range b.aux {
		weights, losses = append(weights, a.Weight), append(losses, of(a.Logits))
	}
	return b.WeightedSum(weights, losses...)
}
