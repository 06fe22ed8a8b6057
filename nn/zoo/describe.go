package zoo

import (
	"fmt"

	"workbench/nn"
)

// Describe builds the variant symbolically, as for training, and sums up what it costs for one image of input
// [channels, height, width].
func Describe(v Variant, s Settings, input [3]int, classes int) (summary nn.Summary, err error) {
	err = assemble(v, s, input, classes, func(b *nn.Builder) { summary = b.Summary() })
	return summary, err
}

// Cost returns the part of Describe that is quick to compute.
func Cost(v Variant, s Settings, input [3]int, classes int) (cost nn.Cost, err error) {
	err = assemble(v, s, input, classes, func(b *nn.Builder) { cost = b.Cost() })
	return cost, err
}

func assemble(v Variant, s Settings, input [3]int, classes int, look func(*nn.Builder)) error {
	const images = 2 // with one image a channel may have but one value, which has no variance
	b := nn.NewBuilder(nn.Train, false)
	v.Build(b, b.Input("image", images, input[0], input[1], input[2]), classes, s)
	if b.Err() == nil {
		look(b)
	}
	if b.Err() != nil {
		return fmt.Errorf("%s on %d×%d×%d images: %w", v.Name, input[0], input[1], input[2], b.Err())
	}
	return nil
}
