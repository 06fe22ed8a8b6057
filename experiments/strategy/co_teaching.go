package strategy

import (
	"fmt"
	"math"

	"workbench/experiments/data"
	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/option"
)

func init() {
	Register(Strategy{
		Name: "co_teaching",
		Doc:  "two networks; of each batch each learns from the images that the other finds easy",
		Loss: "sum over the two networks (first, second) of the mean cross-entropy of the images that the other finds easy, " +
			"about twice that of one network",
		Example: noisyExample,
		Paper:   "Han et al. 2018, Co-teaching (arXiv 1804.06872)",
		Options: forgetOptions,
		Phases: func(s option.Settings, about About) ([]Phase, error) {
			return forgetting(s, about, coTeaching)
		},
	})
}

// coTeaching is the objective of two networks.
func coTeaching(g *Graph) Objective {
	x, labels := g.View("", 0), g.Labels("")
	one, two := g.Network(g.Builder, x), g.Network(g.Twin("second"), x)
	lossOne, lossTwo := g.RowCrossEntropy(one, labels), g.RowCrossEntropy(two, labels)
	first, second := g.meanOfEasy(lossOne, lossTwo), g.meanOfEasy(lossTwo, lossOne)
	return Objective{Loss: g.Add(first, second), Logits: one, Record: map[string]nn.Tensor{"first": first, "second": second}}
}

// forgetOptions say what share of a batch is left out, because its labels may be wrong.
var forgetOptions = []option.Option{
	{Name: "forget_rate", Default: 0.2, Max: 1, Below: true, Doc: "share of a batch that is left out: how many labels may be wrong"},
	{Name: "ramp", Default: 10, Min: 1, Max: 10000, Doc: "epochs over which that share grows from 0 (T_k)"},
	{Name: "exponent", Default: 1.0, Above: true, Doc: "to whose power the share is taken (c)"},
}

// forgetting is the phase of an objective that learns from the easy images of a batch alone, as many as its scalar
// "kept" says.
func forgetting(s option.Settings, about About, objective func(*Graph) Objective) ([]Phase, error) {
	least := 1 - max(forgetRate(s, 1), forgetRate(s, s.Int("ramp")))
	if kept := math.Floor(least*float64(about.Batch) + op.ShareSlack); kept < 1 {
		return nil, fmt.Errorf("strategy.forget_rate: of a batch of %d images none is left to learn from at %v", about.Batch,
			s.Float("forget_rate"))
	}
	return []Phase{{
		Streams: []Stream{{Split: data.Train}},
		Scalars: map[string]func(At) float64{"kept": func(at At) float64 {
			return 1 - forgetRate(s, int(at.Epoch)+1)
		}},
		Coupled:   true, // images of a batch are chosen from one another
		Objective: objective,
	}}, nil
}

// forgetRate of an epoch, counted from 1, as the authors' code has it (bhanML/Co-teaching, main.py): it grows evenly to
// its full value, which it has from the epoch ramp − 1 on.
func forgetRate(s option.Settings, epoch int) float64 {
	full := math.Pow(s.Float("forget_rate"), s.Float("exponent"))
	if ramp := s.Int("ramp"); epoch < ramp {
		return full * float64(epoch) / float64(ramp-1)
	}
	return s.Float("forget_rate")
}

// meanOfEasy is the mean of the losses [n, 1] of those images whose loss by the other network is among the smallest.
func (g *Graph) meanOfEasy(losses, byOther nn.Tensor) nn.Tensor {
	return g.meanOfChosen(losses, g.easy(byOther))
}

// easy is 1 for those images whose losses [n, 1] are among the smallest of the batch, else 0.
func (g *Graph) easy(losses nn.Tensor) nn.Tensor {
	return g.Smallest(g.StopGradient(losses), g.Scalar("kept"))
}

// meanOfChosen is the mean of values [n, 1] where chosen [n, 1] is 1.
func (g *Graph) meanOfChosen(values, chosen nn.Tensor) nn.Tensor {
	return g.Mean(g.Div(g.Total(g.Mul(values, chosen)), g.Total(chosen)))
}
