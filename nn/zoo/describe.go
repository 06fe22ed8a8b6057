package zoo

import (
	"fmt"

	"workbench/nn"
)

// Describe builds the variant symbolically, as for training, and sums up what it costs for one image of input
// [channels, height, width].
func Describe(v Variant, s Settings, input [3]int, classes int) (nn.Summary, error) {
	const images = 2 // one image may have one value a channel, which has no variance
	b := nn.NewBuilder(nn.Train, false)
	x := b.Input("image", images, input[0], input[1], input[2])
	if v.Build(b, x, classes, s); b.Err() == nil {
		if summary := b.Summary(); b.Err() == nil {
			return summary, nil
		}
	}
	return nn.Summary{}, fmt.Errorf("%s on %d×%d×%d images: %w", v.Name, input[0], input[1], input[2], b.Err())
}
