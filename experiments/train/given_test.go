//go:build !race

package train

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/start"
	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/plan"
	"workbench/nn/weights"
)

// countedWeights are tensors for the network of a job: element i of tensor k is k + i/1000; keep chooses the paths.
func countedWeights(t *testing.T, job experiments.Job, keep func(path string) bool) (all []weights.Tensor) {
	t.Helper()
	variant, settings, err := job.Run.Config.Variant()
	if err != nil {
		t.Fatal(err)
	}
	b := nn.NewBuilder(nn.Infer, false)
	variant.Build(b, b.Input("image", 1, 3, 32, 32), 10, settings)
	for k, p := range b.Params() {
		values := make([]float32, p.Shape.Size())
		for i := range values {
			values[i] = float32(k) + float32(i)/1000
		}
		if keep(p.Path) {
			all = append(all, weights.Tensor{Name: p.Path, Shape: p.Shape, Data: values})
		}
	}
	return all
}

// stored is a file with some tensors, and its SHA-256.
func stored(t *testing.T, tensors []weights.Tensor) (path, digest string) {
	t.Helper()
	var file bytes.Buffer
	if err := weights.Write(&file, nil, tensors); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "net.safetensors")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, fmt.Sprintf("%x", sha256.Sum256(file.Bytes()))
}

func withoutHead(path string) bool { return !strings.HasPrefix(path, "fc.") }

// A file is opened if it is the one that was meant.
func TestTheFileThatWasMeant(t *testing.T) {
	path, digest := stored(t, []weights.Tensor{{Name: "a", Shape: op.Shape{1}, Data: []float32{1}}})
	gone := filepath.Join(t.TempDir(), "gone.safetensors")
	for want, from := range map[string]start.Start{
		"":  {File: path},
		" ": {File: path, Digest: digest},
		fmt.Sprintf("%s has SHA-256 %s, the run was made for %s: it is another file", path, digest, digest[1:]+"0"): {
			File: path, Digest: digest[1:] + "0"},
		fmt.Sprintf("stat %s: no such file or directory", gone): {File: gone},
	} {
		f, err := OpenStart(from)
		if got := errorText(err); got != strings.TrimSpace(want) || (f == nil) != (err != nil) {
			t.Errorf("%+v: got %q, want %q", from, got, want)
		}
		if f != nil {
			if err := f.Close(); err != nil || len(f.Entries) != 1 {
				t.Errorf("%+v: %d tensors (%v)", from, len(f.Entries), err)
			}
		}
	}
}

// Every parameter gets its value once: the file's, or else the one that seed 1 draws.
func TestFillingANetworkFromAFile(t *testing.T) {
	job := smallJob()
	info := opened(t, job).Info()
	tensors := countedWeights(t, job, withoutHead)
	path, digest := stored(t, tensors)
	want := map[string]string{}
	for _, tensor := range tensors {
		want[tensor.Name] = fmt.Sprint(tensor.Data)
	}
	params := paramsOf(t, job)
	for _, p := range params {
		if !withoutHead(p.Path) {
			drawn := make([]float32, p.Shape.Size())
			p.Fill(drawn, 1)
			want[p.Path] = fmt.Sprint(drawn)
		}
	}
	got := map[string]string{}
	write := func(path string, values []float32) error {
		if _, twice := got[path]; twice {
			t.Errorf("%s is written twice", path)
		}
		got[path] = fmt.Sprint(values)
		return nil
	}
	if err := FillStart(start.Start{File: path, Digest: digest}, job.Run.Config, info, params, write); err != nil {
		t.Fatal(err)
	}
	for name, values := range want {
		if got[name] != values {
			t.Errorf("%s is %.60s, want %.60s", name, got[name], values)
		}
	}
	if len(got) != len(want) || len(got) != len(params) {
		t.Errorf("%d parameters of %d are written", len(got), len(params))
	}
	written := 0
	few := func(string, []float32) error {
		if written++; written >= len(tensors)+2 {
			return errBroken
		}
		return nil
	}
	err := FillStart(start.Start{File: path}, job.Run.Config, info, params, few)
	if errorText(err) != "broken" || written != len(tensors)+2 {
		t.Errorf("a value that cannot be written: %v after %d", err, written)
	}
	nameless := experiments.Config{Model: experiments.Choice{Name: "none"}}
	for want, c := range map[string]struct {
		from   start.Start
		config experiments.Config
	}{
		"it is another file":                                {start.Start{File: path, Digest: digest[1:] + "0"}, job.Run.Config},
		"unknown architecture":                              {start.Start{File: path}, nameless},
		"the channels of conv1.weight cannot be added up: ": {start.Start{File: path, Gray: true}, job.Run.Config},
	} {
		silent := func(string, []float32) error { return nil }
		if err := FillStart(c.from, c.config, info, params, silent); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// paramsOf are the parameters of a job's network.
func paramsOf(t *testing.T, job experiments.Job) []*nn.Param {
	t.Helper()
	variant, settings, err := job.Run.Config.Variant()
	if err != nil {
		t.Fatal(err)
	}
	b := nn.NewBuilder(nn.Infer, false)
	variant.Build(b, b.Input("image", 1, 3, 32, 32), 10, settings)
	return b.Params()
}

// What a run begins with: the file's weights turned round if it says so, those of the named part, none of what is drawn
// anew; and its log says all of that, line by line.
func TestWhatARunBeginsWithIsSaid(t *testing.T) {
	job := smallJob()
	whole := countedWeights(t, job, func(string) bool { return true })
	plain, _ := stored(t, whole)
	headless, _ := stored(t, countedWeights(t, job, withoutHead))
	lacking, _ := stored(t, countedWeights(t, job, func(path string) bool { return path != "bn1.bias" && withoutHead(path) }))
	const all, end = "\n  taken: 37 of 37 tensors, 100 % of the elements\n", "  verdict: complete"
	const head = "  last layer: fc.weight is missing, fc.bias is missing\n  verdict: complete but for the last layer"
	two, _ := stored(t, slices.Concat(named("model.", whole, -1), named("ema.", whole, 1)))
	for name, c := range map[string]struct {
		section map[string]any
		drawn   string // paths of what the file does not give, with spaces between
		log     string
	}{
		"nothing": {nil, "*", ""},
		"a file":  {map[string]any{"from": plain}, "", all + end},
		"without a head": {map[string]any{"from": headless}, "fc.weight fc.bias",
			"\n  taken: 35 of 37 tensors, 96.7 % of the elements\n" + head},
		"drawn anew": {map[string]any{"from": plain, "skip": "fc.* bn1.bias"}, "fc.weight fc.bias bn1.bias",
			all + end + "\n  drawn anew: fc.*, bn1.bias"},
		"allowed": {map[string]any{"from": lacking, "allow": "bn1.bias"}, "fc.weight fc.bias bn1.bias",
			"\n  taken: 34 of 37 tensors, 96.6 % of the elements\n  last layer: fc.weight is missing, fc.bias is missing\n" +
				"  allowed: bn1.bias\n  verdict: complete but for the last layer"},
		"turned": {map[string]any{"from": plain, "bgr": true}, "", all + "  changed: conv1.weight: blue and red change places\n" + end},
		"a part": {map[string]any{"from": two, "part": "ema"}, "", ", names without \"ema.\"" + all + end},
	} {
		job.Run.Config.Start = c.section
		x, err := newTrainer(t.Context(), job, plan.Reference{}, func(experiments.Record) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(x.close)
		if err := x.begun(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := ""
		if c.section != nil {
			want = fmt.Sprintf("begins with %s\n  read as: safetensors%s", c.section["from"], c.log)
		}
		if got := strings.Join(x.toTell, "\n"); got != want {
			t.Errorf("%s: the log says %q, want %q", name, got, want)
		}
		for _, tensor := range whole {
			want := fmt.Sprint(tensor.Data)
			if name == "turned" && tensor.Name == "conv1.weight" {
				want = fmt.Sprint(turned(tensor.Data))
			}
			got, kept := x.kept[tensor.Name]
			drawn := c.drawn == "*" || strings.Contains(" "+c.drawn+" ", " "+tensor.Name+" ")
			if kept == drawn || kept && (fmt.Sprint(got.Data) != want ||
				got.Name != "model/"+tensor.Name || !slices.Equal(got.Shape, tensor.Shape)) {
				t.Errorf("%s: %s is kept %v as %s %v", name, tensor.Name, kept, got.Name, got.Shape)
			}
		}
	}
}

// named are tensors under longer names, times a factor.
func named(prefix string, tensors []weights.Tensor, factor float32) (all []weights.Tensor) {
	for _, tensor := range tensors {
		values := make([]float32, len(tensor.Data))
		for i, v := range tensor.Data {
			values[i] = factor * v
		}
		all = append(all, weights.Tensor{Name: prefix + tensor.Name, Shape: tensor.Shape, Data: values})
	}
	return all
}

// turned are the weights of a first convolution [4, 3, 3, 3] whose channels change places.
func turned(v []float32) (all []float32) {
	for o := range 4 {
		for c := range 3 {
			all = append(all, v[27*o+9*(2-c):27*o+9*(3-c)]...)
		}
	}
	return all
}
