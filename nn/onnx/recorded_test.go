package onnx_test

import (
	"context"
	"fmt"
	"io"
	"math"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/plan"
	"workbench/nn/weights"
)

// tolerance is for logits, relative to the largest magnitude among them.
const tolerance = 1e-4

// testdata/compare.py recorded what the files of the tiny networks answer in onnxruntime, with the digests of the
// files. The same files must be written today, and the operators' own kernels must give the same answers.
func TestTinyGraphsAnswerAsRecorded(t *testing.T) {
	answers, err := weights.Open("testdata/answers.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer answers.Close()
	for _, n := range tinies() {
		if _, digest := n.save(t, t.TempDir()); digest != answers.Metadata[n.name] {
			t.Errorf("%s: the file has the digest %s, that which onnxruntime ran has %s; if the change is meant, run make onnx RECORD=1",
				n.name, digest, answers.Metadata[n.name])
		}
		for _, images := range []int{1, 3} {
			e, err := answers.Find(fmt.Sprintf("%s/%d", n.name, images))
			if err != nil {
				t.Fatal(err)
			}
			want, err := answers.Floats(e)
			if err != nil {
				t.Fatal(err)
			}
			_, got := n.answer(t, images)
			if off := difference(t, got, want); !(off <= tolerance) {
				t.Errorf("%s of %d images: off by %.2g of the largest, want at most %v", n.name, images, off, tolerance)
			}
		}
	}
	if got, want := len(answers.Entries), 2*len(tinies()); got != want {
		t.Errorf("%d answers are recorded, want %d", got, want)
	}
}

// answer returns what the operators' kernels compute for a number of images.
func (n tiny) answer(t *testing.T, images int) (pixels, logits []float32) {
	t.Helper()
	b := nn.NewBuilder(nn.Infer, false)
	y := n.build(b, b.Input("image", images, n.images[0], n.images[1], n.images[2]))
	program, err := plan.Lower(b, map[string]nn.Tensor{"logits": y})
	if err != nil {
		t.Fatal(err)
	}
	memory := plan.Reference{}.NewMemory()
	exe, err := plan.Reference{}.Compile(program, memory)
	if err != nil {
		t.Fatal(err)
	}
	defer exe.Close()
	for _, p := range b.Params() {
		if err := memory.Write(p.Path, seeded(p)); err != nil {
			t.Fatal(err)
		}
	}
	noise(exe.Floats("image"))
	if err := exe.RunAll(); err != nil {
		t.Fatal(err)
	}
	return exe.Floats("image"), append([]float32(nil), exe.Output("logits")...)
}

// difference returns the largest difference, relative to the largest magnitude wanted.
func difference(t *testing.T, got, want []float32) float64 {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d values, want %d", len(got), len(want))
	}
	largest, worst := 0.0, 0.0
	for i := range want {
		largest = max(largest, math.Abs(float64(want[i])))
		worst = max(worst, math.Abs(float64(got[i])-float64(want[i]))) // NaN stays
	}
	return worst / largest
}

// ask writes what a program needs to answer in the network's place: its images and the answers to compare with.
func ask(path string, images [3]int, pixels, logits []float32) error {
	n := len(pixels) / (images[0] * images[1] * images[2])
	_, err := weights.Create(context.Background(), path, func(w io.Writer) error {
		return weights.Write(w, nil, []weights.Tensor{
			{Name: "image", Shape: op.Shape{n, images[0], images[1], images[2]}, Data: pixels},
			{Name: "logits", Shape: op.Shape{n, len(logits) / n}, Data: logits},
		})
	})
	return err
}
