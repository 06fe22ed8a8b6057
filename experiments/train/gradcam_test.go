//go:build !race

package train

import (
	"math"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/nn"
	"workbench/nn/plan"
	"workbench/nn/rng"
)

// opened is a small network with drawn weights, and images.
func openedTo(t *testing.T, o Opening) *Network {
	t.Helper()
	o.Config = smallJob().Run.Config
	o.Info, o.Classes, o.Batch = data.Info{Channels: 3, Height: 32, Width: 32}, 10, 2
	o.Fill = func(params []*nn.Param, write func(string, []float32) error) error {
		for _, p := range params {
			values := make([]float32, p.Shape.Size())
			p.Fill(values, 3)
			if err := write(p.Path, values); err != nil {
				return err
			}
		}
		return nil
	}
	n, err := Open(o, plan.Reference{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	random := rng.New(9, "images")
	for i := range n.Images() {
		n.Images()[i] = float32(random.NormFloat64())
	}
	return n
}

// Where means of maps are all that a linear classifier reads, a map's weight is the classifier's over the places (Zhou
// et al. 2016's class activation map): Grad-CAM is checked with them. The network answers what it does otherwise.
func TestGradCAMIsTheClassActivationMap(t *testing.T) {
	n, plain := openedTo(t, Opening{Explains: true}), openedTo(t, Opening{})
	classes := []int{7, 2}
	cams, err := n.GradCAM(classes)
	if err != nil {
		t.Fatal(err)
	}
	if err := plain.Pass(); err != nil {
		t.Fatal(err)
	}
	for i, want := range plain.Logits() {
		if math.Abs(float64(n.Logits()[i]-want)) > 1e-5 {
			t.Fatalf("logit %d is %v, want %v", i, n.Logits()[i], want)
		}
	}
	weights := make([]float32, 10*16)
	if err := n.memory.Read("fc.weight", weights); err != nil {
		t.Fatal(err)
	}
	maps, places := n.eval.Output(mapped), n.maps[2]*n.maps[3]
	if n.maps[1] != 16 || places < 4 {
		t.Fatalf("maps of %v", n.maps)
	}
	for i, class := range classes {
		want := make([]float64, places)
		low, high := math.Inf(1), math.Inf(-1)
		for j := range want {
			for k := range 16 {
				want[j] += float64(weights[class*16+k]) / float64(places) * float64(maps[(i*16+k)*places+j])
			}
			want[j] = max(want[j], 0)
			low, high = min(low, want[j]), max(high, want[j])
		}
		if cams[i].Height*cams[i].Width != places || high == 0 {
			t.Fatalf("image %d: a map of %d×%d, the largest value is %v", i, cams[i].Height, cams[i].Width, high)
		}
		for j := range want {
			if scaled := (want[j] - low) / (1e-7 + high - low); math.Abs(scaled-float64(cams[i].Values[j])) > 1e-4 {
				t.Errorf("image %d, place %d: %v, want %v", i, j, cams[i].Values[j], scaled)
			}
		}
	}
}

// Inner places are explained too, and a place that is none says which there are.
func TestGradCAMOfPlaces(t *testing.T) {
	n := openedTo(t, Opening{Explains: true, Place: "layer1"})
	cams, err := n.GradCAM([]int{0})
	if err != nil || len(cams) != 1 || n.maps[1] != 4 || cams[0].Height <= 4 {
		t.Errorf("layer1: %v, maps of %v", err, n.maps)
	}
	c := smallJob().Run.Config
	for _, place := range []string{"layer9", "fc"} {
		_, err := Open(Opening{Config: c, Info: data.Info{Channels: 3, Height: 32, Width: 32}, Classes: 10, Batch: 2,
			Explains: true, Place: place}, plan.Reference{})
		if err == nil {
			t.Errorf("place %s is explained", place)
		}
	}
	c.Strategy = experiments.Choice{Name: "simclr", Options: map[string]any{}}
	if _, err := Open(Opening{Config: c, Info: data.Info{Channels: 3, Height: 32, Width: 32}, Classes: 10, Batch: 2, Explains: true},
		plan.Reference{}); err == nil {
		t.Error("a network without a classifier is explained")
	}
}
