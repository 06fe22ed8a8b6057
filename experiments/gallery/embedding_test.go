package gallery

import (
	"encoding/json"
	"math"
	"os"
	"reflect"
	"testing"

	"workbench/experiments/strategy"
)

// pca is what scikit-learn says of rows; testdata/pca.py recorded it.
type pca struct {
	Rows      int
	Features  []float32
	Scores    [][2]float64
	Explained [2]float64
}

func recordedPCA(t *testing.T) map[string]pca {
	t.Helper()
	text, err := os.ReadFile("testdata/pca.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]pca
	if err := json.Unmarshal(text, &all); err != nil || len(all) < 2 {
		t.Fatalf("%d recordings, %v", len(all), err)
	}
	return all
}

// Fewer features than images, and more of them: both are scikit-learn's components, signs included.
func TestEmbeddingIsThatOfPrincipalComponents(t *testing.T) {
	for name, want := range recordedPCA(t) {
		labels := make([]int32, want.Rows)
		for i := range labels {
			labels[i] = int32(i % 3)
		}
		logits := make([]float32, 3*want.Rows)
		for i := range labels {
			logits[3*i+(i+1)%3] = 1
		}
		var f Features
		half := want.Rows / 2 // in batches
		width := len(want.Features) / want.Rows
		f.Add(strategy.Seen{Features: want.Features[:half*width], Labels: labels[:half], Logits: logits[:half*3]})
		f.Add(strategy.Seen{Features: want.Features[half*width:], Labels: labels[half:], Logits: logits[half*3:]})
		e, err := f.Embedding([]string{"a", "b", "c"})
		if err != nil || len(e.Points) != want.Rows {
			t.Fatalf("%s: %d points, %v", name, len(e.Points), err)
		}
		near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-5*max(1, math.Abs(b)) }
		for i, p := range e.Points {
			if !near(p.X, want.Scores[i][0]) || !near(p.Y, want.Scores[i][1]) || p.Label != i%3 || p.Said != (i+1)%3 {
				t.Errorf("%s, row %d: %+v, want %v", name, i, p, want.Scores[i])
			}
		}
		if !near(e.Explained[0], want.Explained[0]) || !near(e.Explained[1], want.Explained[1]) {
			t.Errorf("%s: explained %v, want %v", name, e.Explained, want.Explained)
		}
		again, err := f.Embedding([]string{"a", "b", "c"})
		if err != nil || !reflect.DeepEqual(again, e) {
			t.Errorf("%s: another embedding the second time, %v", name, err)
		}
	}
}

// One feature has one axis, equal images have none, and without a classifier nothing is said.
func TestEmbeddingsWithLittleToShow(t *testing.T) {
	var line, equal, none, broken Features
	line.Add(strategy.Seen{Features: []float32{1, 2, 6}, Labels: []int32{0, 0, 1}})
	e, err := line.Embedding([]string{"a", "b"})
	if err != nil || e.Points[2].X != 3 || e.Points[0].X != -2 ||
		e.Points[2].Y != 0 || e.Explained != [2]float64{1, 0} || e.Points[0].Said != -1 {
		t.Errorf("one feature: %+v, %v", e, err)
	}
	equal.Add(strategy.Seen{Features: []float32{1, 2, 1, 2}, Labels: []int32{0, 1}})
	if e, err = equal.Embedding([]string{"a", "b"}); err != nil || e.Points[1].X != 0 || e.Explained != [2]float64{} {
		t.Errorf("equal images: %+v, %v", e, err)
	}
	if _, err := none.Embedding(nil); err == nil {
		t.Error("nothing is embedded")
	}
	broken.Add(strategy.Seen{Features: []float32{1, float32(math.NaN())}, Labels: []int32{0, 1}})
	if _, err := broken.Embedding([]string{"a", "b"}); err == nil {
		t.Error("a feature that is no number is embedded")
	}
}
