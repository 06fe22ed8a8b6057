package nntest

import (
	"fmt"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/plan"
)

// losses replace the plain cross entropy. Their targets are states that are not trained.
func losses() []network {
	var all []network
	add := func(name string, loss func(b *nn.Builder, x, labels nn.Tensor) nn.Tensor) {
		for _, x := range []op.Shape{{6, 10}, {2, 3}, {10, 33}} {
			all = append(all, network{name: fmt.Sprintf("%s %v", name, x), image: x, state: true, steps: 2, tolerance: 5e-5, loss: loss,
				build: func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.In("fc").Linear(x, x.Shape()[1]) }})
		}
	}
	for i := range 8 {
		all = append(all, weighted(i&1 > 0, i&2 > 0, i&4 > 0)...)
	}
	add("soft cross-entropy", func(b *nn.Builder, x, _ nn.Tensor) nn.Tensor {
		return b.SoftCrossEntropy(x, b.Softmax(given(b, "targets", x.Shape()...)), nn.CrossEntropyLoss{})
	})
	add("soft cross-entropy, weights", func(b *nn.Builder, x, _ nn.Tensor) nn.Tensor {
		s := x.Shape()
		return b.SoftCrossEntropy(x, b.Softmax(given(b, "targets", s...)),
			nn.CrossEntropyLoss{Samples: positive(b, "samples", s[0]), Classes: positive(b, "classes", s[1])})
	})
	add("kl divergence", func(b *nn.Builder, x, _ nn.Tensor) nn.Tensor {
		return b.KLDivergence(x, given(b, "teacher", x.Shape()...), 4)
	})
	add("binary cross-entropy", func(b *nn.Builder, x, _ nn.Tensor) nn.Tensor {
		return b.BinaryCrossEntropy(x, positive(b, "targets", x.Shape()...))
	})
	add("squared error of both", func(b *nn.Builder, x, _ nn.Tensor) nn.Tensor { return b.MeanSquaredError(x, b.ReLU(x)) })
	add("cosine similarity", func(b *nn.Builder, x, _ nn.Tensor) nn.Tensor {
		return b.Scale(b.Mean(b.CosineSimilarity(x, b.StopGradient(b.ReLU(x)))), -1)
	})
	add("nt-xent", func(b *nn.Builder, x, _ nn.Tensor) nn.Tensor { return b.NTXent(x, 0.5) })
	add("log softmax", func(b *nn.Builder, x, _ nn.Tensor) nn.Tensor {
		return b.Scale(b.Mean(b.Mul(b.LogSoftmax(x), b.Softmax(x))), -1)
	})
	add("weighted sum", func(b *nn.Builder, x, labels nn.Tensor) nn.Tensor {
		return b.WeightedSum([]float64{1, 0.3, 2}, b.CrossEntropy(x, labels, 0.1),
			b.MeanSquaredError(x, given(b, "targets", x.Shape()...)), b.Mean(b.SiLU(x)))
	})
	add("exp and log", func(b *nn.Builder, x, _ nn.Tensor) nn.Tensor {
		return b.Mean(b.Log(b.AddStretched(b.Exp(x), positive(b, "shift", 1, x.Shape()[1]))))
	})
	add("root, power, absolute value", func(b *nn.Builder, x, _ nn.Tensor) nn.Tensor {
		positives := b.AddStretched(b.Abs(x), positive(b, "shift", 1, 1))
		return b.Mean(b.Add(b.Sqrt(positives), b.Div(b.Power(x, 2), positives)))
	})
	add("clamp", func(b *nn.Builder, x, _ nn.Tensor) nn.Tensor { return b.Mean(b.Mul(b.Clamp(x, -0.5, 0.5), x)) })
	add("sums and maxima", func(b *nn.Builder, x, _ nn.Tensor) nn.Tensor {
		rows := b.Mul(b.RowSums(x), b.RowMax(x))
		columns := b.Mul(b.ColumnSums(x), b.ColumnMax(x))
		return b.Add(b.Mean(b.Power(rows, 2)), b.Mean(b.Power(columns, 2)))
	})
	add("cross-entropy of rows", func(b *nn.Builder, x, labels nn.Tensor) nn.Tensor {
		return b.Mean(b.Mul(b.RowCrossEntropy(x, labels), positive(b, "weights", x.Shape()[0], 1)))
	})
	add("confident pseudo-labels", func(b *nn.Builder, x, _ nn.Tensor) nn.Tensor { // as FixMatch has them
		sure := b.Compare(op.GreaterEqual, b.RowMax(b.Softmax(x)), b.Scale(b.SumTo(b.Softmax(x), 1, 1), 1/float64(4*x.Shape()[0])))
		return b.Mean(b.Mul(b.RowSoftCrossEntropy(b.Scale(x, 2), b.StopGradient(b.OneHotMax(x))), sure))
	})
	add("small losses", func(b *nn.Builder, x, labels nn.Tensor) nn.Tensor { // as co-teaching chooses them
		rows := b.RowCrossEntropy(x, labels)
		kept := b.Smallest(rows, b.Clamp(positive(b, "share", 1), 0.5, 0.5))
		return b.Mean(b.Mul(rows, b.Add(kept, b.Scale(b.Compare(op.Equal, kept, b.Scale(kept, 2)), 0.25))))
	})
	add("gathered and scattered rows", func(b *nn.Builder, x, labels nn.Tensor) nn.Tensor {
		return b.Mean(b.Power(b.GatherRows(b.ScatterRows(x, labels, x.Shape()[1]), labels), 2))
	})
	return all
}

// weighted is the cross entropy with some of its settings.
func weighted(ignore, samples, classes bool) []network {
	var all []network
	for _, x := range []op.Shape{{6, 10}, {9, 33}} {
		loss := func(b *nn.Builder, logits, labels nn.Tensor) nn.Tensor {
			l, s := nn.CrossEntropyLoss{Smoothing: 0.1, Ignore: ignore}, logits.Shape()
			if samples {
				l.Samples = positive(b, "samples", s[0])
			}
			if classes {
				l.Classes = positive(b, "classes", s[1])
			}
			return b.CrossEntropyLoss(logits, labels, l)
		}
		all = append(all, network{name: fmt.Sprintf("cross-entropy, ignored %v, samples %v, classes %v, %v", ignore, samples, classes, x),
			image: x, state: true, steps: 2, tolerance: 5e-5, loss: loss, unlabelled: ignore,
			build: func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.In("fc").Linear(x, x.Shape()[1]) }})
	}
	return all
}

// given is a constant of random numbers.
func given(b *nn.Builder, name string, shape ...int) nn.Tensor {
	return b.Param(name, shape, nn.Running, nn.Init{Normal: 1})
}

func positive(b *nn.Builder, name string, shape ...int) nn.Tensor {
	return b.Sigmoid(given(b, name, shape...))
}

// labels checks that a class that does not exist is an error, below and above the range, and that the next run works.
func labels(t *testing.T, backend plan.Backend) {
	n := network{image: op.Shape{4, 10}, state: true, build: func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.ReLU(x) }}
	for _, c := range []struct {
		ignore bool
		label  int32
		want   string
	}{
		{false, 10, "input label [2] is 10, want a class from 0 to 9"},
		{false, -1, "input label [2] is -1, want a class from 0 to 9"},
		{true, -2, "input label [2] is -2, want a class from -1 to 9"},
		{true, -1, ""},
		{false, 9, ""},
	} {
		n.loss = func(b *nn.Builder, logits, labels nn.Tensor) nn.Tensor {
			return b.CrossEntropyLoss(logits, labels, nn.CrossEntropyLoss{Ignore: c.ignore})
		}
		m := backend.NewMemory()
		_, exe := compile(t, backend, m, n, nn.Train, false)
		feed(exe, n, 0)
		exe.Ints("label")[2] = c.label
		if err := exe.RunAll(); (c.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("label %d: got error %v, want %q", c.label, err, c.want)
		}
		exe.Ints("label")[2] = 0
		if err := exe.RunAll(); err != nil {
			t.Errorf("after label %d: %v", c.label, err)
		}
		for _, close := range []func() error{exe.Close, m.Close} {
			if err := close(); err != nil {
				t.Error(err)
			}
		}
	}
}
