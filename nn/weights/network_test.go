package weights

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
)

// of is a file of tensors "NAME SHAPE" of F32.
func of(tensors ...string) *File {
	f := &File{}
	for _, t := range tensors {
		f.Entries = append(f.Entries, Entry{Name: strings.Fields(t)[0], DType: F32, Shape: shapeOf(t)})
	}
	return f
}

// shapeOf are the numbers behind a name.
func shapeOf(t string) op.Shape {
	shape := op.Shape{}
	for _, n := range strings.Fields(t)[1:] {
		var axis int
		_, _ = fmt.Sscan(n, &axis)
		shape = append(shape, axis)
	}
	return shape
}

// net is a network of such parameters.
func net(head string, params ...string) Network {
	n := Network{Head: head}
	for _, p := range params {
		n.Params = append(n.Params, &nn.Param{Path: strings.Fields(p)[0], Shape: shapeOf(p)})
	}
	return n
}

// A tensor of another form is a parameter's if its numbers keep their order: a linear layer is a convolution that takes
// all of its input at once.
func TestFormsThatAreAlike(t *testing.T) {
	for _, test := range []struct {
		a, b  string
		alike bool
	}{
		{"x 3 4", "x 3 4", true}, {"x", "x", true}, {"x 3 4", "x 4 3", false}, {"x 3 4", "x 3 4 1 1", true}, {"x 3 12", "x 3 3 2 2", true},
		{"x 3 12", "x 4 3 3 1", false}, {"x 3 12", "x 3 13 1 1", false}, {"x 3 4", "x 3 4 1", false}, {"x 12", "x 3 4", false},
		{"x 3", "x 3 1 1 1", false},
		{"x 3 4 1", "x 3 4 1 1", false}, {"x 3 4 1 1", "x 3 2 2 1", false}, {"x 1", "x", false}, {"x 3 4", "x 3 4 1 1 1", false},
	} {
		a, b := shapeOf(test.a), shapeOf(test.b)
		if alike(a, b) != test.alike || alike(b, a) != test.alike {
			t.Errorf("%v and %v: got %v and %v, want %v", a, b, alike(a, b), alike(b, a), test.alike)
		}
	}
}

// Which modules are called like a last layer.
func TestNamesOfLastLayers(t *testing.T) {
	n := net("top", "top.weight")
	for name, want := range map[string]bool{
		"fc": true, "classifier": true, "head": true, "linear": true, "last_linear": true, "output": true, "logits": true, "cls": true,
		"head.fc": true, "classifier.1": true, "a.b.fc.12": true, "fc.0.9": false, "fc.345678": true, "fc.9": true, "head.1a": false,
		"fc.in": false, "1": false, "fc1": false, "head.fc1": false,
		"fc.1.2": false, "": false, "layer.0": false,
	} {
		if got := isHead(name); got != want {
			t.Errorf("%q is called like a last layer: %v", name, got)
		}
		for _, param := range []string{".weight", ".bias"} {
			if got := n.ofHead(name + param); got != want {
				t.Errorf("%q is one of a last layer: %v", name+param, got)
			}
		}
	}
	for name, want := range map[string]bool{"top.weight": true, "top.x.y": true, "topper.weight": false, "a.top.weight": false} {
		if got := n.ofHead(name); got != want {
			t.Errorf("%q is one of the last layer: %v", name, got)
		}
		if got := n.isOfHead(&nn.Param{Path: name}); got != want {
			t.Errorf("parameter %q is one of the last layer: %v", name, got)
		}
	}
	for _, test := range []struct {
		n    Network
		want string
	}{{net("", "a.weight 1", "b.fc.bias 1"), "b.fc."}, {net("c.d", "a.weight 1"), "c.d."}, {net("", "x 1"), ""}, {net(""), "."}} {
		if got := test.n.head(); got != test.want {
			t.Errorf("the last layer of %v is %q, want %q", test.n.Params, got, test.want)
		}
	}
}

// The last layer has the network's name if the file has one layer that can be it.
func TestLastLayersAreRenamed(t *testing.T) {
	n := net("fc", "conv.weight 4 3 1 1", "se.fc.weight 4 6", "fc.weight 10 6", "fc.bias 10")
	for _, test := range []struct{ file, want, classes string }{
		{"head.weight 10 6, head.bias 10", "fc.weight fc.bias", "10"},
		{"head.weight 7 6, head.bias 7", "fc.weight fc.bias", "7"},
		{"head.weight 10 6 1 1", "fc.weight", "10"},
		{"head.weight 10 2 3 1", "fc.weight", "10"},
		{"head.weight 10 5, head.bias 10", "head.weight head.bias", "0"},                   // takes other features
		{"head.weight 6", "head.weight", "0"},                                              // is no matrix
		{"se.fc.weight 4 6", "se.fc.weight", "0"},                                          // is another of the network's
		{"trunk.weight 10 6", "trunk.weight", "0"},                                         // is not called so
		{"head.scale 10 6", "head.scale", "0"},                                             // has no weights
		{"head.weight 10 6, classifier.weight 10 6", "head.weight classifier.weight", "0"}, // two could be it
		{"head.weight 10 6, fc.bias 10", "head.weight fc.bias", "0"},                       // the name is taken
		{"head.weight 10 6, fc.weight 9 6", "head.weight fc.weight", "9"},
		{"head.weight 10 6, head.scale 1", "fc.weight head.scale", "10"}, // the network has no such parameter
		{"fc.weight 5", "fc.weight", "0"}, {"fc.weight 8 7", "fc.weight", "0"}, {"fc.weight 8 3 2 1", "fc.weight", "8"},
	} {
		f := of(strings.Split(test.file, ", ")...)
		renamed := f.renameHead(&n)
		if got := strings.Join(f.names(), " "); got != test.want || fmt.Sprint(f.classes(&n)) != test.classes {
			t.Errorf("%s: %s of %d classes, want %s of %s", test.file, got, f.classes(&n), test.want, test.classes)
		}
		for i, e := range f.Entries {
			was := strings.Fields(strings.Split(test.file, ", ")[i])[0]
			if e.stored() != was || (e.head == was) != (e.Name != was) {
				t.Errorf("%s: %s was %s, %q", test.file, e.Name, e.stored(), e.head)
			}
		}
		for p, e := range renamed {
			if p.Path != e.Name {
				t.Errorf("%s: %s is given to %s", test.file, e.Name, p.Path)
			}
		}
		if moved := strings.Count(test.want, "fc.") - strings.Count(test.file, "fc."); len(renamed) != moved {
			t.Errorf("%s: %d are renamed, want %d", test.file, len(renamed), moved)
		}
	}
}

// A file cannot hold a network if it has too few tensors of some size, in each of its parts.
func TestWhatAFileMayHold(t *testing.T) {
	n := net("fc", "a.weight 2 3", "b.weight 6", "c.bias 4", "fc.weight 10 4")
	for _, test := range []struct {
		parts string // "|" stands between them
		want  bool
	}{
		{"x 6, y 6, z 4", true}, {"x 3 2, y 1 6, z 2 2, w 9", true}, {"x 6, z 4", false}, {"x 6, y 6", false}, {"x 6, y 6, z 5", false},
		{"", false},
		{"x 6, y 6, z 4, fc.weight 1", true}, {"x 6 | y 6, z 4", false}, {"x 6 | x 6, y 6, z 4", true}, {"x 6, y 6, z 4 | x 6", true},
	} {
		var f *File
		for i, text := range strings.Split(test.parts, " | ") {
			var g *File
			if g = of(); text != "" {
				g = of(strings.Split(text, ", ")...)
			}
			if i == 0 {
				f = g
			} else {
				f.parts = append(f.parts, part{name: fmt.Sprint(i), entries: g.Entries})
			}
		}
		if got := f.MayHold(n); got != test.want {
			t.Errorf("%s: got %v", test.parts, got)
		}
	}
}

// Whatever no network works with is counted; everything else is fine.
func TestValuesThatNoNetworkWorksWith(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, test := range []struct {
		path, want string
		values     []float32
	}{
		{"bn.running_var", "", []float32{0, 1, 1e30}}, {"bn.running_var", "2 of 3 variances are below zero", []float32{-1, 0, -1e-30}},
		{"running_var", "1 of 1 variances are below zero", []float32{-1}}, {"my_running_var", "", []float32{-1}},
		{"bn.running_var.x", "", []float32{-1}},
		{"bn.running_mean", "", []float32{-1, 2}}, {"bn.running_mean", "1 of 2 values are NaN or infinite", []float32{nan, 2}},
		{"a", "3 of 4 values are NaN or infinite", []float32{nan, inf, 2, -inf}}, {"a", "", nil},
		{"bn.running_var", "1 of 2 values are NaN or infinite", []float32{-inf, -1}},
	} {
		if got := Unsound(test.path, test.values); got != test.want {
			t.Errorf("%s of %v: got %q, want %q", test.path, test.values, got, test.want)
		}
	}
}

// Before the names of a network may stand what the file says, the commonest first, and the shortest and the first by
// the alphabet of those that are equally common. Four are tried.
func TestWhatMayStandBeforeNames(t *testing.T) {
	names := map[string]bool{"a.w": true, "b.w": true, "w": true}
	for file, want := range map[string][]string{
		"": {}, "a.w, b.w": {"", "a.", "b."}, "x": {}, "m.a.w": {"m.", "m.a."}, "m.a.w, m.b.w, a.w": {"m.", "", "a.", "m.a."},
		"z.x, yy.a.w, z.a.w": {"z.", "yy.", "z.a.", "yy.a."}, "1.2.3.4.5.6.7.8.q.w": {}, "1.2.3.4.5.6.7.w": {"1.2.3.4.5.6.7."},
		"1.2.3.4.5.6.7.8.w": {"1.2.3.4.5.6.7.8."}, "1.2.3.4.5.6.7.8.9.w": {}, ".w": {"."}, "aw": {}, "m.": {},
	} {
		var f *File
		if f = of(); file != "" {
			f = of(strings.Split(file, ", ")...)
		}
		if got := f.prefixes(names); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", file, got, want)
		}
	}
}
