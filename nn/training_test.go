package nn_test

import (
	"testing"

	"workbench/nn"
	"workbench/nn/op"
)

// No two layers of a network that draw random numbers share a stream: their masks would be the same.
func TestLayersDrawApart(t *testing.T) {
	b := nn.NewBuilder(nn.Train, false)
	x := b.Input("image", 2, 3, 4, 4)
	layers := []nn.Tensor{b.Dropout(x, 0.5), b.In("a").Dropout(x, 0.5), b.DropPath(x, 0.5), b.In("a").In("b").DropPath(x, 0.5)}
	if err := b.Err(); err != nil {
		t.Fatal(err)
	}
	seen := map[uint64]bool{}
	for i, y := range layers {
		var stream uint64
		switch spec := y.Node().Op().(*op.Op).Spec.(type) {
		case op.Dropout:
			stream = spec.Stream
		case op.DropPath:
			stream = spec.Stream
		}
		if seen[stream] {
			t.Errorf("layer %d draws from stream %d, as one before it does", i, stream)
		}
		seen[stream] = true
	}
}

// The running variance is unbiased: it is corrected by how many values a channel has in what is normalised together,
// which is the whole batch, or a group of it.
func TestRunningStatisticsCountWhatIsNormalisedTogether(t *testing.T) {
	for _, groups := range []int{0, 1, 2, 4} {
		b := nn.NewBuilder(nn.Train, false)
		b.InGroups(groups).BatchNorm2d(b.Input("image", 4, 3, 5, 7), nn.BatchNorm2d{Momentum: 0.25})
		if err := b.Err(); err != nil || len(b.Updates()) != 2 {
			t.Fatalf("%d groups: %d updates, error %v", groups, len(b.Updates()), err)
		}
		for row, u := range b.Updates() {
			want := op.BNRunning{Momentum: 0.25, Row: row, Count: 4 / max(groups, 1) * 5 * 7}
			if got := u.Value.Op().(*op.Op).Spec; got != want {
				t.Errorf("%d groups: %s takes %+v, want %+v", groups, u.Param.Path, got, want)
			}
		}
	}
}
