package quantity

import (
	"fmt"

	"workbench/nn"
	"workbench/nn/option"
)

// windowOptions are the settings of a layer that stands alone.
var windowOptions = []option.Option{
	{Name: "channels", Default: 64, Min: 1, Max: 4096, Doc: "that it reads"},
	{Name: "out", Default: 0, Max: 4096, Doc: "channels of the result of a convolution; 0: as many as it reads"},
	{Name: "kernel", Default: 3, Min: 1, Max: 255, Doc: "side of the kernel"},
	{Name: "stride", Default: 1, Min: 1, Max: 255, Doc: "pixels from one position of the kernel to the next"},
	{Name: "padding", Default: 0, Max: 255, Doc: "zeros on each side"},
	{Name: "groups", Default: 1, Min: 1, Max: 4096, Doc: "groups of a convolution"},
	{Name: "bias", Default: false, Doc: "a convolution adds biases"},
	{Name: "side", Default: 56, Min: 1, Max: 4096, Doc: "height and width of the map"},
}

func init() {
	Register(alone("conv", "a convolution alone", func(b *nn.Builder, x nn.Tensor, s option.Settings) nn.Tensor {
		out := s.Int("out")
		if out == 0 {
			out = s.Int("channels")
		}
		return b.Conv2d(x, nn.Conv2d{Out: out, Kernel: [2]int{s.Int("kernel"), s.Int("kernel")}, Stride: s.Int("stride"),
			Pad: [2]int{s.Int("padding"), s.Int("padding")}, Groups: s.Int("groups"), Bias: s.Bool("bias")})
	}))
	Register(alone("pool", "a max pooling alone", func(b *nn.Builder, x nn.Tensor, s option.Settings) nn.Tensor {
		return b.MaxPool(x, s.Int("kernel"), s.Int("stride"), s.Int("padding"))
	}))
}

// alone is a layer without a network.
func alone(name, what string, add func(*nn.Builder, nn.Tensor, option.Settings) nn.Tensor) Quantity {
	return Quantity{Name: name, Call: name + "({channels: 64, kernel: 3, side: 56, …})",
		Doc:   what + " on square maps; channels, out, kernel, stride, padding, groups, bias, side; fields as those of layers",
		Types: []any{new(func(map[string]any) Layer)},
		Of: func(_ *Networks, arguments []any) (any, error) {
			s, err := option.Resolve(name, windowOptions, arguments[0].(map[string]any))
			if err != nil {
				return nil, err
			}
			b := nn.NewBuilder(nn.Infer, false)
			add(b, b.Input("map", 1, s.Int("channels"), s.Int("side"), s.Int("side")), s)
			summary := b.Summary()
			if b.Err() != nil {
				return nil, fmt.Errorf("%s: %w", name, b.Err())
			}
			return seen(summary.Layers[0]), nil
		}}
}
