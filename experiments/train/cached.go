package train

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/iec"
	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/plan"
)

// featuring is the program that computes the features which a phase learns from.
func (s *stage) featuring() (answering, error) {
	g, err := s.graph(nn.Infer, s.shape())
	if err != nil {
		return answering{}, err
	}
	shape := s.shape()
	features := s.Cached.Features(g, g.Input("image", shape.Batch, shape.Channels, shape.Height, shape.Width))
	if err := g.Err(); err != nil {
		return answering{}, err
	}
	p, err := plan.Lower(g.Builder, map[string]nn.Tensor{"features": features})
	return answering{p, g, g.Cost()}, err
}

// keepsFeatures finds out what a phase that learns from features keeps of each image, and whether all have room.
func (s *stage) keepsFeatures() error {
	p, err := s.featuring()
	if err != nil {
		return err
	}
	s.width, s.frozen = p.Outputs["features"].Shape[1], p.graph.Params()
	images := int64(0)
	for _, part := range s.cachedParts() {
		images += int64(part.Len())
	}
	if needs := images * int64(s.width) * 4; needs > s.Cached.Most {
		return fmt.Errorf("strategy.cached: %d features of %d images need %s, want at most %s (strategy.cached_mib); "+
			"strategy.cached=false computes them at each step", s.width, images, iec.Bytes(needs), iec.Bytes(s.Cached.Most))
	}
	return nil
}

// unchanged says which key of the study would change the images of a phase that keeps features of them as they are.
func (s *stage) unchanged() error {
	for _, path := range slices.Sorted(maps.Keys(s.config.Phases)) {
		if s.Cached != nil && strings.HasPrefix(path, s.Name+".augment.") {
			return fmt.Errorf("phases.%s: has no effect: with strategy.cached=true the phase sees images as they are", path)
		}
	}
	return nil
}

// cachedParts are the images whose features the phase keeps: those that it learns from, those that are measured, those
// that were held out, and those that are measured under corruptions.
func (s *stage) cachedParts() []data.Part {
	parts := []data.Part{s.streams[0].Part, {Set: s.set, Split: data.Test}}
	if s.val.Len() > 0 {
		parts = append(parts, s.val)
	}
	return append(parts, s.spoilt...)
}

// kept are the features of the images of a part, [n, width] row by row.
type kept struct {
	part   data.Part
	values []float32
}

// cache computes the features that the phase learns from, unless it has them or learns from images. The network is what
// earlier phases have made of it; its program takes memory only meanwhile.
func (t *trainer) cache(ctx context.Context) (err error) {
	if t.stage.Cached == nil || t.cached != nil {
		return nil
	}
	p, err := t.stage.featuring()
	if err != nil {
		return err
	}
	memory := t.backend.NewMemory()
	defer func() { err = errors.Join(err, memory.Close()) }()
	exe, err := t.translateTo(p.Program, memory)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, exe.Close()) }()
	for _, param := range p.graph.Params() {
		if _, computed := memory.Shape(param.Path); !computed {
			continue // it lies behind the place whose features are kept
		}
		values, err := t.first(param)
		if err == nil {
			err = memory.Write(param.Path, values)
		}
		if err != nil {
			return err
		}
	}
	for _, in := range p.graph.Inputs() { // constants, as in an evaluation
		t.compute(turn{Executable: exe}, in)
	}
	bytes := 0
	var all []kept
	for _, part := range t.stage.cachedParts() {
		one := kept{part, make([]float32, 0, part.Len()*t.stage.width)}
		l := data.Loader{Part: part, Batch: t.stage.shape().Batch, Workers: t.workers(), KeepLast: true}
		if err := look(ctx, exe, l, func(seen strategy.Seen) error {
			one.values = append(one.values, seen.Features...)
			return nil
		}); err != nil {
			return fmt.Errorf("features of the %s: %w", part, err)
		}
		all, bytes = append(all, one), bytes+4*len(one.values)
	}
	t.cached = all
	return t.emit(experiments.Record{Log: fmt.Sprintf("%s: the features of all images, %d of each, were computed once and take %s",
		t.stage.Name, t.stage.width, iec.Bytes(int64(bytes)))})
}

// lookCached evaluates the kept features of a part, in the order of its images.
func (t *trainer) lookCached(ctx context.Context, p data.Part, each func(strategy.Seen) error) error {
	var values []float32
	for _, one := range t.cached {
		if one.part.Split == p.Split && samePlace(one.part.Index, p.Index) && one.part.Set.Digest() == p.Set.Digest() {
			values = one.values
		}
	}
	if values == nil {
		return fmt.Errorf("no features of the %s were kept", p)
	}
	batch, width, in := t.stage.shape().Batch, t.stage.width, t.eval.Floats("features")
	rows, labels := make([]int32, batch), make([]int32, batch)
	for from := 0; from < p.Len() && ctx.Err() == nil; from += batch {
		n := min(batch, p.Len()-from)
		clear(in[copy(in, values[from*width:(from+n)*width]):])
		for i := range n {
			rows[i], labels[i] = int32(from+i), int32(p.Label(from+i))
		}
		if err := t.eval.RunAll(); err != nil {
			return fmt.Errorf("evaluate: %w", err)
		}
		logits := t.eval.Output("logits")
		if err := each(strategy.Seen{Rows: rows[:n], Labels: labels[:n], Logits: logits[:len(logits)/batch*n]}); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// samePlace tells whether two lists are one.
func samePlace(a, b []int32) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// gather writes the kept features of rows of the part that is trained on, [n, width]: of as many as there is room for.
func (t *trainer) gather(dst []float32, rows []int32) {
	width, values := t.stage.width, t.cached[0].values
	for i, row := range rows[:min(len(rows), len(dst)/width)] {
		copy(dst[i*width:(i+1)*width], values[int(row)*width:(int(row)+1)*width])
	}
}
