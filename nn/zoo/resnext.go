package zoo

import "fmt"

const xieResNeXt = "Xie et al. Aggregated Residual Transformations for Deep Neural Networks (CVPR 2017, arXiv 1611.05431)"

func init() {
	for _, t := range []template{{1, 64}, {2, 40}, {4, 24}, {8, 14}, {32, 4}} {
		Register(resNeXt("resnext50_"+t.String(), t, 3, 4, 6, 3))
	}
	for _, t := range []template{{1, 64}, {2, 40}, {4, 24}, {8, 14}, {32, 4}, {2, 64}, {64, 4}, {32, 8}} {
		Register(resNeXt("resnext101_"+t.String(), t, 3, 4, 23, 3))
	}
	Register(resNeXt("resnet101_1x100d", template{1, 100}, 3, 4, 23, 3)) // the wider ResNet-101 of table 4
	for _, t := range []template{{1, 64}, {2, 64}, {4, 64}, {8, 64}, {16, 64}, {32, 4}} {
		Register(resNeXtCIFAR(29, t))
	}
}

// template is C×d, the cardinality and the channels of a group in the first stage (table 1 of the paper).
type template struct{ c, d int }

func (t template) String() string { return fmt.Sprintf("%dx%dd", t.c, t.d) }

func resNeXt(name string, t template, counts ...int) Variant {
	return largeResNet{name: name, family: "ResNeXt", paper: xieResNeXt, year: 2016, add: bottlenecks, counts: counts,
		own: bottleneckOptions(t.c, t.d)}.variant()
}
