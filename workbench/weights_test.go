package main

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"strings"
	"testing"

	"workbench/nn/weights"
)

// sumOf is the SHA-256 of a file.
func sumOf(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// An export says what it wrote, its file says what it holds, and import says the same of it.
func TestWeightsComeBackAsTheyWereSaid(t *testing.T) {
	t.Chdir(t.TempDir())
	out := told(t, "export", "--model", "vgg_mini", "width=2", "--seed", "7", "--classes", "3")
	sum := sumOf(t, "vgg_mini.safetensors")
	for begins, want := range map[string]string{"file": "file vgg_mini.safetensors", "weights": "weights initial", "seed": "seed 7",
		"model": "model vgg_mini", "tensors": "tensors 32", "sha256": "sha256 " + sum} {
		if got := row(t, out, begins+" "); got != want {
			t.Errorf("export says %q, want %q in\n%s", got, want, out)
		}
	}
	f, err := weights.Open("vgg_mini.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for key, want := range map[string]string{"format": "pt", "writer": "workbench development", "model": "vgg_mini", "seed": "7",
		"weights": "initial"} {
		if f.Metadata[key] != want {
			t.Errorf("metadata %s is %q, want %q", key, f.Metadata[key], want)
		}
	}
	if noted := f.Metadata["model_options"]; !strings.Contains(noted, `"width":2`) || len(f.Metadata) != 6 {
		t.Errorf("metadata %v", f.Metadata)
	}
	out = told(t, "import", "vgg_mini.safetensors")
	for begins, want := range map[string]string{"file": "file vgg_mini.safetensors", "model": "model vgg_mini", "names": "names torchvision",
		"tensors": "tensors 32", "counters_passed_over": "counters_passed_over 0",
		"sha256": "sha256 " + sum, "stage1.0.1.weight": "stage1.0.1.weight 2 F32 2 1 0 1 1"} {
		if got := row(t, out, begins+" "); got != want {
			t.Errorf("import says %q, want %q in\n%s", got, want, out)
		}
	}
	csv := told(t, "import", "vgg_mini.safetensors", "--format", "csv", "--table", "tensors")
	if lines := strings.Split(csv, "\n"); lines[0] != "tensor,shape,dtype,elements,mean,sd,min,max" || len(lines) != 34 ||
		!strings.HasPrefix(lines[1], "stage1.0.0.weight,[2 3 3 3],F32,54,") {
		t.Errorf("tensors:\n%s", csv)
	}
}

// The network as ONNX says what it takes; neither its size nor its file is another than was asked for.
func TestNetworksAsONNX(t *testing.T) {
	t.Chdir(t.TempDir())
	out := told(t, "export", "--model", "vgg_mini", "width=2", "--input", "3x16x24", "--classes", "5", "-o", "Net.ONNX")
	for begins, want := range map[string]string{"file": "file Net.ONNX", "images": "images 3×16×24", "classes": "classes 5",
		"opset":   "opset 17",
		"weights": "weights initial", "sha256": "sha256 " + sumOf(t, "Net.ONNX")} {
		if got := row(t, out, begins+" "); got != want {
			t.Errorf("export says %q, want %q in\n%s", got, want, out)
		}
	}
	text, err := os.ReadFile("Net.ONNX")
	if err != nil {
		t.Fatal(err)
	}
	for want, times := range map[string]int{"model_options": 1, "workbench development": 0, "writer": 0} {
		if got := strings.Count(string(text), want); got != times {
			t.Errorf("the file says %q %d times, want %d", want, got, times)
		}
	}
	again := told(t, "export", "--model", "vgg_mini", "width=2", "--format", "onnx")
	if got := row(t, again, "file "); got != "file vgg_mini.onnx" {
		t.Errorf("without a name: %s", got)
	}
}

// Another seed is another network, the same seed the same; what is there stays without --force.
func TestSeedsOfWeights(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, args := range map[string][]string{"one": nil, "same": {"--seed", "1"}, "two": {"--seed", "2"}} {
		told(t, append([]string{"export", "--model", "vgg_mini", "width=2", "-o", name}, args...)...)
	}
	one, same, two := sumOf(t, "one"), sumOf(t, "same"), sumOf(t, "two")
	if one != same || one == two {
		t.Errorf("sums %s of the default seed, %s of seed 1, %s of seed 2", one, same, two)
	}
	if got := called(t, "export", "--model", "vgg_mini", "width=2", "-o", "two"); got.status != exitUsage || sumOf(t, "two") != two {
		t.Errorf("a file that is there: %+v", got)
	}
	if told(t, "export", "--model", "vgg_mini", "width=2", "-o", "two", "-f"); sumOf(t, "two") != one {
		t.Error("--force does not replace a file")
	}
	got := called(t, "export", "--model", "vgg_mini", "width=2", "-o", "-")
	if sum := sha256.Sum256([]byte(got.out)); got.status != exitOK || hex.EncodeToString(sum[:]) != one ||
		!strings.Contains(got.err, "file     -\n") {
		t.Errorf("on standard output: status %d, %s", got.status, got.err)
	}
}

// A checkpoint of PyTorch's is compared as safetensors are, and is chosen from by the names of its parts.
func TestCheckpointsOfPyTorchsAreImported(t *testing.T) {
	files, err := zip.OpenReader("../nn/weights/testdata/pytorch.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	content, err := fs.ReadFile(files, "v2_checkpoint.pth")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile("net.pth", content, 0o600); err != nil {
		t.Fatal(err)
	}
	got := called(t, "import", "net.pth", "--model", "resnet18", "--part", "averages.0")
	for _, want := range []string{"net.pth as resnet18: the tensors are not resnet18's",
		`read as: PyTorch, averages.0, names without "module."`,
		"beside: state_dict, its own tensors", "conv1.weight is (4, 3, 3, 3), the network's is (64, 3, 7, 7)"} {
		if got.status != exitFailed || !strings.Contains(got.err, want) {
			t.Errorf("status %d, want %q in\n%s", got.status, want, got.err)
		}
	}
}
