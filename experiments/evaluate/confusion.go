package evaluate

import (
	"context"
	"math"
	"strconv"

	"workbench/nn/option"
)

func init() {
	register(Evaluator{
		Name: "confusion", Doc: "which class is taken for which, and the share of right answers class by class",
		Reads: Logits, Quantities: []string{"mean_class_top1", "worst_class_top1"},
		start: func(_ option.Settings, shape Shape) (measure, error) {
			return &confusion{classes: shape.Classes, counts: make([]int, shape.Classes*shape.Classes)}, nil
		},
	})
}

// confusion counts the images of each class by the class with the largest logit, of equal ones the lowest.
type confusion struct {
	classes int
	counts  []int // [classes, classes]: label, answer
}

func (c *confusion) add(logits []float32, labels []int32) {
	for i, label := range labels {
		c.counts[int(label)*c.classes+best(logits[i*c.classes:(i+1)*c.classes])]++
	}
}

// result has the mean and the least of the classes' accuracies, over the classes that have images.
func (c *confusion) result(context.Context) (Result, error) {
	matrix := Table{Name: "confusion", Doc: "images by label (rows) and answer (columns)"}
	classes := Table{
		Name: "classes", Doc: "a row for each label",
		Columns: []string{"class", "images", "right", "top1"},
	}
	sum, worst, seen := 0.0, math.Inf(1), 0
	for label := range c.classes {
		row, images := make([]float64, c.classes), 0
		for k, n := range c.counts[label*c.classes : (label+1)*c.classes] {
			row[k] = float64(n)
			images += n
		}
		top1 := row[label] / float64(images) // NaN without images
		if images > 0 {
			sum, worst, seen = sum+top1, min(worst, top1), seen+1
		}
		matrix.Columns = append(matrix.Columns, strconv.Itoa(label))
		matrix.Rows = append(matrix.Rows, row)
		classes.Rows = append(classes.Rows, []float64{float64(label), float64(images), row[label], top1})
	}
	return Result{
		Values: []Value{{"mean_class_top1", sum / float64(seen)}, {"worst_class_top1", worst}},
		Tables: []Table{matrix, classes},
	}, nil
}
