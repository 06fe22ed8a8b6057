package zoo

import (
	"fmt"

	"workbench/nn"
)

const zhangResNeSt = "Zhang et al. ResNeSt: Split-Attention Networks (CVPR Workshops 2022, arXiv 2004.08955)"

func init() {
	Register(resNeSt{name: "resnest14d", counts: []int{1, 1, 1, 1}}.variant())
	Register(resNeSt{name: "resnest26d", counts: []int{2, 2, 2, 2}}.variant())
	Register(resNeSt{name: "resnest50d", counts: []int{3, 4, 6, 3}}.variant())
	Register(resNeSt{name: "resnest101e", counts: []int{3, 4, 23, 3}, stemWidth: 64, side: 256}.variant())
	Register(resNeSt{name: "resnest200e", counts: []int{3, 24, 36, 3}, stemWidth: 64, side: 320}.variant())
	Register(resNeSt{name: "resnest269e", counts: []int{3, 30, 48, 8}, stemWidth: 64}.variant())
	Register(resNeSt{name: "resnest50d_1s4x24d", counts: []int{3, 4, 6, 3}, defaults: Settings{
		"radix": 1, "cardinality": 4, "group_width": 24, "block_pool": "before"}}.variant())
	Register(resNeSt{name: "resnest50d_4s2x40d", counts: []int{3, 4, 6, 3}, defaults: Settings{
		"radix": 4, "cardinality": 2, "group_width": 40, "block_pool": "before"}}.variant())
}

// resNeSt is a network of the paper: a ResNet-D whose bottlenecks have split attention. Parameters are named as timm's.
type resNeSt struct {
	name      string
	counts    []int
	stemWidth int
	side      int
	defaults  Settings
}

func (n resNeSt) variant() Variant {
	own := append(bottleneckOptions(1, 0),
		Option{Name: "radix", Default: 2, Max: 16,
			Doc: "splits of each group, between which attention chooses; 1: attention alone; 0: a plain bottleneck"},
		Option{Name: "block_pool", Default: "after", Choices: []string{"after", "before", "none"},
			Doc: "where a 3×3 average pooling, instead of a stride, halves the pixels: after or before the 3×3 convolution"})
	defaults := Settings{"stem": stemDeep, "downsample": byAverage}
	for name, value := range n.defaults {
		defaults[name] = value
	}
	return largeResNet{name: n.name, family: "ResNeSt", paper: zhangResNeSt, year: 2020, side: n.side, add: blocks{after: splitBottleneck},
		counts: n.counts, stemWidth: n.stemWidth, own: own, defaults: defaults,
		grouped: func(s Settings) bool { return s.Int("radix") > 1 }}.variant()
}

// splitAttention tells how a ResNeSt's blocks differ from bottlenecks.
type splitAttention struct {
	radix int
	pool  string // "after", "before" or "none"
}

func newSplitAttention(s Settings) (splitAttention, error) {
	if _, declared := s["radix"]; !declared {
		return splitAttention{}, nil
	}
	a := splitAttention{radix: s.Int("radix"), pool: s.String("block_pool")}
	if a.pool != "none" && s.String("stride_in") == "1x1" {
		return a, fmt.Errorf("stride_in=1x1 needs block_pool=none, got block_pool=%s: the pooling halves the pixels instead", a.pool)
	}
	return a, nil
}

// splitBottleneck is a bottleneck with split attention in place of its 3×3 convolution (figure 1, right).
func splitBottleneck(r residual, b *nn.Builder, x nn.Tensor, p place) nn.Tensor {
	stride1, stride3 := r.strides(p)
	pooled := p.stride != 1 && r.split.pool != "none"
	if pooled {
		stride3 = 1
	}
	pool := func(when string, y nn.Tensor) nn.Tensor {
		if pooled && r.split.pool == when {
			return b.In("avd_pool").AvgPool(y, 3, p.stride, 1)
		}
		return y
	}
	y := r.attendAt(sePre, b, x, p.stage)
	y = r.act(b, r.normalize(b.In("bn1"), r.conv(b.In("conv1"), y, r.inner(p), 1, stride1)))
	y = pool("before", y)
	if r.split.radix > 0 {
		y = r.splitAttend(b.In("conv2"), y, r.inner(p), stride3)
	} else {
		y = r.act(b, r.normalize(b.In("bn2"), r.grouped(b.In("conv2"), y, r.inner(p), window{3, stride3, 1})))
	}
	y = b.In("dropout").Dropout(pool("after", y), r.dropout)
	y = r.lastNorm(b.In("bn3"), r.conv(b.In("conv3"), y, 4*p.width, 1, 1))
	return r.merge(b, x, y, p)
}

// splitAttend convolves x to radix maps of the width and adds them, each weighed by what all of them show (figure 2 of
// the paper).
func (r residual) splitAttend(b *nn.Builder, x nn.Tensor, width, stride int) nn.Tensor {
	radix, groups := r.split.radix, r.cardinality
	y := r.grouped(b.In("conv"), x, width*radix, window{3, stride, radix})
	y = r.act(b, r.normalize(b.In("bn0"), y))
	if b.Err() != nil {
		return y
	}
	sizes := make([]int, radix)
	for i := range sizes {
		sizes[i] = width
	}
	splits := b.Split(y, sizes...)
	sum := splits[0]
	if radix > 1 {
		sum = b.Add(splits...)
	}
	hidden := max(32, divisible(float64(width*radix)/4, 8, 0.1))
	one := nn.Conv2d{Out: hidden, Kernel: [2]int{1, 1}, Groups: groups, Bias: true}
	z := r.convolve(b.In("fc1"), b.AdaptiveAvgPool(sum, 1), one)
	z = r.act(b, r.normalize(b.In("bn1"), z))
	one.Out = width * radix
	weights := b.Split(r.choose(b, r.convolve(b.In("fc2"), z, one)), sizes...)
	for i := range splits {
		splits[i] = b.Mul(splits[i], weights[i])
	}
	if radix == 1 {
		return splits[0]
	}
	return b.Add(splits...)
}

// choose turns the scores z [n, groups·radix·c, 1, 1] into weights of the splits, in the order of the splits. They are
// a softmax over the radix or, with one split alone, a sigmoid.
func (r residual) choose(b *nn.Builder, z nn.Tensor) nn.Tensor {
	if b.Err() != nil {
		return z
	}
	radix, groups, s := r.split.radix, r.cardinality, z.Shape()
	if radix == 1 {
		return b.Sigmoid(z)
	}
	c := s[1] / groups / radix
	z = b.Transpose(b.Reshape(z, s[0], groups, radix, c), 0, 1, 3, 2)
	return b.Reshape(b.Transpose(b.Softmax(z), 0, 3, 1, 2), s...)
}
