package bench

import (
	"fmt"
	"math"
	"time"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/plan"
	"workbench/nn/rng"
	"workbench/nn/zoo"
)

// What a training step does beside the network's own work; the peer does the same. The rate is small so that random labels
// do not lead to infinities.
const (
	learningRate = 1e-3
	momentum     = 0.9
	weightDecay  = 1e-4
	seed         = 1
)

// network is a case compiled on a backend, with its data in place.
type network struct {
	c        Case
	backend  plan.Backend
	variant  zoo.Variant
	settings zoo.Settings
	memory   plan.Memory
	params   []*nn.Param
	summary  nn.Summary
	exe      plan.Executable
	random   bool // drops something by chance in training
	steps    int  // done
}

func open(c Case, backend plan.Backend) (*network, error) {
	c, err := NewCase(c)
	if err != nil {
		return nil, err
	}
	n := &network{c: c, backend: backend}
	if n.variant, err = zoo.Lookup(c.Model); err != nil {
		return nil, err
	}
	if n.settings, err = n.variant.Resolve(c.Options); err != nil {
		return nil, err
	}
	n.memory = backend.NewMemory()
	if err := n.prepare(); err != nil {
		_ = n.close()
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	return n, nil
}

func (n *network) prepare() error {
	b, program, err := n.lower(n.c.Inference)
	if err != nil {
		return err
	}
	n.params, n.summary, n.random = b.Params(), b.Summary(), b.Key() != nil
	if n.exe, err = n.backend.Compile(program, n.memory); err != nil {
		return err
	}
	for _, p := range n.params {
		start := make([]float32, p.Shape.Size())
		p.Fill(start, seed)
		if err := n.memory.Write(p.Path, start); err != nil {
			return err
		}
	}
	fill(n.exe, n.c)
	return nil
}

// lower builds the network and its program, for training with a loss.
func (n *network) lower(inference bool) (*nn.Builder, *plan.Program, error) {
	mode := nn.Train
	if inference {
		mode = nn.Infer
	}
	b := nn.NewBuilder(mode, false)
	logits := n.variant.Build(b, b.Input("image", n.c.Batch, n.c.Input[0], n.c.Input[1], n.c.Input[2]), n.c.Classes, n.settings)
	if inference {
		program, err := plan.Lower(b, map[string]nn.Tensor{"logits": logits})
		return b, program, err
	}
	loss := b.ClassifierLoss(logits, b.Labels("label", n.c.Batch), 0)
	program, err := plan.LowerTraining(b, nil, plan.Training{
		Loss: loss, Rule: optim.SGD{Momentum: momentum}, Decay: func(*nn.Param) float64 { return weightDecay }})
	return b, program, err
}

// fill writes the batch: images of independent normal pixels, random classes.
func fill(exe plan.Executable, c Case) {
	r := rng.New(seed, "bench/image")
	images := exe.Floats("image")
	for i := range images {
		images[i] = float32(r.NormFloat64())
	}
	copy(exe.Ints("label"), labels(c))
	if lr := exe.Floats("lr"); lr != nil {
		lr[0] = learningRate
	}
}

func labels(c Case) []int32 {
	r := rng.New(seed, "bench/label")
	all := make([]int32, c.Batch)
	for i := range all {
		all[i] = r.Int32N(int32(c.Classes))
	}
	return all
}

// step runs the program once and returns its seconds.
func (n *network) step() (float64, error) {
	if turn := n.exe.Ints("step"); turn != nil {
		turn[0] = int32(n.steps)
	}
	if key := n.exe.Ints("key"); key != nil {
		key[0], key[2] = seed, int32(n.steps)
	}
	began := time.Now()
	err := n.exe.RunAll()
	took := time.Since(began).Seconds()
	n.steps++
	return took, err
}

// losses are the mean losses of the next steps in nats; of inference the loss of its logits, which stays the same.
func (n *network) losses(steps int, inference bool) ([]float64, error) {
	if inference && !n.c.Inference {
		return n.inferenceLosses(steps)
	}
	var all []float64
	for range steps {
		if _, err := n.step(); err != nil {
			return nil, err
		}
		var loss float64
		if n.c.Inference {
			loss = meanLoss(n.exe.Output("logits"), labels(n.c), n.c.Classes)
		} else {
			loss = float64(n.exe.Output("loss")[0])
		}
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			return nil, fmt.Errorf("%s: the loss of step %d is %v", n.c.Name, n.steps, loss)
		}
		all = append(all, loss)
	}
	return all, nil
}

// inferenceLosses uses the inference program of the same weights for a moment.
func (n *network) inferenceLosses(steps int) ([]float64, error) {
	_, program, err := n.lower(true)
	if err != nil {
		return nil, err
	}
	exe, err := n.backend.Compile(program, n.memory)
	if err != nil {
		return nil, err
	}
	defer exe.Close()
	fill(exe, n.c)
	same := *n
	same.c.Inference, same.exe = true, exe
	return same.losses(steps, true)
}

// meanLoss is the mean cross-entropy of logits [n, classes] against labels [n] in nats.
func meanLoss(logits []float32, labels []int32, classes int) float64 {
	sum := 0.0
	for i, label := range labels {
		row := logits[i*classes : (i+1)*classes]
		sum += op.LogSumExp(row) - float64(row[label])
	}
	return sum / float64(len(labels))
}

func (n *network) close() error {
	if n.exe != nil {
		_ = n.exe.Close() // frees memory, which cannot fail
	}
	return n.memory.Close()
}
