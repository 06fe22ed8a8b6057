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

// A file of another network is called by the name of that.
func TestTheNearestNetworkIsNamed(t *testing.T) {
	prefixed := func(path string) string { return "module." + path }
	for file, test := range map[string]struct{ as, want string }{
		"resnet34": {"resnet18", "resnet34"}, "resnet50": {"resnet18", "resnet50"}, "vgg16": {"vgg16_bn", "vgg16"},
		"densenet121": {"resnet50", "densenet121"}, "mobilenet_v2": {"mobilenet_v3_large", "mobilenet_v2"}, "resnet20_cifar": {"resnet_mini",
			"resnet20_cifar"},
	} {
		r, err := identify.Compare(fileOf(t, network(t, file, 7).Params, prefixed), network(t, test.as, 0), weights.Options{})
		if err != nil || r.Verdict != weights.Other || !slices.Contains(r.Nearest, test.want) || !strings.Contains(r.String(),
			"they are those of") {
			t.Errorf("%s as %s: %v\n%s", file, test.as, err, r)
		}
	}
	stranger := fileOf(t, []*nn.Param{{Path: "conv1.weight", Shape: []int{5, 3, 7, 7}}}, itself)
	if found := identify.Nearest(stranger, weights.Options{}); len(found) > 0 {
		t.Errorf("a stranger's file is taken for %v", found)
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
