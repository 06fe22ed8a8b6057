package weights

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/weights/pytorch"
)

// checkpoint is a file of parts: each is "NAME: TENSOR, TENSOR".
func checkpoint(parts ...string) *File {
	f := &File{Format: "PyTorch"}
	for _, p := range parts {
		name, tensors, _ := strings.Cut(p, ": ")
		f.parts = append(f.parts, part{name: name, entries: of(strings.Split(tensors, ", ")...).Entries})
	}
	f.Part, f.Entries = f.parts[0].name, f.parts[0].entries
	for i := range f.parts { // each in a place of its own
		for k := range f.parts[i].entries {
			e := &f.parts[i].entries[k]
			e.begin = uint64(1000*i + 100*k)
			e.end = e.begin + uint64(4*e.Shape.Size())
		}
	}
	return f
}

// A network of a checkpoint is chosen by its part, by its prefix or by both, with a dot behind or without.
func TestNetworksAreChosenByTheirPaths(t *testing.T) {
	n := net("", "a.weight 2", "fc.weight 1 2")
	f := checkpoint("state: m.a.weight 2, m.fc.weight 1 2", "ema: a.weight 2, fc.weight 1 2", ": x.y.a.weight 2, x.y.fc.weight 1 2, z 1")
	for asked, want := range map[string]struct {
		part, prefix string
		left         []string
	}{
		"state": {"state", "m.", nil}, "state.": {"state", "m.", nil}, "state.m": {"state", "m.", nil}, "state.m.": {"state", "m.", nil},
		"m": {"state", "m.", nil}, "m.": {"state", "m.", nil}, "ema": {"ema", "", nil}, "x.y": {"", "x.y.", nil}, "x.y.": {"", "x.y.", nil},
	} {
		r, err := Compare(f, n, Options{Part: asked})
		if err != nil || r.Part != want.part || r.Prefix != want.prefix || !slices.Equal(r.Left, want.left) || r.Verdict != Complete {
			t.Errorf("%s: %v\n%s", asked, err, r)
		}
	}
	for _, asked := range []string{"sta", "state.m.a", "y", "a", "ema.m"} {
		if r, err := Compare(f, n, Options{Part: asked}); err == nil ||
			err.Error() != "the file has no network \""+asked+"\", but state.m, ema, x.y" {
			t.Errorf("%s: %v\n%s", asked, err, r)
		}
	}
	r, err := Compare(f, n, Options{})
	if err != nil || r.Verdict != Ambiguous || !slices.Equal(r.Fitting, []string{"state.m", "ema", "x.y"}) || r.Part != "state" ||
		!slices.Equal(r.Beside, []string{"ema", "its own tensors"}) {
		t.Errorf("%v\n%s", err, r)
	}
	// What was not asked for is left on purpose, what lies below what was asked for is not.
	f = of("m.a.weight 2", "m.fc.weight 1 2", "m.x 1", "o.x 1")
	if r, err := Compare(f, n, Options{Part: "m"}); err != nil || !slices.Equal(r.Left, []string{"m.x"}) {
		t.Errorf("%v\n%s", err, r)
	}
	if r, err := Compare(f, n, Options{}); err != nil || !slices.Equal(r.Left, []string{"m.x", "o.x"}) {
		t.Errorf("%v\n%s", err, r)
	}
	f = checkpoint("state: m.a.weight 2, m.fc.weight 1 2, o.x 1", "other: x 1")
	for asked, left := range map[string][]string{"state": {"o.x"}, "state.": {"o.x"}, "state.m": nil, "m": nil} {
		if r, err := Compare(f, n, Options{Part: asked}); err != nil || !slices.Equal(r.Left, left) {
			t.Errorf("%s: %v\n%s", asked, err, r)
		}
	}
}

// Two names for the same bytes are one network, read in the same way; heads do not count.
func TestTheSameBytesAreOneNetwork(t *testing.T) {
	n := net("", "a.weight 2 3", "b.weight 2", "fc.weight 1 2")
	for name, test := range map[string]struct {
		change func(second []Entry)
		same   bool
	}{
		"the same":        {func([]Entry) {}, true},
		"another head":    {func(e []Entry) { e[2].begin = 7 }, true},
		"another place":   {func(e []Entry) { e[1].begin = 7 }, false},
		"another file":    {func(e []Entry) { e[0].from = strings.NewReader("") }, false},
		"another reading": {func(e []Entry) { e[0].strides = []int{1, 2} }, false},
	} {
		f := checkpoint("one: a.weight 2 3, b.weight 2, fc.weight 1 2", "two: a.weight 2 3, b.weight 2, fc.weight 1 2")
		f.parts[1].entries = slices.Clone(f.parts[0].entries)
		test.change(f.parts[1].entries)
		r, err := Compare(f, n, Options{})
		if err != nil || (r.Verdict == Complete) != test.same || (len(r.Fitting) == 0) != test.same || r.Part != "one" {
			t.Errorf("%s: %v\n%s", name, err, r)
		}
	}
}

// The best way to read a file has most of the network by name and form, then by name.
func TestTheBestReadingHasMost(t *testing.T) {
	n := net("fc", "a.weight 2", "b.weight 3", "c.weight 4", "fc.weight 1 4")
	for _, test := range []struct{ parts, part string }{
		{"x: a.weight 2, b.weight 3 | y: a.weight 2, b.weight 3, c.weight 4", "y"},
		{"x: a.weight 2, b.weight 3 | y: a.weight 2, b.weight 3", "x"},
		{"x: a.weight 2, b.weight 4, c.weight 3 | y: a.weight 2, b.weight 3", "y"}, {"x: a.weight 2 | y: a.weight 2, b.weight 4", "y"},
		{"x: q 1 | y: a.weight 2", "y"}, {"x: q 1 | y: r 1", "x"},
	} {
		f := checkpoint(strings.Split(test.parts, " | ")...)
		if r, err := Compare(f, n, Options{}); err != nil || r.Part != test.part {
			t.Errorf("%s: %v\n%s", test.parts, err, r)
		}
	}
}

// What the network has in training alone may be in a file, by any library's names, and is neither taken nor missed.
func TestParametersOfTrainingAlone(t *testing.T) {
	n := net("fc", "a.weight 2", "fc.weight 1 2")
	n.Auxiliary = net("", "aux.weight 3", "aux2.weight 4").Params
	for _, test := range []struct {
		file    string
		verdict Verdict
		left    []string
	}{
		{"a.weight 2, fc.weight 1 2", Complete, nil}, {"a.weight 2, aux.weight 3, fc.weight 1 2", Complete, nil},
		{"m.a.weight 2, m.aux.weight 3, m.aux2.weight 4, m.fc.weight 1 2", Complete, nil},
		{"a.weight 2, aux.weight 9, fc.weight 1 2", Complete, nil},
		{"a.weight 2, aux3.weight 3, fc.weight 1 2", Other, []string{"aux3.weight"}},
		{"aux.weight 3, aux2.weight 4, fc.weight 1 2", Other, nil},
	} {
		r, err := Compare(of(strings.Split(test.file, ", ")...), n, Options{})
		if err != nil || r.Verdict != test.verdict || !slices.Equal(r.Left, test.left) || r.Params != 2 || r.Elements != 4 {
			t.Errorf("%s: %v\n%s", test.file, err, r)
		}
	}
	// Two parts with all of training's, but with other weights, are not two networks that fit.
	f := checkpoint("x: a.weight 2, fc.weight 1 2", "y: aux.weight 3, aux2.weight 4, a.weight 5, fc.weight 1 2")
	if r, err := Compare(f, n, Options{Part: "x"}); err != nil || r.Verdict != Complete || r.Part != "x" {
		t.Errorf("%v\n%s", err, r)
	}
}

// What may be left or missing is given by patterns of names, the network's or the file's.
func TestWhatIsAllowed(t *testing.T) {
	n := net("fc", "a.weight 2", "b.weight 3", "fc.weight 1 2")
	for _, test := range []struct {
		file, allow string
		allowed     []string
		verdict     Verdict
	}{
		{"m.a.weight 2, m.fc.weight 1 2, o 1", "b.*,o", []string{"b.weight", "o"}, AllButGiven},
		{"m.a.weight 2, m.fc.weight 1 2, o 1", "o", []string{"o"}, Other},
		{"m.a.weight 2, m.b.weight 3, m.fc.weight 1 2, m.o 1", "o", []string{"m.o"}, AllButGiven},
		{"m.a.weight 2, m.b.weight 3, m.fc.weight 1 2, m.o 1", "m.o", []string{"m.o"}, AllButGiven},
		{"m.a.weight 2, m.b.weight 4, m.fc.weight 1 2", "m.b.weight", []string{"b.weight"}, AllButGiven},
		{"m.a.weight 2, m.b.weight 4, m.fc.weight 1 2", "b.weight", []string{"b.weight"}, AllButGiven},
		{"m.a.weight 2, m.b.weight 3, m.fc.weight 7 2", "fc.weight", []string{"fc.weight"}, AllButGiven},
	} {
		r, err := Compare(of(strings.Split(test.file, ", ")...), n, Options{Allow: strings.Split(test.allow, ",")})
		if err != nil || r.Verdict != test.verdict || !slices.Equal(r.Allowed, test.allowed) {
			t.Errorf("%s, allowed %s: %v\n%s", test.file, test.allow, err, r)
		}
	}
}

// What is changed is the network's first convolution, whatever stands before it.
func TestTheFirstLayerIsAConvolution(t *testing.T) {
	params := net("", "scale 1 3 1 1", "rows.weight 3 4", "x 4 5 6", "conv.weight 2 3 1 1", "next.weight 2 2 1 1").Params
	params[0].Role = nn.Scale
	if first := firstLayer(params); first != params[3] {
		t.Errorf("got %+v", first)
	}
	if first := firstLayer(params[:3]); first != nil {
		t.Errorf("got %+v", first)
	}
}

// A tensor of PyTorch's lies in one run unless its strides say otherwise; those of axes of one element say nothing.
func TestPlacesOfPyTorchsTensors(t *testing.T) {
	for _, test := range []struct {
		shape, strides []int
		kept           bool
	}{
		{[]int{}, []int{}, false}, {[]int{5}, []int{1}, false}, {[]int{5}, []int{2}, true}, {[]int{1}, []int{7}, false},
		{[]int{2, 3}, []int{3, 1}, false},
		{[]int{2, 3}, []int{1, 2}, true}, {[]int{2, 1, 3}, []int{3, 9, 1}, false}, {[]int{1, 2, 3}, []int{9, 3, 1}, false},
		{[]int{2, 3}, []int{0, 1}, true},
		{[]int{2, 3, 4}, []int{12, 4, 1}, false}, {[]int{2, 3, 4}, []int{24, 4, 1}, true},
	} {
		e := entryOf(pytorch.Tensor{Name: "a", DType: "F16", Width: 2, Shape: test.shape, Strides: test.strides, Begin: 100, Big: test.kept})
		want := Entry{Name: "a", DType: F16, Shape: append(op.Shape{}, test.shape...), begin: 100, big: test.kept}
		want.end = want.begin + 2*uint64(want.Shape.Size())
		if test.kept {
			want.strides = test.strides
		}
		if !reflect.DeepEqual(e, want) {
			t.Errorf("%v by %v is %+v, want %+v", test.shape, test.strides, e, want)
		}
	}
}

// Sixteen networks of a file are compared with one another, and named.
func TestSixteenNetworksAreNamed(t *testing.T) {
	n := net("fc", "a.weight 2", "fc.weight 1 2")
	for parts, want := range map[int]int{15: 15, 16: 16, 17: 16} {
		var texts []string
		for i := range parts {
			texts = append(texts, fmt.Sprintf("p%d: a.weight 2", i))
		}
		if r, err := Compare(checkpoint(texts...), n, Options{}); err != nil || len(r.Fitting) != want || r.Verdict != Ambiguous {
			t.Errorf("%d: %v\n%s", parts, err, r)
		}
	}
}
