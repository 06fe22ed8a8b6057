package zoo

import "workbench/nn"

const simonyanVGG = "Simonyan, Zisserman. Very Deep Convolutional Networks for Large-Scale Image Recognition (ICLR 2015, arXiv 1409.1556)"

// downsample stands for a 2×2 max pooling among the widths of a VGG's convolutions.
const downsample = 0

var (
	vggA = []int{64, downsample, 128, downsample, 256, 256, downsample, 512, 512, downsample, 512, 512, downsample}
	vggB = []int{64, 64, downsample, 128, 128, downsample, 256, 256, downsample, 512, 512, downsample, 512, 512, downsample}
	vggD = []int{64, 64, downsample, 128, 128, downsample, 256, 256, 256, downsample, 512, 512, 512, downsample, 512, 512, 512, downsample}
	vggE = []int{64, 64, downsample, 128, 128, downsample, 256, 256, 256, 256, downsample,
		512, 512, 512, 512, downsample, 512, 512, 512, 512, downsample}
)

func init() {
	Register(vgg("vgg11", vggA, noNorm))
	Register(vgg("vgg13", vggB, noNorm))
	Register(vgg("vgg16", vggD, noNorm))
	Register(vgg("vgg19", vggE, noNorm))
	Register(vgg("vgg11_bn", vggA, batchNorm))
	Register(vgg("vgg13_bn", vggB, batchNorm))
	Register(vgg("vgg16_bn", vggD, batchNorm))
	Register(vgg("vgg19_bn", vggE, batchNorm))
}

// vgg is a column of table 1 of the paper. Parameters are named as torchvision's: "features.0.weight", "classifier.6.bias".
func vgg(name string, widths []int, norm string) Variant {
	paper, year := simonyanVGG, 2014
	if norm == batchNorm {
		paper, year = paper+" + batch normalisation", 2015
	}
	options := append(classifierOptions(7), convolutionOption)
	options = append(options, attentionOptions(noAttention, 5)...)
	return Variant{
		Name: name, Family: "VGG", Paper: paper, Year: year, Input: [3]int{3, 224, 224}, Classes: 1000,
		Options: append(options, moduleOptions("relu", norm)...),
		Build: func(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
			m := newModules(s)
			x = vggFeatures(m, b.In("features"), x, widths)
			x = b.In("avgpool").AdaptiveAvgPool(x, s.Int("pool"))
			h := hiddenClassifier{width: s.Int("hidden"), dropout: s.Float("dropout"), activation: m.activation, start: normalHundredth}
			return h.build(b.In("classifier"), b.Flatten(x), classes)
		},
	}
}

// vggFeatures are the convolutions, which have biases with a normalisation, too.
func vggFeatures(m modules, b *nn.Builder, x nn.Tensor, widths []int) nn.Tensor {
	layers, stage := sequence{b: b}, 0
	for _, width := range widths {
		if width == downsample {
			x = layers.next().MaxPool(x, 2, 2, 0)
			stage++
			continue
		}
		conv := layers.next()
		x = m.convolve(conv, x, nn.Conv2d{Out: width, Kernel: [2]int{3, 3}, Pad: [2]int{1, 1}, Bias: true})
		if m.norm != noNorm {
			x = m.normalize(layers.next(), x)
		}
		x = m.attention.attend(conv, m.act(layers.next(), x), stage)
	}
	return x
}
