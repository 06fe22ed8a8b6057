package zoo

const zeilerZFNet = "Zeiler, Fergus. Visualizing and Understanding Convolutional Networks (ECCV 2014, arXiv 1311.2901)"

func init() {
	Register(zfNet("zfnet", 384, 384, 256))
	Register(zfNet("zfnet_wide", 512, 1024, 512)) // the last row of table 2
}

// zfNet is AlexNet on one GPU with a smaller first kernel and smaller strides (figure 3 of the paper).
func zfNet(name string, third, fourth, fifth int) Variant {
	return alexNet{
		name: name, family: "ZFNet", paper: zeilerZFNet, year: 2013, side: 224, response: true, ceil: true,
		start: normalHundredth, hidden: normalHundredth,
		convs: []alexConv{{96, 7, 2, 1, 1, 0}, {256, 5, 2, 0, 1, 0}, {third, 3, 1, 1, 1, 0}, {fourth, 3, 1, 1, 1, 0}, {fifth, 3, 1, 1, 1, 0}},
	}.variant()
}
