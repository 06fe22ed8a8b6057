package zoo

import "workbench/nn"

// These are the names of the shortcuts that a unit (a residual block, a module, a layer of a chain) can have.
const (
	identity       = "identity"       // option A: parameter-free, zeros for new channels
	projection     = "projection"     // option B: 1×1 convolution and batch norm where the shape changes
	projectionsAll = "projection_all" // option C: 1×1 convolution and batch norm everywhere
	plain          = "none"           // no shortcut: the plain network
)

// shortcutOption is the switch shortcut with its default and its choices. Without choices, they are all shortcuts that
// are added to a unit's result.
func shortcutOption(begin, doc string, choices ...string) Option {
	if len(choices) == 0 {
		choices = []string{identity, projection, projectionsAll, plain}
	}
	return Option{Name: "shortcut", Default: begin, Choices: choices, Doc: doc}
}

// chainShortcut is for networks that are chains of the units that it names and have no shortcuts as published.
func chainShortcut(units string) Option {
	return shortcutOption(plain, "around "+units+
		", added before the activation; identity: parameter-free, zeros for new channels (option A of ResNet); "+
		"projection: 1×1 convolutions where the shape changes (B); projection_all: everywhere (C); none: as published")
}

// Sparing names switches that a run records only where they are not at their defaults: they came when runs had recorded
// all that a network declares.
var Sparing = []string{zerosOption.Name, widenOption.Name, squeezeOption.Name, excitationName}

// These are the places of the zeros that an identity has for new channels.
const (
	zerosBehind = "behind" // all behind the old channels
	zerosAround = "around" // half of them before, half behind
)

// zerosOption is for networks whose identities have zeros for new channels. The paper does not say where they stand;
// the weights of a network are of use only where they stood in its training.
var zerosOption = Option{Name: "shortcut_zeros", Default: zerosBehind, Choices: []string{zerosBehind, zerosAround}, Later: true,
	Doc: "where shortcut=identity has the zeros for new channels: behind the old ones, as fb.resnet.torch; around: half before " +
		"and half behind, as akamaster/pytorch_resnet_cifar10. Names and shapes of weights fit either"}

var dropPathOption = Option{Name: "drop_path", Default: 0.0, Max: 0.99,
	Doc: "probability that the last unit's branch is dropped in training, less in proportion before (stochastic depth, Huang et al. 2016)"}

// shortcut tells what goes around the units of one network.
type shortcut struct {
	kind     string
	dropPath float64 // probability that the last unit's branch is dropped, to which those of the others rise evenly

	// zeros lets an identity bridge a change of the shape: it takes every stride-th pixel, and zeros for new channels.
	// Otherwise only units that keep the shape have an identity.
	zeros  bool
	around bool // half of the zeros stand before the old channels
	bare   bool // projections are not normalised
	// padded puts a pooling before projections even where it has nothing to pool, because timm numbers layers so.
	padded bool
	kernel int // of projections that halve the pixels; 0 means 1
}

func newShortcut(s Settings) shortcut {
	return shortcut{kind: s.String("shortcut"), dropPath: s.Float("drop_path"), around: s[zerosOption.Name] == zerosAround}
}

// drop returns the probability that the branch of unit number done, of total, is dropped.
func (s shortcut) drop(done, total int) float64 { return s.dropPath * float64(done) / float64(total) }

// place tells where a unit stands in its network.
type place struct {
	stage, width, stride int         // stage is counted from 0; width is the stage's, before a bottleneck's expansion
	drop                 float64     // probability that the branch is dropped in training
	act                  *nn.Builder // where the sum is activated; nil means that it is not
}

// join adds the result y of a unit's layers to what goes around them, x, both [n, c, h, w]. y has been weighed already
// if the attention's position is seStandard.
func (m modules) join(b *nn.Builder, x, y nn.Tensor, p place) nn.Tensor {
	if m.passes(b, x, y, p.stride) {
		y = b.In("drop_path").DropPath(y, p.drop)
		y = b.Add(y, m.attendAt(seIdentity, b, m.around(b, x, y, p.stride), p.stage))
	}
	if p.act != nil {
		y = m.act(p.act, y)
	}
	return m.attendAt(sePost, b, y, p.stage)
}

// beside does what join does for units that leave their result y, which has channels of its own, beside what goes
// around them. They meet at the builder at.
func (m modules) beside(at, b *nn.Builder, x, y nn.Tensor, p place) nn.Tensor {
	y = b.In("drop_path").DropPath(y, p.drop)
	return at.Concat(m.attendAt(seIdentity, b, x, p.stage), y)
}

// chain ends a layer of a network that was published without shortcuts. y is the result of its convolution and
// normalisation. A shortcut, if there is one, is added before the activation, as in a residual block. If there is none,
// the attention of the standard position weighs what the layer gives.
func (m modules) chain(b *nn.Builder, x, y nn.Tensor, p place) nn.Tensor {
	if m.passes(b, x, y, p.stride) {
		return m.join(b, x, m.attendAt(seStandard, b, y, p.stage), p)
	}
	y = m.act(p.act, y)
	return m.attendAt(sePost, b, m.attendAt(seStandard, b, y, p.stage), p.stage)
}

// passes reports whether something that is added to y goes around a unit from x to y.
func (m modules) passes(b *nn.Builder, x, y nn.Tensor, stride int) bool {
	if b.Err() != nil {
		return false
	}
	in, out := x.Shape(), y.Shape()
	for _, axis := range []int{2, 3} {
		if out[axis] != (in[axis]+stride-1)/stride {
			return false // the unit's convolutions have no padding
		}
	}
	switch m.shortcut.kind {
	case identity:
		return !reshapes(x, y, stride) || m.shortcut.zeros && out[1] >= in[1]
	case projection, projectionsAll:
		return true
	}
	return false
}

// reshapes reports whether y has another shape than x.
func reshapes(x, y nn.Tensor, stride int) bool { return stride != 1 || x.Shape()[1] != y.Shape()[1] }

// transforms reports whether the shortcut from x to y is more than x itself.
func (m modules) transforms(b *nn.Builder, x, y nn.Tensor, stride int) bool {
	return b.Err() == nil && (m.shortcut.kind == projectionsAll || reshapes(x, y, stride))
}

// around returns the shortcut, which is x brought to y's shape.
func (m modules) around(b *nn.Builder, x, y nn.Tensor, stride int) nn.Tensor {
	if !m.transforms(b, x, y, stride) {
		return x
	}
	down, width := b.In("downsample"), y.Shape()[1]
	if m.shortcut.kind == identity {
		before := 0
		if m.shortcut.around {
			before = (width - x.Shape()[1]) / 2
		}
		x = down.Subsample(x, width, stride)
		if before == 0 {
			return x
		}
		return down.Concat(down.Channels(x, width-before, before), down.Channels(x, 0, width-before)) // the last are zeros
	}
	conv, norm, k := down.In("0"), down.In("1"), 1
	if stride != 1 {
		k = max(1, m.shortcut.kernel)
	}
	if m.downsample != byStride && (stride != 1 || m.shortcut.padded) {
		x = pooled(m.downsample, down.In("0"), x, nn.Pool2d{Kernel: [2]int{stride, stride}, Ceil: true})
		conv, norm, k, stride = down.In("1"), down.In("2"), 1, 1
	}
	x = m.ungrouped().conv(conv, x, width, k, stride)
	if m.shortcut.bare {
		return x
	}
	return m.normalize(norm, x)
}
