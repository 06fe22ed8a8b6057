package zoo

import "workbench/nn"

func init() {
	Register(heRow("resnet18", "ResNet", projection, basicBlocks, 2, 2, 2, 2))
	Register(heRow("resnet34", "ResNet", projection, basicBlocks, 3, 4, 6, 3))
	Register(heRow("resnet18_optA", "ResNet", identity, basicBlocks, 2, 2, 2, 2))
	Register(heRow("resnet34_optA", "ResNet", identity, basicBlocks, 3, 4, 6, 3))
	Register(heRow("plain18", "Plain", plain, basicBlocks, 2, 2, 2, 2))
	Register(heRow("plain34", "Plain", plain, basicBlocks, 3, 4, 6, 3))
	Register(bottleneckRow("resnet50", 3, 4, 6, 3))
	Register(bottleneckRow("resnet101", 3, 4, 23, 3))
	Register(bottleneckRow("resnet152", 3, 8, 36, 3))
}

// heRow is a column of table 1 of the paper.
func heRow(name, family, shortcut string, add blocks, counts ...int) Variant {
	return largeResNet{name: name, family: family, paper: heResNet, year: 2015, add: add, counts: counts,
		defaults: Settings{"shortcut": shortcut}}.variant()
}

func bottleneckRow(name string, counts ...int) Variant {
	return largeResNet{name: name, family: "ResNet", paper: heResNet, year: 2015, add: bottlenecks, counts: counts,
		own: bottleneckOptions(1, 0)}.variant()
}

// largeResNet is a residual network as published for large images: four stages of widths 64, 128, 256 and 512 (table 1
// of He et al.). Parameters are named as torchvision's and timm's.
type largeResNet struct {
	name, family, paper string
	year                int
	side                int // of the images; 0 means 224
	add                 blocks
	counts              []int               // blocks of each stage
	stemWidth           int                 // of a deep stem's first two convolutions, half of the third's; 0 means 32
	grouped             func(Settings) bool // see Variant
	own                 []Option            // options beside those of all residual networks
	defaults            Settings            // that differ from those of all residual networks
}

func (n largeResNet) variant() Variant {
	side := n.side
	if side == 0 {
		side = 224
	}
	stem := stemOption("7×7 of stride 2 and max pooling", "one 3×3 of stride 1 alone")
	width := Option{Name: "width", Default: 64, Min: 1, Max: 4096,
		Doc: "channels of the first stage, before a bottleneck's expansion; doubled in each further one"}
	options := residualOptions(append([]Option{stem, width}, n.own...), projection, len(n.counts))
	return Variant{
		Name: n.name, Family: n.family, Paper: n.paper, Year: n.year, Input: [3]int{3, side, side}, Classes: 1000,
		Options: withDefaults(options, n.defaults), Build: n.build, grouped: n.grouped,
	}
}

func (n largeResNet) build(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
	r, err := newResidual(s)
	if err != nil {
		return b.Fail(err)
	}
	r.attention.family = &gated{eighths, "relu"}
	x = n.stem(r, b, x, s)
	x = r.stages(b, x, r.ordered(n.add), s.Int("width"), n.counts)
	if r.preactivation { // nothing has normalised the last sum
		x = r.act(b, r.normalize(b.In("norm"), x))
	}
	return head(b.In("fc"), b.In("avgpool").GlobalAvgPool(x), classes, torchDefault)
}

func (n largeResNet) stem(r residual, b *nn.Builder, x nn.Tensor, s Settings) nn.Tensor {
	width := s.Int("width")
	switch s.String("stem") {
	case stemSmall:
		return r.act(b, r.normalize(b.In("bn1"), r.ungrouped().conv(b.In("conv1"), x, width, 3, 1)))
	case stemDeep:
		x = n.deepStem().add(r.modules, b.In("conv1"), x)
	default:
		x = r.ungrouped().conv(b.In("conv1"), x, width, 7, 2)
	}
	x = r.act(b, r.normalize(b.In("bn1"), x))
	return b.In("maxpool").MaxPool(x, 3, 2, 1)
}

// deepStem returns a stem that has channels of its own, whatever the width.
func (n largeResNet) deepStem() deepStem {
	width := n.stemWidth
	if width == 0 {
		width = 32
	}
	return deepStem{width, 2 * width, 2}
}

// eighths returns the hidden channels of squeeze and excitation as a multiple of 8, as in timm.
func eighths(channels, reduction int) int {
	return divisible(float64(channels)/float64(reduction), 8, 0)
}
