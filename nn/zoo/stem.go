package zoo

import "workbench/nn"

// These are the names of the first layers of a network for large images.
const (
	stemLarge = "large"
	stemDeep  = "deep"
	stemSmall = "small"
)

// stemOption is for networks that begin with a large kernel or a stride. Those that begin with 3×3 convolutions of
// stride 1 (VGG, CIFAR's residual and dense networks) have no such switch, because their first layer suits large and
// small images.
func stemOption(large, small string) Option {
	return Option{Name: "stem", Default: stemLarge, Choices: []string{stemLarge, stemDeep, stemSmall},
		Doc: "large: " + large + "; deep: three 3×3 convolutions instead of the first one " +
			"(ResNet-C, He et al. 2018); small: " + small + ", for 32×32 images"}
}

// stemStrideOption is for networks whose first convolution is 3×3 and halves large images.
var stemStrideOption = stemOption("a first 3×3 convolution of stride 2", "of stride 1")

// stemStride returns the stride of a first convolution that halves large images.
func stemStride(s Settings) int {
	if s.String("stem") == stemSmall {
		return 1
	}
	return 2
}

// deepStem is three 3×3 convolutions. The caller normalises the last.
type deepStem struct {
	inner, out int // channels of the first two and of the last
	stride     int // of all three together, 1, 2, 4 or 8: each in turn takes 2 while some is left
}

func (d deepStem) add(m modules, b *nn.Builder, x nn.Tensor) nn.Tensor {
	m = m.ungrouped()
	layers, left := sequence{b: b}, d.stride
	for _, width := range []int{d.inner, d.inner, d.out} {
		stride := min(2, left)
		left /= stride
		if layers.n > 0 {
			x = m.normalize(layers.next(), x)
			x = m.act(layers.next(), x)
		}
		x = m.conv(layers.next(), x, width, 3, stride)
	}
	return x
}

// begun adds the stem's first convolution, of k×k, or the three that stem=deep has in its place.
func (m modules) begun(b *nn.Builder, x nn.Tensor, kind string, out int, w window) nn.Tensor {
	if kind == stemDeep {
		return deepStem{max(1, out/2), out, w.stride}.add(m, b, x)
	}
	return m.ungrouped().grouped(b, x, out, w)
}

// mobileStem adds a 3×3 convolution "0", its normalisation "1" and an activation "2".
func (m modules) mobileStem(b *nn.Builder, x nn.Tensor, out int, s Settings) nn.Tensor {
	x = m.begun(b.In("0"), x, s.String("stem"), out, window{3, stemStride(s), 1})
	return m.act(b.In("2"), m.normalize(b.In("1"), x))
}
