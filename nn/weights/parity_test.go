//go:build !noonednn

package weights_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/onednn"
	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/plan"
	"workbench/nn/weights"
	"workbench/nn/zoo"
)

// tolerance is for a result, relative to the largest magnitude of the tensor it belongs to.
const tolerance = 1e-4

// TestTheZooAnswersAsItsPeers compares with what testdata/parity.py wrote. That is the recorded answers, or the answers
// and weights in the folder WORKBENCH_PARITY, which `make parity` makes.
func TestTheZooAnswersAsItsPeers(t *testing.T) {
	folder := os.Getenv("WORKBENCH_PARITY")
	if folder == "" {
		folder = "testdata/parity"
	}
	answers, err := weights.Open(filepath.Join(folder, "answers.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer answers.Close()
	for _, e := range answers.Entries {
		name, what, _ := strings.Cut(e.Name, "/")
		if what == "logits" {
			t.Run(name, func(t *testing.T) {
				p := peer{name: name, folder: folder, answers: answers, batch: e.Shape[0], classes: e.Shape[1]}
				p.open(t)
				p.checkLogits(t)
				if _, err := answers.Find(name + "/loss"); err == nil {
					p.checkGradients(t)
				}
			})
		}
	}
	if len(answers.Metadata) == 0 {
		t.Error("there are no answers")
	}
}

// Every published network has a peer in testdata/peers.py. Networks that the zoo has made up have none.
func TestEveryPublishedNetworkHasAPeer(t *testing.T) {
	record, err := weights.Open("testdata/parity/answers.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer record.Close()
	compared := strings.Fields(record.Metadata["variants"])
	own := []string{"densenet_cifar", "densenet_mini", "mobilenet_mini", "resnet_mini", "shufflenet_mini", "vgg_mini"}
	for _, name := range zoo.Names() {
		if slices.Contains(own, name) == slices.Contains(compared, name) {
			t.Errorf("%s: published=%v, compared=%v", name, !slices.Contains(own, name), slices.Contains(compared, name))
		}
	}
}

// peer is a network of the zoo with another library's answers.
type peer struct {
	name, folder   string
	answers        *weights.File
	batch, classes int

	facts struct { // as parity.py writes them
		Library string
		Variant string
		Options map[string]any
		Side    int      // of the images
		Gain    float64  // factor of the weights that made makes
		Names   []string // of the tensors, where they are not the zoo's
	}
	variant  zoo.Variant
	settings zoo.Settings
}

func (p *peer) open(t *testing.T) {
	err := json.Unmarshal([]byte(p.answers.Metadata[p.name]), &p.facts)
	if err != nil {
		t.Fatalf("facts of %s: %v", p.name, err)
	}
	if p.variant, err = zoo.Lookup(p.facts.Variant); err != nil {
		t.Fatal(err)
	}
	if p.settings, err = p.variant.Resolve(p.facts.Options); err != nil {
		t.Fatal(err)
	}
}

func (p *peer) build(mode nn.Mode, double bool) (*nn.Builder, nn.Tensor) {
	b := nn.NewBuilder(mode, double)
	return b, p.variant.Build(b, b.Input("image", p.batch, 3, p.facts.Side, p.facts.Side), p.classes, p.settings)
}

// compile prepares the program, with the weights and the images that the peer had.
func (p *peer) compile(t *testing.T, b *nn.Builder, program *plan.Program, backend plan.Backend) (plan.Executable, plan.Memory) {
	memory := backend.NewMemory()
	t.Cleanup(func() { _ = memory.Close() })
	exe, err := backend.Compile(program, memory)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = exe.Close() })
	all, _ := p.build(nn.Train, false) // weights of auxiliary classifiers are in the file, but not in a network for inference
	if err := all.Err(); err != nil {
		t.Fatal(err)
	}
	has := map[string]bool{}
	for _, param := range b.Params() {
		has[param.Path] = true
	}
	err = p.load(all.Params(), func(path string, values []float32) error {
		if !has[path] {
			return nil
		}
		return memory.Write(path, values)
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, u := range uniform("image", len(exe.Floats("image"))) {
		exe.Floats("image")[i] = float32(4*u - 2)
	}
	return exe, memory
}

// load takes the weights from the peer's file. Where answers were recorded without one, it makes the weights.
func (p *peer) load(params []*nn.Param, write func(string, []float32) error) error {
	f, err := weights.Open(filepath.Join(p.folder, p.name+".safetensors"))
	if err == nil {
		defer f.Close()
		r, err := p.recognize(f, params)
		if err != nil {
			return err
		}
		return r.Load(func(taken weights.Taken, values []float32) error { return write(taken.Param.Path, values) })
	}
	if !errors.Is(err, fs.ErrNotExist) || os.Getenv("WORKBENCH_PARITY") != "" {
		return err
	}
	names, err := p.names(params)
	if err != nil {
		return err
	}
	for _, param := range params {
		if err := write(param.Path, made(param, names[param.Path], p.facts.Gain)); err != nil {
			return err
		}
	}
	return nil
}

// recognize compares the file's tensors with the parameters. They must be those, by the names that the peer has.
func (p *peer) recognize(f *weights.File, params []*nn.Param) (*weights.Report, error) {
	r, err := weights.Compare(f, weights.Network{Name: p.name, Params: params}, weights.Options{})
	if err != nil {
		return nil, err
	}
	if want := p.facts.Library; len(p.facts.Names) == 0 && r.Library != "" || len(p.facts.Names) > 0 && r.Library != want {
		return nil, fmt.Errorf("the names of the tensors are taken for those of %q, want %q", r.Library, want)
	}
	return r, r.Err()
}

// names are what the peer calls the parameters. A file of the names it has on record must be recognized by them.
func (p *peer) names(params []*nn.Param) (map[string]string, error) {
	names := map[string]string{}
	if len(p.facts.Names) == 0 {
		for _, param := range params {
			names[param.Path] = param.Path
		}
		return names, nil
	}
	shapes := map[string]op.Shape{}
	for _, param := range params {
		for _, name := range weights.NamesIn(p.facts.Library, param.Path) {
			if slices.Contains(p.facts.Names, name) {
				names[param.Path], shapes[name] = name, param.Shape
			}
		}
	}
	f := &weights.File{}
	for _, name := range p.facts.Names {
		f.Entries = append(f.Entries, weights.Entry{Name: name, DType: weights.F32, Shape: shapes[name]})
	}
	r, err := p.recognize(f, params)
	if err != nil {
		return nil, err
	}
	for _, taken := range r.Taken {
		if taken.Tensor.Stored != names[taken.Param.Path] {
			return nil, fmt.Errorf("%s is taken for %s, want %s", taken.Tensor.Stored, taken.Param.Path, names[taken.Param.Path])
		}
	}
	return names, nil
}

func (p *peer) checkLogits(t *testing.T) {
	b, logits := p.build(nn.Infer, false)
	program, err := plan.Lower(b, map[string]nn.Tensor{"logits": logits})
	if err != nil {
		t.Fatal(err)
	}
	exe, _ := p.compile(t, b, program, onednn.Backend{Threads: 2})
	if err := exe.RunAll(); err != nil {
		t.Fatal(err)
	}
	p.compare(t, "logits", exe.Output("logits"), 0)
}

// checkGradients makes one step of SGD in float64, as parity.py does. After it the momentum is the gradient.
func (p *peer) checkGradients(t *testing.T) {
	b, logits := p.build(nn.Train, true)
	loss := b.ClassifierLoss(logits, b.Labels("label", p.batch), 0)
	program, err := plan.LowerTraining(b, nil, plan.Training{Loss: loss, Optimizer: optim.SGD{Momentum: 0.5}})
	if err != nil {
		t.Fatal(err)
	}
	exe, memory := p.compile(t, b, program, plan.Reference{})
	for i := range exe.Ints("label") {
		exe.Ints("label")[i] = int32(i)
	}
	if err := exe.RunAll(); err != nil {
		t.Fatal(err)
	}
	p.compare(t, "loss", exe.Output("loss"), 0)
	checked := 0
	for _, e := range p.answers.Entries {
		path, is := strings.CutPrefix(e.Name, p.name+"/grad/") // no peer with other names has gradients
		if !is {
			continue
		}
		got := make([]float32, e.Shape.Size())
		if err := memory.Read("optim/momentum/"+path, got); err != nil {
			t.Fatal(err)
		}
		// Gradients of biases and scales that a batch norm takes away are zero except for rounding.
		p.compare(t, "grad/"+path, got, 1e-8)
		checked++
	}
	if checked < 9 {
		t.Errorf("%d gradients were compared, want at least 9", checked)
	}
}

// compare compares got with the peer's answer, relative to the answer's largest magnitude, or to least if that is
// larger.
func (p *peer) compare(t *testing.T, what string, got []float32, least float64) {
	t.Helper()
	e, err := p.answers.Find(p.name + "/" + what)
	if err != nil {
		t.Fatal(err)
	}
	want, err := p.answers.Floats(e)
	if err != nil || len(want) != len(got) {
		t.Fatalf("%s: got %d values, the peer has %d, %v", what, len(got), len(want), err)
	}
	largest, worst, at := least, 0.0, 0
	for i := range want {
		largest = max(largest, math.Abs(float64(want[i])))
		if d := math.Abs(float64(got[i]) - float64(want[i])); !(d <= worst) {
			worst, at = d, i
		}
	}
	if !(worst <= tolerance*largest) {
		t.Errorf("%s[%d]: got %v, the peer's is %v: off by %.2g of the largest, %v", what, at, got[at], want[at], worst/largest, largest)
	}
	t.Logf("%s: off by at most %.2g of the largest value", what, worst/largest)
}

// uniform returns numbers in [0, 1) with 24 bits, as parity.py makes them: by splitmix64 (Steele et al. 2014) from the
// FNV-1a hash of the name.
func uniform(name string, n int) []float64 {
	state := uint64(0xCBF29CE484222325)
	for _, c := range []byte(name) {
		state = (state ^ uint64(c)) * 0x100000001B3
	}
	values := make([]float64, n)
	for i := range values {
		state += 0x9E3779B97F4A7C15
		z := (state ^ state>>30) * 0xBF58476D1CE4E5B9
		z = (z ^ z>>27) * 0x94D049BB133111EB
		values[i] = float64((z^z>>31)>>40) / (1 << 24)
	}
	return values
}

// made returns a parameter as parity.py makes it, by the peer's name for it.
func made(p *nn.Param, name string, gain float64) []float32 {
	values := make([]float32, p.Shape.Size())
	spread := math.Sqrt(6 / float64(p.Shape[1:].Size()))
	for i, u := range uniform(name, len(values)) {
		switch {
		case len(p.Shape) > 1:
			u = gain * (2*u - 1) * spread
		case strings.HasSuffix(p.Path, "running_mean") || strings.HasSuffix(p.Path, "bias"):
			u = 0.2 * (u - 0.5)
		default:
			u += 0.5
		}
		values[i] = float32(u)
	}
	return values
}
