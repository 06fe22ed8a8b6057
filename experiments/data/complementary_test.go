package data_test

import (
	"math"
	"strings"
	"testing"

	"workbench/experiments/data"
)

// No image is labelled with its class, and the others are equally likely: of the 90 pairs of a class and another label,
// each has a ninth of the class's images.
func TestComplementaryLabels(t *testing.T) {
	p, err := data.Complementary(data.Part{Set: pets{perClass: 900}}, 3)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for class, labels := range transitions(p) {
		for label, n := range labels {
			if label == class {
				if n != 0 {
					t.Errorf("%d images of class %d are labelled so", n, class)
				}
				continue
			}
			sum += math.Pow(float64(n)-100, 2) / 100
		}
	}
	if sum < 40 || sum > 130 { // chi squared of 80 degrees of freedom: 0.003 % are below, 0.04 % above
		t.Errorf("labels are not equally likely: chi squared is %v, want about 80", sum)
	}
	if _, err := data.Complementary(p, 3); err == nil || !strings.Contains(err.Error(), "has other labels than the set's") {
		t.Errorf("of labels that are not the set's: %v", err)
	}
}
