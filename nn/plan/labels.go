package plan

import (
	"fmt"

	"workbench/nn/op"
)

// LabelRange is an int32 input that holds numbers of classes or rows from Low to below End.
type LabelRange struct {
	Input    *Value
	Low, End int
	Reader   string // the operator that reads them
	Rows     bool   // the numbers are those of rows, not of classes
}

// LabelRanges lists the inputs whose numbers an executor must check before each run,
// because kernels index by them unchecked.
func LabelRanges(p *Program) []LabelRange {
	var ranges []LabelRange
	for _, s := range p.Steps {
		labelled, ok := s.Spec.(op.Labelled)
		if !ok {
			continue
		}
		var shapes []op.Shape
		for _, v := range s.In {
			shapes = append(shapes, v.Shape)
		}
		operand, low, end := labelled.LabelRange(shapes)
		if v := s.In[operand]; v.Kind == Input {
			ranges = append(ranges, LabelRange{Input: v, Low: low, End: end, Reader: s.Name()})
		}
	}
	for _, a := range p.Assigns {
		if a.Rows != nil && a.Rows.Kind == Input {
			ranges = append(ranges, LabelRange{Input: a.Rows, Low: -1, End: a.State.Shape[0], Reader: "set rows of " + a.State.Name, Rows: true})
		}
	}
	return ranges
}

// Check names the first label outside the range.
func (r LabelRange) Check(labels []int32) error {
	for i, l := range labels {
		if int(l) < r.Low || int(l) >= r.End {
			what := "class"
			if r.Rows {
				what = "row"
			}
			return fmt.Errorf("%s: input %s [%d] is %d, want a %s from %d to %d", r.Reader, r.Input.Name, i, l, what, r.Low, r.End-1)
		}
	}
	return nil
}
