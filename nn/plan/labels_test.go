package plan_test

import (
	"testing"

	"workbench/nn/plan"
)

// The bounds of a range of labels are its lowest class and its highest, both of which are good.
func TestLabelsOutsideTheirRange(t *testing.T) {
	for _, r := range []plan.LabelRange{{Low: 0, End: 10}, {Low: -1, End: 10}} {
		r.Input, r.Reader = &plan.Value{Name: "label"}, "cross_entropy"
		if err := r.Check([]int32{int32(r.Low), int32(r.End - 1)}); err != nil {
			t.Errorf("%+v: %v", r, err)
		}
		for _, wrong := range []int{r.Low - 1, r.End} {
			if err := r.Check([]int32{int32(r.Low), int32(wrong)}); err == nil {
				t.Errorf("from %d to below %d: label %d is taken", r.Low, r.End, wrong)
			}
		}
	}
}
