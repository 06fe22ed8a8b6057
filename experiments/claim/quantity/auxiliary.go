package quantity

import (
	"fmt"

	"workbench/nn"
)

func init() {
	Register(ofNetwork("auxiliary_params", "parameters that inference leaves out", func(n *Networks, of Network) (int, error) {
		s, err := n.summary(of)
		return int(s.TrainingParams), err
	}))
	Register(ofNetwork("auxiliary_weights", "what the losses of the auxiliary classifiers are multiplied by, in their order",
		auxiliaryWeights))
	Register(ofNetwork("heads_removed", "largest difference of the logits as trained, with auxiliary classifiers, and of those in "+
		"inference, without them; want a network without dropout and batch norm", headsRemoved))
}

func auxiliaryWeights(_ *Networks, of Network) ([]float64, error) {
	r, err := run(of, nn.Train, 2)
	if err != nil {
		return nil, err
	}
	var weights []float64
	for _, a := range r.Auxiliaries() {
		weights = append(weights, a.Weight)
	}
	return weights, nil
}

func headsRemoved(_ *Networks, of Network) (float64, error) {
	trained, err := run(of, nn.Train, 1)
	if err != nil {
		return 0, err
	}
	if len(trained.Auxiliaries()) == 0 {
		return 0, fmt.Errorf("%s has no auxiliary classifier with these options", of.Name)
	}
	inference, err := run(of, nn.Infer, 1)
	if err != nil {
		return 0, err
	}
	return logitsDiffer(trained, inference)
}
