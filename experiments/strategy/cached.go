package strategy

import (
	"fmt"
	"slices"

	"workbench/nn"
	"workbench/nn/option"
)

// Cached is what a phase learns from whose network stays as it is: the features of images as they are, which are
// computed once, in inference. They are in no checkpoint: an attempt that continues computes them again, to the same
// bits.
type Cached struct {
	Features func(g *Graph, x nn.Tensor) nn.Tensor      // [n, f], of images x [n, c, h, w]
	Answers  func(g *Graph, features nn.Tensor) Answers // what is evaluated, of features [n, f]
	Most     int64                                      // bytes that the features of all images may take
}

// cachedOptions are those of a probe. Without them it reads images, because those of a study are mostly augmented, and
// runs were recorded so.
var cachedOptions = []option.Option{
	{Name: "cached", Default: false, Later: true,
		Doc: "the probe learns from features that are computed once, of images as they are, whatever augment says, and kept in memory: " +
			"4 bytes a feature and image, of what is trained on and what is measured. Else each step computes them, of augmented images"},
	{Name: "cached_mib", Default: 1024, Min: 1, Max: 1 << 20, Later: true,
		Doc: "MiB that these features may take; where they need more, nothing is trained"},
}

// caches says what is wrong with settings of features that are kept.
func caches(s option.Settings) error {
	switch probes := slices.Contains(following[s.String("then")], probing); {
	case s.Bool("cached") && !probes:
		return fmt.Errorf("strategy.cached: features are kept for a probe, and with strategy.then=%s there is none", s.String("then"))
	case !s.Bool("cached") && s.Int("cached_mib") != 1024:
		return fmt.Errorf("strategy.cached_mib: no features are kept without strategy.cached=true, so it has no effect")
	}
	return nil
}

// CachedFeatures are the features of a stream's images [n, f] where the phase has them computed once.
func (g *Graph) CachedFeatures(stream string) nn.Tensor {
	_, n, ok := g.stream(stream)
	if ok && g.shape.Features < 1 {
		return g.Fail(fmt.Errorf("phase %q keeps no features, which the loss reads", g.phase.Name))
	}
	in := Input{Name: name(stream, 0, "features"), Stream: stream, What: FeaturesOf}
	return g.lend(in, func() nn.Tensor { return g.Input(in.Name, n, g.shape.Features) })
}
