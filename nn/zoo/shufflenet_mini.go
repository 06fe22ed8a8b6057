package zoo

import "workbench/nn"

func init() {
	own := []Option{
		{Name: "groups", Default: 2, Min: 1, Max: 64, Doc: "of all convolutions, the first included: without shuffling they never meet before the classifier"},
		{Name: "shuffle", Default: true, Doc: "shuffle the channels after each convolution of groups"},
		{Name: "width", Default: 32, Min: 1, Max: 4096, Doc: "channels of the first two layers; the later have twice as many"},
	}
	own = append(own, append(attentionOptions(noAttention, 3), moduleOptions("relu", batchNorm)...)...)
	Register(Variant{
		Name: "shufflenet_mini", Family: "ShuffleNet", Paper: zhangShuffleNet + ", reduced to what its shuffle does", Year: 2017,
		Input: [3]int{2, 32, 32}, Classes: 2, Options: own, Build: buildShuffleMini,
	})
}

// buildShuffleMini is three stages: a 3×3 convolution, of groups in the first and of each channel in the others, that halves
// the pixels, and a 1×1 convolution of groups.
func buildShuffleMini(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
	m, groups, width := newModules(s), s.Int("groups"), s.Int("width")
	meet := func(l *nn.Builder, x nn.Tensor) nn.Tensor {
		if !s.Bool("shuffle") {
			return x
		}
		return l.In("shuffle").ChannelShuffle(x, groups)
	}
	layers := sequence{b: b.In("features")}
	l := layers.next()
	x = meet(l, m.convNormAct(l, x, width, window{3, 2, groups}))
	for i, out := range []int{width, 2 * width, 2 * width} {
		if i > 0 {
			l = layers.next()
			x = m.normalize(l.In("1"), m.depthwise(l.In("0"), x, 3, 2))
		}
		l = layers.next()
		x = m.attention.attend(l, m.convNormAct(l, x, out, window{1, 1, groups}), i)
		x = meet(l, x)
	}
	return b.In("fc").Linear(b.In("avgpool").GlobalAvgPool(x), classes)
}
