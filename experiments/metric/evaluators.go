package metric

// CorruptedTop1 is the mean accuracy over the corruptions under which a study wants its networks measured. Each by
// itself is what `workbench evaluate --corruption` tells of a finished run.
const CorruptedTop1 = "corrupted_top1"

// UnderCorruptions are the metrics that runs record beside names if they are measured under corruptions: one in each
// phase whose answers are right or wrong.
func UnderCorruptions(names []string) (more []string) {
	for _, name := range names {
		if n := Parse(name); n.Split == Test && n.Quantity == "top1" {
			n.Quantity = CorruptedTop1
			more = append(more, n.String())
		}
	}
	return more
}

// The quantities of experiments/evaluate beside those that every supervised run records. They are there if a phase asks
// for their evaluator, which looks at pictures that are not trained on; features are looked at on any split.
func init() {
	evaluated, features := []string{Val, Test}, []string{Train, Val, Test}
	for i, q := range []Quantity{
		{Name: "knn_top1", Title: "accuracy of nearest neighbours (top-1)", Unit: "1", Percent: true, Better: Higher},
		{Name: "knn_top5", Title: "accuracy of nearest neighbours (top-5)", Unit: "1", Percent: true, Better: Higher},
		{Name: "probe_top1", Title: "accuracy of a linear probe (top-1)", Unit: "1", Percent: true, Better: Higher},
		{Name: "probe_top5", Title: "accuracy of a linear probe (top-5)", Unit: "1", Percent: true, Better: Higher},
		{Name: "probe_loss", Title: "loss of a linear probe", Unit: "nats", Better: Lower},
		{Name: "mean_class_top1", Title: "mean accuracy of the classes", Unit: "1", Percent: true, Better: Higher},
		{Name: "worst_class_top1", Title: "accuracy of the worst class", Unit: "1", Percent: true, Better: Higher},
		{Name: "nll", Title: "negative log-likelihood", Unit: "nats", Better: Lower},
		{Name: "ece", Title: "expected calibration error", Unit: "1", Percent: true, Better: Lower},
		{Name: "brier", Title: "Brier score", Unit: "1", Better: Lower}, // from 0 to 2, so no percentage
		{Name: "scaled_nll", Title: "negative log-likelihood with a temperature", Unit: "nats", Better: Lower},
		{Name: "scaled_ece", Title: "expected calibration error with a temperature", Unit: "1", Percent: true, Better: Lower},
		{Name: "scaled_brier", Title: "Brier score with a temperature", Unit: "1", Better: Lower},
	} {
		q.Comparable, q.Asked, q.Splits, q.Rank = true, true, evaluated, 4+i // after those of table.go
		Declare(q)
	}
	Declare(Quantity{Name: "online_top1", Title: "accuracy of the online classifier (top-1)", Unit: "1", Percent: true, Better: Higher,
		Comparable: true, Asked: true, Splits: features, Rank: 4 + 13})
	Declare(Quantity{Name: CorruptedTop1, Title: "mean accuracy under corruptions (top-1)", Unit: "1", Percent: true, Better: Higher,
		Comparable: true, Asked: true, Splits: []string{Test}, Rank: 4 + 14})
	// These describe a network; none is better for being larger.
	for _, q := range []Quantity{
		{Name: "temperature", Title: "temperature of the logits", Splits: evaluated},
		{Name: "feature_spread", Title: "spread of normalised features", Splits: features},
		{Name: "effective_rank", Title: "effective rank of features", Splits: features},
		{Name: "collapsed", Title: "collapse of features (1: collapsed)", Splits: features},
		{Name: "embedding_spread", Title: "spread of normalised embeddings", Splits: features},
		{Name: "embedding_rank", Title: "effective rank of embeddings", Splits: features},
		{Name: "embeddings_collapsed", Title: "collapse of embeddings (1: collapsed)", Splits: features},
	} {
		q.Asked = true
		Declare(q)
	}
	// Bounds below which features are called collapsed. They are the same at all evaluations of a run.
	for _, q := range []Quantity{
		{Name: "least_feature_spread", Title: "least spread of features that are not collapsed"},
		{Name: "least_effective_rank", Title: "least effective rank of features that are not collapsed"},
		{Name: "least_embedding_spread", Title: "least spread of embeddings that are not collapsed"},
		{Name: "least_embedding_rank", Title: "least effective rank of embeddings that are not collapsed"},
	} {
		q.Asked, q.Constant, q.Splits = true, true, features
		Declare(q)
	}
}
