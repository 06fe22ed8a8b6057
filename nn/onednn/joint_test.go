//go:build !noonednn

package onednn

import (
	"fmt"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/plan"
)

// compiled is the network's program for training, or for inference, on images of three channels.
func compiled(t *testing.T, mode nn.Mode, build func(*nn.Builder, nn.Tensor) nn.Tensor) *executable {
	t.Helper()
	b := nn.NewBuilder(mode, false)
	logits := build(b, b.Input("image", 4, 3, 16, 16))
	out := map[string]nn.Tensor{"logits": logits}
	var p *plan.Program
	var err error
	if mode == nn.Train {
		p, err = plan.LowerTraining(b, out, plan.Training{Loss: b.CrossEntropy(logits, b.Labels("label", 4), 0), Optimizer: optim.SGD{}})
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

// A concatenation that begins with another one adds to its memory, and so do the gradients of what they join. No
// channel is copied but the added ones, whether they fill blocks or not. The first convolution has channels that the
// library lays out in our blocks in training, and on some processors in inference.
func TestDenseBlocksShareMemory(t *testing.T) {
	if vectorBlock() == 0 {
		t.Skip("this processor has no vectors that our kernels use")
	}
	growths := []int{12, 16, 20, 5}
	block := func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		x = b.In("stem").Conv(x, 32, 3, 1)
		for i, growth := range growths {
			b := b.In(fmt.Sprint("layer", i))
			x = b.Concat(x, b.In("conv").Conv(b.ReLU(b.In("bn").BatchNorm(x)), growth, 3, 1))
		}
		return b.In("fc").Linear(b.GlobalAvgPool(b.ReLU(b.In("bn").BatchNorm(x))), 10)
	}
	for _, mode := range []nn.Mode{nn.Train, nn.Infer} {
		steps, memories, reads, blocks := map[string]int{}, map[*storage]bool{}, 0, true
		for _, s := range compiled(t, mode, block).steps {
			steps[s.name]++
			if s.name == (op.Concat{}).Name() {
				memories[s.writes[0].at.root()] = true
				reads += len(s.reads)
				blocks = blocks && blockwise(s.writes[0].md)
			}
		}
		if !blocks && mode == nn.Infer {
			t.Log("for inference the library lays images out with channels last here: nothing is shared")
			continue
		}
		if len(memories) != 1 || reads != 1+len(growths) {
			t.Errorf("the concatenations write %d pieces of memory and read %d, want 1 and %d", len(memories), reads, 1+len(growths))
		}
		if mode == nn.Train && (steps["sum"] != 0 || steps["channels"] != len(growths)) {
			t.Errorf("%d sums and %d slices are left, want 0 and %d", steps["sum"], steps["channels"], len(growths))
		}
	}
}
