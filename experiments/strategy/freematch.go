package strategy

import (
	"math"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/option"
)

func init() {
	Register(Strategy{
		Name: "freematch",
		Doc: "FixMatch with thresholds that follow how sure the network is, of all unlabelled images and of each class; and its answers " +
			"are to be as even as they have been",
		Loss:    matchLoss + "; + fairness_weight · fairness, which is below 0; threshold is the mean of those of the answers",
		Example: fewExample(lessMu),
		Paper:   "Wang et al. 2023, FreeMatch (arXiv 2205.07246)",
		Options: freeMatchOptions(),
		Phases:  freeMatch,
	})
}

// freeMatchOptions are FixMatch's without the threshold, which is not given.
func freeMatchOptions() []option.Option {
	var all []option.Option
	for _, o := range matchOptions() {
		if o.Name != "threshold" {
			all = append(all, o)
		}
	}
	return append(all,
		option.Option{Name: "momentum", Default: 0.999, Max: 1, Below: true,
			Doc: "share that the averages of probabilities keep of themselves at a step"},
		option.Option{Name: "fairness_weight", Default: 0.001, Doc: "weight of the loss that wants even answers (w_f)"})
}

// freeMatch follows microsoft/Semi-supervised-learning (semilearn/algorithms/freematch) with its use_quantile and
// clip_thresh off: averages take the step's probabilities in before thresholds are computed from them.
func freeMatch(s option.Settings, about About) ([]Phase, error) {
	streams, err := matchStreams(s, about)
	if err != nil {
		return nil, err
	}
	return []Phase{{
		Streams: streams,
		Coupled: true, // labelled and unlabelled images share the statistics of a batch
		Objective: func(g *Graph) Objective {
			var a averages
			var limits nn.Tensor // of the answers, [m, 1]
			m := g.match(func(p, answers nn.Tensor) nn.Tensor {
				a = g.averages(p, answers, s.Float("momentum"))
				limits = g.RowSums(g.Mul(answers, g.Mul(g.Div(a.probabilities, g.RowMax(a.probabilities)), a.sureness)))
				return g.Compare(op.GreaterEqual, g.RowMax(p), limits)
			})
			fairness := g.fairness(m, a)
			o := g.matched(s, m)
			o.Loss = g.WeightedSum([]float64{1, s.Float("fairness_weight")}, o.Loss, fairness)
			o.Record["threshold"], o.Record["fairness"] = g.Mean(limits), fairness
			return o
		},
	}}, nil
}

// averages over the steps so far, of weak views.
type averages struct {
	sureness      nn.Tensor // of the largest probability, [1, 1]: the global threshold
	probabilities nn.Tensor // [1, classes]
	answers       nn.Tensor // of targets of one class, [1, classes]
}

// averages take in probabilities p and answers, both [m, classes]. All begin as those of a network that knows nothing.
func (g *Graph) averages(p, answers nn.Tensor, momentum float64) averages {
	even := nn.Init{Constant: 1 / float64(g.Classes())}
	moved := func(name string, of nn.Tensor) nn.Tensor { // of [m, d]
		if g.Err() != nil {
			return nn.Tensor{}
		}
		mean := g.Scale(g.ColumnSums(of), 1/float64(of.Shape()[0]))
		state := g.Head("memory").State(name, even, mean.Shape()...)
		now := g.Add(g.Scale(state, momentum), g.Scale(mean, 1-momentum))
		g.Set(state, now)
		return now
	}
	return averages{moved("sureness", g.RowMax(p)), moved("probabilities", p), moved("answers", answers)}
}

// fairness is −H(p/h, q/k) with both quotients scaled to a sum of 1: p and h are the averages of probabilities and
// answers to weak views, q and k those of the step's strong views that are learnt from (the paper's equations 11 and
// 12). Quotients by 0 count as 0, and without such views it is 0. q/k is a quotient of sums: their number drops out.
func (g *Graph) fairness(m match, a averages) nn.Tensor {
	q := g.ColumnSums(g.Mul(g.Softmax(m.strong), m.sure))
	k := g.ColumnSums(g.Mul(g.OneHotMax(g.StopGradient(m.strong)), m.sure))
	none := g.Compare(op.Equal, g.Total(m.sure), g.Constant("none", []float32{0}, 1, 1))
	want, is := g.Mul(a.probabilities, g.inverse(a.answers)), g.Mul(q, g.inverse(k))
	want, is = g.Div(want, g.RowSums(want)), g.Div(is, g.Add(g.RowSums(is), none))
	return g.Mean(g.Mul(g.RowSums(g.Mul(want, g.Log(g.Plus(is, leastShare)))), g.without(none)))
}

// leastShare keeps logarithms finite, as in the authors' code.
const leastShare = 1e-12

// inverse is 1/x [1, d] for x of at least 0, and 0 where x is.
func (g *Graph) inverse(x nn.Tensor) nn.Tensor {
	above := g.Compare(op.Greater, x, g.Constant("zero", []float32{0}, 1, 1))
	return g.Mul(above, g.Power(g.Clamp(x, leastPositive, math.MaxFloat32), -1))
}

// leastPositive is a small number whose inverse float32 can still hold.
const leastPositive = 1e-37
