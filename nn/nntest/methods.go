package nntest

import (
	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/plan"
)

// methods are what training strategies are made of beside layers and losses: layers that several inputs share, copies
// that follow, queues and tables, norms in groups, two networks.
func methods() []network {
	return []network{
		method("two inputs of one encoder", func(m *parts) nn.Tensor {
			other := m.encode(m.b.Shared(), m.b.Scale(m.x, 0.5))
			return m.b.WeightedSum([]float64{1, 0.5}, m.entropy(m.logits), m.entropy(other))
		}),
		method("a teacher with statistics of its own", func(m *parts) nn.Tensor {
			teacher := m.b.Follow("teacher", nn.Follow{Decay: m.b.Input("decay", 1)})
			first, second := m.encode(teacher, m.x), m.encode(teacher, m.b.Scale(m.x, -1.5))
			return m.b.WeightedSum([]float64{1, 1, 1}, m.entropy(m.logits), m.agree(m.logits, first), m.agree(m.logits, second))
		}),
		method("a teacher with the statistics of its student", func(m *parts) nn.Tensor {
			teacher := m.b.Follow("teacher", nn.Follow{Decay: m.b.Input("decay", 1), Statistics: true}).Inference()
			return m.b.WeightedSum([]float64{1, 1}, m.entropy(m.logits), m.agree(m.logits, m.encode(teacher, m.x)))
		}),
		method("statistics of the same step", func(m *parts) nn.Tensor {
			still := m.encode(m.b.Shared().Inference(), m.b.Scale(m.x, 2))
			return m.b.WeightedSum([]float64{1, 1}, m.entropy(m.logits), m.agree(m.logits, still))
		}),
		method("a queue, norms in groups, a permutation", func(m *parts) nn.Tensor {
			b := m.b
			teacher := b.Follow("teacher", nn.Follow{Decay: b.Input("decay", 1)}).InGroups(2)
			keys := b.GatherRows(m.encode(teacher, b.GatherRows(m.x, b.Labels("order", 4))), b.Labels("back", 4))
			keys = b.StopGradient(b.L2Normalize(keys))
			queue := b.State("queue", nn.Init{Normal: 1}, 10, 10)
			query := b.L2Normalize(m.logits)
			negatives := b.MatMulTransposed(query, queue, op.MatMul{TransB: true})
			b.SetRows(queue, b.Labels("rows", 4), keys)
			all := b.ConcatColumns(b.RowProducts(query, keys), negatives)
			return b.CrossEntropy(b.Scale(all, 5), b.Labels("first", 4), 0)
		}),
		method("a table with a row for each sample", func(m *parts) nn.Tensor {
			b := m.b
			rows := b.Labels("rows", 4)
			table := b.State("table", nn.Init{}, 10, 10)
			targets := b.Add(b.Scale(b.GatherRows(table, rows), 0.7), b.Scale(b.StopGradient(b.Softmax(m.logits)), 0.3))
			b.SetRows(table, rows, targets)
			return b.WeightedSum([]float64{1, 2}, m.entropy(m.logits), b.Mean(b.RowSums(b.Mul(b.Softmax(m.logits), targets))))
		}),
		method("two networks that choose for one another", func(m *parts) nn.Tensor {
			b := m.b
			one, two := b.RowCrossEntropy(m.logits, m.labels), b.RowCrossEntropy(m.encode(b.Twin("second"), m.x), m.labels)
			kept := b.Input("kept", 1)
			chosen := func(loss, by nn.Tensor) nn.Tensor {
				return b.Mean(b.Mul(loss, b.Smallest(b.StopGradient(by), kept)))
			}
			return b.WeightedSum([]float64{1, 1}, chosen(one, two), chosen(two, one))
		}),
		method("statistics that another state takes, and batches that move none", func(m *parts) nn.Tensor {
			b := m.b
			other := m.encode(b.Shared().KeepStatistics(), b.Scale(m.x, 3))
			taken := b.State("taken", nn.Init{}, 16)
			b.Set(taken, b.Now(b.Shared().In("bn1").Param("running_var", op.Shape{16}, nn.Running, nn.Init{Constant: 1})))
			return b.WeightedSum([]float64{1, 1}, m.entropy(m.logits), m.entropy(other))
		}),
		method("norm of features", func(m *parts) nn.Tensor {
			head := m.b.Head("projector")
			y := head.In("3").Linear(head.ReLU(head.In("1").BatchNorm(head.In("0").Linear(m.logits, 7))), 5)
			return m.b.Add(m.entropy(m.logits), m.b.Mean(m.b.Mul(y, y)))
		}),
	}
}

// parts are what a method's loss is made of.
type parts struct {
	b                 *nn.Builder
	x, logits, labels nn.Tensor
}

// method trains a small encoder by a loss.
func method(name string, loss func(*parts) nn.Tensor) network {
	m := &parts{}
	n := whole(name, op.Shape{4, 3, 8, 9}, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		m.x = x
		return m.encode(b.Shared(), x)
	})
	n.loss = func(b *nn.Builder, logits, labels nn.Tensor) nn.Tensor {
		m.b, m.logits, m.labels = b, logits, labels
		return loss(m)
	}
	n.more = inputsOfMethods
	return n
}

// encode adds the encoder. Its first layer has as many channels as backends like to block.
func (m *parts) encode(b *nn.Builder, x nn.Tensor) nn.Tensor {
	x = b.ReLU(b.In("bn1").BatchNorm(b.In("conv1").Conv(x, 16, 3, 1)))
	x = b.ReLU(b.In("bn2").BatchNorm(b.In("conv2").Conv(x, 5, 3, 2)))
	return b.In("fc").Linear(b.GlobalAvgPool(x), 10)
}

func (m *parts) entropy(logits nn.Tensor) nn.Tensor { return m.b.CrossEntropy(logits, m.labels, 0.1) }

// agree pulls logits to others, which get no gradient.
func (m *parts) agree(logits, others nn.Tensor) nn.Tensor {
	return m.b.MeanSquaredError(logits, m.b.StopGradient(others))
}

// inputsOfMethods writes a decay that changes, rows of a ring, an order and its inverse.
func inputsOfMethods(exe plan.Executable, step int) {
	for name, value := range map[string]float32{"decay": 0.9 - 0.1*float32(step), "kept": 0.75 - 0.25*float32(step%2)} {
		if in := exe.Floats(name); in != nil {
			in[0] = value
		}
	}
	rows, order, back := exe.Ints("rows"), exe.Ints("order"), exe.Ints("back")
	for i := range rows {
		rows[i] = int32(4*step+i) % 10
	}
	for i := range order {
		order[i] = int32(i+1+step) % 4
		back[order[i]] = int32(i)
	}
}
