package onnx

import (
	"fmt"

	"workbench/nn/op"
)

func (t *tracer) batchNorm(s site, v op.BNInfer) {
	x, mean, variance, scale, shift := s.in[0].name, s.in[1].name, s.in[2].name, s.in[3].name, s.in[4].name
	t.emit(s, "BatchNormalization", []string{x, scale, shift, mean, variance}, fraction("epsilon", v.Epsilon))
}

func (t *tracer) l2Normalize(s site, v op.L2Normalize) {
	norm := t.inner(s, "ReduceL2", s.names(), list("axes", 1), whole("keepdims", 1))
	t.emit(s, "Div", []string{s.in[0].name, t.inner(s, "Max", []string{norm, t.scalar(v.Epsilon)})})
}

// statistics are those of the rows of a value. They have no node of their own.
type statistics struct {
	of   string // name of the value
	rows op.Rows
}

// rowNorm adds layer or group norm together with its statistics. The rows of an image are the channels of an instance
// norm, and scale and shift by feature follow. GroupNormalization of opset 18 is something else, because it has a scale
// for each group.
func (t *tracer) rowNorm(s site, v op.RowNorm) error {
	x := s.in[0]
	if t.statistics[s.in[1].name] != (statistics{x.name, v.Rows}) {
		return fmt.Errorf("row_norm has the statistics of something else than what it normalises; " +
			"only those of its own rows have a mapping to ONNX")
	}
	rows, err := s.rowsOfAnImage(v)
	if err != nil {
		return err
	}
	features := featureAxes(x.shape, v.Rows)
	if features == nil {
		return fmt.Errorf("row_norm has %d features of %d elements, which are no axes of %v", v.Features, v.Area, x.shape)
	}
	ones := make([]float32, rows)
	for i := range ones {
		ones[i] = 1
	}
	one, zero := t.reals(op.Shape{rows}, ones), t.reals(op.Shape{rows}, make([]float32, rows))
	cut := t.inner(s, "Reshape", []string{x.name, t.wholes(0, rows, -1)})
	normal := t.inner(s, "InstanceNormalization", []string{cut, one, zero}, fraction("epsilon", v.Epsilon))
	joined := t.inner(s, "Reshape", []string{normal, t.wholes(target(x.shape)...)})
	scaled := t.inner(s, "Mul", []string{joined, t.inner(s, "Reshape", []string{s.in[2].name, t.wholes(features...)})})
	t.emit(s, "Add", []string{scaled, t.inner(s, "Reshape", []string{s.in[3].name, t.wholes(features...)})})
	return nil
}

// rowsOfAnImage returns how many rows of a normalisation an image has.
func (s site) rowsOfAnImage(v op.RowNorm) (int, error) {
	rows := v.Count / few
	want := v
	want.Count = rows * more
	if s.in[0].shape[0] != batch || rows*few != v.Count || s.larger != op.Spec(want) {
		return 0, fmt.Errorf("row_norm %+v for %d images is %+v for %d, want as many rows for each image", v, few, s.larger, more)
	}
	return rows, nil
}

// featureAxes returns the shape in which the vector of features is stretched over x, or nil if the features are no axes
// of x.
func featureAxes(x op.Shape, rows op.Rows) []int {
	var axes []int
	area, features := 1, 1
	for i := len(x) - 1; i > 0 && (area < rows.Area || features < rows.Features); i-- {
		if area < rows.Area {
			area *= x[i]
			axes = append([]int{1}, axes...)
		} else {
			features *= x[i]
			axes = append([]int{x[i]}, axes...)
		}
	}
	if area != rows.Area || features != rows.Features {
		return nil
	}
	return axes
}
