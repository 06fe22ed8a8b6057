package zoo

import (
	"testing"

	"workbench/nn"
)

// An identity goes around a unit that keeps the shape, and with zeros around one that leaves fewer pixels and as many
// channels or more. A projection goes around all units that keep what stays of the pixels.
func TestShortcutsGoAroundWhatTheyCanBridge(t *testing.T) {
	const in = 4
	for _, c := range []struct {
		kind        string
		zeros       bool
		out, stride int
		pad         bool
		want        bool
	}{
		{identity, false, 4, 1, true, true}, {identity, false, 4, 2, true, false}, {identity, false, 8, 1, true, false},
		{identity, true, 4, 1, true, true}, {identity, true, 4, 2, true, true}, {identity, true, 8, 1, true, true},
		{identity, true, 8, 2, true, true}, {identity, true, 2, 1, true, false}, {identity, true, 2, 2, true, false},
		{projection, false, 2, 2, true, true}, {projection, false, 4, 1, true, true}, {projectionsAll, false, 8, 2, true, true},
		{identity, true, 4, 1, false, false}, {projection, true, 8, 2, false, false}, {plain, true, 4, 1, true, false},
	} {
		b := nn.NewBuilder(nn.Train, false)
		x := b.Input("image", 2, in, 8, 8)
		pad := map[bool]int{true: 1}[c.pad]
		y := b.In("conv").Conv2d(x, nn.Conv2d{Out: c.out, Kernel: [2]int{3, 3}, Stride: c.stride, Pad: [2]int{pad, pad}})
		m := modules{shortcut: shortcut{kind: c.kind, zeros: c.zeros}}
		if got := m.passes(b, x, y, c.stride); got != c.want || b.Err() != nil {
			t.Errorf("%+v: passes: %v, error %v", c, got, b.Err())
		}
	}
}
