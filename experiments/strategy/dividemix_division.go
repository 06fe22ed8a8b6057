package strategy

import (
	"context"
	"fmt"
	"math"

	"workbench/experiments/stats"
)

// divide is what DivideMix does before an epoch: each network's losses of all images as they are say how probably their
// labels are right. Beside the probabilities it keeps how the images above the threshold agree with the set's own
// labels, as a mean over both networks.
func divide(threshold float64) func(context.Context, Between) error {
	return func(ctx context.Context, b Between) error {
		first, err := b.Read("memory." + rightBy[0])
		if err != nil {
			return err
		}
		losses := [2][]float64{make([]float64, len(first)), make([]float64, len(first))}
		labelled, wrong := make([]bool, len(first)), make([]bool, len(first))
		err = b.Look(ctx, "", func(seen Seen) error {
			width := len(seen.Embeddings) / len(seen.Rows)
			for i, row := range seen.Rows {
				label, logits := seen.Labels[i], seen.Embeddings[i*width:][:width]
				if labelled[row], wrong[row] = label >= 0, label != seen.True[i]; label < 0 {
					continue
				}
				for k := range losses {
					losses[k][row] = crossEntropyOf(logits[k*width/2:][:width/2], int(label))
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		var precision, recall float64
		for k := range losses {
			right, err := rightLabels(losses[k], labelled)
			if err != nil {
				return fmt.Errorf("the losses of network %d: %w", k+1, err)
			}
			if err := b.Write("memory."+rightBy[k], right); err != nil {
				return err
			}
			p, r := agreement(right, wrong, threshold)
			precision, recall = precision+p/2, recall+r/2
		}
		if err := b.Write(precisionPath, []float32{float32(precision)}); err != nil {
			return err
		}
		return b.Write(recallPath, []float32{float32(recall)})
	}
}

// crossEntropyOf logits with a label, in nats.
func crossEntropyOf(logits []float32, label int) float64 {
	most, sum := math.Inf(-1), 0.0
	for _, v := range logits {
		most = max(most, float64(v))
	}
	for _, v := range logits {
		sum += math.Exp(float64(v) - most)
	}
	return most + math.Log(sum) - float64(logits[label])
}

// rightLabels are the probabilities that labels are right, by the losses of their images: that of the component of the
// smaller mean, of two that are fitted to the losses as shares of their range. Without a label the probability is 0; if
// all losses are the same, nothing speaks against the labels.
func rightLabels(losses []float64, labelled []bool) ([]float32, error) {
	least, most, values := math.Inf(1), math.Inf(-1), []float64(nil)
	for i, loss := range losses {
		if labelled[i] {
			least, most, values = min(least, loss), max(most, loss), append(values, loss)
		}
	}
	right := make([]float32, len(losses))
	of := func(float64) float64 { return 1 }
	if least != most && len(values) > 0 {
		for i := range values {
			values[i] = (values[i] - least) / (most - least)
		}
		mixture, err := stats.FitTwoGaussians(values)
		if err != nil {
			return nil, err
		}
		of = mixture.First
	}
	next := 0
	for i := range right {
		if labelled[i] {
			right[i] = float32(of(values[next]))
			next++
		}
	}
	return right, nil
}

// agreement is the share of labels taken to be wrong that are, and of those that are wrong which were taken to be.
func agreement(right []float32, wrong []bool, threshold float64) (precision, recall float64) {
	var found, all, both float64
	for i, p := range right {
		isFound := float64(p) <= threshold
		switch {
		case isFound && wrong[i]:
			found, all, both = found+1, all+1, both+1
		case isFound:
			found++
		case wrong[i]:
			all++
		}
	}
	return both / max(found, 1), both / max(all, 1)
}
