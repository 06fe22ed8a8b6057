package zoo

import (
	"fmt"

	"workbench/nn"
)

// Describe builds the variant symbolically for one image of input [channels, height, width] and sums up what it costs.
func Describe(v Variant, s Settings, input [3]int, classes int) (nn.Summary, error) {
	b := nn.NewBuilder(nn.Infer, false)
	x := b.Input("image", 1, input[0], input[1], input[2])
	v.Build(b, x, classes, s)
	if err := b.Err(); err != nil {
		return nn.Summary{}, fmt.Errorf("%s on %d×%d×%d images: %w", v.Name, input[0], input[1], input[2], err)
	}
	return b.Summary(), nil
}
