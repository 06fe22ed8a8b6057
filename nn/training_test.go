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

// The running variance is unbiased: it is corrected by how many values of the whole batch a channel has.
func TestRunningStatisticsCountTheWholeBatch(t *testing.T) {
	b := nn.NewBuilder(nn.Train, false)
	b.BatchNorm2d(b.Input("image", 2, 3, 5, 7), nn.BatchNorm2d{Momentum: 0.25})
	if err := b.Err(); err != nil || len(b.Updates()) != 2 {
		t.Fatalf("%d updates, error %v", len(b.Updates()), err)
	}
	for row, u := range b.Updates() {
		want := op.BNRunning{Momentum: 0.25, Row: row, Count: 2 * 5 * 7}
		if got := u.Value.Op().(*op.Op).Spec; got != want {
			t.Errorf("%s takes %+v, want %+v", u.Param.Path, got, want)
		}
	}
}
