package identify_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/identify"
	"workbench/nn/weights"
	"workbench/nn/zoo"
)

// sparse is a file that begins with some bytes, and then has zeros.
type sparse []byte

func (s sparse) ReadAt(p []byte, at int64) (int, error) {
	clear(p)
	if at < int64(len(s)) {
		copy(p, s[at:])
	}
	return len(p), nil
}

var _ io.ReaderAt = sparse{}

// fileOf is a safetensors file of the parameters by the names that name gives; those without one are left out.
func fileOf(t *testing.T, params []*nn.Param, name func(path string) string) *weights.File {
	t.Helper()
	type place struct {
		DType   string `json:"dtype"`
		Shape   []int  `json:"shape"`
		Offsets [2]int `json:"data_offsets"`
	}
	header, at := map[string]place{}, 0
	for _, p := range params {
		if n := name(p.Path); n != "" {
			end := at + 4*p.Shape.Size()
			header[n] = place{"F32", append([]int{}, p.Shape...), [2]int{at, end}}
			at = end
		}
	}
	text, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	b := append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...)
	f, err := weights.Read(sparse(b), int64(len(b)+at))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func itself(path string) string { return path }

func network(t *testing.T, name string, classes int) weights.Network {
	t.Helper()
	v, err := zoo.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := v.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	if classes == 0 {
		classes = v.Classes
	}
	n, err := identify.Network(v, s, v.Input, classes)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func compare(t *testing.T, f *weights.File, n weights.Network, o weights.Options) *weights.Report {
	t.Helper()
	r, err := weights.Compare(f, n, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// structure is what two networks have in common if and only if a file cannot tell them apart: names and shapes but for
// the last layer's.
func structure(n weights.Network) string {
	last := n.Params[len(n.Params)-1].Path
	head := last[:strings.LastIndexByte(last, '.')]
	var lines []string
	for _, p := range n.Params {
		if !strings.HasPrefix(p.Path, head+".") {
			lines = append(lines, fmt.Sprint(p.Path, p.Shape))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// A file of every network of the zoo is that network's and no other's.
func TestEveryFileIsItsOwnNetworks(t *testing.T) {
	var networks []weights.Network
	var structures []string
	for _, name := range zoo.Names() {
		networks = append(networks, network(t, name, 0))
		structures = append(structures, structure(networks[len(networks)-1]))
	}
	alike := 0
	for i, own := range networks {
		f := fileOf(t, own.Params, itself)
		for k, n := range networks {
			want, same := weights.Other, structures[i] == structures[k]
			if same {
				want = compare(t, f, own, weights.Options{}).Verdict
			}
			if i == k {
				want = weights.Complete
			} else if !same && !f.MayHold(n) {
				continue // told from the network before it is compared
			} else if same {
				alike++
				want = weights.Complete
			}
			r := compare(t, f, n, weights.Options{})
			if r.Verdict != want && !(same && r.Verdict == weights.AllButHead) {
				t.Errorf("a file of %s as %s: %s", own.Name, n.Name, r)
			}
		}
	}
	t.Logf("%d networks, %d pairs of the same structure", len(networks), alike)
}

// A file of another network is called by the names of those whose it may be, three at most.
func TestTheNearestNetworkIsNamed(t *testing.T) {
	prefixed := func(path string) string { return "module." + path }
	for file, test := range map[string]struct {
		as   string
		want []string
	}{
		"resnet34": {"resnet18", []string{"resnet34"}}, "resnet50": {"resnet18", []string{"resnet50", "resnext50_1x64d"}},
		"vgg16": {"vgg16_bn", []string{"vgg16"}}, "mobilenet_v2": {"mobilenet_v3_large", []string{"mobilenet_v2"}},
		"resnet20_cifar":       {"resnet_mini", []string{"plain20_cifar", "resnet20_cifar", "resnet_cifar"}},
		"mobilenet_v1_1.0_224": {"resnet18", []string{"mobilenet_v1_1.0_128", "mobilenet_v1_1.0_160", "mobilenet_v1_1.0_192"}},
	} {
		r, err := identify.Compare(fileOf(t, network(t, file, 7).Params, prefixed), network(t, test.as, 0), weights.Options{})
		if err != nil || r.Verdict != weights.Other || !slices.Equal(r.Nearest, test.want) || !strings.Contains(r.String(),
			"they are those of "+strings.Join(test.want, ", ")) {
			t.Errorf("%s as %s: %v\n%s", file, test.as, err, r)
		}
	}
	stranger := fileOf(t, []*nn.Param{{Path: "conv1.weight", Shape: []int{5, 3, 7, 7}}}, itself)
	if found := identify.Nearest(stranger, weights.Options{}); len(found) > 0 {
		t.Errorf("a stranger's file is taken for %v", found)
	}
	resnet := network(t, "resnet18", 7)
	twice := fileOf(t, slices.Concat(under("student.", resnet.Params), under("teacher.", resnet.Params)), itself)
	if found := identify.Nearest(twice, weights.Options{}); !slices.Equal(found, []string{"resnet18"}) {
		t.Errorf("a file of two networks is taken for %v", found)
	}
}

// Nobody looks for another network where one fits, and how channels are to be changed does not matter to others.
func TestTheNearestIsLookedForIfNothingFits(t *testing.T) {
	resnet18, resnet34 := network(t, "resnet18", 0), network(t, "resnet34", 0)
	f := fileOf(t, network(t, "resnet18", 7).Params, itself)
	if r, err := identify.Compare(f, resnet18, weights.Options{}); err != nil || r.Verdict != weights.AllButHead || r.Nearest != nil {
		t.Errorf("%v\n%s", err, r)
	}
	if r, err := identify.Compare(f, resnet34, weights.Options{Allow: []string{"layer*.**"}}); err != nil ||
		r.Verdict != weights.AllButHead ||
		r.Nearest != nil {
		t.Errorf("%v\n%s", err, r)
	}
	if r, err := identify.Compare(f, resnet34, weights.Options{Allow: []string{"a..b"}}); err == nil {
		t.Errorf("a pattern that is none: %s", r)
	}
	v, err := zoo.Lookup("resnet34")
	if err != nil {
		t.Fatal(err)
	}
	s, err := v.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	gray, err := identify.Network(v, s, [3]int{1, 64, 64}, 10)
	if err != nil {
		t.Fatal(err)
	}
	r, err := identify.Compare(f, gray, weights.Options{Gray: true})
	if err != nil || r.Verdict != weights.Other || !slices.Equal(r.Nearest, []string{"resnet18"}) {
		t.Errorf("%v\n%s", err, r)
	}
}

// A network for a comparison has the parameters of inference as they are built, and those of training alone beside.
func TestNetworksHaveTheParametersThatAreBuilt(t *testing.T) {
	for name, auxiliary := range map[string]int{"resnet18": 0, "googlenet": 12, "googlenet_aux": 12, "googlenet_torchvision": 18} {
		v, err := zoo.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := v.Resolve(nil)
		if err != nil {
			t.Fatal(err)
		}
		b := nn.NewBuilder(nn.Infer, false)
		v.Build(b, b.Input("image", 1, 3, 64, 64), 10, s)
		n, err := identify.Network(v, s, [3]int{3, 64, 64}, 10)
		if err != nil || n.Name != name || n.Head != "" || len(n.Params) != len(b.Params()) || len(n.Auxiliary) != auxiliary {
			t.Errorf("%s: %v, %q with %d parameters, want %d, and %d of training alone, want %d", name, err, n.Name, len(n.Params),
				len(b.Params()),
				len(n.Auxiliary), auxiliary)
			continue
		}
		for i, p := range b.Params() {
			if got := n.Params[i]; got.Path != p.Path || !got.Shape.Equal(p.Shape) || got.Role != p.Role || got.Node != nil {
				t.Errorf("%s: %+v, want %s %v %v", name, got, p.Path, p.Shape, p.Role)
			}
		}
		for _, p := range n.Auxiliary {
			if !strings.HasPrefix(p.Path, "aux") {
				t.Errorf("%s has %s in training alone", name, p.Path)
			}
		}
		if _, still := s["auxiliary"]; still && s["auxiliary"] != (name == "googlenet_aux") {
			t.Errorf("%s: the settings have become %v", name, s)
		}
	}
	v, err := zoo.Lookup("vgg16")
	if err != nil {
		t.Fatal(err)
	}
	s, err := v.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := identify.Network(v, s, [3]int{3, 16, 16}, 10); err == nil || !strings.Contains(err.Error(), "max_pool") {
		t.Errorf("%v, %v", n, err)
	}
}

// Of a file of several networks the one that was asked for is looked up, with what may be left over or missing in it.
func TestTheNearestIsOfThePartAskedFor(t *testing.T) {
	both := slices.Concat(under("student.", network(t, "resnet18", 7).Params), under("teacher.", network(t, "mobilenet_v2", 7).Params))
	f := fileOf(t, append(both, &nn.Param{Path: "teacher.projector.weight", Shape: []int{5, 6}}), itself)
	allow := []string{"teacher.projector.**"}
	for part, want := range map[string]string{"student": "resnet18", "teacher": "mobilenet_v2"} {
		if found := identify.Nearest(f, weights.Options{Part: part, Allow: allow}); !slices.Contains(found, want) || len(found) > 1 {
			t.Errorf("%s: got %v, want %s", part, found, want)
		}
	}
	if found := identify.Nearest(f, weights.Options{Part: "teacher"}); len(found) > 0 {
		t.Errorf("with a projector that is not allowed: got %v", found)
	}
}

// under are the parameters with something before their paths.
func under(prefix string, params []*nn.Param) (all []*nn.Param) {
	for _, p := range params {
		all = append(all, &nn.Param{Path: prefix + p.Path, Shape: p.Shape, Role: p.Role})
	}
	return all
}

// Published files have the classifiers that GoogLeNet has in training alone.
func TestAuxiliaryClassifiersMayBeThere(t *testing.T) {
	n := network(t, "googlenet_torchvision", 0)
	if len(n.Auxiliary) == 0 {
		t.Fatal("there are none")
	}
	with := compare(t, fileOf(t, append(slices.Clone(n.Params), n.Auxiliary...), itself), n, weights.Options{})
	without := compare(t, fileOf(t, n.Params, itself), n, weights.Options{})
	if with.Verdict != weights.Complete || without.Verdict != weights.Complete || len(with.Taken) != len(n.Params) {
		t.Errorf("with them: %s\nwithout: %s", with, without)
	}
}

// Weights for other classes are complete but for the last layer.
func TestAnotherNumberOfClassesIsAnotherHead(t *testing.T) {
	for _, name := range []string{"resnet18", "vgg11_bn", "densenet121", "mobilenet_v3_small", "efficientnet_b0"} {
		r := compare(t, fileOf(t, network(t, name, 0).Params, itself), network(t, name, 13), weights.Options{})
		if r.Verdict != weights.AllButHead || r.Classes != 1000 || len(r.Taken) != r.Params-2 {
			t.Errorf("%s: %d classes\n%s", name, r.Classes, r)
		}
	}
}
