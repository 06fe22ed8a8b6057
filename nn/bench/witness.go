package bench

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"strings"

	"workbench/nn/op"
)

// A network is recognised by what it computes from given weights on a given batch. In training these are the mean
// losses, in nats, before each of a few steps at a small rate, with dropout off. How they fall tells the length of the
// gradient and the effect of momentum. In inference they are two numbers: the root mean square of the logits, and the
// mean loss of the logits scaled to a root mean square of 1. The loss alone would hardly show a difference between
// small logits, which fresh weights often give.

// witness makes the steps.
func (n *network) witness(steps int, rate float64) (values []float64, err error) {
	if n.c.Inference {
		if _, err := n.step(); err != nil {
			return nil, err
		}
		loss, size := scaledLoss(n.exe.Output("logits"), labels(n.c), n.c.Classes)
		return finite([]float64{loss, size})
	}
	if n.random {
		if err := n.fixChance(); err != nil {
			return nil, err
		}
		defer func() {
			_, back := n.compile(n.settings)
			err = errors.Join(err, back)
		}()
	}
	lr := n.exe.Floats("lr")
	lr[0] = float32(rate)
	defer func() { lr[0] = learningRate }()
	for range steps {
		if _, err := n.step(); err != nil {
			return nil, err
		}
		values = append(values, float64(n.exe.Output("loss")[0]))
	}
	return finite(values)
}

// fixChance compiles the network with every dropout probability at zero.
func (n *network) fixChance() error {
	settings := maps.Clone(n.settings)
	for name, value := range settings {
		if _, ok := value.(float64); ok && strings.Contains(name, "drop") {
			settings[name] = 0.0
		}
	}
	b, err := n.compile(settings)
	if err == nil && b.Key() != nil {
		err = fmt.Errorf("%s drops something by chance whatever its options, so that it cannot be compared", n.c.Name)
	}
	return err
}

func finite(values []float64) ([]float64, error) {
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("value %d of the network is %v", i, v)
		}
	}
	return values, nil
}

// scaledLoss is the mean cross-entropy, in nats, of the logits [n, classes] divided by their root mean square,
// against labels [n]; and that root mean square.
func scaledLoss(logits []float32, labels []int32, classes int) (loss, size float64) {
	for _, v := range logits {
		size += float64(v) * float64(v)
	}
	size = math.Sqrt(size / float64(len(logits)))
	row := make([]float32, classes)
	for i, label := range labels {
		for k := range row {
			row[k] = float32(float64(logits[i*classes+k]) / size)
		}
		loss += op.LogSumExp(row) - float64(row[label])
	}
	return loss / float64(len(labels)), size
}
