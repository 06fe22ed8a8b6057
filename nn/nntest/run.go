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

// run trains the network and returns everything that can be seen of it: the loss and the logits of each step; the
// optimizer's slots after each step (after the first step of SGD they are the gradients); parameters, running
// statistics and averages at the end; and the logits of an inference program on the same memory.
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
	for step := range n.steps {
		for k := range n.microBatches() {
			feed(train, n, step*n.microBatches()+k)
			schedule(train, step, k)
			if err := train.RunAll(); err != nil {
				t.Fatal(err)
			}
			at := fmt.Sprintf("step %d: ", step*n.microBatches()+k+1)
			results = append(results, copied(at+"loss", "loss", train.Output("loss")), copied(at+"logits", "logits", train.Output("logits")))
		}
		results = append(results, n.slots(t, b, m, fmt.Sprintf("step %d: ", step+1))...)
	}
	for _, p := range b.Params() {
		results = append(results, read(t, m, "at the end: ", "state", p.Path))
		if average := plan.AverageName(p.Path); n.how.Averaging.On() && (n.moves(p) || !p.Trainable()) {
			results = append(results, read(t, m, "at the end: ", "average", average))
		}
	}
	return append(results, inference(t, infer, n, "after training"))
}

// slots are what the optimizer keeps for every parameter that moves.
func (n network) slots(t *testing.T, b *nn.Builder, m plan.Memory, at string) []result {
	t.Helper()
	var all []result
	for _, p := range b.Params() {
		for _, slot := range n.optimizer().Slots() {
			if p.Trainable() && n.moves(p) {
				all = append(all, read(t, m, at, "slot "+slot, plan.SlotName(slot, p.Path)))
			}
		}
	}
	return all
}

func (n network) microBatches() int { return max(n.how.Gradients.MicroBatches, 1) }

func (n network) optimizer() plan.Optimizer {
	if n.how.Optimizer == nil {
		return optim.SGD{Momentum: 0.9, Nesterov: true}
	}
	return n.how.Optimizer
}

// schedule writes the inputs that a trainer would: a rate that falls and a momentum that rises.
func schedule(exe plan.Executable, step, microBatch int) {
	exe.Floats("lr")[0] = 0.05 / float32(1+step)
	exe.Ints("step")[0] = int32(step)
	for i, name := range ownRates {
		if rate := exe.Floats(name); rate != nil {
			rate[0] = 0.02 + 0.03*float32(i*step)
		}
	}
	if momentum := exe.Floats("momentum"); momentum != nil {
		momentum[0] = 0.5 + 0.1*float32(step)
	}
	if decay := exe.Floats(decayInput); decay != nil {
		decay[0] = float32(step) / float32(step+1)
	}
	if count := exe.Ints("micro_batch"); count != nil {
		count[0] = int32(microBatch)
	}
}

// compile builds the network in the mode and lowers it onto the memory.
func compile(t *testing.T, backend plan.Backend, m plan.Memory, n network, mode nn.Mode, double bool) (*nn.Builder, plan.Executable) {
	t.Helper()
	b := nn.NewBuilder(mode, double)
	var p *plan.Program
	var err error
	if mode == nn.Train {
		logits, loss := n.training(b)
		how := n.how
		how.Loss, how.Optimizer, how.Moves, how.Decay = loss, n.optimizer(), n.moves, n.decayOf
		if p, err = plan.LowerTraining(b, map[string]nn.Tensor{"logits": logits}, how); err == nil {
			p.Recompute = n.recompute
		}
	} else {
		p, err = plan.Lower(b, map[string]nn.Tensor{"logits": n.logits(b)})
	}
	if err != nil {
		t.Fatal(err)
	}
	if mode == nn.Infer {
		p.ReadAverages(m)
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
	labels := b.Labels("label", n.image[0])
	if n.loss != nil {
		return logits, n.loss(b, logits, labels)
	}
	return logits, b.CrossEntropy(logits, labels, n.smoothing)
}

func (n network) decayOf(p *nn.Param) float64 {
	if p.Role == nn.Weight {
		return n.decay
	}
	return 0
}

func (n network) moves(p *nn.Param) bool { return n.frozen == nil || !n.frozen(p) }

// start writes all parameters, and their averages where there are any.
func start(t *testing.T, b *nn.Builder, m plan.Memory) {
	t.Helper()
	for _, p := range b.Params() {
		for _, name := range []string{p.Path, plan.AverageName(p.Path)} {
			if _, kept := m.Shape(name); !kept && name != p.Path {
				continue
			}
			if err := m.Write(name, starting(p)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// starting is the initial value of a parameter in the suite: the network's own, but with noise on parameters that
// begin equal, so that a mistaken channel shows.
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
		if labels[i] = int32(r.IntN(classes)); n.unlabelled && i%3 == 2 {
			labels[i] = -1
		}
	}
	return images, labels, []int32{seed, 0, int32(step), 0}
}

// feed writes the batch's images, labels and key into the inputs that the program has.
func feed(exe plan.Executable, n network, step int) {
	images, labels, key := n.batch(step, len(exe.Output("logits"))/n.image[0])
	copy(exe.Floats("image"), images)
	copy(exe.Ints("label"), labels)
	copy(exe.Ints("key"), key)
	if n.more != nil {
		n.more(exe, step)
	}
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
