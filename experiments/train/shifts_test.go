//go:build !race

package train

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/nn"
	"workbench/nn/plan"
	"workbench/nn/plan/algorithms"
)

// Which shifts are told of: from the bounds on nothing, above them or without a number all, at the first norm and at
// the others by bounds of their own.
func TestWhichShiftsAreFar(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		mean, variance float64
		places         string // 0 is the first
	}{
		{0, 0, ""}, {0.2, 0.7, ""}, {0.21, 0, "1 2"}, {0, 0.71, "1 2"}, {0.25, 1, "1 2"}, {0.26, 0, "0 1 2"}, {0, 1.01, "0 1 2"},
		{nan, 0, "0 1 2"}, {0, nan, "0 1 2"}, {math.Inf(1), 0, "0 1 2"},
	} {
		var places []string
		for place := range 3 {
			if (Shift{Mean: c.mean, Variance: c.variance}).far(place) {
				places = append(places, fmt.Sprint(place))
			}
		}
		if got := strings.Join(places, " "); got != c.places {
			t.Errorf("%+v: far at %s", c, got)
		}
	}
}

// The first norm that parts is named, with how far it is off and what may be the cause.
func TestWhatIsSuspected(t *testing.T) {
	near, far := Shift{Layer: "near", Mean: 0.1, Variance: 0.1}, Shift{Layer: "far", Mean: 0.516, Variance: math.Log(2.5)}
	const pixels = "usual causes: pixels are normalised otherwise than in its training (dataset.normalisation, dataset.mean, dataset.std), " +
		"the order of the channels (RGB, BGR), or images of another kind or size"
	const other = "usual causes: a shortcut or another option of the network is not what the weights were trained with " +
		"(model.shortcut_zeros, model.stride_in), or the weights are of another network"
	said := func(norms int, cause string) string {
		return fmt.Sprintf("clean training images have other statistics at far than the weights come with, the first of %d batch norms where "+
			"they part: means are off by 0.52 standard deviations, variances by a factor of 2.5; %s", norms, cause)
	}
	worse := Shift{Layer: "worse", Mean: 9, Variance: 9}
	for _, c := range []struct {
		shifts []Shift
		want   string
	}{{nil, ""}, {[]Shift{near, near}, ""}, {[]Shift{far, worse}, said(2, pixels)}, {[]Shift{near, near, far, worse}, said(4, other)}} {
		if got := strings.Join(Suspect(c.shifts), "|"); got != c.want {
			t.Errorf("%v: %q, want %q", c.shifts, got, c.want)
		}
	}
}

// firstNorm are the mean and the variance, by channel, of what the first convolution of resnet_mini of width 4 makes of
// images: 3×3 with a stride of 2, edges of zeros, by plain loops.
func firstNorm(images []float32, weight []float32) (means, variances []float64) {
	const side, out, channels = 32, 16, 4
	n := len(images) / (3 * side * side)
	for o := range channels {
		var all []float64
		for image := range n {
			for y := range out {
				for x := range out {
					sum := 0.0
					for c := range 3 {
						for i := range 3 {
							for j := range 3 {
								if row, column := 2*y+i-1, 2*x+j-1; row >= 0 && row < side && column >= 0 && column < side {
									sum += float64(weight[((o*3+c)*3+i)*3+j]) * float64(images[((image*3+c)*side+row)*side+column])
								}
							}
						}
					}
					all = append(all, sum)
				}
			}
		}
		mean, squares := 0.0, 0.0
		for _, v := range all {
			mean += v / float64(len(all))
		}
		for _, v := range all {
			squares += (v - mean) * (v - mean)
		}
		means, variances = append(means, mean), append(variances, squares/float64(len(all)-1))
	}
	return means, variances
}

// Statistics at the first norm are those of the first images as plain loops compute them, batch by batch, beside what
// is stored: distances in stored deviations, ratios of variances, as means over the channels.
func TestStatisticsByHand(t *testing.T) {
	job := smallJob()
	set := opened(t, job)
	o := opensAll(job.Run.Config, set.Info(), 10)
	stored := map[string][]float32{"bn1.running_mean": {0.5, -1, 0, 2}, "bn1.running_var": {4, 0.25, 1, 0.01}}
	var weight []float32
	o.Fill = func(params []*nn.Param, write func(string, []float32) error) error {
		for _, p := range params {
			values := make([]float32, p.Shape.Size())
			if p.Fill(values, 1); stored[p.Path] != nil {
				values = stored[p.Path]
			}
			if p.Path == "conv1.weight" {
				weight = values
			}
			if err := write(p.Path, values); err != nil {
				return err
			}
		}
		return nil
	}
	part := data.Part{Set: set, Split: data.Train, Index: []int32{5, 3, 40, 8, 1, 0, 22, 7, 9, 11}}
	shifts, err := Statistics(t.Context(), o, part, 8, plan.Reference{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range shifts {
		names = append(names, fmt.Sprint(s.Layer, " ", s.Channels))
	}
	if want := []string{"bn1 4", "layer1.0.bn1 4", "layer1.0.bn2 4", "layer2.0.bn1 8", "layer2.0.bn2 8", "layer3.0.bn1 16",
		"layer3.0.bn2 16"}; !slices.Equal(names, want) {
		t.Fatalf("the norms are %v, want %v", names, want)
	}
	var means, variances [4]float64
	batches := 0
	for b, err := range (data.Loader{Part: part, Batch: 4, Workers: 1}).Epoch(t.Context(), 0, 0) {
		if err != nil {
			t.Fatal(err)
		}
		m, v := firstNorm(b.Images, weight)
		for k := range 4 {
			means[k], variances[k] = means[k]+m[k]/2, variances[k]+v[k]/2
		}
		batches++
	}
	want := Shift{Layer: "bn1", Channels: 4}
	for k := range 4 {
		mean, variance := float64(stored["bn1.running_mean"][k]), float64(stored["bn1.running_var"][k])
		want.Mean += math.Abs(means[k]-mean) / math.Sqrt(variance+1e-5) / 4
		want.Variance += math.Abs(math.Log(variances[k]+1e-5)-math.Log(variance+1e-5)) / 4
	}
	if got := shifts[0]; batches != 2 || math.Abs(got.Mean-want.Mean) > 1e-3*want.Mean ||
		math.Abs(got.Variance-want.Variance) > 1e-3*want.Variance {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// A norm's means over its batches, by hand.
func TestShiftsByHand(t *testing.T) {
	g := gathering{batches: 4, sums: map[string][]float64{"a.running_mean": {8, -4}, "a.running_var": {16, 0}}}
	got := g.shift("a", map[string][]float32{"a.running_mean": {1, 1}, "a.running_var": {0.25, 1}})
	root := func(v float64) float64 { return math.Sqrt(v + 1e-5) }
	want := Shift{"a", 2, (1/root(0.25) + 2/root(1)) / 2, (math.Log(4.00001/0.25001) + math.Log(1.00001/1e-5)) / 2}
	if got.Layer != "a" || got.Channels != 2 || math.Abs(got.Mean-want.Mean) > 1e-9 || math.Abs(got.Variance-want.Variance) > 1e-9 {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// There is nothing to compare without two images at a time or without a norm; what fails says so, and all is closed.
func TestStatisticsThatCannotBe(t *testing.T) {
	job := smallJob()
	set := opened(t, job)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	fails := func(params []*nn.Param, write func(string, []float32) error) error { return errBroken }
	for name, c := range map[string]struct {
		ctx    context.Context
		change func(*Opening)
		images int // of the part
		fails  int
		norms  int
		want   string
	}{
		"all is well":     {t.Context(), func(*Opening) {}, 5, 0, 7, ""},
		"two at a time":   {t.Context(), func(o *Opening) { o.Batch = 2 }, 5, 0, 7, ""},
		"two images":      {t.Context(), func(*Opening) {}, 2, 0, 7, ""},
		"one image":       {t.Context(), func(*Opening) {}, 1, 0, 0, ""},
		"one at a time":   {t.Context(), func(o *Opening) { o.Batch = 1 }, 5, 0, 0, ""},
		"no norm":         {t.Context(), func(o *Opening) { o.Config.Model.Options["norm"] = "group" }, 5, 0, 0, ""},
		"no program":      {t.Context(), func(*Opening) {}, 5, 1, 0, "broken"},
		"no weights":      {t.Context(), func(o *Opening) { o.Fill = fails }, 5, 0, 0, "broken"},
		"no time":         {over, func(*Opening) {}, 5, 0, 0, "context canceled"},
		"no such network": {t.Context(), func(o *Opening) { o.Config.Model.Name = "none" }, 5, 0, 0, `model.name: unknown architecture "none"`},
		"dropout":         {t.Context(), func(o *Opening) { o.Config.Model.Options["dropout"] = 0.5 }, 5, 0, 7, ""},
	} {
		o := opensAll(job.Run.Config.Clone(), set.Info(), 10)
		c.change(&o)
		part := data.Part{Set: set, Split: data.Train, Index: []int32{0, 1, 2, 3, 4}[:c.images]}
		b := &closing{choosing: choosing{seen: new([]*algorithms.Table)}, fails: c.fails}
		shifts, err := Statistics(c.ctx, o, part, 100, b)
		if got := errorText(err); !strings.HasPrefix(got, c.want) || c.want == "" && got != "" || len(shifts) != c.norms {
			t.Errorf("%s: %d norms (%v), want %d and %q", name, len(shifts), err, c.norms, c.want)
		}
		if b.open != 0 {
			t.Errorf("%s: %d programs and memories are not closed", name, b.open)
		}
	}
}

// What trains beside the network, which its answers know nothing of, is no weight that must be given.
func TestAuxiliaryClassifiersAreApart(t *testing.T) {
	job := smallJob()
	c := job.Run.Config
	c.Model = experiments.Choice{Name: "googlenet", Options: map[string]any{"auxiliary": true}}
	info := opened(t, job).Info()
	info.Height, info.Width = 96, 96 // their pooling needs as many
	_, own, others, err := Opening{Config: c, Info: info, Classes: 10, Batch: 2}.moving()
	if err != nil {
		t.Fatal(err)
	}
	aux := func(p *nn.Param) bool { return strings.HasPrefix(p.Path, "aux") }
	if len(others) == 0 || slices.ContainsFunc(own, aux) || slices.ContainsFunc(others, func(p *nn.Param) bool { return !aux(p) }) {
		t.Errorf("%d parameters are the network's, %d others", len(own), len(others))
	}
}
