package onnx_test

import (
	"math"
	"path/filepath"
	"testing"

	"workbench/nn"
	"workbench/nn/onnx"
	"workbench/nn/op"
	"workbench/nn/rng"
	"workbench/nn/weights"
)

// tiny is a small network of many operators of one kind. Together the tiny networks have every operator with a mapping.
type tiny struct {
	name   string
	images [3]int
	build  onnx.Build
}

func tinies() []tiny {
	return []tiny{
		{"convolutions", [3]int{4, 7, 6}, convolutions},
		{"matrices", [3]int{3, 4, 4}, matrices},
		{"poolings", [3]int{3, 8, 6}, poolings},
		{"norms", [3]int{8, 4, 3}, norms},
		{"activations", [3]int{3, 4, 4}, activations},
		{"arithmetic", [3]int{4, 3, 3}, arithmetic},
		{"arrangements", [3]int{6, 5, 4}, arrangements},
	}
}

// row puts the elements of all tensors into one row for each image.
func row(b *nn.Builder, xs ...nn.Tensor) nn.Tensor {
	for i, x := range xs {
		s := x.Shape()
		xs[i] = b.Reshape(x, s[0], s[1:].Size(), 1, 1)
	}
	return b.Flatten(b.Concat(xs...))
}

func convolutions(b *nn.Builder, x nn.Tensor) nn.Tensor {
	return row(b,
		b.In("same").Conv2d(x, nn.Conv2d{Out: 3, Kernel: [2]int{3, 3}, Stride: 2, Same: true, Bias: true}),
		b.In("dilated").Conv2d(x, nn.Conv2d{Out: 4, Kernel: [2]int{3, 3}, Dilation: 2, Pad: [2]int{1, 2}, Groups: 2}),
		b.In("flat").Conv2d(x, nn.Conv2d{Out: 2, Kernel: [2]int{1, 3}, Strides: [2]int{1, 2}, Pad: [2]int{0, 1}, PadEnd: &[2]int{1, 2}}),
		b.In("depthwise").Depthwise(x, 5, 1))
}

func matrices(b *nn.Builder, x nn.Tensor) nn.Tensor {
	n, w := x.Shape()[0], nn.Init{Normal: 1}
	wide, high, flat := b.Reshape(x, n, 4, 12), b.Reshape(x, n, 12, 4), b.Flatten(x)
	return row(b,
		b.MatMul(wide, high),
		b.MatMulTransposed(high, high, op.MatMul{TransA: true}),
		b.MatMulTransposed(wide, wide, op.MatMul{TransB: true}),
		b.MatMulTransposed(high, wide, op.MatMul{TransA: true, TransB: true}),
		b.MatMul(flat, b.Param("right", op.Shape{48, 5}, nn.Weight, w)),
		b.MatMulTransposed(flat, b.Param("left", op.Shape{3, 48}, nn.Weight, w), op.MatMul{TransB: true}),
		b.In("fc").Linear(flat, 4))
}

func poolings(b *nn.Builder, x nn.Tensor) nn.Tensor {
	three, two := [2]int{3, 3}, [2]int{2, 2}
	return row(b,
		b.MaxPool(x, 3, 2, 1),
		b.MaxPool2d(x, nn.Pool2d{Kernel: three, Stride: two, Ceil: true}),
		b.AvgPool(x, 3, 2, 1),
		b.AvgPool2d(x, nn.Pool2d{Kernel: three, Stride: two, Pad: [2]int{1, 1}, Ceil: true}), // rounding up adds a row that does not count
		b.AvgPool2d(x, nn.Pool2d{Kernel: [2]int{2, 3}, Stride: two, Pad: [2]int{1, 1}, Exclude: true}),
		b.AvgPool2d(x, nn.Pool2d{Kernel: three, Stride: two, Pad: [2]int{1, 1}, Ceil: true, Exclude: true}),
		b.AdaptiveAvgPool(x, 2), b.AdaptiveAvgPool(x, 5), b.AdaptiveAvgPool(x, 11),
		b.GlobalAvgPool(x), b.GlobalMaxPool(x))
}

func norms(b *nn.Builder, x nn.Tensor) nn.Tensor {
	flat := b.Flatten(x)
	return row(b,
		b.In("batch").BatchNorm(x), b.In("rough").BatchNorm2d(x, nn.BatchNorm2d{Epsilon: 1e-2}),
		b.In("group").GroupNorm(x, 2, 1e-5), b.In("image").GroupNorm(x, 1, 1e-5),
		b.In("pixel").LayerNorm(x, 1, 1e-5), b.In("whole").LayerNorm(x, 3, 1e-5), b.In("flat").LayerNorm(flat, 1, 1e-5),
		b.LRN(x, 5, 0.5, 0.75, 2), b.L2Normalize(flat))
}

func activations(b *nn.Builder, x nn.Tensor) nn.Tensor {
	flat := b.Flatten(x)
	all := []nn.Tensor{b.Softmax(flat), b.LogSoftmax(flat), b.Softmax(x), b.LeakyReLU(x, 0.2), b.ReLU(x)}
	for _, name := range op.ActivationNames() {
		all = append(all, b.Activate(name, b.Scale(x, 3))) // times 3 reaches the flat ends of the curves
	}
	return row(b, all...)
}

func arithmetic(b *nn.Builder, x nn.Tensor) nn.Tensor {
	y, flat := b.Tanh(x), b.Flatten(x)
	gate, map1 := b.Sigmoid(b.AdaptiveAvgPool(x, 1)), b.Channels(x, 1, 1)
	return row(b, b.Add(x, y, x), b.Sub(x, y), b.Mul(x, gate), b.Mul(x, map1), b.Mul(b.StopGradient(x), b.ScaleGradient(y, -1)),
		b.RowProducts(flat, b.Flatten(y)), b.CosineSimilarity(flat, b.Flatten(y)),
		b.Apply(op.MulReduceTo(op.Shape{x.Shape()[0], 4, 1, 3}), x, y))
}

func arrangements(b *nn.Builder, x nn.Tensor) nn.Tensor {
	parts := b.Split(x, 2, 1, 3)
	return row(b, parts[2], b.Concat(parts[1], parts[0]), b.ChannelShuffle(x, 2), b.ChannelShuffle(x, 3),
		b.Subsample(x, 9, 2), b.Subsample(x, 6, 2), b.Subsample(x, 8, 1),
		b.Transpose(x, 0, 2, 3, 1), b.Transpose(b.Reshape(x, x.Shape()[0], 3, 2, 20), 0, 2, 1, 3))
}

// graph returns the graph of the network.
func (n tiny) graph(t *testing.T) *onnx.Graph {
	t.Helper()
	g, err := onnx.Trace(n.build, n.images)
	if err != nil {
		t.Fatalf("%s: %v", n.name, err)
	}
	return g
}

// save writes the network with seeded weights to NAME.onnx in the folder.
func (n tiny) save(t *testing.T, folder string) (path, digest string) {
	t.Helper()
	path = filepath.Join(folder, n.name+".onnx")
	m := onnx.Model{Graph: n.graph(t), Name: n.name, Doc: "for tests", Images: "noise", Version: "test",
		Metadata: map[string]string{"model": n.name, "kind": "tiny"}, Weights: func(p *nn.Param, dst []float32) error {
			copy(dst, seeded(p))
			return nil
		}}
	digest, err := weights.Create(t.Context(), path, m.Write)
	if err != nil {
		t.Fatal(err)
	}
	return path, digest
}

// seeded returns values of a parameter that keep the spread of what passes through its layer. None of them is zero or
// one.
func seeded(p *nn.Param) []float32 {
	r, values := rng.New(1, "weights/"+p.Path), make([]float32, p.Shape.Size())
	for i := range values {
		u := 2*r.Float64() - 1
		switch {
		case p.Role == nn.Weight: // He et al. (2015)
			u *= math.Sqrt(6 / float64(p.Shape[1:].Size()))
		case p.Role == nn.Scale || p.Init.Constant == 1: // a running variance starts at 1
			u = 1 + u/2
		default:
			u /= 8
		}
		values[i] = float32(u)
	}
	return values
}

// noise fills images with seeded values.
func noise(pixels []float32) {
	r := rng.New(1, "image")
	for i := range pixels {
		pixels[i] = float32(4*r.Float64() - 2)
	}
}
