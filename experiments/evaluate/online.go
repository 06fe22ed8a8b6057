package evaluate

import (
	"context"

	"workbench/nn/option"
)

func init() {
	register(Evaluator{
		Name: "online", Doc: "share of right answers of a linear classifier that is trained beside the network",
		Paper: "da Costa et al. 2022, solo-learn (JMLR 23, 56)",
		Reads: Online, Quantities: []string{"online_top1"}, diverged: true,
		start: func(_ option.Settings, shape Shape) (measure, error) { return &onlineHits{classes: shape.Classes}, nil },
	})
}

// onlineHits counts right answers.
type onlineHits struct{ classes, images, right int }

func (o *onlineHits) add(logits []float32, labels []int32) {
	o.images += len(labels)
	o.right += Count(logits, labels, o.classes).Top1
}

func (o *onlineHits) result(context.Context) (Result, error) {
	return Result{Values: []Value{{"online_top1", float64(o.right) / float64(o.images)}}}, nil
}
