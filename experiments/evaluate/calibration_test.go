package evaluate

import (
	"math"
	"strings"
	"testing"
)

func TestConfusionAgreesWithScikitLearn(t *testing.T) {
	f := recorded(t)
	r := measured(t, f, Use{Name: "confusion"})
	near(t, "mean accuracy of the classes", r.value(t, "mean_class_top1"), f.MeanClassTop1, 1e-14)
	matrix := r.table(t, "confusion")
	for i, row := range f.Confusion {
		for k, want := range row {
			if got := matrix.Rows[i][k]; got != want {
				t.Errorf("class %d taken for %d: got %v, want %v", i, k, got, want)
			}
		}
	}
}

// By hand: class 0 is right once of twice, class 2 once of once; class 1 has no images and counts for nothing.
func TestConfusionByHand(t *testing.T) {
	in := input{rows: []float32{3, 1, 0, 1, 1, 4, 0, 1, 1 + 1e-6}, labels: []int32{0, 0, 2}, width: 3}
	r, err := in.run(t, Use{Name: "confusion"}, 3)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "mean", r.value(t, "mean_class_top1"), 0.75, 0)
	near(t, "worst", r.value(t, "worst_class_top1"), 0.5, 0)
	classes := r.table(t, "classes")
	if row := classes.Rows[1]; row[1] != 0 || !math.IsNaN(row[3]) {
		t.Errorf("a class without images: got %v, want an accuracy that is NaN", row)
	}
	if row := classes.Rows[0]; row[0] != 0 || row[1] != 2 || row[2] != 1 || row[3] != 0.5 {
		t.Errorf("class 0: got %v", row)
	}
	if row := r.table(t, "confusion").Rows[0]; row[0] != 1 || row[1] != 0 || row[2] != 1 {
		t.Errorf("answers to class 0: got %v, want [1 0 1]", row)
	}
	ties := input{rows: []float32{1, 1, 1}, labels: []int32{0}, width: 3}
	if r, err = ties.run(t, Use{Name: "confusion"}, 3); err != nil || r.value(t, "mean_class_top1") != 1 {
		t.Errorf("equal logits: got %v, %v, want the lowest class", r.Values, err)
	}
}

func TestCalibrationAgreesWithPeers(t *testing.T) {
	f := recorded(t)
	r := measured(t, f, Use{Name: "calibration"})
	near(t, "NLL", r.value(t, "nll"), f.Calibration.NLL, 1e-12)
	near(t, "ECE", r.value(t, "ece"), f.Calibration.ECE, 1e-12)
	near(t, "Brier", r.value(t, "brier"), f.Calibration.Brier, 1e-12)
	near(t, "loss of classification", measured(t, f, Use{Name: "classification"}).value(t, "loss"), f.Calibration.NLL, 1e-12)
}

// By hand, of two classes: confidence 0.9 is right three times of four, confidence 0.6 never of once.
func TestCalibrationByHand(t *testing.T) {
	high, low := float32(math.Log(9)), float32(math.Log(1.5))
	in := input{
		rows: []float32{high, 0, high, 0, 0, high, high, 0, 0, low}, labels: []int32{0, 0, 1, 1, 0}, width: 2,
	}
	r, err := in.run(t, Use{Name: "calibration"}, 2)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "ECE", r.value(t, "ece"), (math.Abs(3-4*0.9)+0.6)/5, 1e-6)
	near(t, "NLL", r.value(t, "nll"), -(3*math.Log(0.9)+math.Log(0.1)+math.Log(0.4))/5, 1e-6)
	near(t, "Brier", r.value(t, "brier"), (3*2*0.1*0.1+2*0.9*0.9+2*0.6*0.6)/5, 1e-6)
	rows := r.table(t, "reliability").Rows
	if len(rows) != bins {
		t.Fatalf("%d bins, want %d", len(rows), bins)
	}
	if b := rows[13]; b[2] != 4 || math.Abs(b[3]-0.9) > 1e-6 || b[4] != 0.75 {
		t.Errorf("bin of confidence 0.9: got %v, want 4 images, 0.9, 0.75", b)
	}
	if b := rows[0]; b[2] != 0 || !math.IsNaN(b[3]) {
		t.Errorf("bin without images: got %v", b)
	}
}

// A bound belongs to the bin below, as Guo et al. have it.
func TestBounds(t *testing.T) {
	for b := 1; b <= bins; b++ {
		bound := float64(b) / bins
		if got := binOf(bound); got != b-1 {
			t.Errorf("confidence %d/%d is in bin %d, want %d", b, bins, got, b-1)
		}
		if got := binOf(math.Nextafter(bound, 2)); b < bins && got != b {
			t.Errorf("confidence just above %d/%d is in bin %d, want %d", b, bins, got, b)
		}
	}
	if got := binOf(1e-300); got != 0 {
		t.Errorf("the least confidence is in bin %d", got)
	}
}

func TestTemperatureAgreesWithSciPy(t *testing.T) {
	f := recorded(t)
	r := measured(t, f, Use{Name: "temperature"})
	near(t, "temperature", r.value(t, "temperature"), f.Temperature, 1e-6)
	near(t, "NLL", r.value(t, "scaled_nll"), f.Scaled.NLL, 1e-6)
	near(t, "ECE", r.value(t, "scaled_ece"), f.Scaled.ECE, 1e-6)
	near(t, "Brier", r.value(t, "scaled_brier"), f.Scaled.Brier, 1e-6)
	if len(r.Notes) > 0 {
		t.Errorf("notes %q", r.Notes)
	}
}

// By hand: logits ±a of two classes that are right three times of four are best at σ(2a/T) = 3/4, T = 2a/log 3.
func TestTemperatureByHand(t *testing.T) {
	for _, a := range []float32{0.01, 0.5, 1, 5, 100} {
		in := input{rows: []float32{a, -a}, labels: []int32{0}, width: 2,
			bank: []float32{a, -a, a, -a, -a, a, a, -a}, bankLabels: []int32{0, 0, 1, 1}}
		r, err := in.run(t, Use{Name: "temperature"}, 2)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "temperature", r.value(t, "temperature"), 2*float64(a)/math.Log(3), 1e-9)
		near(t, "NLL", r.value(t, "scaled_nll"), -math.Log(0.75), 1e-9)
	}
}

func TestTemperatureWithoutABestSaysSo(t *testing.T) {
	for want, labels := range map[string][]int32{
		"right of every held-out picture; 0.001 is the bound":    {0, 1},
		"tell nothing of the held-out labels; 1000 is the bound": {1, 0},
	} {
		in := input{rows: []float32{2, -2}, labels: []int32{0}, width: 2, bank: []float32{2, -2, -2, 2}, bankLabels: labels}
		r, err := in.run(t, Use{Name: "temperature"}, 2)
		if err != nil || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], want) {
			t.Errorf("got %q, %v, want one note with %q", r.Notes, err, want)
		}
	}
}
