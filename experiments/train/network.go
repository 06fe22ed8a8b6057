package train

import (
	"context"
	"errors"
	"fmt"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/plan"
)

// Network is a network with its weights that answers in inference: what a run of a configuration evaluates last.
type Network struct {
	Classes int
	Batch   int // images at a time

	stage  stage
	graph  *strategy.Graph
	memory plan.Memory
	eval   plan.Executable
}

// Open builds what a run of the configuration evaluates on images of a set, with a head of so many classes, for batches
// of so many images. The function fill writes the values of the parameters that it is given, by their paths.
func Open(c experiments.Config, info data.Info, classes, batch int, backend plan.Backend, fill Fill) (*Network, error) {
	c, err := c.Resolved()
	if err != nil {
		return nil, err
	}
	n := &Network{Classes: classes, Batch: batch}
	if n.stage, err = lastStage(c, info); err != nil {
		return nil, err
	}
	shape := strategy.Shape{Batch: batch, Channels: info.Channels, Height: info.Height, Width: info.Width, Classes: classes,
		Images: map[string]int{}}
	program, err := n.stage.inference(shape)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Model.Name, err)
	}
	n.graph, program.BFloat16 = program.graph, c.Precision == bfloat16
	if chooser, can := backend.(plan.Chooser); can && c.Algorithms == "auto" {
		if program.Rules, err = chooser.Rules(); err != nil {
			return nil, err
		}
	}
	n.memory = backend.NewMemory()
	if n.eval, err = backend.Compile(program.Program, n.memory); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", c.Model.Name, err), n.memory.Close())
	}
	if err := fill(n.graph.Params(), n.memory.Write); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

// Fill gives write the values of parameters, by path.
type Fill func(params []*nn.Param, write func(path string, values []float32) error) error

// lastStage is the phase that a run of the configuration ends with, without any stream.
func lastStage(c experiments.Config, info data.Info) (stage, error) {
	method, err := strategy.Lookup(c.Strategy.Name)
	if err != nil {
		return stage{}, fmt.Errorf("strategy.name: %w", err)
	}
	phases, err := method.Phases(method.Resolve(c.Strategy.Options), strategy.About{Info: info, Batch: c.Batch, Epochs: c.Epochs,
		Count: map[string]int{}})
	if err != nil {
		return stage{}, fmt.Errorf("strategy %s: %w", c.Strategy.Name, err)
	}
	last := len(phases) - 1
	for i, p := range phases {
		if c.Until != "" && p.Name == c.Until {
			last = i
		}
	}
	return stage{Phase: phases[last], index: last, count: len(phases), config: c}, nil
}

// Params are the parameters that the network reads, running statistics included.
func (n *Network) Params() []*nn.Param { return n.graph.Params() }

// Cost of the network, an image.
func (n *Network) Cost() nn.Cost { return n.graph.Cost() }

// Answers tells whether the network has logits and features.
func (n *Network) Answers() (logits, features bool) {
	return n.eval.Output("logits") != nil, n.eval.Output("features") != nil
}

// Look gives the network the images of a part, in their order and with what a view does to them, and says what it
// answers.
func (n *Network) Look(ctx context.Context, p data.Part, v data.View, each func(strategy.Seen) error) error {
	l := data.Loader{Part: p, Batch: n.Batch, Views: []data.View{v}, Workers: 1, KeepLast: true}
	return look(ctx, n.eval, l, each)
}

// Close frees its memory.
func (n *Network) Close() error { return errors.Join(n.eval.Close(), n.memory.Close()) }
