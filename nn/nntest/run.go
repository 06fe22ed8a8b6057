package nntest

import (
	"fmt"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/plan"
	"workbench/nn/rng"
)

const seed = 20

// run trains the network and returns everything that can be seen of it: loss and logits of each step; the optimizer's
// slots after each (after the first step they are the gradients); parameters and running statistics at the end; the
// logits of an inference program on the same memory.
func run(t *testing.T, backend plan.Backend, n network, double bool) []result {
	t.Helper()
	m := backend.NewMemory()
	b, train := compile(t, backend, m, n, nn.Train, double)
	_, infer := compile(t, backend, m, n, nn.Infer, double)
	t.Cleanup(func() {
		for _, close := range []func() error{train.Close, infer.Close, m.Close} {
			if err := close(); err != nil {
				t.Error(err)
			}
		}
	})
	start(t, b, m)
	results := []result{inference(t, infer, n, "before training")}
	train.Floats("lr")[0] = 0.05
	for step := range n.steps {
		feed(train, n, step)
		if err := train.RunAll(); err != nil {
			t.Fatal(err)
		}
		at := fmt.Sprintf("step %d: ", step+1)
		results = append(results, copied(at+"loss", "loss", train.Output("loss")), copied(at+"logits", "logits", train.Output("logits")))
		for _, p := range b.Params() {
			if p.Trainable() && n.moves(p) {
				results = append(results, read(t, m, at, "slot", plan.SlotName("momentum", p.Path)))
			}
		}
	}
	for _, p := range b.Params() {
		results = append(results, read(t, m, "at the end: ", "state", p.Path))
	}
	return append(results, inference(t, infer, n, "after training"))
}

// compile builds the network in the mode and lowers it onto the memory.
func compile(t *testing.T, backend plan.Backend, m plan.Memory, n network, mode nn.Mode, double bool) (*nn.Builder, plan.Executable) {
	t.Helper()
	b := nn.NewBuilder(mode, double)
	var p *plan.Program
	var err error
	if mode == nn.Train {
		logits, loss := n.training(b)
		p, err = plan.LowerTraining(b, map[string]nn.Tensor{"logits": logits}, plan.Training{
			Loss:  loss,
			Rule:  optim.SGD{Momentum: 0.9, Nesterov: true},
			Moves: n.moves,
			Decay: func(p *nn.Param) float64 {
				if p.Role == nn.Weight {
					return n.decay
				}
				return 0
			},
		})
	} else {
		p, err = plan.Lower(b, map[string]nn.Tensor{"logits": n.logits(b)})
	}
	if err != nil {
		t.Fatal(err)
	}
	exe, err := backend.Compile(p, m)
	if err != nil {
		t.Fatal(err)
	}
	return b, exe
}

// logits adds the network on its image.
func (n network) logits(b *nn.Builder) nn.Tensor {
	var x nn.Tensor
	if n.state {
		x = b.Param("image", n.image, nn.Weight, nn.Init{Normal: 1})
	} else {
		x = b.Input("image", n.image...)
	}
	if x = n.build(b, x); len(x.Shape()) > 2 {
		x = b.Flatten(x)
	}
	return x
}

// training adds the network and its loss.
func (n network) training(b *nn.Builder) (logits, loss nn.Tensor) {
	logits = n.logits(b)
	return logits, b.CrossEntropy(logits, b.Labels("label", n.image[0]), n.smoothing)
}

func (n network) moves(p *nn.Param) bool { return n.frozen == nil || !n.frozen(p) }

// start writes all parameters.
func start(t *testing.T, b *nn.Builder, m plan.Memory) {
	t.Helper()
	for _, p := range b.Params() {
		if err := m.Write(p.Path, starting(p)); err != nil {
			t.Fatal(err)
		}
	}
}

// starting is how the suite starts a parameter: as the network does, but with noise on those that begin equal, so that a
// mistaken channel shows.
func starting(p *nn.Param) []float32 {
	noisy := *p
	if noisy.Init.Normal == 0 && noisy.Init.Uniform == 0 {
		noisy.Init.Uniform = 0.3
	}
	v := make([]float32, p.Shape.Size())
	noisy.Fill(v, seed)
	return v
}

// batch is the step's images, labels and dropout key.
func (n network) batch(step, classes int) (images []float32, labels, key []int32) {
	r := rng.New(seed, "nntest", uint64(step))
	images, labels = make([]float32, n.image.Size()), make([]int32, n.image[0])
	for i := range images {
		images[i] = float32(r.NormFloat64())
	}
	for i := range labels {
		labels[i] = int32(r.IntN(classes))
	}
	return images, labels, []int32{seed, 0, int32(step), 0}
}

// feed writes the batch as far as the program takes it.
func feed(exe plan.Executable, n network, step int) {
	images, labels, key := n.batch(step, len(exe.Output("logits"))/n.image[0])
	copy(exe.Floats("image"), images)
	copy(exe.Ints("label"), labels)
	copy(exe.Ints("key"), key)
}

func inference(t *testing.T, exe plan.Executable, n network, when string) result {
	t.Helper()
	feed(exe, n, 100)
	if err := exe.RunAll(); err != nil {
		t.Fatal(err)
	}
	return copied("inference "+when+": logits", "logits", exe.Output("logits"))
}

func read(t *testing.T, m plan.Memory, at, kind, name string) result {
	t.Helper()
	s, ok := m.Shape(name)
	if !ok {
		t.Fatalf("the memory has no state %q", name)
	}
	v := make([]float32, op.Shape(s).Size())
	if err := m.Read(name, v); err != nil {
		t.Fatal(err)
	}
	return result{name: at + name, kind: kind, values: v}
}
