package train

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"workbench/experiments/portrait"
	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/plan"
)

// mostProbed is how many images of a batch the gradients and the dead units of a portrait are of, so that they take
// little memory beside a step.
const mostProbed = 64

// layers measures how the running phase's layers learn, with the weights as they are now, from the batch with which the
// running epoch begins: the norms of weights, of the loss's gradient by them (over the first 64 images of the batch, of
// its first part where there are several), of what a step on the batch changes, and the units that are 0 for those
// images. The step is made and undone: all states are read before it and written back, so nothing that is trained
// changes by a bit, and an interrupted run that continues measures the same.
//
// A phase whose step has losses of several programs has no gradient of one loss, and one whose loss relates the images
// of a batch of more than 64 would get another loss: of both there are no layers.
func (t *trainer) layers(ctx context.Context) (portrait.Layers, error) {
	if len(t.stage.Turns) > 0 || t.stage.Coupled && t.stage.shape().Batch > mostProbed {
		return portrait.Layers{}, nil
	}
	state := t.state
	state.Recorded, state.Ratios = maps.Clone(state.Recorded), maps.Clone(state.Ratios)
	defer func() { t.state = state }()
	t.state.Step = 0
	for all, err := range t.batchesOf(ctx, t.state.Epoch, 0) {
		if err != nil {
			return portrait.Layers{}, err
		}
		layers, err := t.probed(all)
		if err == nil {
			err = t.tried(all, &layers)
		}
		return layers, err
	}
	return portrait.Layers{}, ctx.Err()
}

// probing is a program that computes the gradients of a phase's loss, in a memory of its own.
type probing struct {
	*plan.Program
	graph  *strategy.Graph
	params []*nn.Param // that the training moves
	units  []rectified
}

// rectified are units behind a rectifying activation, by the path of the layer that the activation reads. Their means
// over an image, [n, units], are an output.
type rectified struct {
	path, output string
	units        int
}

const gradientOf, meansOf = "gradient/", "units/"

// probing makes the program for the first images of a batch.
func (s *stage) probing(moves []string) (probing, error) {
	shape := s.shape()
	shape.Batch = min(shape.Batch, mostProbed)
	g, err := s.graph(nn.Train, shape)
	if err != nil {
		return probing{}, err
	}
	objective := s.Objective(g)
	p := probing{graph: g}
	by := map[string]nn.Tensor{}
	for _, param := range g.Params() {
		if slices.Contains(moves, param.Path) {
			p.params = append(p.params, param)
			by[gradientOf+param.Path] = param.Tensor()
		}
	}
	outputs := map[string]nn.Tensor{}
	p.units = rectifiedUnits(g.Builder, outputs)
	if err := g.Err(); err != nil {
		return probing{}, err
	}
	p.Program, err = plan.LowerGradients(g.Builder, outputs, objective.Loss, by)
	return p, err
}

// rectifiedUnits adds the means of the units behind rectifying activations to outputs. What a mean of values of at
// least 0 is of is 0 everywhere if and only if the mean is. Copies of the network are left out.
func rectifiedUnits(b *nn.Builder, outputs map[string]nn.Tensor) (all []rectified) {
	layers := b.Summary().Layers
	for i, l := range layers {
		if l.Kind != "relu" && l.Kind != op.ReLU6.String() || copied(b.Params(), l.Path) {
			continue
		}
		y := b.Result(i)
		if s := y.Shape(); len(s) == 4 {
			y = b.Apply(op.ReshapeTo(op.Shape{s[0], s[1]}), b.Apply(op.AvgPool{Window: op.Square(1, 0), KH: s[2], KW: s[3]}, y))
		} else if len(s) != 2 {
			continue
		}
		r := rectified{path: l.Path, output: meansOf + strconv.Itoa(i), units: y.Shape()[1]}
		if from := l.From; len(from) == 1 && from[0] != nn.Image {
			r.path = layers[from[0]].Path
		}
		outputs[r.output] = y
		all = append(all, r)
	}
	return all
}

// copied tells whether a layer is of a copy that follows what is trained.
func copied(params []*nn.Param, path string) bool {
	return slices.ContainsFunc(params, func(p *nn.Param) bool {
		root, is := strings.CutSuffix(p.Path, p.Original)
		return p.Original != "" && is && strings.HasPrefix(path+".", root)
	})
}

// probed computes gradients and dead units.
func (t *trainer) probed(all batches) (layers portrait.Layers, err error) {
	p, err := t.stage.probing(t.turns[0].moves)
	if err != nil {
		return layers, err
	}
	memory := t.backend.NewMemory()
	defer func() { err = errors.Join(err, memory.Close()) }()
	exe, err := t.translateTo(p.Program, memory)
	if err != nil {
		return layers, err
	}
	defer func() { err = errors.Join(err, exe.Close()) }()
	for _, param := range p.graph.Params() {
		if _, read := memory.Shape(param.Path); !read {
			continue
		}
		values := make([]float32, param.Shape.Size())
		if err := errors.Join(t.memory.Read(param.Path, values), memory.Write(param.Path, values)); err != nil {
			return layers, err
		}
	}
	t.fill(turn{Executable: exe, inputs: p.graph.Inputs()}, all, 0, t.stage.config.MicroBatches())
	if key := exe.Ints("key"); key != nil {
		t.dropoutKey(key, uint64(t.globalStep())*uint64(t.stage.config.MicroBatches()))
	}
	if err := exe.RunAll(); err != nil {
		return layers, err
	}
	for _, param := range p.params {
		layers.Params = append(layers.Params, portrait.Param{Path: param.Path, Elements: param.Shape.Size(),
			Gradient: norm(exe.Output(gradientOf+param.Path), nil)})
	}
	layers.Units = deadUnits(p.units, exe.Output)
	return layers, nil
}

// deadUnits counts the units that are 0 for all images, in all views that a layer sees.
func deadUnits(units []rectified, output func(name string) []float32) (all []portrait.Units) {
	var alive [][]bool // by place in all
	for _, u := range units {
		i := slices.IndexFunc(all, func(before portrait.Units) bool { return before.Path == u.path && before.Units == u.units })
		if i < 0 {
			i = len(all)
			all, alive = append(all, portrait.Units{Path: u.path, Units: u.units}), append(alive, make([]bool, u.units))
		}
		for k, mean := range output(u.output) {
			alive[i][k%u.units] = alive[i][k%u.units] || mean != 0 // NaN is not 0
		}
	}
	for i, units := range alive {
		for _, one := range units {
			if !one {
				all[i].Dead++
			}
		}
	}
	return all
}

// tried adds the norms of the weights, and of what a step on the batch changes of them. The step is undone.
func (t *trainer) tried(all batches, layers *portrait.Layers) (err error) {
	before := make(map[string][]float32, len(t.names))
	for _, name := range t.names {
		tensor, err := t.tensor(name)
		if err != nil {
			return err
		}
		before[name] = tensor.Data
	}
	defer func() {
		for _, name := range t.names {
			err = errors.Join(err, t.memory.Write(name, before[name]))
		}
	}()
	for _, exe := range t.turns {
		if _, err := t.turn(exe, all); err != nil {
			return err
		}
	}
	for i := range layers.Params {
		p := &layers.Params[i]
		after, err := t.tensor(p.Path)
		if err != nil {
			return err
		}
		p.Weight, p.Update = norm(before[p.Path], nil), norm(after.Data, before[p.Path])
	}
	return nil
}

// norm is the Euclidean norm of a − b; nil stands for zeros.
func norm(a, b []float32) portrait.Number {
	sum := 0.0
	for i, v := range a {
		d := float64(v)
		if b != nil {
			d -= float64(b[i])
		}
		sum += d * d
	}
	return portrait.Number(math.Sqrt(sum))
}
