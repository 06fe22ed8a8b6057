package zoo

import (
	"fmt"

	"workbench/nn"
)

func init() {
	Register(resNet("resnet18", "ResNet", projection, 2, 2, 2, 2))
	Register(resNet("resnet34", "ResNet", projection, 3, 4, 6, 3))
	Register(resNet("resnet18_optA", "ResNet", identity, 2, 2, 2, 2))
	Register(resNet("resnet34_optA", "ResNet", identity, 3, 4, 6, 3))
	Register(resNet("plain18", "Plain", plain, 2, 2, 2, 2))
	Register(resNet("plain34", "Plain", plain, 3, 4, 6, 3))
}

// resNet is a row of table 1 of the paper: basic blocks in each of four stages. Parameters are named as torchvision's.
func resNet(name, family, shortcut string, blocks ...int) Variant {
	return Variant{
		Name: name, Family: family, Paper: heResNet, Year: 2015,
		Input: [3]int{3, 224, 224}, Classes: 1000, Options: residualOptions(shortcut),
		Build: func(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
			r, err := newResidual(s)
			if err != nil {
				return b.Fail(err)
			}
			x = b.ReLU(b.In("bn1").BatchNorm(b.In("conv1").Conv(x, 64, 7, 2)))
			x = b.In("maxpool").MaxPool(x, 3, 2, 1)
			for i, n := range blocks {
				x = r.stage(b.In(fmt.Sprintf("layer%d", i+1)), x, n, 64<<i, min(i+1, 2))
			}
			return b.In("fc").Linear(b.In("avgpool").GlobalAvgPool(x), classes)
		},
	}
}
