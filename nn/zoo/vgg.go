package zoo

import (
	"strconv"

	"workbench/nn"
)

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
	Register(vgg("vgg11", vggA, false))
	Register(vgg("vgg13", vggB, false))
	Register(vgg("vgg16", vggD, false))
	Register(vgg("vgg19", vggE, false))
	Register(vgg("vgg11_bn", vggA, true))
	Register(vgg("vgg13_bn", vggB, true))
	Register(vgg("vgg16_bn", vggD, true))
	Register(vgg("vgg19_bn", vggE, true))
}

// vgg is a column of table 1 of the paper. Parameters are named as torchvision's: "features.0.weight", "classifier.6.bias".
func vgg(name string, widths []int, norm bool) Variant {
	v := Variant{
		Name: name, Family: "VGG", Year: 2014, Input: [3]int{3, 224, 224}, Classes: 1000,
		Paper: "Simonyan, Zisserman. Very Deep Convolutional Networks for Large-Scale Image Recognition (ICLR 2015, arXiv 1409.1556)",
		Options: []Option{
			{Name: "pool", Default: 7, Min: 1, Max: 64, Doc: "side of the maps that the classifier sees; 1 for 32×32 images"},
			{Name: "hidden", Default: 4096, Min: 1, Max: 65536, Doc: "width of the two hidden linear layers; 512 is usual for CIFAR"},
			{Name: "dropout", Default: 0.5, Max: 0.99, Doc: "probability that a hidden unit is dropped in training"},
		},
		Build: func(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
			x = vggFeatures(b.In("features"), x, widths, norm)
			x = b.In("avgpool").AdaptiveAvgPool(x, s.Int("pool"))
			return vggClassifier(b.In("classifier"), b.Flatten(x), classes, s)
		},
	}
	if norm {
		v.Paper, v.Year = v.Paper+" + batch normalisation", 2015
	}
	return v
}

func vggFeatures(b *nn.Builder, x nn.Tensor, widths []int, norm bool) nn.Tensor {
	layers := 0
	next := func() *nn.Builder {
		layers++
		return b.In(strconv.Itoa(layers - 1))
	}
	for _, width := range widths {
		if width == downsample {
			x = next().MaxPool(x, 2, 2, 0)
			continue
		}
		x = next().Conv2d(x, nn.Conv2d{Out: width, Kernel: [2]int{3, 3}, Pad: [2]int{1, 1}, Bias: true})
		if norm {
			x = next().BatchNorm(x)
		}
		x = next().ReLU(x)
	}
	return x
}

func vggClassifier(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
	hidden, p, start := s.Int("hidden"), s.Float("dropout"), nn.Init{Normal: 0.01}
	x = b.In("1").ReLU(b.In("0").LinearInit(x, hidden, start, nn.Init{}))
	x = b.In("2").Dropout(x, p)
	x = b.In("4").ReLU(b.In("3").LinearInit(x, hidden, start, nn.Init{}))
	x = b.In("5").Dropout(x, p)
	return b.In("6").LinearInit(x, classes, start, nn.Init{})
}
