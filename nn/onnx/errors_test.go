package onnx_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"

	"workbench/nn"
	"workbench/nn/onnx"
	"workbench/nn/op"
	"workbench/nn/weights"
)

// stranger is an operator without a mapping.
type stranger struct{ op.ReLU }

func (stranger) Name() string { return "stranger" }

func (stranger) Gradient(*op.Graph, []*G.Node, *G.Node, *G.Node) ([]*G.Node, error) {
	return nil, errors.New("none")
}

func TestWhatHasNoGraphIsAnError(t *testing.T) {
	tests := []struct {
		name  string
		build onnx.Build
		want  []string
	}{
		{"an operator without a mapping", func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Flatten(b.Apply(stranger{}, x))
		}, []string{"stranger_1", "the operator stranger has no mapping to ONNX"}},
		{"an operator of training", func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Flatten(b.Apply(op.BNApply{Epsilon: 1e-5}, x, b.Apply(op.BNStats{}, x),
				b.Param("a", op.Shape{3}, nn.Scale, nn.Init{}), b.Param("b", op.Shape{3}, nn.Shift, nn.Init{})))
		}, []string{"bn_stats has no mapping"}},
		{"images that meet", func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Flatten(b.ConcatRows(b.Rows(x, 1, 1), b.Rows(x, 0, 1)))
		}, []string{"reshape_1", "(1, 2, 27, 1) for 2 images and (1, 3, 27, 1) for 3", "only the first axis"}},
		{"three rows an image", func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Flatten(b.Reshape(x, 3*x.Shape()[0], 1, 3, 3))
		}, []string{"reshape_1", "(6, 1, 3, 3) for 2 images and (9, 1, 3, 3) for 3", "counts images"}},
		{"the batch as another axis", func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Flatten(b.Transpose(x, 1, 0, 2, 3))
		}, []string{"transpose_1", "only the first axis"}},
		{"a layer more for more images", func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			if x.Shape()[0] > 2 {
				x = b.ReLU(x)
			}
			return b.Flatten(x)
		}, []string{"2 operators and parameters, that of 3 has 3"}},
		{"another layer for more images", func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Flatten(b.Scale(x, float64(x.Shape()[0])))
		}, []string{"scale", "{By:2} for 2 images is {By:3} for 3"}},
		{"another kind of layer for more images", func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			if x.Shape()[0] > 2 {
				return b.Flatten(b.ReLU(x))
			}
			return b.Flatten(b.Tanh(x))
		}, []string{"tanh", "for 3"}},
		{"weights an image", func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Flatten(b.Mul(x, b.Param("gate", op.Shape{x.Shape()[0], 3, 1, 1}, nn.Weight, nn.Init{})))
		}, []string{"gate (2, 3, 1, 1)", "(3, 3, 1, 1) for 3", "depends on the batch"}},
		{"another input", func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Flatten(b.Mul(x, b.Input("mask", 1, 3, 1, 1)))
		}, []string{"the logits depend on mask"}},
		{"no images", func(b *nn.Builder, _ nn.Tensor) nn.Tensor {
			return b.ReLU(b.Param("w", op.Shape{2, 5}, nn.Weight, nn.Init{}))
		}, []string{"do not depend on the images"}},
		{"the images", func(_ *nn.Builder, x nn.Tensor) nn.Tensor { return x }, []string{"no layer's result"}},
		{"a scalar", func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Mean(x) }, []string{"want a row an image"}},
		{"statistics of other rows", func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			rows := op.Rows{Count: x.Shape()[0], Features: 3, Area: 9}
			scale, shift := b.Param("a", op.Shape{3}, nn.Scale, nn.Init{}), b.Param("b", op.Shape{3}, nn.Shift, nn.Init{})
			return b.Flatten(b.Apply(op.RowNorm{Rows: rows, Epsilon: 1}, x, b.Apply(op.RowStats{Rows: rows}, b.ReLU(x)), scale, shift))
		}, []string{"statistics of something else"}},
		{"rows that are no axes", func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			rows := op.Rows{Count: x.Shape()[0], Features: 9, Area: 3}
			scale, shift := b.Param("a", op.Shape{9}, nn.Scale, nn.Init{}), b.Param("b", op.Shape{9}, nn.Shift, nn.Init{})
			x = b.Flatten(x)
			return b.Apply(op.RowNorm{Rows: rows, Epsilon: 1}, x, b.Apply(op.RowStats{Rows: rows}, x), scale, shift)
		}, []string{"row_norm has 9 features of 3 elements, which are no axes of (-1, 27)"}},
		{"more images than can be", func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			if x.Shape()[0] > 2 {
				return b.In("fc").Linear(x, 2)
			}
			return b.In("fc").Linear(b.Flatten(x), 2)
		}, []string{"fc: linear", "flatten"}},
		{"statistics", func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Reshape(b.Apply(op.RowStats{Rows: op.Rows{Count: x.Shape()[0], Features: 3, Area: 9}}, x), x.Shape()[0], 2)
		}, []string{"reads row_stats"}},
		{"a network that cannot be", func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.In("fc").Linear(x, 2) },
			[]string{"fc: linear", "flatten"}},
	}
	for _, test := range tests {
		_, err := onnx.Trace(test.build, [3]int{3, 3, 3})
		if err == nil {
			t.Errorf("%s: no error", test.name)
			continue
		}
		for _, part := range test.want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: error %q does not say %q", test.name, err, part)
			}
		}
	}
}

func TestMoreThanProtobufTakesIsAnError(t *testing.T) {
	g, err := onnx.Trace(func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		return b.In("fc").Linear(b.Flatten(x), 1<<15)
	}, [3]int{1, 128, 128})
	if err != nil {
		t.Fatal(err)
	}
	asked := false
	err = onnx.Model{Graph: g, Name: "large", Weights: func(*nn.Param, []float32) error { asked = true; return nil }}.Write(&bytes.Buffer{})
	if err == nil || asked || !strings.Contains(err.Error(), "large would have 2147") ||
		!strings.Contains(err.Error(), "want at most 2147483647") {
		t.Errorf("got %v, weights asked for: %v", err, asked)
	}
}

// If weights are missing, no file is left.
func TestMissingWeightsLeaveNoFile(t *testing.T) {
	missing, folder := errors.New("there is none"), t.TempDir()
	m := onnx.Model{Graph: tinies()[0].graph(t), Name: "net", Weights: func(*nn.Param, []float32) error { return missing }}
	_, err := weights.Create(t.Context(), filepath.Join(folder, "net.onnx"), m.Write)
	left, problem := os.ReadDir(folder)
	if !errors.Is(err, missing) || problem != nil || len(left) != 0 {
		t.Errorf("got %v, left %v, %v", err, left, problem)
	}
}
