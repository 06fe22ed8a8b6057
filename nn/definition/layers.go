package definition

import (
	"fmt"
	"math"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/option"
)

// starts are what weights and biases can start as, by the number of products that a value sums and the number of sums
// that a value goes into.
var starts = []struct {
	name string
	of   func(fanIn, fanOut int) (weight, bias nn.Init)
}{
	{"he_fan_out", func(_, fanOut int) (weight, bias nn.Init) {
		return nn.Init{Normal: math.Sqrt(2 / float64(fanOut))}, nn.Init{}
	}},
	{"he_fan_in", func(fanIn, _ int) (weight, bias nn.Init) {
		return nn.Init{Normal: math.Sqrt(2 / float64(fanIn))}, nn.Init{}
	}},
	{"pytorch", func(fanIn, _ int) (weight, bias nn.Init) { return nn.FanInUniform(fanIn), nn.FanInUniform(fanIn) }},
	{"xavier", func(fanIn, _ int) (weight, bias nn.Init) {
		return nn.Init{Uniform: math.Sqrt(3 / float64(fanIn))}, nn.Init{}
	}},
	{"normal", func(_, _ int) (weight, bias nn.Init) { return nn.Init{Normal: 0.01}, nn.Init{} }},
}

func startOption(standard string) option.Option {
	var names []string
	for _, s := range starts {
		names = append(names, s.name)
	}
	return option.Option{Name: "start", Default: standard, Choices: names,
		Doc: "how weights start: he_fan_out, he_fan_in (He et al. 2015), pytorch (its layers' default, biases too), xavier (Caffe's), " +
			"normal (N(0, 0.01²))"}
}

// started gives the start that the settings name.
func started(s option.Settings, fanIn, fanOut int) (weight, bias nn.Init) {
	for _, one := range starts {
		if one.name == s.String("start") {
			return one.of(fanIn, fanOut)
		}
	}
	return nn.Init{}, nn.Init{} // the name was checked
}

// both reads a pair that was given as one number or two.
func both(s option.Settings, name string) [2]int {
	switch v := s.Floats(name); len(v) {
	case 1:
		return [2]int{int(v[0]), int(v[0])}
	case 2:
		return [2]int{int(v[0]), int(v[1])}
	}
	return [2]int{}
}

func addConv(b *nn.Builder, x nn.Tensor, s option.Settings) nn.Tensor {
	if len(x.Shape()) != 4 {
		return b.Fail(fmt.Errorf("conv: want images, got %d features; a convolution stands before flatten and global poolings", x.Shape()[1]))
	}
	c := nn.Conv2d{Out: s.Int("out"), Kernel: both(s, "kernel"), Strides: both(s, "stride"), Dilation: s.Int("dilation"),
		Groups: s.Int("groups"), Bias: s.Bool("bias")}
	for d, k := range c.Kernel {
		c.Pad[d] = c.Dilation * (k - 1) / 2
	}
	if s.Floats("padding") != nil {
		c.Pad = both(s, "padding")
	}
	taps := c.Kernel[0] * c.Kernel[1]
	weight, bias := started(s, x.Shape()[1]/c.Groups*taps, c.Out*taps)
	c.Init, c.BiasInit = &weight, bias
	return b.Conv2d(x, c)
}

func addLinear(b *nn.Builder, x nn.Tensor, s option.Settings) nn.Tensor {
	return linear(b, x, s.Int("out"), s)
}

func linear(b *nn.Builder, x nn.Tensor, out int, s option.Settings) nn.Tensor {
	if len(x.Shape()) != 2 {
		return b.Fail(fmt.Errorf("want features, got images %s: put flatten or global_avg_pool before it", size(x)))
	}
	weight, bias := started(s, x.Shape()[1], out)
	return b.LinearInit(x, out, weight, bias)
}

// size of one image: 16×32×32.
func size(x nn.Tensor) string {
	text := ""
	for i, n := range x.Shape()[1:] {
		if i > 0 {
			text += "×"
		}
		text += fmt.Sprint(n)
	}
	return text
}

func addSE(b *nn.Builder, x nn.Tensor, s option.Settings) nn.Tensor {
	if len(x.Shape()) != 4 {
		return b.Fail(fmt.Errorf("se: want images, got %d features", x.Shape()[1]))
	}
	g := Gate{Hidden: s.Int("hidden"), Inner: s.String("activation"), Outer: s.String("gate")}
	if g.Hidden == 0 {
		g.Hidden = x.Shape()[1] / s.Int("reduction")
	}
	if g.Hidden < 1 {
		return b.Fail(fmt.Errorf("se: reduction %d leaves no hidden channel of %d; want at most %[2]d", s.Int("reduction"), x.Shape()[1]))
	}
	return g.Apply(b, x)
}

// Gate is a squeeze and excitation (Hu et al. 2017). The mean of each channel passes two layers, whose result weighs
// the channel.
type Gate struct {
	Largest bool // the largest pixel of each channel passes the layers in place of the mean
	Hidden  int
	Inner   string // activation of the hidden channels
	Outer   string // activation that gives the weights
}

// Apply adds the gate on x [n, c, h, w] with layers "fc1" and "fc2".
func (g Gate) Apply(b *nn.Builder, x nn.Tensor) nn.Tensor {
	if b.Err() != nil {
		return x
	}
	one := [2]int{1, 1}
	z := b.In("fc1").Conv2d(g.squeeze(b, x), nn.Conv2d{Out: g.Hidden, Kernel: one, Bias: true})
	z = b.In("fc2").Conv2d(b.Activate(g.Inner, z), nn.Conv2d{Out: x.Shape()[1], Kernel: one, Bias: true})
	return b.Mul(x, b.Activate(g.Outer, z))
}

// squeeze gives [n, c, 1, 1].
func (g Gate) squeeze(b *nn.Builder, x nn.Tensor) nn.Tensor {
	if g.Largest {
		return b.MaxPool2d(x, nn.Pool2d{Kernel: [2]int(x.Shape()[2:]), Stride: [2]int{1, 1}})
	}
	return b.AdaptiveAvgPool(x, 1)
}

func addBatchNorm(b *nn.Builder, x nn.Tensor, s option.Settings) nn.Tensor {
	return b.BatchNorm2d(x, nn.BatchNorm2d{Epsilon: s.Float("epsilon"), Momentum: s.Float("momentum"), Zero: s.Bool("zero")})
}

func addGroupNorm(b *nn.Builder, x nn.Tensor, s option.Settings) nn.Tensor {
	return b.GroupNorm(x, s.Int("groups"), 1e-5)
}

func addLayerNorm(b *nn.Builder, x nn.Tensor, _ option.Settings) nn.Tensor {
	if len(x.Shape()) == 4 {
		return b.GroupNorm(x, 1, 1e-5)
	}
	return b.LayerNorm(x, 1, 1e-5)
}

func addLRN(b *nn.Builder, x nn.Tensor, s option.Settings) nn.Tensor {
	return b.LRN(x, s.Int("size"), s.Float("alpha"), s.Float("beta"), s.Float("k"))
}

func pool(s option.Settings) nn.Pool2d {
	return nn.Pool2d{Kernel: both(s, "kernel"), Stride: both(s, "stride"), Pad: both(s, "padding"), Ceil: s.Bool("ceil")}
}

func addMaxPool(b *nn.Builder, x nn.Tensor, s option.Settings) nn.Tensor {
	return b.MaxPool2d(x, pool(s))
}

func addAvgPool(b *nn.Builder, x nn.Tensor, s option.Settings) nn.Tensor {
	p := pool(s)
	p.Exclude = !s.Bool("count_padding")
	return b.AvgPool2d(x, p)
}

// around adds what goes around a residual's layers from x to a result of y's shape.
func around(b *nn.Builder, x, y nn.Tensor, how string) (nn.Tensor, error) {
	from, to := x.Shape(), y.Shape()
	if from.Equal(to) {
		return x, nil
	}
	if how == identity || len(from) != 4 || len(to) != 4 {
		return x, fmt.Errorf("the layers make %s of %s, so it cannot be added: want a shortcut, such as shortcut: projection",
			size(y), size(x))
	}
	stride, err := strideBetween(from, to)
	switch {
	case err != nil:
		return x, err
	case how == projection:
		return b.In("1").BatchNorm(b.In("0").Conv(x, to[1], 1, stride)), nil
	case to[1] < from[1]:
		return x, fmt.Errorf("shortcut: subsample keeps all %d channels, the layers leave %d: want projection", from[1], to[1])
	}
	return b.Subsample(x, to[1], stride), nil
}

// strideBetween is the stride that brings one map to the size of the other.
func strideBetween(from, to op.Shape) (int, error) {
	for stride := 1; stride <= maxKernel; stride++ {
		if (from[2]+stride-1)/stride == to[2] && (from[3]+stride-1)/stride == to[3] {
			return stride, nil
		}
	}
	return 0, fmt.Errorf("no stride makes %d×%d pixels of %d×%d: want a list of layers as its shortcut", to[2], to[3], from[2], from[3])
}
