package evaluate

import (
	"context"
	"fmt"
	"slices"

	"workbench/nn/op"
	"workbench/nn/option"
)

func init() {
	register(Evaluator{
		Name: "probe", Doc: "a linear classifier on features, trained on those of training pictures to its optimum",
		Paper: "Alain and Bengio 2017; L-BFGS as in Kornblith et al. 2019, appendix A.3", Reads: Features, Bank: Training,
		Quantities: []string{"probe_top1", "probe_top5", "probe_loss"},
		Options: []option.Option{
			{Name: "l2", Default: 1e-4,
				Doc: "weight of ½ Σ w² beside the mean cross-entropy, without biases; 1/(C·n) of scikit-learn's C for n rows"},
			{Name: "standardize", Default: true, Doc: "subtract the bank's mean and divide by its standard deviation first"},
			{Name: "tolerance", Default: 1e-4, Above: true, Doc: "end when no element of the gradient is larger"},
			{Name: "iterations", Default: 1000, Min: 1, Max: 1e6, Doc: "end after so many steps of L-BFGS"},
		},
		start: func(s option.Settings, shape Shape) (measure, error) {
			return &probe{
				options: s, classes: shape.Classes,
				test: labelled{rows: newRows(shape.Features)}, bank: labelled{rows: newRows(shape.Features)},
			}, nil
		},
	})
}

// probe holds all features, 4·features bytes a row of test and bank: each step of the fit goes through the whole bank.
type probe struct {
	options    option.Settings
	classes    int
	test, bank labelled
}

func (p *probe) add(features []float32, labels []int32)     { p.test.add(features, labels) }
func (p *probe) addBank(features []float32, labels []int32) { p.bank.add(features, labels) }

// result has accuracy and mean cross-entropy (nats) under test of the classifier that the bank was fitted to.
func (p *probe) result(ctx context.Context) (Result, error) {
	if one := p.bank.labels[0]; !slices.ContainsFunc(p.bank.labels, func(l int32) bool { return l != one }) {
		return Result{}, fmt.Errorf("want a bank with at least 2 classes, got only class %d", one)
	}
	f := newLogistic(p.bank, p.classes, p.options.Float("l2"))
	if p.options.Bool("standardize") {
		f.standardise()
	}
	weights, note, err := f.fit(ctx, p.options.Float("tolerance"), p.options.Int("iterations"))
	if err != nil {
		return Result{}, err
	}
	var hits Hits
	loss := 0.0
	for block := range p.test.blocks {
		logits, labels := f.logits(weights, p.test, block)
		for i, label := range labels {
			row := logits[i*p.classes : (i+1)*p.classes]
			hits.count(above(row, int(label)))
			loss += op.LogSumExp(row) - row[label]
		}
	}
	r := Result{Values: append(shares("probe_", hits, p.test.n, p.classes), Value{"probe_loss", loss / float64(p.test.n)})}
	if note != "" {
		r.Notes = append(r.Notes, note)
	}
	return r, nil
}
