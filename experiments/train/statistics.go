package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"workbench/experiments/data"
	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/plan"
)

// Shift is how far the statistics of clean images at a batch norm are from those that its weights come with.
type Shift struct {
	Layer    string  // path: "layer1.0.bn1"
	Channels int     //
	Mean     float64 // distance of the means in stored standard deviations, mean over channels
	Variance float64 // absolute logarithm of the variances' ratio, mean over channels
}

// Bounds of what is told of, at the first norm and at others. Stored statistics are those of augmented images, gathered
// while weights moved. In two published networks for CIFAR-10, whose first norm sees the zeros of padded crops, clean
// images are off by up to 0.13 and a factor of e^0.32 there and by up to 0.04 and e^0.12 elsewhere; with the zeros of a
// shortcut on the wrong side, the first norm behind it is off by 0.39.
var (
	mostMeanShift     = [2]float64{0.25, 0.2}
	mostVarianceShift = [2]float64{1, 0.7}
)

// far tells whether the norm at a place in their order gets something else than it was trained on.
func (s Shift) far(place int) bool {
	k := min(place, 1)
	return !(s.Mean <= mostMeanShift[k] && s.Variance <= mostVarianceShift[k]) // NaN is far
}

// Suspect says at which layer the network is the first time given something else than it was trained on, and why that
// may be; nothing where all agree.
func Suspect(shifts []Shift) []string {
	for i, s := range shifts {
		if !s.far(i) {
			continue
		}
		cause := "usual causes: a shortcut or another option of the network is not what the weights were trained with " +
			"(model.shortcut_zeros, model.stride_in), or the weights are of another network"
		if i == 0 {
			cause = "usual causes: pixels are normalised otherwise than in its training (dataset.normalisation, dataset.mean, dataset.std), " +
				"the order of the channels (RGB, BGR), or images of another kind or size"
		}
		return []string{fmt.Sprintf("clean training images have other statistics at %s than the weights come with, the first of %d batch "+
			"norms where they part: means are off by %.2f standard deviations, variances by a factor of %.1f; %s", s.Layer, len(shifts), s.Mean,
			math.Exp(s.Variance), cause)}
	}
	return nil
}

// Statistics compares, batch norm by batch norm in their order, the statistics of clean images with the stored ones.
// The network is the one to be opened; images are the first of the part, o.Batch at a time. There is nothing to compare
// where fewer than two images come at a time or the network has no batch norm.
func Statistics(ctx context.Context, o Opening, part data.Part, images int, backend plan.Backend) (shifts []Shift, err error) {
	if o.Batch = min(o.Batch, part.Len()); o.Batch < 2 {
		return nil, nil
	}
	program, own, others, err := o.moving()
	if err != nil {
		return nil, err
	}
	g := gathering{memory: backend.NewMemory(), names: norms(own), sums: map[string][]float64{}}
	defer func() { err = errors.Join(err, g.memory.Close()) }()
	if len(g.names) == 0 {
		return nil, nil
	}
	if g.exe, err = backend.Compile(program, g.memory); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, g.exe.Close()) }()
	for _, p := range others { // of which the answers know nothing
		values := make([]float32, p.Shape.Size())
		p.Fill(values, 1)
		if err := g.memory.Write(p.Path, values); err != nil {
			return nil, err
		}
	}
	stored := map[string][]float32{}
	err = o.Fill(own, func(path string, values []float32) error {
		stored[path] = values
		return g.memory.Write(path, values)
	})
	if err != nil {
		return nil, err
	}
	l := data.Loader{Part: part, Batch: o.Batch, Workers: 1}
	for batch, err := range l.Epoch(ctx, 0, 0) {
		if err != nil {
			return nil, err
		}
		if g.batches*o.Batch >= images {
			break
		}
		copy(g.exe.Floats("image"), batch.Images)
		if key := g.exe.Ints("key"); key != nil {
			clear(key)
		}
		if err := g.add(); err != nil {
			return nil, err
		}
	}
	for _, name := range g.names {
		shifts = append(shifts, g.shift(name, stored))
	}
	return shifts, nil
}

// moving is a program that moves running statistics and nothing else, with the parameters that answers depend on, and
// the others.
func (o Opening) moving() (program *plan.Program, own, others []*nn.Param, err error) {
	c, err := o.Config.Resolved()
	if err != nil {
		return nil, nil, nil, err
	}
	variant, settings, err := c.Variant()
	if err != nil {
		return nil, nil, nil, err
	}
	image := op.Shape{o.Batch, o.Info.Channels, o.Info.Height, o.Info.Width}
	used := map[string]bool{}
	inference := nn.NewBuilder(nn.Infer, false)
	variant.Build(inference, inference.Input("image", image...), o.Classes, settings)
	for _, p := range inference.Params() {
		used[p.Path] = true
	}
	b := nn.NewBuilder(nn.Train, false)
	b.WholeStatistics()
	logits := variant.Build(b, b.Input("image", image...), o.Classes, settings)
	program, err = plan.LowerTraining(b, nil, plan.Training{Loss: b.CrossEntropy(logits, b.Labels("label", o.Batch), 0),
		Moves: func(*nn.Param) bool { return false }})
	for _, p := range b.Params() {
		if used[p.Path] {
			own = append(own, p)
		} else {
			others = append(others, p)
		}
	}
	return program, own, others, err
}

const runningMean, runningVar = ".running_mean", ".running_var"

// norms are the paths of the batch norms in their order.
func norms(params []*nn.Param) []string {
	var all []string
	for _, p := range params {
		if name, is := strings.CutSuffix(p.Path, runningMean); is {
			all = append(all, name)
		}
	}
	return all
}

// gathering sums the statistics of batches, over the memory of a program whose running statistics become those of the
// last batch.
type gathering struct {
	exe     plan.Executable
	memory  plan.Memory
	names   []string             // of batch norms
	sums    map[string][]float64 // by path of a running statistic
	batches int
}

// add passes the batch that the program was given.
func (g *gathering) add() error {
	if err := g.exe.RunAll(); err != nil {
		return err
	}
	found, err := g.read()
	if err != nil {
		return err
	}
	for path, values := range found {
		if g.sums[path] == nil {
			g.sums[path] = make([]float64, len(values))
		}
		for i, v := range values {
			g.sums[path][i] += float64(v)
		}
	}
	g.batches++
	return nil
}

// paths are those of the running statistics.
func (g *gathering) paths() []string {
	var all []string
	for _, name := range g.names {
		all = append(all, name+runningMean, name+runningVar)
	}
	return all
}

// read returns the running statistics, by path.
func (g *gathering) read() (map[string][]float32, error) {
	all := map[string][]float32{}
	for _, path := range g.paths() {
		shape, there := g.memory.Shape(path)
		if !there {
			return nil, fmt.Errorf("%s is not in the program", path)
		}
		all[path] = make([]float32, shape.Size())
		if err := g.memory.Read(path, all[path]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// write gives the running statistics values.
func (g *gathering) write(values map[string][]float32) error {
	for path, v := range values {
		if err := g.memory.Write(path, v); err != nil {
			return err
		}
	}
	return nil
}

// means over the batches, by path.
func (g *gathering) means() map[string][]float32 {
	all := map[string][]float32{}
	for path, sums := range g.sums {
		for _, sum := range sums {
			all[path] = append(all[path], float32(sum/float64(g.batches)))
		}
	}
	return all
}

// shift compares a norm's statistics with the stored ones.
func (g *gathering) shift(name string, stored map[string][]float32) Shift {
	const tiny = 1e-5 // batch norm's usual ε: below it a variance means nothing
	means, variances := g.sums[name+runningMean], g.sums[name+runningVar]
	s := Shift{Layer: name, Channels: len(means)}
	n := float64(g.batches)
	for i := range means {
		mean, variance := float64(stored[name+runningMean][i]), float64(stored[name+runningVar][i])
		s.Mean += math.Abs(means[i]/n-mean) / math.Sqrt(variance+tiny)
		s.Variance += math.Abs(math.Log((variances[i]/n + tiny) / (variance + tiny)))
	}
	s.Mean, s.Variance = s.Mean/float64(len(means)), s.Variance/float64(len(means))
	return s
}
