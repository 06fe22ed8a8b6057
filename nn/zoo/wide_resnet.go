package zoo

const zagoruykoWide = "Zagoruyko, Komodakis. Wide Residual Networks (BMVC 2016, arXiv 1605.07146v4)"

func init() {
	Register(wideRow("wide_resnet50_2", 3, 4, 6, 3))
	Register(wideRow("wide_resnet101_2", 3, 4, 23, 3))
	for _, w := range []struct{ depth, k int }{
		{16, 4}, {16, 8}, {16, 10}, {22, 8}, {22, 10}, {28, 2}, {28, 10}, {28, 12}, {40, 1}, {40, 2}, {40, 4}, {40, 8}, {40, 10},
	} {
		Register(wideCIFAR(w.depth, w.k))
	}
}

// widenOption is for families of residual networks for small images.
var widenOption = Option{Name: "widen", Default: 1, Min: 1, Max: 4096, Later: true,
	Doc: "k of Wide ResNet: the stages are so many times as wide, the first convolution is not (table 1)"}

// wideRow is a network of bottlenecks whose 3×3 convolutions are twice as wide (section 3, "ImageNet").
func wideRow(name string, counts ...int) Variant {
	return largeResNet{name: name, family: "WideResNet", paper: zagoruykoWide, year: 2016, add: bottlenecks, counts: counts,
		own: bottleneckOptions(1, 128)}.variant()
}
