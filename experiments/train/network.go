package train

import (
	"context"
	"errors"
	"fmt"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/evaluate"
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
	place  string
	maps   []int // [n, k, h, w] of the place that GradCAM weighs; nil: it was not wanted

	inner       []string // layers whose maps Inner has
	innerShapes [][]int  // [n, k, h, w]
}

// Opening says which network is opened.
type Opening struct {
	Config   experiments.Config
	Info     data.Info // of the images that it gets
	Classes  int       // of its head
	Batch    int       // images at a time
	Features bool      // what its head reads is wanted, too
	Explains bool      // GradCAM is wanted, too
	Place    string    // in the network whose maps GradCAM weighs, such as "layer3"; "": the last that has maps
	Inner    int       // with Explains: of so many layers the maps are wanted, too

	// Fill gives write the values of the parameters, by path.
	Fill func(params []*nn.Param, write func(path string, values []float32) error) error
}

// Open builds what a run of the configuration evaluates last, and fills it with weights.
func Open(o Opening, backend plan.Backend) (*Network, error) {
	c, err := o.Config.Resolved()
	if err != nil {
		return nil, err
	}
	n := &Network{Classes: o.Classes, Batch: o.Batch}
	if n.stage, err = lastStage(c, o.Info); err != nil {
		return nil, err
	}
	shape := strategy.Shape{Batch: o.Batch, Channels: o.Info.Channels, Height: o.Info.Height, Width: o.Info.Width, Classes: o.Classes,
		Images: map[string]int{}}
	program, err := n.program(o, shape)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Network(), err)
	}
	program.BFloat16 = c.Precision == bfloat16
	if chooser, can := backend.(plan.Chooser); can && c.Algorithms == "auto" {
		if program.Rules, err = chooser.Rules(); err != nil {
			return nil, err
		}
	}
	n.memory = backend.NewMemory()
	if n.eval, err = backend.Compile(program.Program, n.memory); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", c.Network(), err), n.memory.Close())
	}
	if err := o.Fill(n.graph.Params(), n.memory.Write); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

// program is what the network computes, for its backend.
func (n *Network) program(o Opening, shape strategy.Shape) (program answering, err error) {
	if o.Features {
		n.stage.Answers = withFeatures(n.stage.Answers)
	}
	if !o.Explains {
		program, err = n.stage.inference(shape)
		n.graph = program.graph
		return program, err
	}
	program, where, err := n.stage.explaining(shape, o.Place, o.Inner)
	if err != nil {
		return program, err
	}
	n.graph, n.place, n.maps, n.inner = program.graph, where.weighed, program.Outputs[mapped].Shape, where.inner
	for i := range n.inner {
		n.innerShapes = append(n.innerShapes, program.Outputs[inner(i)].Shape)
	}
	return program, nil
}

// withFeatures adds to answers what their logits are made of.
func withFeatures(answers func(*strategy.Graph, nn.Tensor) strategy.Answers) func(*strategy.Graph, nn.Tensor) strategy.Answers {
	return func(g *strategy.Graph, x nn.Tensor) strategy.Answers {
		if answers == nil {
			return strategy.Answers{Logits: g.Network(g.Builder, x), Features: g.Backbone(g.Shared(), x)}
		}
		a := answers(g, x)
		if a.Features.Node() == nil && a.Read != nil {
			a.Features = a.Read()
		}
		return a
	}
}

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

// Shape is what evaluators must know of its answers.
func (n *Network) Shape() evaluate.Shape {
	return evaluate.Shape{Classes: n.Classes, Features: len(n.eval.Output("features")) / n.Batch}
}

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

// Pass computes the answers to a batch of images that the caller has given with Images.
func (n *Network) Pass() error { return n.eval.RunAll() }

// Images is where a batch of images is put for Pass: [batch, channels, height, width], normalised.
func (n *Network) Images() []float32 { return n.eval.Floats("image") }

// Logits are the answers of the last Pass, [batch, classes]; nil if the network has none.
func (n *Network) Logits() []float32 { return n.eval.Output("logits") }

// Close frees its memory.
func (n *Network) Close() error { return errors.Join(n.eval.Close(), n.memory.Close()) }
