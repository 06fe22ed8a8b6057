package quantity

import "workbench/nn"

func init() {
	Register(ofNetwork("params", "trainable parameters, those of auxiliary classifiers included",
		func(n *Networks, of Network) (int, error) {
			c, err := n.cost(of)
			return int(c.Params), err
		}))
	Register(ofNetwork("macs", "multiply-adds of convolutions and linear layers for one image, without biases",
		func(n *Networks, of Network) (int, error) {
			c, err := n.cost(of)
			return int(c.MACs), err
		}))
	Register(ofNetwork("weight_layers", "convolutions and linear layers on the longest path, gates left out: 18 of ResNet-18",
		func(n *Networks, of Network) (int, error) {
			c, err := n.cost(of)
			return c.WeightLayers, err
		}))
	Register(ofNetwork("linear_layers", "linear layers of inference",
		func(n *Networks, of Network) (int, error) {
			return count(n, of, func(l nn.Layer) bool { return l.Kind == "linear" && !l.TrainingOnly })
		}))
	Register(ofNetwork("conv_layers", "convolutions of inference, those of projections and gates included",
		func(n *Networks, of Network) (int, error) {
			return count(n, of, func(l nn.Layer) bool { return l.Kind == "conv" && !l.TrainingOnly })
		}))
}

func count(n *Networks, of Network, is func(nn.Layer) bool) (int, error) {
	s, err := n.summary(of)
	number := 0
	for _, l := range s.Layers {
		if is(l) {
			number++
		}
	}
	return number, err
}
