package zoo

import "workbench/nn"

const howardMobileNetV3 = "Howard et al. Searching for MobileNetV3 (ICCV 2019, arXiv 1905.02244)"

func init() {
	Register(mobileNetV3("mobilenet_v3_large", 1280, []v3Block{
		{3, 16, 16, false, false, 1},
		{3, 64, 24, false, false, 2}, {3, 72, 24, false, false, 1},
		{5, 72, 40, true, false, 2}, {5, 120, 40, true, false, 1}, {5, 120, 40, true, false, 1},
		{3, 240, 80, false, true, 2}, {3, 200, 80, false, true, 1}, {3, 184, 80, false, true, 1}, {3, 184, 80, false, true, 1},
		{3, 480, 112, true, true, 1}, {3, 672, 112, true, true, 1},
		{5, 672, 160, true, true, 2}, {5, 960, 160, true, true, 1}, {5, 960, 160, true, true, 1},
	}))
	Register(mobileNetV3("mobilenet_v3_small", 1024, []v3Block{
		{3, 16, 16, true, false, 2},
		{3, 72, 24, false, false, 2}, {3, 88, 24, false, false, 1},
		{5, 96, 40, true, true, 2}, {5, 240, 40, true, true, 1}, {5, 240, 40, true, true, 1},
		{5, 120, 48, true, true, 1}, {5, 144, 48, true, true, 1},
		{5, 288, 96, true, true, 2}, {5, 576, 96, true, true, 1}, {5, 576, 96, true, true, 1},
	}))
}

// v3Block is a row of tables 1 and 2 of the paper: kernel, expanded and resulting channels, whether it has squeeze and
// excitation, whether it has h-swish instead of ReLU, and stride.
type v3Block struct {
	k, expanded, out int
	squeeze, hard    bool
	stride           int
}

// begins returns 1 where a block begins a stage, else 0. A stage is blocks of one width.
func (r v3Block) begins(before v3Block) int {
	if r.out != before.out {
		return 1
	}
	return 0
}

// mobileNetV3 is a network whose classifier has so many hidden units. Parameters are named as torchvision's.
func mobileNetV3(name string, hidden int, blocks []v3Block) Variant {
	own := []Option{
		widthOption, resolutionOption, stemStrideOption, paddingOption, dropPathOption,
		{Name: "dropout", Default: 0.2, Max: 0.99, Doc: "probability that a hidden unit of the classifier is dropped in training"},
	}
	stages := 1
	for i := range blocks[1:] {
		stages += blocks[i+1].begins(blocks[i])
	}
	own = withDefaults(invertedOptions(own, "hard_swish", squeezeExcite, stages),
		Settings{"bn_epsilon": 1e-3, "bn_momentum": 0.01, "se_reduction": 4, excitationName: hardSigmoid})
	for i, o := range own {
		switch o.Name {
		case "activation":
			own[i].Doc = "of the later half of the network; the earlier has ReLU (section 5.2)"
		case "attention":
			own[i].Doc = "se: squeeze and excitation in the blocks that the paper's search gave it"
		}
	}
	return Variant{
		Name: name, Family: "MobileNet", Paper: howardMobileNetV3, Year: 2019, Input: [3]int{3, 224, 224}, Classes: 1000, Options: own,
		Build: func(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
			return buildMobileNetV3(b, x, classes, v3Net{s, hidden, blocks})
		},
	}
}

type v3Net struct {
	Settings
	hidden int
	blocks []v3Block
}

// scaled rounds channels to a multiple of 8.
func (v v3Net) scaled(width int) int { return divisible(float64(width)*v.Float("width"), 8, 0.1) }

func buildMobileNetV3(b *nn.Builder, x nn.Tensor, classes int, v v3Net) nn.Tensor {
	n := newInvertedNet(v.Settings)
	layers := sequence{b: b.In("features")}
	x = n.mobileStem(layers.next(), resize(b, x, v.Settings), v.scaled(16), v.Settings)
	n.numbered, n.attention.family = true, &gated{inner: "relu",
		hidden: func(channels, reduction int) int { return divisible(float64(channels/reduction), 8, 0.1) }}
	last, stage := 0, 0
	for i, row := range v.blocks {
		own := n
		if !row.hard {
			own.activation = "relu"
		}
		if i > 0 {
			stage += row.begins(v.blocks[i-1])
		}
		block := inverted{expanded: v.scaled(row.expanded), out: v.scaled(row.out), k: row.k, attention: n.attention,
			place: place{stage: stage, stride: row.stride, drop: n.shortcut.drop(i, len(v.blocks))}}
		if !row.squeeze {
			block.attention.kind = noAttention
		}
		l := layers.next()
		x = own.block(l, l.In("block"), x, block)
		last = 6 * block.out
	}
	x = b.GlobalAvgPool(n.convNormAct(layers.next(), x, last, window{1, 1, 1}))
	classifier := sequence{b: b.In("classifier")}
	x = linear(classifier.next(), x, v.scaled(v.hidden), normalHundredth)
	x = n.act(classifier.next(), x)
	x = classifier.next().Dropout(x, v.Float("dropout"))
	return head(classifier.next(), x, classes, normalHundredth)
}
