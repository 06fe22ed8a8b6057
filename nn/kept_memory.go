package nn

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"workbench/nn/op"
)

// keptMemory fills in the bytes that each layer computes and that training keeps for the backward pass.
func (a *anatomy) keptMemory() error {
	keep := map[*G.Node]bool{}
	for i, l := range a.network.layers {
		if !a.read(i) && len(l.result.Shape()) > 0 {
			keep[l.result] = true // logits, which the loss reads
		}
	}
	known := map[string]keptValues{}
	moves := map[*G.Node]bool{} // depends on what is trained
	for _, n := range a.order {
		if n.Op() == nil {
			moves[n] = a.param[n] != nil && a.param[n].Trainable()
			continue
		}
		s := spec(n)
		wanted := make([]bool, len(a.in[n]))
		for i, want := range s.Wants() {
			wanted[i] = want && moves[a.in[n][i]]
			moves[n] = moves[n] || wanted[i]
		}
		if !moves[n] {
			continue
		}
		k, err := a.keptValues(n, wanted, known)
		if err != nil {
			return fmt.Errorf("what training keeps of %s: %w", s.Name(), err)
		}
		for i, operand := range k.operands {
			keep[a.in[n][i]] = keep[a.in[n][i]] || operand
		}
		keep[n] = keep[n] || k.result
	}
	for n := range keep {
		if i, computed := a.owner[n]; keep[n] && computed && spec(n) != (op.BNStats{}) {
			a.layers[i].KeptBytes += a.bytes(n)
		}
	}
	return nil
}

// read tells whether another layer reads layer i.
func (a *anatomy) read(i int) bool { return a.readers[i] > 0 }

// keptValues is the answer of op.Keeps: which operands of an operator the backward
// pass reads, and whether it reads the result.
type keptValues struct {
	operands []bool
	result   bool
}

// keptValues asks op.Keeps once for all operators with the same attributes and shapes.
func (a *anatomy) keptValues(n *G.Node, wanted []bool, known map[string]keptValues) (k keptValues, err error) {
	var shapes []op.Shape
	var ints []bool
	for _, operand := range a.in[n] {
		shapes, ints = append(shapes, op.Shape(operand.Shape())), append(ints, operand.Dtype() == tensor.Int32)
	}
	key := fmt.Sprintf("%T %+v %v %v", spec(n), spec(n), shapes, wanted)
	if k, asked := known[key]; asked {
		return k, nil
	}
	k.operands, k.result, err = op.Keeps(spec(n), shapes, ints, wanted)
	known[key] = k
	return k, err
}

// liveMemory fills in how much memory the results take, in inference, while each layer runs.
func (a *anatomy) liveMemory() {
	last := make([]int, len(a.layers)) // that reads the result
	for i := range last {
		last[i] = i
		if !a.read(i) {
			last[i] = len(a.layers) - 1
		}
	}
	for i := len(a.layers) - 1; i >= 0; i-- {
		l := a.layers[i]
		for _, from := range l.From {
			switch {
			case from == Image:
			case l.dropped(): // it is what it reads
				last[from] = max(last[from], last[i])
			case !l.TrainingOnly:
				last[from] = max(last[from], i)
			}
		}
	}
	change := make([]int64, len(a.layers)+1)
	for i, l := range a.layers {
		if !l.TrainingOnly {
			change[i] += l.OutBytes
			change[last[i]+1] -= l.OutBytes
		}
	}
	live := int64(0)
	for i := range a.layers {
		live += change[i]
		if !a.layers[i].TrainingOnly {
			a.layers[i].LiveBytes = live
		}
	}
}
