//go:build !race

package train

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/nn"
	"workbench/nn/plan"
)

// peerCAMs is what pytorch-grad-cam says of a small network; testdata/gradcam.py recorded it.
type peerCAMs struct {
	Classes, Side  int
	Images, Logits []float32
	Weights        map[string][]float32
	Maps           []struct {
		Place         string
		Classes       []int
		Height, Width int
		Values        []float32
	}
}

// The recorded network as a study would describe it. Its classifier reads every place by itself, so that the gradients
// by the maps differ from place to place.
const peerNetwork = `peer{"layers":[{"conv":{"bias":true,"out":6}},"batch_norm","relu",{"conv":{"out":8,"stride":2}},"relu","flatten",` +
	`"classifier"],"name":"peer"}`

func TestGradCAMAgreesWithPytorchGradCAM(t *testing.T) {
	text, err := os.ReadFile("testdata/gradcam.json")
	if err != nil {
		t.Fatal(err)
	}
	var want peerCAMs
	if err := json.Unmarshal(text, &want); err != nil || len(want.Maps) < 4 {
		t.Fatalf("%d recordings, %v", len(want.Maps), err)
	}
	c := experiments.Defaults()
	c.Model.Name, c.Dataset.Name, c.Epochs = peerNetwork, "shapes", 1
	for _, m := range want.Maps {
		n, err := Open(Opening{Config: c, Info: data.Info{Channels: 3, Height: want.Side, Width: want.Side}, Classes: want.Classes,
			Batch: len(m.Classes), Explains: true, Place: m.Place, Inner: 2,
			Fill: func(params []*nn.Param, write func(string, []float32) error) error {
				for _, p := range params {
					if len(want.Weights[p.Path]) != p.Shape.Size() {
						return fmt.Errorf("%s has %d recorded weights, want %v", p.Path, len(want.Weights[p.Path]), p.Shape)
					}
					if err := write(p.Path, want.Weights[p.Path]); err != nil {
						return err
					}
				}
				return nil
			}}, plan.Reference{})
		if err != nil {
			t.Fatal(err)
		}
		copy(n.Images(), want.Images)
		cams, err := n.GradCAM(m.Classes)
		if err != nil {
			t.Fatal(err)
		}
		near := func(what string, got, want float32) {
			if !(math.Abs(float64(got-want)) <= 1e-4) {
				t.Errorf("place %q, classes %v: %s is %v, want %v", m.Place, m.Classes, what, got, want)
			}
		}
		for i, v := range n.Logits() {
			near(fmt.Sprint("logit ", i), v, want.Logits[i])
		}
		for i, cam := range cams {
			if cam.Height != m.Height || cam.Width != m.Width {
				t.Fatalf("place %q: a map of %d×%d, want %d×%d", m.Place, cam.Height, cam.Width, m.Height, m.Width)
			}
			for j, v := range cam.Values {
				near(fmt.Sprint("image ", i, ", place ", j), v, m.Values[i*m.Height*m.Width+j])
			}
		}
		// The maps of both activations are shown beside: what comes of the first image.
		if inner := n.Inner(); len(inner) != 2 || inner[0].Channels != 6 || inner[0].Height != 8 || inner[1].Channels != 8 ||
			inner[1].Width != 4 || inner[0].Path == inner[1].Path {
			t.Errorf("inner maps %+v", inner)
		}
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	}
}
