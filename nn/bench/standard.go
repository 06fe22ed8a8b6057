package bench

import "workbench/nn/zoo"

// standard is a network of the standard set, with how many times as fast as PyTorch its training shall be.
type standard struct {
	name, model string
	options     map[string]any
	batch, side int
	classes     int     // 0: the network's own
	target      float64 // in float32
	targetBF16  float64 // in bfloat16, beside its autocast
}

// standards covers what studies use: small and large images, wide and deep networks, grouped
// and depthwise convolutions, concatenations.
var standards = []standard{
	{name: "ResNet-20", model: "resnet20_cifar", batch: 128, side: 32, target: 1.4, targetBF16: 1.7},
	{name: "ResNet-56", model: "resnet56_cifar", batch: 128, side: 32, target: 1.4, targetBF16: 1.7},
	{name: "ResNet-18, small stem", model: "resnet18", options: map[string]any{"stem": "small"}, batch: 32, side: 32,
		classes: 10, target: 1.7, targetBF16: 1.4},
	{name: "VGG-16-BN, small head", model: "vgg16_bn", options: map[string]any{"pool": 1, "hidden": 512}, batch: 64, side: 32,
		classes: 10, target: 1.7, targetBF16: 1.4},
	{name: "WRN-16-4", model: "wrn_16_4", batch: 64, side: 32, target: 1.7, targetBF16: 1.4},
	{name: "ResNet-18", model: "resnet18", batch: 16, side: 224, target: 1.8, targetBF16: 1.4},
	{name: "ResNet-50", model: "resnet50", batch: 8, side: 224, target: 1.3, targetBF16: 1.4},
	{name: "DenseNet-BC-100-12", model: "densenet_bc_100_12_cifar", batch: 64, side: 32, target: 1.4, targetBF16: 1.5},
	{name: "GoogLeNet", model: "googlenet_torchvision", batch: 16, side: 224, target: 1.4, targetBF16: 1.5},
	{name: "MobileNetV2", model: "mobilenet_v2", batch: 32, side: 64, target: 1.6, targetBF16: 1.7},
	{name: "ShuffleNetV2", model: "shufflenet_v2_x1_0", batch: 32, side: 64, target: 1.6, targetBF16: 1.7},
	{name: "EfficientNet-B0", model: "efficientnet_b0", batch: 32, side: 64, target: 1.6, targetBF16: 1.7},
	{name: "ResNeXt-29 8×64d", model: "resnext29_8x64d_cifar", batch: 32, side: 32, target: 1.6, targetBF16: 1.6},
	{name: "ResNeXt-50 32×4d", model: "resnext50_32x4d", batch: 32, side: 32, classes: 10, target: 1.6, targetBF16: 1.6},
}

// Targets of the geometric means over the standard set, in each precision.
const (
	TrainingTarget  = 1.6
	InferenceTarget = 1.5
)

// inferenceBatch is the batch of every network of the standard set in inference.
const inferenceBatch = 32

// Standards returns the cases of the standard set that the zoo has, and the names of the models that
// it lacks. Whatever the set leaves open comes from `like`. Batch, Input and Classes of `like`
// replace those of the set where they are not zero.
func Standards(like Case) (cases []Case, missing []string, err error) {
	for _, s := range standards {
		if _, err := zoo.Lookup(s.model); err != nil {
			missing = append(missing, s.model)
			continue
		}
		c, err := s.like(like)
		if err != nil {
			return nil, nil, err
		}
		cases = append(cases, c)
	}
	return cases, missing, nil
}

// StandardsOf are the cases of the standard set with the model; none if it is not in the set.
func StandardsOf(model string, like Case) ([]Case, error) {
	var cases []Case
	for _, s := range standards {
		if s.model != model {
			continue
		}
		c, err := s.like(like)
		if err != nil {
			return nil, err
		}
		cases = append(cases, c)
	}
	return cases, nil
}

func (s standard) like(c Case) (Case, error) {
	if !c.Inference && c.Batch == 0 && c.Input == ([3]int{}) && c.Classes == 0 {
		if c.Target = s.target; c.Precision == BFloat16 {
			c.Target = s.targetBF16
		}
	}
	c.Name, c.Model, c.Options = s.name, s.model, s.options
	if c.Batch == 0 {
		if c.Batch = s.batch; c.Inference {
			c.Batch = inferenceBatch
		}
	}
	for i := 1; i < len(c.Input); i++ {
		if c.Input[i] == 0 {
			c.Input[i] = s.side
		}
	}
	if c.Classes == 0 {
		c.Classes = s.classes
	}
	return NewCase(c)
}
