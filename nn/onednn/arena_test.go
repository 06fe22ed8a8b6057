//go:build !noonednn

package onednn_test

import (
	"testing"

	"workbench/nn"
	"workbench/nn/onednn"
	"workbench/nn/optim"
	"workbench/nn/plan"
	"workbench/nn/zoo"
)

// arenas are the bytes of a network's programs for training and for inference, without images and states.
func arenas(t *testing.T, v zoo.Variant, images, side int) (training, inference int64) {
	t.Helper()
	settings, err := v.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	size := func(mode nn.Mode) int64 {
		b := nn.NewBuilder(mode, false)
		logits := v.Build(b, b.Input("image", images, 3, side, side), 10, settings)
		var p *plan.Program
		var err error
		if mode == nn.Train {
			loss := b.ClassifierLoss(logits, b.Labels("label", images), 0)
			p, err = plan.LowerTraining(b, nil, plan.Training{Loss: loss, Optimizer: optim.SGD{}})
		} else {
			p, err = plan.Lower(b, map[string]nn.Tensor{"logits": logits})
		}
		if err != nil {
			t.Fatal(err)
		}
		memory := onednn.Backend{}.NewMemory()
		exe, err := onednn.Backend{}.Compile(p, memory)
		if err != nil {
			t.Fatal(err)
		}
		bytes := exe.Bytes()
		if err := exe.Close(); err != nil {
			t.Error(err)
		}
		if err := memory.Close(); err != nil {
			t.Error(err)
		}
		return bytes - 4*int64(images*3*side*side)
	}
	return size(nn.Train), size(nn.Infer)
}

// A program takes the memory that the summary foretells. Training holds what the summary calls kept, less
// what concatenations share, and the gradients of the parameters. Inference joins layers and overwrites
// values, so it holds no more than what is live, the convolutions' weights with batch norm folded in, and
// one layer's weights while they are folded.
func TestProgramsTakeTheMemoryThatIsForetold(t *testing.T) {
	for _, c := range []struct {
		name         string
		images, side int
		least        float64 // share of what is kept
	}{{"resnet20_cifar", 16, 32, 0.9}, {"densenet_cifar", 16, 32, 0.7}, {"mobilenet_v2", 4, 96, 0.9}, {"resnet18", 4, 96, 0.9}} {
		v, err := zoo.Lookup(c.name)
		if err != nil {
			t.Fatal(err)
		}
		settings, err := v.Resolve(nil)
		if err != nil {
			t.Fatal(err)
		}
		s, err := zoo.Describe(v, settings, [3]int{3, c.side, c.side}, 10)
		if err != nil {
			t.Fatal(err)
		}
		training, inference := arenas(t, v, c.images, c.side)
		kept, peak := int64(c.images)*s.KeptBytes, int64(c.images)*s.PeakBytes
		if foretold := kept + 4*s.Params; float64(training) < float64(kept)*c.least || training > foretold*11/10 {
			t.Errorf("%s: training takes %d bytes, keeps %d and has gradients of %d", c.name, training, kept, 4*s.Params)
		}
		if inference < peak/2 || inference > peak*11/10+4*s.Params*5/4 {
			t.Errorf("%s: inference takes %d bytes, of which %d are live and %d weights", c.name, inference, peak, 4*s.Params)
		}
	}
}
