package strategy

import (
	"fmt"
	"slices"
	"strings"

	"workbench/experiments/data/mixing"
	"workbench/nn"
	"workbench/nn/nearest"
	"workbench/nn/op"
	"workbench/nn/rng"
)

// Graph is a graph under construction with what a strategy reads. What it lends are leaves that the trainer fills
// before each step: Inputs says how.
type Graph struct {
	*nn.Builder
	phase   *Phase
	network func(b *nn.Builder, x nn.Tensor, classes int) nn.Tensor
	shape   Shape
	leaves  map[string]nn.Tensor
	inputs  []Input
	heard   []nn.Tensor // see Heard
	passes  float64     // see Passes

	constants map[string][]float32
	numbers   map[string][]int32
}

// Shape of what a step reads.
type Shape struct {
	Batch                   int // images of a stream of ratio 1
	Channels, Height, Width int
	Classes                 int
	Features                int             // of an image, where the phase has them computed once
	Images                  map[string]int  // by stream: how many images it has
	Mixed                   map[string]bool // by stream: its images are mixed with one another, and their labels are shares
}

// Input is a leaf with what fills it: either a part of a stream's batch, or a function.
type Input struct {
	Name   string
	Stream string // whose batch it is of
	View   int
	What   What

	// These fill what is Computed. random gives a key of random numbers of the step by a name.
	Floats func(at At, random func(name string) uint64, dst []float32)
	Ints   func(at At, random func(name string) uint64, dst []int32)
}

// What of a batch fills an input.
type What int

const (
	Computed   What = iota // nothing: a function does
	Images                 // [n, c, h, w], of a view
	ClassOf                // labels int32 [n]
	TargetOf               // what a view emits, int32 [n]
	PictureOf              // what a view emits, [n, c, h, w]
	SoftOf                 // candidates or shares [n, classes]
	FeaturesOf             // what the phase keeps of the images, [n, f]; see Cached
	RowOf                  // row in the stream's part, int32 [n]
	TruthOf                // the set's own labels, whatever noise the study adds, int32 [n]; −1 where it has none
)

// NewGraph starts the graph of a phase. network adds the study's network on images, without its head for 0 classes.
func NewGraph(b *nn.Builder, p *Phase, shape Shape, network func(b *nn.Builder, x nn.Tensor, classes int) nn.Tensor) *Graph {
	b.Heads(p.Name)
	return &Graph{Builder: b, phase: p, network: network, shape: shape, leaves: map[string]nn.Tensor{},
		constants: map[string][]float32{}, numbers: map[string][]int32{}}
}

// Inputs are the leaves that were lent.
func (g *Graph) Inputs() []Input { return g.inputs }

// Classes of the data set.
func (g *Graph) Classes() int { return g.shape.Classes }

// Images is how many images a stream has: the rows of a table with one for each.
func (g *Graph) Images(stream string) int {
	g.stream(stream)
	return g.shape.Images[stream]
}

// Network adds the study's network and returns logits [n, classes].
func (g *Graph) Network(b *nn.Builder, x nn.Tensor) nn.Tensor {
	g.pass(x)
	return g.network(b, x, g.shape.Classes)
}

// Backbone adds the study's network without its head and returns features [n, f].
func (g *Graph) Backbone(b *nn.Builder, x nn.Tensor) nn.Tensor {
	g.pass(x)
	y := g.network(b, x, 0)
	g.hear(b, y)
	return y
}

// pass counts images [n, c, h, w] that a network is given.
func (g *Graph) pass(x nn.Tensor) {
	if shape := x.Shape(); len(shape) == 4 {
		g.passes += float64(shape[0]) * float64(shape[2]*shape[3]) / float64(g.shape.Height*g.shape.Width)
	}
}

// Passes are the images that networks are given in a step: every view of one, every angle, and again where a copy of
// the network looks at it. Smaller pictures, such as tiles, count by their share of an image's pixels.
func (g *Graph) Passes() float64 { return g.passes }

// Inner adds the study's network without its head and returns the features [n, f] of an inner place, such as "layer3":
// the means of its maps. "" stands for what the head reads.
func (g *Graph) Inner(b *nn.Builder, x nn.Tensor, place string) nn.Tensor {
	return g.place(b, g.Backbone(b, x), place)
}

// place is an inner place of a network whose features y [n, f] were just added.
func (g *Graph) place(b *nn.Builder, y nn.Tensor, place string) nn.Tensor {
	if place == "" || g.Err() != nil {
		return y
	}
	if y = b.Inner(place); len(y.Shape()) == 4 {
		y = b.GlobalAvgPool(y)
	}
	return y
}

// stream finds a stream of the phase, with the number of its images in a step.
func (g *Graph) stream(name string) (s Stream, images int, ok bool) {
	var names []string
	for _, s := range g.phase.Streams {
		if s.Name == name {
			return s, g.shape.Batch * max(1, s.Ratio), true
		}
		names = append(names, s.Name)
	}
	g.Fail(fmt.Errorf("phase %q has no stream %q%s", g.phase.Name, name, nearest.Hint(name, names)))
	return s, 0, false
}

// lend returns the leaf of an input, the same one each time.
func (g *Graph) lend(in Input, leaf func() nn.Tensor) nn.Tensor {
	if t, there := g.leaves[in.Name]; there || g.Err() != nil {
		return t
	}
	g.leaves[in.Name] = leaf()
	g.inputs = append(g.inputs, in)
	return g.leaves[in.Name]
}

// name of an input of a stream: the main stream's first picture is "image".
func name(stream string, view int, what string) string {
	if view > 0 {
		what = fmt.Sprintf("%s/%d", what, view)
	}
	return strings.TrimPrefix(stream+"/"+what, "/")
}

// View is a view of a stream's images [n, c, h, w].
func (g *Graph) View(stream string, view int) nn.Tensor {
	s, n, ok := g.stream(stream)
	if !ok {
		return nn.Tensor{}
	}
	if last := max(len(s.Views), 1) - 1; view < 0 || view > last {
		return g.Fail(fmt.Errorf("stream %q has no view %d, want 0 to %d", stream, view, last))
	}
	in := Input{Name: name(stream, view, "image"), Stream: stream, View: view, What: Images}
	return g.lend(in, func() nn.Tensor { return g.Input(in.Name, n, g.shape.Channels, g.shape.Height, g.shape.Width) })
}

// Labels of a stream's images, int32 [n].
func (g *Graph) Labels(stream string) nn.Tensor {
	return g.ints(Input{Name: name(stream, 0, "label"), Stream: stream, What: ClassOf})
}

// Truth are the labels that the set itself gives a stream's images, int32 [n], −1 where it has none. What a network
// says of them is judged by these, and nothing may be learnt from them.
func (g *Graph) Truth(stream string) nn.Tensor {
	return g.ints(Input{Name: name(stream, 0, "truth"), Stream: stream, What: TruthOf})
}

// Rows are the numbers of a stream's images among all that the stream has, int32 [n]: the row of each in a table.
func (g *Graph) Rows(stream string) nn.Tensor {
	return g.ints(Input{Name: name(stream, 0, "row"), Stream: stream, What: RowOf})
}

// Target is the class that a view of a stream emits, int32 [n].
func (g *Graph) Target(stream string, view int) nn.Tensor {
	s, _, ok := g.stream(stream)
	if ok && (view < 0 || view >= len(s.Views) || s.Views[view].Emit == "" || s.Views[view].emitsPicture()) {
		return g.Fail(fmt.Errorf("view %d of stream %q emits no class, which the loss reads", view, stream))
	}
	return g.ints(Input{Name: name(stream, view, "target"), Stream: stream, View: view, What: TargetOf})
}

// Original is what a view that emits it had before its changes: the images [n, c, h, w] as they are.
func (g *Graph) Original(stream string, view int) nn.Tensor {
	s, n, ok := g.stream(stream)
	if ok && (view < 0 || view >= len(s.Views) || !s.Views[view].emitsPicture()) {
		return g.Fail(fmt.Errorf("view %d of stream %q emits no picture, which the loss reads", view, stream))
	}
	in := Input{Name: name(stream, view, "original"), Stream: stream, View: view, What: PictureOf}
	return g.lend(in, func() nn.Tensor { return g.Input(in.Name, n, g.shape.Channels, g.shape.Height, g.shape.Width) })
}

// Candidates of a stream's images [n, classes]: 1 for each class that may be the right one, else 0.
func (g *Graph) Candidates(stream string) nn.Tensor {
	s, n, ok := g.stream(stream)
	if ok && s.Candidates == nil {
		return g.Fail(fmt.Errorf("stream %q has no candidates, which the loss reads", stream))
	}
	in := Input{Name: name(stream, 0, "candidates"), Stream: stream, What: SoftOf}
	return g.lend(in, func() nn.Tensor { return g.Input(in.Name, n, g.shape.Classes) })
}

// Mixed tells whether a stream's images are mixed with one another: then Shares says what they show, not Labels.
func (g *Graph) Mixed(stream string) bool { return g.shape.Mixed[stream] }

// Shares of the classes in a stream's mixed images [n, classes]. They are 1 in sum. The part smoothing is spread evenly
// over all classes, as timm's Mixup does: (1 − smoothing)·share + smoothing/classes.
func (g *Graph) Shares(stream string, smoothing float64) nn.Tensor {
	_, n, ok := g.stream(stream)
	if ok && !g.Mixed(stream) {
		return g.Fail(fmt.Errorf("images of stream %q are not mixed, so that they have labels and no shares", stream))
	}
	in := Input{Name: name(stream, 0, "shares"), Stream: stream, What: SoftOf}
	shares := g.lend(in, func() nn.Tensor { return g.Input(in.Name, n, g.shape.Classes) })
	if smoothing == 0 {
		return shares
	}
	return g.Plus(g.Scale(shares, 1-smoothing), smoothing/float64(g.shape.Classes))
}

func (g *Graph) ints(in Input) nn.Tensor {
	_, n, ok := g.stream(in.Stream)
	if !ok {
		return nn.Tensor{}
	}
	return g.lend(in, func() nn.Tensor { return g.Builder.Labels(in.Name, n) })
}

// Scalar is one of the phase's scalars, [1].
func (g *Graph) Scalar(scalar string) nn.Tensor {
	f := g.phase.Scalars[scalar]
	if f == nil {
		var names []string
		for name := range g.phase.Scalars {
			names = append(names, name)
		}
		slices.Sort(names)
		return g.Fail(fmt.Errorf("phase %q has no scalar %q%s", g.phase.Name, scalar, nearest.Hint(scalar, names)))
	}
	in := Input{Name: "scalar/" + scalar, Floats: func(at At, _ func(string) uint64, dst []float32) { dst[0] = float32(f(at)) }}
	return g.lend(in, func() nn.Tensor { return g.Input(in.Name, 1) })
}

// Ring are the rows of a queue of so many rows that the n newest replace, int32 [n]: the oldest.
func (g *Graph) Ring(n, rows int) nn.Tensor {
	in := Input{Name: fmt.Sprintf("ring/%d/%d", n, rows), Ints: func(at At, _ func(string) uint64, dst []int32) {
		for i := range dst {
			dst[i] = int32((at.Step*n + i) % rows)
		}
	}}
	if n > rows {
		return g.Fail(fmt.Errorf("%d new rows do not fit into a queue of %d", n, rows))
	}
	return g.lend(in, func() nn.Tensor { return g.Builder.Labels(in.Name, n) })
}

// Shuffle is an order of n rows that is drawn at each step, and the order that undoes it, both int32 [n].
func (g *Graph) Shuffle(n int) (order, back nn.Tensor) {
	draw := func(random func(string) uint64) []int32 {
		rows := make([]int32, n)
		rng.Shuffle(random("shuffle of rows"), rows)
		return rows
	}
	there := Input{Name: fmt.Sprintf("order/%d", n), Ints: func(_ At, random func(string) uint64, dst []int32) {
		copy(dst, draw(random))
	}}
	undone := Input{Name: fmt.Sprintf("order back/%d", n), Ints: func(_ At, random func(string) uint64, dst []int32) {
		for i, row := range draw(random) {
			dst[row] = int32(i)
		}
	}}
	order = g.lend(there, func() nn.Tensor { return g.Builder.Labels(there.Name, n) })
	return order, g.lend(undone, func() nn.Tensor { return g.Builder.Labels(undone.Name, n) })
}

// Zeros are n numbers 0, int32 [n].
func (g *Graph) Zeros(n int) nn.Tensor {
	in := Input{Name: fmt.Sprintf("zeros/%d", n), Ints: func(At, func(string) uint64, []int32) {}}
	return g.lend(in, func() nn.Tensor { return g.Builder.Labels(in.Name, n) })
}

// Uniform is a tensor of random numbers, drawn evenly from 0 to below 1 at each step. Inputs of other names are drawn
// apart.
func (g *Graph) Uniform(name string, shape ...int) nn.Tensor {
	return g.drawn(name, shape, func(key uint64, dst []float32) {
		for i := range dst {
			dst[i] = rng.Uniform(key, uint64(i))
		}
	})
}

// Normal is a tensor of random numbers of mean 0 and deviation 1, drawn at each step.
func (g *Graph) Normal(name string, shape ...int) nn.Tensor {
	return g.drawn(name, shape, func(key uint64, dst []float32) {
		r := rng.New(key, "normal")
		for i := range dst {
			dst[i] = float32(r.NormFloat64())
		}
	})
}

// Share is a number [1] from a half to 1 that is drawn at each step: the larger one of λ and 1 − λ, where λ is drawn
// from Beta(alpha, alpha).
func (g *Graph) Share(alpha float64) nn.Tensor {
	return g.drawn("share", []int{1}, func(key uint64, dst []float32) {
		own := mixing.Beta(alpha, rng.New(key, "share"))
		dst[0] = float32(max(own, 1-own))
	})
}

func (g *Graph) drawn(name string, shape []int, draw func(key uint64, dst []float32)) nn.Tensor {
	in := Input{Name: "random/" + name, Floats: func(_ At, random func(string) uint64, dst []float32) { draw(random(name), dst) }}
	return g.lend(in, func() nn.Tensor { return g.Input(in.Name, shape...) })
}

// Constant is a tensor whose values do not change. One name has the same values each time.
func (g *Graph) Constant(name string, values []float32, shape ...int) nn.Tensor {
	if op.Shape(shape).Size() != len(values) {
		return g.Fail(fmt.Errorf("constant %s: %d values, want as many as %v has", name, len(values), op.Shape(shape)))
	}
	if before, there := g.constants[name]; there && !slices.Equal(before, values) {
		return g.Fail(fmt.Errorf("constant %s has other values than before", name))
	}
	g.constants[name] = values
	in := Input{Name: "constant/" + name, Floats: func(_ At, _ func(string) uint64, dst []float32) { copy(dst, values) }}
	return g.lend(in, func() nn.Tensor { return g.Input(in.Name, shape...) })
}

// Numbers are whole numbers that do not change, int32 [n], such as rows that are gathered. One name has the same
// numbers each time.
func (g *Graph) Numbers(name string, values []int32) nn.Tensor {
	if before, there := g.numbers[name]; there && !slices.Equal(before, values) {
		return g.Fail(fmt.Errorf("numbers %s are others than before", name))
	}
	g.numbers[name] = values
	in := Input{Name: "numbers/" + name, Ints: func(_ At, _ func(string) uint64, dst []int32) { copy(dst, values) }}
	return g.lend(in, func() nn.Tensor { return g.Builder.Labels(in.Name, len(values)) })
}
