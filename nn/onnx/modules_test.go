package onnx

// Otherwise is a network with modules that it was not published with.
type Otherwise struct {
	Variant string
	Given   map[string]any
}

// OtherModules have between them every layer that one of the switches common to all families can add.
var OtherModules = []Otherwise{
	{"resnet_mini", map[string]any{"cardinality": 2, "shuffle": true, "shortcut": "projection_all", "downsample": "max"}},
	{"resnet18", map[string]any{"attention": "se", "se_position": "identity", "stem": "deep", "preactivation": true}},
	{"resnet_cifar", map[string]any{"block": "B(3,1,3)", "widen": 2, "attention": "se", "se_squeeze": "max", "se_excitation": "tanh"}},
	{"googlenet", map[string]any{"stem": "deep", "shortcut": "identity", "downsample": "stride"}},
	{"vgg_mini", map[string]any{"cardinality": 4, "shuffle": true, "shortcut": "identity", "downsample": "average"}},
	{"alexnet", map[string]any{"stem": "deep", "shortcut": "projection", "downsample": "stride", "attention": "se", "se_position": "post"}},
	{"densenet_mini", map[string]any{"shortcut": "none", "downsample": "max"}},
	{"mobilenet_mini", map[string]any{"shortcut": "identity", "downsample": "average", "attention": "se",
		"se_reduction": 4, "se_position": "pre"}},
	{"mobilenet_v2", map[string]any{"convolution": "dense", "cardinality": 2, "shuffle": true, "shortcut": "projection", "downsample": "max"}},
	{"mobilenet_v3_small", map[string]any{"se_position": "identity", "stem": "deep"}},
	{"shufflenet_v1_1x_g3", map[string]any{"shortcut": "none", "convolution": "dense"}},
	{"shufflenet_v1_1x_g3", map[string]any{"downsample": "stride", "attention": "se", "se_position": "identity"}},
	{"shufflenet_v2_x0_5", map[string]any{"shortcut": "identity", "downsample": "average", "stem": "small"}},
}
