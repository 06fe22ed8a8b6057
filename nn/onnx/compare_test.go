//go:build onnxruntime && !noonednn

package onnx_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"workbench/nn"
	"workbench/nn/onednn"
	"workbench/nn/onnx"
	"workbench/nn/op"
	"workbench/nn/plan"
	"workbench/nn/rng"
	"workbench/nn/weights"
	"workbench/nn/zoo"
)

// tolerance of the logits, relative to the largest magnitude among them.
const tolerance = 1e-4

// images at a time; onnxruntime takes the first alone as well.
const images = 3

// TestOnnxruntimeAnswersAlike writes every network and lets testdata/compare.py run the file. It needs a Python with onnx and
// onnxruntime in WORKBENCH_ONNX, which `make onnx` provides; WORKBENCH_ONNX_NETWORKS is a pattern of names.
func TestOnnxruntimeAnswersAlike(t *testing.T) {
	python, pattern, worst, compared := os.Getenv("WORKBENCH_ONNX"), os.Getenv("WORKBENCH_ONNX_NETWORKS"), 0.0, 0
	for _, name := range zoo.Names() {
		if match, err := filepath.Match(pattern, name); err != nil {
			t.Fatal(err)
		} else if pattern != "" && !match {
			continue
		}
		compared++
		t.Run(name, func(t *testing.T) {
			n := lent{name: name, folder: t.TempDir()}
			n.open(t)
			worst = max(worst, n.compare(t, python))
		})
		runtime.GC()
	}
	fmt.Printf("%d networks, off by at most %.2g\n", compared, worst)
	if compared == 0 {
		t.Errorf("no network matches %q", pattern)
	}
}

// lent is a network with weights, and the answers that it gives.
type lent struct {
	name, folder string
	variant      zoo.Variant
	settings     zoo.Settings
	memory       plan.Memory
}

func (n *lent) open(t *testing.T) {
	var err error
	if n.variant, err = zoo.Lookup(n.name); err != nil {
		t.Fatal(err)
	}
	if n.settings, err = n.variant.Resolve(nil); err != nil {
		t.Fatal(err)
	}
	n.memory = onednn.Backend{}.NewMemory()
	t.Cleanup(func() { _ = n.memory.Close() })
	n.calibrate(t)
}

// compile makes the network's program and fills its images.
func (n *lent) compile(t *testing.T, mode nn.Mode) (*nn.Builder, plan.Executable) {
	b := nn.NewBuilder(mode, false)
	in := n.variant.Input
	logits := n.variant.Build(b, b.Input("image", images, in[0], in[1], in[2]), n.variant.Classes, n.settings)
	var program *plan.Program
	var err error
	if mode == nn.Train {
		still := func(*nn.Param) bool { return false }
		program, err = plan.LowerTraining(b, nil, plan.Training{Loss: b.Mean(logits), Moves: still})
	} else {
		program, err = plan.Lower(b, map[string]nn.Tensor{"logits": logits})
	}
	if err != nil {
		t.Fatal(err)
	}
	exe, err := onednn.Backend{Threads: 2}.Compile(program, n.memory)
	if err != nil {
		t.Fatal(err)
	}
	r, pixels := rng.New(1, "image"), exe.Floats("image")
	for i := range pixels {
		pixels[i] = float32(r.NormFloat64())
	}
	return b, exe
}

// calibrate gives the network weights that keep the spread of values through a layer, and running statistics near those of the
// images, so that values neither vanish nor explode in any depth; all are a little off, so that nothing is zero or one.
func (n *lent) calibrate(t *testing.T) {
	b, exe := n.compile(t, nn.Train)
	defer exe.Close()
	for _, p := range b.Params() {
		n.write(t, p, seeded(p))
	}
	if err := exe.RunAll(); err != nil {
		t.Fatal(err)
	}
	for _, u := range b.Updates() {
		values := n.read(t, u.Param)
		momentum := float32(u.Value.Op().(*op.Op).Spec.(op.BNRunning).Momentum) // old values were zero
		r := rng.New(1, "off/"+u.Param.Path)
		for i := range values {
			values[i] = values[i]/momentum*float32(0.8+0.4*r.Float64()) + 0.01
		}
		n.write(t, u.Param, values)
	}
}

func (n *lent) read(t *testing.T, p *nn.Param) []float32 {
	values := make([]float32, p.Shape.Size())
	if err := n.memory.Read(p.Path, values); err != nil {
		t.Fatal(err)
	}
	return values
}

func (n *lent) write(t *testing.T, p *nn.Param, values []float32) {
	if err := n.memory.Write(p.Path, values); err != nil {
		t.Fatal(err)
	}
}

// seeded are the first values of a parameter.
func seeded(p *nn.Param) []float32 {
	r, values := rng.New(1, "weights/"+p.Path), make([]float32, p.Shape.Size())
	for i := range values {
		u := 2*r.Float64() - 1
		switch p.Role {
		case nn.Weight: // He et al. (2015)
			u *= math.Sqrt(6 / float64(p.Shape[1:].Size()))
		case nn.Scale:
			u = 1 + u/2
		case nn.Running:
			u = 0
		default:
			u /= 10
		}
		values[i] = float32(u)
	}
	return values
}

// export writes NAME.onnx.
func (n *lent) export(t *testing.T) {
	g, err := onnx.Trace(func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		return n.variant.Build(b, x, n.variant.Classes, n.settings)
	}, n.variant.Input)
	if err != nil {
		t.Fatal(err)
	}
	_, err = onnx.Save(filepath.Join(n.folder, n.name+".onnx"), onnx.Model{
		Graph: g, Name: n.name, Doc: n.variant.Paper, Version: "test", Metadata: map[string]string{"model": n.name},
		Weights: func(p *nn.Param, dst []float32) error { return n.memory.Read(p.Path, dst) },
	})
	if err != nil {
		t.Fatal(err)
	}
}

// compare runs the exported network in onnxruntime, prints and returns how far its logits are off.
func (n *lent) compare(t *testing.T, python string) float64 {
	n.export(t)
	_, exe := n.compile(t, nn.Infer)
	defer exe.Close()
	if err := exe.RunAll(); err != nil {
		t.Fatal(err)
	}
	in, logits := n.variant.Input, exe.Output("logits")
	checkSpread(t, logits)
	_, err := weights.Save(filepath.Join(n.folder, n.name+".safetensors"), nil, []weights.Tensor{
		{Name: "image", Shape: op.Shape{images, in[0], in[1], in[2]}, Data: exe.Floats("image")},
		{Name: "logits", Shape: op.Shape{images, n.variant.Classes}, Data: logits},
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, "testdata/compare.py", "run", n.folder, n.name).Output()
	if err != nil {
		message := ""
		if exit, is := err.(*exec.ExitError); is {
			message = string(exit.Stderr)
		}
		t.Fatalf("%v\n%s", err, message)
	}
	var off map[string]float64
	if err := json.Unmarshal(out, &off); err != nil || len(off) != 2 {
		t.Fatalf("compare.py says %q, %v", out, err)
	}
	worst := max(off["1"], off["3"])
	fmt.Printf("%-28s off by %.2g with 1 image, %.2g with 3\n", n.name, off["1"], off["3"])
	if !(worst <= tolerance) {
		t.Errorf("the logits are off by %.2g of the largest, want at most %v", worst, tolerance)
	}
	return worst
}

// checkSpread wants logits that depend on the image and the class, without which a comparison would prove little.
func checkSpread(t *testing.T, logits []float32) {
	classes := len(logits) / images
	largest, between, within := 0.0, 0.0, 0.0
	for i := range classes {
		largest = max(largest, math.Abs(float64(logits[i])))
		between = max(between, math.Abs(float64(logits[i]-logits[classes+i])))
		within = max(within, math.Abs(float64(logits[i]-logits[0])))
	}
	if !(between > 100*tolerance*largest && within > 100*tolerance*largest) || math.IsInf(largest, 0) {
		t.Errorf("logits of at most %v differ by %v between images and %v between classes", largest, between, within)
	}
}
