package plan

import (
	"fmt"

	"workbench/nn/op"
)

// LabelRange is an int32 input that holds class numbers from Low to below End.
type LabelRange struct {
	Input    *Value
	Low, End int
	Reader   string // the operator that reads them
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
	return ranges
}

// Check names the first label outside the range.
func (r LabelRange) Check(labels []int32) error {
	for i, l := range labels {
		if int(l) < r.Low || int(l) >= r.End {
			return fmt.Errorf("%s: input %s [%d] is %d, want a class from %d to %d", r.Reader, r.Input.Name, i, l, r.Low, r.End-1)
		}
	}
	return nil
}
