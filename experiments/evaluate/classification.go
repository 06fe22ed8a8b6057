package evaluate

import "workbench/nn/op"

// Classification measures the logits of a classifier against the labels: the share of images whose label has the
// largest logit (top1), or is among the five largest (top5), and the mean cross-entropy (loss, nats an image).
type Classification struct {
	Classes int

	images int
	hits   Hits
	loss   float64
}

// Hits counts images whose label has the largest logit (Top1) or is among the five largest (Top5).
type Hits struct{ Top1, Top5 int }

// Add takes a batch: logits [n, classes] and labels [n].
func (c *Classification) Add(logits []float32, labels []int32) {
	h := Count(logits, labels, c.Classes)
	c.hits.Top1, c.hits.Top5 = c.hits.Top1+h.Top1, c.hits.Top5+h.Top5
	c.loss += crossEntropy(logits, labels, c.Classes)
	c.images += len(labels)
}

// Values are the quantities over all batches; top5 is among them if there are more than five classes.
func (c *Classification) Values() []Value {
	n := float64(c.images)
	values := []Value{{"loss", c.loss / n}, {"top1", float64(c.hits.Top1) / n}}
	if c.Classes > 5 {
		values = append(values, Value{"top5", float64(c.hits.Top5) / n})
	}
	return values
}

// Count compares logits [n, classes] with labels [n]. Of equal logits the one with the lower class wins; a row with a
// NaN at the label is a miss.
func Count(logits []float32, labels []int32, classes int) Hits {
	var h Hits
	for i, label := range labels {
		row := logits[i*classes : (i+1)*classes]
		above := 0
		for k, v := range row {
			if v > row[label] || v == row[label] && k < int(label) || v != v {
				above++
			}
		}
		if above == 0 {
			h.Top1++
		}
		if above < 5 {
			h.Top5++
		}
	}
	return h
}

// crossEntropy returns the sum over the images of −log softmax at the label, in nats.
func crossEntropy(logits []float32, labels []int32, classes int) float64 {
	sum := 0.0
	for i, label := range labels {
		row := logits[i*classes : (i+1)*classes]
		sum += op.LogSumExp(row) - float64(row[label])
	}
	return sum
}
