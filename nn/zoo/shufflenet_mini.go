package zoo

import "workbench/nn"

func init() {
	own := []Option{
		{Name: "groups", Default: 2, Min: 1, Max: 64,
			Doc: "of all convolutions, the first included: without shuffling they never meet before the classifier"},
		{Name: "shuffle", Default: true, Doc: "shuffle the channels after each convolution of groups"},
		{Name: "width", Default: 32, Min: 1, Max: 4096, Doc: "channels of the first two layers; the later have twice as many"},
	}
	common := common{activation: "relu", norm: batchNorm, attention: noAttention, stages: 3, convolution: separable,
		shortcut: shortcutOption(plain, "identity: around each 1×1 convolution that keeps the number of channels, "+
			"added before the activation; none: as published", identity, plain),
		downsample: stridedDownsample}
	Register(Variant{
		Name: "shufflenet_mini", Family: "ShuffleNet", Paper: zhangShuffleNet + ", reduced to what its shuffle does", Year: 2017,
		Input: [3]int{2, 32, 32}, Classes: 2, Options: common.options(own...), Build: buildShuffleMini,
		chained: true, grouped: alwaysGrouped,
	})
}

// buildShuffleMini adds three stages. Each is a 3×3 convolution that halves the pixels, of groups in the first and of
// each channel in the others, and a 1×1 convolution of groups.
func buildShuffleMini(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
	m, groups, width := newSeparable(s), s.Int("groups"), s.Int("width")
	meet := func(l *nn.Builder, x nn.Tensor) nn.Tensor {
		if !m.shuffle {
			return x
		}
		return l.In("shuffle").ChannelShuffle(x, groups)
	}
	first, layers := m.onImage(), sequence{b: b.In("features")}
	first.shuffle = false // its groups meet after the activation
	l := layers.next()
	x = meet(l, first.convNormAct(l, x, width, window{3, 2, groups}))
	for i, out := range []int{width, 2 * width, 2 * width} {
		if i > 0 {
			x = m.miniHalve(layers.next(), x, groups)
		}
		l = layers.next()
		p := place{stage: i, stride: 1, drop: m.shortcut.drop(i+1, 3), act: l.In("2")}
		y := m.convNorm(l, m.attendAt(sePre, l, x, i), out, window{1, 1, groups})
		x = meet(l, m.chain(l, x, y, p))
	}
	x = b.In("dropout").Dropout(b.In("avgpool").GlobalAvgPool(x), s.Float("dropout"))
	return head(b.In("fc"), x, classes, torchDefault)
}

// miniHalve halves the pixels of x by a 3×3 convolution of each channel or, with convolution=dense, of groups.
func (m modules) miniHalve(l *nn.Builder, x nn.Tensor, groups int) nn.Tensor {
	if b := l.In("0"); m.alone || b.Err() != nil {
		x = m.depthwise(b, x, 3, m.striding(2))
	} else {
		x = m.grouped(b, x, x.Shape()[1], window{3, m.striding(2), groups})
	}
	return m.shrink(l, m.normalize(l.In("1"), x), 2)
}
