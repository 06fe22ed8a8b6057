package strategy

import "workbench/experiments/metric"

// What losses are made of, and what else objectives record. Each is a mean over the steps of an epoch; none judges a
// run, because methods weigh and mean them differently.
func init() {
	for _, q := range []metric.Quantity{
		{Name: "supervised", Title: "loss of labelled images", Unit: "nats"},
		{Name: "consistency", Title: "loss of unlabelled images, without its weight"},
		{Name: "sure", Title: "share of sure answers", Unit: "1", Percent: true},
		{Name: "cross_entropy", Title: "cross-entropy", Unit: "nats"},
		{Name: "distillation", Title: "divergence from the teacher, without its weight", Unit: "nats"},
		{Name: "regularizer", Title: "regularisation, without its weight", Unit: "nats"},
		{Name: "disagreement", Title: "divergence of the two networks, without its weight", Unit: "nats"},
		{Name: "confidence", Title: "largest share of a target, of one class", Unit: "1", Percent: true},
		{Name: "first", Title: "loss of the first network", Unit: "nats"},
		{Name: "second", Title: "loss of the second network", Unit: "nats"},
		{Name: "pretext_top1", Title: "accuracy at the pretext task", Unit: "1", Percent: true},
		{Name: "invariance", Title: "difference of the views, without its weight"},
		{Name: "redundancy", Title: "correlation of dimensions, without its weight"},
		{Name: "variance", Title: "lack of spread, without its weight"},
		{Name: "covariance", Title: "covariance of dimensions, without its weight"},
		{Name: "projection_spread", Title: "spread of normalised projections"},
		{Name: "kept", Title: "share of labels that are taken to be right", Unit: "1", Percent: true},
		{Name: "found_precision", Title: "share of the labels found that are wrong", Unit: "1", Percent: true},
		{Name: "found_recall", Title: "share of the wrong labels that are found", Unit: "1", Percent: true},
		{Name: "online_loss", Title: "loss of the online classifier", Unit: "nats"},
		{Name: "precision", Title: "share of right ones among sure answers", Unit: "1", Percent: true},
		{Name: "group_top1", Title: "accuracy at groups of classes", Unit: "1", Percent: true},
		{Name: "penalty", Title: "divergence of even answers from the mean answer", Unit: "nats"},
		{Name: "contrast", Title: "loss of telling features apart, without its weight", Unit: "nats"},
		{Name: "threshold", Title: "mean threshold of answers", Unit: "1", Percent: true},
		{Name: "fairness", Title: "unevenness of answers, without its weight", Unit: "nats"},
	} {
		q.Asked, q.Splits = true, []string{metric.Train}
		metric.Declare(q)
	}
}
