package op

import (
	"fmt"

	G "gorgonia.org/gorgonia"
)

// Channels is the slice [From, From+Count) of the channels of x [n, c, h, w].
type Channels struct{ From, Count int }

func (Channels) Name() string  { return "channels" }
func (Channels) Wants() []bool { return all(1) }

func (v Channels) Infer(in []Shape) (Shape, error) {
	x := in[0]
	if err := wantRank("channels", "input", x, 4); err != nil {
		return nil, err
	}
	if v.From < 0 || v.Count < 1 || v.From+v.Count > x[1] {
		return nil, fmt.Errorf("channels: [%d, %d) is not inside the %d channels of %v", v.From, v.From+v.Count, x[1], x)
	}
	return Shape{x[0], v.Count, x[2], x[3]}, nil
}

func (v Channels) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(ChannelsBwd{From: v.From, Of: in[0].Shape()[1]}, dy)
	return []*G.Node{dx}, err
}

func (v Channels) Run(c Call) { run(c, channels[float32](v), channels[float64](v)) }

func channels[T Real](v Channels) func(Call) {
	return func(c Call) {
		x, y, area := data[T](c.In[0]), data[T](c.Out), c.Out.Shape[2:].Size()
		whole, part := c.In[0].Shape[1]*area, v.Count*area
		for n := 0; n < c.Out.Shape[0]; n++ {
			copy(y[n*part:(n+1)*part], x[n*whole+v.From*area:])
		}
	}
}

// ChannelsBwd writes dy [n, c, h, w] into the channels [From, From+c) of Of channels; the others are zero.
type ChannelsBwd struct {
	noGradient
	From, Of int
}

func (ChannelsBwd) Name() string  { return "channels_bwd" }
func (ChannelsBwd) Wants() []bool { return make([]bool, 1) }

func (v ChannelsBwd) Infer(in []Shape) (Shape, error) {
	dy := in[0]
	if err := wantRank(v.Name(), "gradient", dy, 4); err != nil {
		return nil, err
	}
	x := Shape{dy[0], v.Of, dy[2], dy[3]}
	return x, wantResult(v.Name(), Channels{From: v.From, Count: dy[1]}, dy, x)
}

func (v ChannelsBwd) Run(c Call) { run(c, channelsBwd[float32](v), channelsBwd[float64](v)) }

func channelsBwd[T Real](v ChannelsBwd) func(Call) {
	return func(c Call) {
		dy, dx, area := data[T](c.In[0]), data[T](c.Out), c.Out.Shape[2:].Size()
		whole, part := v.Of*area, c.In[0].Shape[1]*area
		for n := 0; n < c.Out.Shape[0]; n++ {
			copy(dx[n*whole+v.From*area:], dy[n*part:(n+1)*part])
		}
	}
}

// ChannelShuffle transposes the channels of x [n, c, h, w], seen as a matrix [Groups, c/Groups], so that the next
// grouped convolution reads from every group (Zhang et al. 2018).
type ChannelShuffle struct{ Groups int }

func (ChannelShuffle) Name() string  { return "channel_shuffle" }
func (ChannelShuffle) Wants() []bool { return all(1) }

func (v ChannelShuffle) Infer(in []Shape) (Shape, error) {
	x := in[0]
	if err := wantRank(v.Name(), "input", x, 4); err != nil {
		return nil, err
	}
	if v.Groups < 1 || x[1]%v.Groups != 0 {
		return nil, fmt.Errorf("channel_shuffle: %d groups must divide the %d channels of %v", v.Groups, x[1], x)
	}
	return x, nil
}

// Gradient is the inverse shuffle, which has c/Groups groups.
func (v ChannelShuffle) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(ChannelShuffle{Groups: in[0].Shape()[1] / v.Groups}, dy)
	return []*G.Node{dx}, err
}

func (v ChannelShuffle) Run(c Call) { run(c, channelShuffle[float32](v), channelShuffle[float64](v)) }

func channelShuffle[T Real](v ChannelShuffle) func(Call) {
	return func(c Call) {
		x, y, s := data[T](c.In[0]), data[T](c.Out), c.Out.Shape
		area, width := s[2]*s[3], s[1]/v.Groups
		for i := 0; i < s[0]*s[1]; i++ { // planes of y
			n, channel := i/s[1], i%s[1]
			from := n*s[1] + channel%v.Groups*width + channel/v.Groups
			copy(y[i*area:(i+1)*area], x[from*area:])
		}
	}
}
