package bench

import (
	"errors"
	"fmt"
	"time"

	"workbench/nn"
	"workbench/nn/optim"
	"workbench/nn/plan"
	"workbench/nn/rng"
	"workbench/nn/zoo"
)

// What a training step does beside the network's own work; the peer does the same. The rate is small so
// that random labels do not lead to infinities.
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
	reads    Objective // without its loss: what a step reads

	strategies Strategies
	summary    nn.Summary
	exe        plan.Executable
	stepMACs   float64 // multiply-adds of a step, with updates
	random     bool    // drops something by chance in training
	steps      int     // done
}

func open(c Case, backend plan.Backend, strategies Strategies) (*network, error) {
	c, err := NewCase(c)
	if err != nil {
		return nil, err
	}
	n := &network{c: c, backend: backend, strategies: strategies}
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
	b, err := n.compile(n.settings)
	if err != nil {
		return err
	}
	n.params, n.summary, n.random = b.Params(), b.Summary(), b.Key() != nil
	for _, p := range n.params {
		start := make([]float32, p.Shape.Size())
		p.Fill(start, seed)
		if err := n.memory.Write(p.Path, start); err != nil {
			return err
		}
	}
	return nil
}

// compile makes the executable of the network with the settings, over the existing memory, and writes its batch.
func (n *network) compile(settings zoo.Settings) (*nn.Builder, error) {
	if n.exe != nil {
		_ = n.exe.Close() // frees memory, which cannot fail
		n.exe = nil
	}
	b, program, err := n.lower(settings)
	if err != nil {
		return nil, err
	}
	n.stepMACs = program.MultiplyAdds()
	if n.exe, err = n.backend.Compile(program, n.memory); err != nil {
		return nil, err
	}
	n.fill()
	return b, nil
}

// lower builds the network and its program, for training with a loss.
func (n *network) lower(settings zoo.Settings) (*nn.Builder, *plan.Program, error) {
	if n.c.Inference {
		b := nn.NewBuilder(nn.Infer, false)
		n.reads = Objective{Images: []string{"image"}}
		program, err := plan.Lower(b, map[string]nn.Tensor{"logits": n.variant.Build(b, n.image(b), n.c.Classes, settings)})
		return b, program, errors.Join(err, n.c.allow(program, n.backend))
	}
	b := nn.NewBuilder(nn.Train, false)
	objective, err := n.objective(b, settings)
	if err != nil {
		return nil, nil, err
	}
	n.reads = Objective{Images: objective.Images, Numbers: objective.Numbers}
	program, err := plan.LowerTraining(b, nil, plan.Training{
		Loss: objective.Loss, Optimizer: optim.SGD{Momentum: momentum}, Decay: func(*nn.Param) float64 { return weightDecay }})
	return b, program, errors.Join(err, n.c.allow(program, n.backend))
}

// allow sets the algorithms and the precision that the case wants. A backend that has
// no choice of algorithms computes directly.
func (c Case) allow(p *plan.Program, backend plan.Backend) (err error) {
	if p == nil {
		return nil
	}
	p.BFloat16, p.Recompute = c.Precision == BFloat16, plan.Recomputation(c.Recompute)
	if chooser, ok := backend.(plan.Chooser); ok && c.Algorithms == Auto {
		p.Rules, err = chooser.Rules()
	}
	return err
}

// Supports tells whether the backend can compute in the precision on this machine. It
// compiles the smallest network to find out.
func Supports(backend plan.Backend, precision string) error {
	b := nn.NewBuilder(nn.Infer, false)
	program, err := plan.Lower(b, map[string]nn.Tensor{"result": b.ReLU(b.Input("image", 1, 1, 1, 1))})
	if err != nil {
		return err
	}
	program.BFloat16 = precision == BFloat16
	memory := backend.NewMemory()
	defer memory.Close()
	exe, err := backend.Compile(program, memory)
	if err != nil {
		return err
	}
	return exe.Close()
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

func (n *network) close() error {
	if n.exe != nil {
		_ = n.exe.Close() // frees memory, which cannot fail
	}
	return n.memory.Close()
}
