//go:build !noonednn

package onednn

import (
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/plan"
	"workbench/nn/zoo"
)

// compiled is the network's training, or inference, on images of three channels.
func compiled(t *testing.T, mode nn.Mode, build func(*nn.Builder, nn.Tensor) nn.Tensor) *executable {
	t.Helper()
	b := nn.NewBuilder(mode, false)
	logits := build(b, b.Input("image", 4, 3, 16, 16))
	out := map[string]nn.Tensor{"logits": logits}
	var p *plan.Program
	var err error
	if mode == nn.Train {
		p, err = plan.LowerTraining(b, out, plan.Training{Loss: b.CrossEntropy(logits, b.Labels("label", 4), 0), Rule: optim.SGD{}})
	} else {
		p, err = plan.Lower(b, out)
	}
	if err != nil {
		t.Fatal(err)
	}
	m := Backend{Threads: 1}.NewMemory()
	e, err := Backend{Threads: 1}.Compile(p, m)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close(); m.Close() })
	return e.(*executable)
}

// DenseNet's concatenations add to memory that they share, and so do the gradients of what they join: no channel is copied but
// those that are added.
func TestDenseBlocksShareMemory(t *testing.T) {
	if vectorBlock() == 0 {
		t.Skip("this processor has no vectors that our kernels use")
	}
	v, err := zoo.Lookup("densenet_bc_100_12_cifar")
	if err != nil {
		t.Fatal(err)
	}
	s, err := v.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	const blocks, layers = 3, 16
	for _, mode := range []nn.Mode{nn.Train, nn.Infer} {
		e := compiled(t, mode, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return v.Build(b, x, 10, s) })
		steps, memories, reads := map[string]int{}, map[*storage]bool{}, 0
		for _, s := range e.steps {
			steps[s.name]++
			if s.name == (op.Concat{}).Name() {
				memories[s.writes[0].at.root()] = true
				reads += len(s.reads)
			}
		}
		if len(memories) != blocks || reads != blocks*(layers+1) {
			t.Errorf("the concatenations write %d pieces of memory and read %d, want %d and %d", len(memories), reads, blocks, blocks*(layers+1))
		}
		if mode == nn.Train && (steps["sum"] != 0 || steps["channels"] != blocks*layers) {
			t.Errorf("%d sums and %d slices are left, want 0 and %d", steps["sum"], steps["channels"], blocks*layers)
		}
	}
}
