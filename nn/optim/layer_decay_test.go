package optim_test

import (
	"maps"
	"math"
	"testing"

	"workbench/nn"
	"workbench/nn/optim"
)

// Blocks by their paths, in the order of networks of torchvision: a ResNet, a VGG, a MobileNet, a DenseNet, a
// GoogLeNet, and a network whose classifier has the prefix of its phase.
func TestLayerDecayCountsBlocksFromTheEnd(t *testing.T) {
	for name, c := range map[string][]struct {
		path  string
		power float64
	}{
		"resnet": {{"conv1.weight", 4}, {"bn1.weight", 4}, {"bn1.bias", 4}, {"layer1.0.conv1.weight", 3},
			{"layer1.0.downsample.0.weight", 3},
			{"layer1.1.bn2.bias", 2}, {"layer2.0.conv1.weight", 1}, {"fc.weight", 0}, {"fc.bias", 0}},
		"vgg": {{"features.0.weight", 3}, {"features.0.bias", 3}, {"features.3.weight", 2},
			{"classifier.0.weight", 1}, {"classifier.3.weight", 0}},
		"mobilenet": {{"features.0.0.weight", 3}, {"features.0.1.bias", 3}, {"features.1.conv.0.0.weight", 2},
			{"features.18.0.weight", 1}, {"classifier.1.weight", 0}},
		"densenet": {{"features.conv0.weight", 5}, {"features.norm0.weight", 4}, {"features.denseblock1.denselayer1.norm1.weight", 3},
			{"features.denseblock1.denselayer2.norm1.weight", 3}, {"features.transition1.norm.bias", 2},
			{"features.norm5.bias", 1}, {"classifier.weight", 0}},
		"googlenet": {{"conv1.conv.weight", 3}, {"conv1.bn.weight", 3}, {"inception3a.branch1.conv.weight", 2},
			{"inception3a.branch2.0.conv.weight", 2},
			{"inception3b.branch1.conv.weight", 1}, {"fc.bias", 0}},
		"probed": {{"conv1.weight", 2}, {"layer1.0.conv1.weight", 1}, {"finetune.fc.weight", 0}},
	} {
		var params []*nn.Param
		want := map[string]float64{}
		for _, p := range c {
			params = append(params, &nn.Param{Path: p.path})
			want[p.path] = math.Pow(0.75, p.power)
		}
		if got := optim.LayerScales(params, 0.75, 1); !maps.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}
