package train

import (
	"context"
	"errors"
	"fmt"

	"workbench/experiments/data"
	"workbench/experiments/gallery"
	"workbench/experiments/metric"
	"workbench/experiments/portrait"
	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/plan"
)

const (
	explainedAtOnce = 8 // images that a program of Grad-CAM takes
	shownPlaces     = 4 // layers whose maps are shown
)

// portrayNetwork keeps what costs something: filters, samples, mistakes, and where features lie.
func (t *trainer) portrayNetwork(ctx context.Context) error {
	if err := t.portrayFilters(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if t.portrait.witness.Saw() {
		if err := t.portrayReasons(ctx); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return t.portrayFeatures(ctx)
}

// unkept is the error of an artefact that nobody took: no matter of what it shows.
type unkept struct{ error }

func (u unkept) Unwrap() error { return u.error }

// orLeft takes note of a piece that is left out. An interruption stays an error, and so does an artefact that nobody
// took.
func (t *trainer) orLeft(what string, err error) error {
	var lost unkept
	switch {
	case err == nil || errors.As(err, &lost) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, errDear):
		t.portrait.dear = append(t.portrait.dear, what)
	default:
		t.portrait.lacks = append(t.portrait.lacks, fmt.Sprintf("%s: %v", what, err))
	}
	return nil
}

// portrayFilters keeps a picture of the first convolution, where its filters can be seen: of one channel or three, and
// more than one pixel.
func (t *trainer) portrayFilters() error {
	for _, p := range t.params {
		if len(p.Shape) != 4 {
			continue
		}
		if p.Shape[1] != 1 && p.Shape[1] != 3 || p.Shape[2] < 2 {
			return nil
		}
		weights := make([]float32, p.Shape.Size())
		picture, cell := gallery.Sheet{}.Image(), 24*24
		err := t.portrait.pace.spend(painting(p.Shape[0]*max(cell, p.Shape[2]*p.Shape[3])), func() (err error) {
			if err = t.memory.Read(t.evaluated(p.Path), weights); err == nil {
				picture, err = gallery.Filters(weights, p.Shape[0], p.Shape[1], p.Shape[2], p.Shape[3])
			}
			return err
		})
		if err != nil {
			return t.orLeft(portrait.FiltersSheet, err)
		}
		return t.keepPicture(portrait.FiltersSheet, picture)
	}
	return nil
}

// evaluated is the state whose value an evaluation reads for a parameter: its moving average, where one is kept.
func (t *trainer) evaluated(path string) string {
	if _, averaged := t.memory.Shape(plan.AverageName(path)); averaged {
		return plan.AverageName(path)
	}
	return path
}

// opened is a program over the network as the phase evaluates it, in a memory of its own: nothing that is trained is
// touched.
func (t *trainer) opened(o Opening) (*Network, error) {
	n := &Network{Classes: t.classes, Batch: o.Batch, stage: *t.stage}
	shape := t.stage.shape()
	shape.Batch = o.Batch
	program, err := n.program(o, shape)
	if err != nil {
		return nil, err
	}
	n.memory = t.backend.NewMemory()
	if n.eval, err = t.translateTo(program.Program, n.memory); err != nil {
		return nil, errors.Join(err, n.memory.Close())
	}
	if err := t.lend(program.graph.Params(), n.memory); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	for _, in := range program.graph.Inputs() { // constants, as in an evaluation
		t.compute(turn{Executable: n.eval}, in)
	}
	return n, nil
}

// lend copies the values of parameters to another memory.
func (t *trainer) lend(params []*nn.Param, to plan.Memory) error {
	for _, p := range params {
		if _, computed := to.Shape(p.Path); !computed {
			continue
		}
		values := make([]float32, p.Shape.Size())
		var err error
		if _, here := t.memory.Shape(p.Path); here {
			err = t.memory.Read(t.evaluated(p.Path), values)
		} else { // an earlier phase left it
			values, err = t.first(p)
		}
		if err == nil {
			err = to.Write(p.Path, values)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// portrayReasons keeps what in samples and in mistakes speaks for classes.
func (t *trainer) portrayReasons(ctx context.Context) (err error) {
	p := &t.portrait
	var net *Network
	if err := p.pace.spend(p.pace.compiled, func() (err error) {
		net, err = t.opened(Opening{Batch: explainedAtOnce, Explains: true, Inner: shownPlaces})
		return err
	}); err != nil {
		return errors.Join(t.orLeft(portrait.SamplesName, err), t.orLeft(portrait.MistakesName, err))
	}
	defer func() { err = errors.Join(err, net.Close()) }()
	e := gallery.Explaining{Net: net, Part: data.Part{Set: t.set, Split: data.Test}}
	if err := t.portraySamples(ctx, e); err != nil {
		return err
	}
	return t.portrayMistakes(ctx, e)
}

// cellsOf is how many pixels so many cells of a sheet have.
func (t *trainer) cellsOf(cells int) int {
	side := gallery.Side(t.set.Info())
	return cells * side * side
}

func (t *trainer) portraySamples(ctx context.Context, e gallery.Explaining) error {
	pace := &t.portrait.pace
	guess := pace.explaining(explainedAtOnce) + painting(t.cellsOf(2*gallery.MostSamples)+gallery.MapsPixels(shownPlaces))
	return t.orLeft(portrait.SamplesName, pace.spend(guess, func() error {
		samples, sheet, maps, err := e.Samples(ctx)
		if err != nil {
			return err
		}
		if err := t.keepTable(metric.Test+"/"+portrait.SamplesName, "array", samples); err != nil {
			return err
		}
		if err := t.keepPicture(metric.Test+"/"+portrait.SamplesSheet, sheet.Image()); err != nil || maps == nil {
			return err
		}
		return t.keepPicture(metric.Test+"/"+portrait.MapsSheet, maps)
	}))
}

func (t *trainer) portrayMistakes(ctx context.Context, e gallery.Explaining) error {
	pace, shown := &t.portrait.pace, min(t.portrait.witness.Wrong(), gallery.MostMistakes)
	passes := 2 * ((shown + explainedAtOnce - 1) / explainedAtOnce)
	guess := pace.explaining(passes*explainedAtOnce) + painting(t.cellsOf(3*shown))
	return t.orLeft(portrait.MistakesName, pace.spend(guess, func() error {
		mistakes, sheet, err := e.Mistakes(ctx, t.portrait.witness)
		if err != nil {
			return err
		}
		if err := t.keepTable(metric.Test+"/"+portrait.MistakesName, "array", mistakes); err != nil || shown == 0 {
			return err
		}
		return t.keepPicture(metric.Test+"/"+portrait.MistakesSheet, sheet.Image())
	}))
}

// portrayFeatures keeps where the features of the first test images lie.
func (t *trainer) portrayFeatures(ctx context.Context) (err error) {
	pace := &t.portrait.pace
	part := gallery.First(data.Part{Set: t.set, Split: data.Test})
	if part.Len() == 0 {
		return nil
	}
	var net *Network
	if err := pace.spend(pace.compiled, func() (err error) {
		net, err = t.opened(Opening{Batch: min(t.stage.shape().Batch, part.Len()), Features: true})
		return err
	}); err != nil {
		return t.orLeft(portrait.EmbeddingName, err)
	}
	defer func() { err = errors.Join(err, net.Close()) }()
	if _, has := net.Answers(); !has {
		return nil // the phase evaluates none
	}
	guess := pace.forward(part.Len()) + embedding(part.Len(), net.Shape().Features)
	return t.orLeft(portrait.EmbeddingName, pace.spend(guess, func() error {
		var seen gallery.Features
		if err := net.Look(ctx, part, data.View{}, func(s strategy.Seen) error { seen.Add(s); return nil }); err != nil {
			return err
		}
		e, err := seen.Embedding(t.set.Info().Classes)
		if err != nil {
			return err
		}
		return t.keepTable(metric.Test+"/"+portrait.EmbeddingName, "array", e)
	}))
}
