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

// vgg is a column of table 1 of the paper. Parameters are named as torchvision's: "features.0.weight",
// "classifier.6.bias".
func vgg(name string, widths []int, norm string) Variant {
	paper, year := simonyanVGG, 2014
	if norm == batchNorm {
		paper, year = paper+" + batch normalisation", 2015
	}
	common := common{activation: "relu", norm: norm, attention: noAttention, stages: 5, convolution: dense,
		shortcut: chainShortcut("each convolution but the first"), downsample: vggDownsample}
	return Variant{
		Name: name, Family: "VGG", Paper: paper, Year: year, Input: [3]int{3, 224, 224}, Classes: 1000,
		Options: common.options(append(classifierOptions(7), convolutionOption)...), chained: true,
		Build: func(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
			m := newModules(s)
			m.shortcut.zeros = true
			x = vggFeatures(m, b.In("features"), x, widths)
			x = b.In("avgpool").AdaptiveAvgPool(x, s.Int("pool"))
			h := hiddenClassifier{width: s.Int("hidden"), dropout: s.Float("dropout"), activation: m.activation, start: normalHundredth}
			return h.build(b.In("classifier"), b.Flatten(x), classes)
		},
	}
}

// vggDownsample is also the switch with which All-CNN replaces poolings by strides.
var vggDownsample = downsampleOption("how pixels are halved behind a stage: max, average: by a pooling; "+
	"stride: its last convolution skips three of four, and no pooling follows (All-CNN, Springenberg et al. 2015)", byMax)

// vggFeatures adds the convolutions. They have biases even where a normalisation follows.
func vggFeatures(m modules, b *nn.Builder, x nn.Tensor, widths []int) nn.Tensor {
	layers, p, total := sequence{b: b}, place{}, len(widths)-5-1 // no shortcut goes around the first
	for i, width := range widths {
		if width == downsample {
			if at := layers.next(); m.downsample != byStride {
				x = pooled(m.downsample, at, x, nn.Pool2d{Kernel: [2]int{2, 2}})
			}
			p.stage++
			continue
		}
		p.stride, p.drop = 1, m.shortcut.drop(i-p.stage, total)
		if m.downsample == byStride && widths[i+1] == downsample {
			p.stride = 2
		}
		at := m
		if i == 0 {
			at = m.onImage()
		}
		conv := layers.next()
		y := at.attendAt(sePre, conv, x, p.stage)
		y = at.convolve(conv, y, nn.Conv2d{Out: width, Kernel: [2]int{3, 3}, Stride: p.stride, Pad: [2]int{1, 1}, Bias: true})
		if m.norm != noNorm {
			y = m.normalize(layers.next(), y)
		}
		p.act = layers.next()
		x = at.chain(conv, x, y, p)
	}
	return x
}
