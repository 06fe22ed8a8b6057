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

// These tests run files in onnxruntime. `make onnx` names a Python that has it in WORKBENCH_ONNX, and a pattern of
// networks in WORKBENCH_ONNX_NETWORKS.

// images is the size of the batches. onnxruntime takes the first image alone as well.
const images = 3

func TestOnnxruntimeAnswersAlike(t *testing.T) {
	pattern, worst, compared := os.Getenv("WORKBENCH_ONNX_NETWORKS"), 0.0, 0
	for _, name := range zoo.Names() {
		if match, err := filepath.Match(pattern, name); err != nil {
			t.Fatal(err)
		} else if !match {
			continue
		}
		compared++
		t.Run(name, func(t *testing.T) {
			n := lent{name: name, folder: t.TempDir()}
			n.open(t)
			worst = max(worst, n.compare(t))
		})
		runtime.GC()
	}
	fmt.Printf("%d networks, off by at most %.2g\n", compared, worst)
	if compared == 0 {
		t.Errorf("no network matches %q", pattern)
	}
}

// These networks have modules that they were not published with.
func TestOnnxruntimeAnswersOtherModulesAlike(t *testing.T) {
	for i, test := range onnx.OtherModules {
		t.Run(fmt.Sprint(i, " ", test.Variant), func(t *testing.T) {
			n := lent{name: test.Variant, given: test.Given, folder: t.TempDir()}
			n.open(t)
			n.compare(t)
		})
		runtime.GC()
	}
}

// With WORKBENCH_ONNX_RECORD the answers become those that every other test run compares with.
func TestOnnxruntimeAnswersTinyGraphsAlike(t *testing.T) {
	folder := t.TempDir()
	for _, n := range tinies() {
		path, _ := n.save(t, folder)
		pixels, logits := n.answer(t, images)
		if err := ask(path[:len(path)-len("onnx")]+"safetensors", n.images, pixels, logits); err != nil {
			t.Fatal(err)
		}
		peer(t, "tiny "+n.name, folder, n.name)
	}
	if os.Getenv("WORKBENCH_ONNX_RECORD") != "" {
		python(t, "record", folder, "testdata/answers.safetensors")
	}
}

// python runs testdata/compare.py.
func python(t *testing.T, args ...string) []byte {
	t.Helper()
	command := exec.Command(os.Getenv("WORKBENCH_ONNX"), append([]string{"testdata/compare.py"}, args...)...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("compare.py %v: %v", args, err)
	}
	return out
}

// peer runs a file in onnxruntime. It prints and returns how far its logits are off.
func peer(t *testing.T, title, folder, name string) float64 {
	t.Helper()
	out := python(t, "run", folder, name)
	var off map[string]float64
	if err := json.Unmarshal(out, &off); err != nil || len(off) != 2 {
		t.Fatalf("compare.py says %q, %v", out, err)
	}
	worst := max(off["1"], off["3"])
	fmt.Printf("%-28s off by %.2g with 1 image, %.2g with 3\n", title, off["1"], off["3"])
	if !(worst <= tolerance) {
		t.Errorf("the logits of %s are off by %.2g of the largest, want at most %v", name, worst, tolerance)
	}
	return worst
}

// lent is a network of the zoo with weights.
type lent struct {
	name, folder string
	given        map[string]any
	variant      zoo.Variant
	settings     zoo.Settings
	memory       plan.Memory
}

func (n *lent) open(t *testing.T) {
	var err error
	if n.variant, err = zoo.Lookup(n.name); err != nil {
		t.Fatal(err)
	}
	if n.settings, err = n.variant.Resolve(n.given); err != nil {
		t.Fatal(err)
	}
	n.memory = onednn.Backend{}.NewMemory()
	t.Cleanup(func() { _ = n.memory.Close() })
	n.calibrate(t)
}

func (n *lent) build(b *nn.Builder, x nn.Tensor) nn.Tensor {
	return n.variant.Build(b, x, n.variant.Classes, n.settings)
}

// compile makes the network's program and fills its images.
func (n *lent) compile(t *testing.T, mode nn.Mode) (*nn.Builder, plan.Executable) {
	b, in := nn.NewBuilder(mode, false), n.variant.Input
	logits := n.build(b, b.Input("image", images, in[0], in[1], in[2]))
	var program *plan.Program
	var err error
	if mode == nn.Train {
		still := func(*nn.Param) bool { return false }
		loss := b.ClassifierLoss(logits, b.Labels("label", images), 0) // reads the auxiliary classifiers as well
		program, err = plan.LowerTraining(b, nil, plan.Training{Loss: loss, Moves: still})
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
	noise(exe.Floats("image"))
	return b, exe
}

// calibrate gives the network weights, and running statistics near those of the images, so that values neither vanish
// nor explode in any depth. The statistics are a little off, so that no normalisation is exact. Shifts are well above
// zero. Where ReLU cuts half of the values off, each batch norm of a network that is not trained makes differences 1.2
// times larger, rounding among them (Yang et al. 2019, A Mean Field Theory of Batch Normalization).
func (n *lent) calibrate(t *testing.T) {
	b, exe := n.compile(t, nn.Train)
	defer exe.Close()
	for _, p := range b.Params() {
		values := seeded(p)
		for i := range values {
			switch p.Role {
			case nn.Running:
				values[i] = 0
			case nn.Shift:
				values[i] = 1.5 + 8*values[i]
			}
		}
		n.write(t, p, values)
	}
	if err := exe.RunAll(); err != nil {
		t.Fatal(err)
	}
	for _, u := range b.Updates() {
		values := make([]float32, u.Param.Shape.Size())
		if err := n.memory.Read(u.Param.Path, values); err != nil {
			t.Fatal(err)
		}
		running := u.Value.Op().(*op.Op).Spec.(op.BNRunning)
		least := float32(0.01)
		if running.Row == 1 && running.Count == images { // with one pixel an image, the few values may be nearly equal
			least = 1
		}
		r := rng.New(1, "off/"+u.Param.Path)
		for i := range values { // the old values were zero
			values[i] = values[i]/float32(running.Momentum)*float32(0.8+0.4*r.Float64()) + least
		}
		n.write(t, u.Param, values)
	}
}

func (n *lent) write(t *testing.T, p *nn.Param, values []float32) {
	if err := n.memory.Write(p.Path, values); err != nil {
		t.Fatal(err)
	}
}

// compare runs the network here and in onnxruntime.
func (n *lent) compare(t *testing.T) float64 {
	g, err := onnx.Trace(n.build, n.variant.Input)
	if err != nil {
		t.Fatal(err)
	}
	m := onnx.Model{Graph: g, Name: n.name, Version: "test",
		Weights: func(p *nn.Param, dst []float32) error { return n.memory.Read(p.Path, dst) }}
	_, err = weights.Create(t.Context(), filepath.Join(n.folder, n.name+".onnx"), m.Write)
	if err != nil {
		t.Fatal(err)
	}
	_, exe := n.compile(t, nn.Infer)
	defer exe.Close()
	if err := exe.RunAll(); err != nil {
		t.Fatal(err)
	}
	checkSpread(t, exe.Output("logits"))
	if err := ask(filepath.Join(n.folder, n.name+".safetensors"), n.variant.Input, exe.Floats("image"), exe.Output("logits")); err != nil {
		t.Fatal(err)
	}
	return peer(t, n.name, n.folder, n.name)
}

// checkSpread checks that logits depend on the image and the class. Without that a comparison would prove little.
func checkSpread(t *testing.T, logits []float32) {
	classes := len(logits) / images
	largest, between, within := 0.0, 0.0, 0.0
	for i := range classes {
		largest = max(largest, math.Abs(float64(logits[i])))
		between = max(between, math.Abs(float64(logits[i]-logits[classes+i])))
		within = max(within, math.Abs(float64(logits[i]-logits[0])))
	}
	if !(between > 10*tolerance*largest && within > 10*tolerance*largest) || math.IsInf(largest, 0) {
		t.Errorf("logits of at most %v differ by %v between images and %v between classes", largest, between, within)
	}
}
