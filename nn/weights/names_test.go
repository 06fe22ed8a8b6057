package weights_test

import (
	"slices"
	"testing"

	"workbench/nn/weights"
)

// What the libraries themselves call these layers. make parity reads their networks whole; the answers on record have
// few of their names.
func TestLayersHaveTheLibrariesNames(t *testing.T) {
	for _, test := range []struct{ library, path, name string }{
		{"timm", "features.0.0.weight", "conv_stem.weight"},                 // mobilenetv2_100
		{"timm", "features.1.conv.0.0.weight", "blocks.0.0.conv_dw.weight"}, // the first block does not expand
		{"timm", "features.1.conv.1.weight", "blocks.0.0.conv_pw.weight"},
		{"timm", "features.1.conv.2.running_var", "blocks.0.0.bn2.running_var"},
		{"timm", "features.2.conv.0.0.weight", "blocks.1.0.conv_pw.weight"}, // all others do
		{"timm", "features.3.conv.0.1.bias", "blocks.1.1.bn1.bias"},
		{"timm", "features.4.conv.1.0.weight", "blocks.2.0.conv_dw.weight"},
		{"timm", "features.4.conv.1.1.weight", "blocks.2.0.bn2.weight"},
		{"timm", "features.11.conv.2.weight", "blocks.4.0.conv_pwl.weight"},
		{"timm", "features.17.conv.3.weight", "blocks.6.0.bn3.weight"},
		{"timm", "features.18.0.weight", "conv_head.weight"},
		{"timm", "features.18.1.weight", "bn2.weight"},
		{"pytorchcv", "conv1.weight", "features.init_block.conv.conv.weight"}, // resnet18
		{"pytorchcv", "conv1.weight", "features.init_block.conv.weight"},      // resnet20_cifar10
		{"pytorchcv", "layer1.0.conv1.weight", "features.stage1.unit1.body.conv1.conv.weight"},
		{"pytorchcv", "layer2.0.downsample.0.weight", "features.stage2.unit1.identity_conv.conv.weight"},
		{"pytorchcv", "layer2.0.downsample.1.weight", "features.stage2.unit1.identity_conv.bn.weight"},
		{"pytorchcv", "layer3.1.bn2.weight", "features.stage3.unit2.body.conv2.bn.weight"},
		{"pytorchcv", "features.denseblock2.denselayer3.norm1.weight", "features.stage2.unit3.conv1.bn.weight"}, // densenet40_k12_bc_cifar10
		{"pytorchcv", "features.denseblock2.denselayer3.conv2.weight", "features.stage2.unit3.conv2.conv.weight"},
		{"pytorchcv", "features.transition1.norm.weight", "features.stage2.trans2.conv.bn.weight"},
		{"pytorchcv", "features.transition2.conv.weight", "features.stage3.trans3.conv.conv.weight"},
		{"pytorchcv", "features.2.depthwise.0.weight", "features.stage2.unit1.dw_conv.conv.weight"}, // mobilenet_w1
		{"pytorchcv", "features.13.pointwise.1.weight", "features.stage5.unit2.pw_conv.bn.weight"},
		{"pytorchcv", "fc.bias", "output.bias"},
	} {
		if got := weights.NamesIn(test.library, test.path); !slices.Contains(got, test.name) {
			t.Errorf("%s calls %s %v, want %s", test.library, test.path, got, test.name)
		}
	}
}
