package strategy

import (
	"workbench/nn"
	"workbench/nn/option"
)

func init() {
	Register(Strategy{
		Name: "supervised",
		Doc:  "cross-entropy between the network's answers and the labels of the training split",
		Options: []option.Option{
			{Name: "label_smoothing", Default: 0.0, Max: 1, Below: true,
				Doc: "share of the target that is spread over all classes (Szegedy et al. 2016, section 7)"},
		},
		Loss: func(b *nn.Builder, logits, labels nn.Tensor, s option.Settings) nn.Tensor {
			return b.ClassifierLoss(logits, labels, s.Float("label_smoothing"))
		},
	})
}
