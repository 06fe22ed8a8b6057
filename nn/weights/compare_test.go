package weights_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/glob"
	"workbench/nn/op"
	"workbench/nn/weights"
)

// small is a network of a convolution, a batch norm, two linear layers and a last one for 10 classes.
func small(channels int) weights.Network {
	return weights.Network{Name: "small", Params: []*nn.Param{
		{Path: "conv1.weight", Shape: op.Shape{4, channels, 2, 2}}, {Path: "bn1.weight", Shape: op.Shape{4}},
		{Path: "bn1.running_var", Shape: op.Shape{4}}, {Path: "layer1.0.fc1.weight", Shape: op.Shape{3, 4}},
		{Path: "layer1.1.fc1.weight", Shape: op.Shape{3, 3}}, {Path: "fc.weight", Shape: op.Shape{10, 3}}, {Path: "fc.bias",
			Shape: op.Shape{10}},
	}}
}

// counting are the tensors of a network with the numbers 1, 2, 3 and so on as their elements.
func counting(n weights.Network) []weights.Tensor {
	var all []weights.Tensor
	for _, p := range n.Params {
		t := weights.Tensor{Name: p.Path, Shape: p.Shape}
		for i := range p.Shape.Size() {
			t.Data = append(t.Data, float32(i+1))
		}
		all = append(all, t)
	}
	return all
}

// changed returns the tensors with other names: those for which name gives "" are left out.
func changed(all []weights.Tensor, name func(string) string) []weights.Tensor {
	var other []weights.Tensor
	for _, t := range all {
		if t.Name = name(t.Name); t.Name != "" {
			other = append(other, t)
		}
	}
	return other
}

// shaped returns the tensors with another shape for those of a name; a smaller one cuts the elements off.
func shaped(all []weights.Tensor, name string, shape ...int) []weights.Tensor {
	other := slices.Clone(all)
	for i, t := range other {
		if t.Name == name {
			t.Shape, t.Data = shape, make([]float32, op.Shape(shape).Size())
			for k := range t.Data {
				t.Data[k] = float32(k + 1)
			}
			other[i] = t
		}
	}
	return other
}

func opened(t *testing.T, tensors []weights.Tensor) *weights.File {
	t.Helper()
	var b bytes.Buffer
	if err := weights.Write(&b, nil, tensors); err != nil {
		t.Fatal(err)
	}
	f, err := read(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func before(prefix string) func(string) string {
	return func(name string) string { return prefix + name }
}

func leaving(begins string) func(string) string {
	return func(name string) string {
		if strings.HasPrefix(name, begins) {
			return ""
		}
		return name
	}
}

// Each kind of difference leads to its verdict, and the report tells all of it and nothing else.
func TestVerdicts(t *testing.T) {
	own := counting(small(3))
	more := func(names ...string) []weights.Tensor {
		all := slices.Clone(own)
		for _, name := range names {
			all = append(all, weights.Tensor{Name: name, Shape: op.Shape{1}, Data: []float32{1}})
		}
		return all
	}
	moco := append(append(changed(own, before("module.encoder_q.")), changed(own, before("module.encoder_k."))...),
		weights.Tensor{Name: "module.queue", Shape: op.Shape{1}, Data: []float32{1}})
	const all, body = "taken: 7 of 7 tensors, 100 % of the elements\n", "taken: 5 of 7 tensors, 65.8 % of the elements\n"
	const complete, butHead, allowed, other = "verdict: complete", "verdict: complete but for the last layer",
		"verdict: complete but for what is allowed", "verdict: not this network's"
	const noHead = "last layer: fc.weight is missing, fc.bias is missing"
	for name, test := range map[string]struct {
		tensors []weights.Tensor
		options weights.Options
		verdict weights.Verdict
		classes int
		want    string // behind "read as: safetensors"
	}{
		"its own": {own, weights.Options{}, weights.Complete, 10, "\n" + all + complete},
		"with counters": {more("bn1.num_batches_tracked", "n_averaged"), weights.Options{}, weights.Complete, 10,
			"\n" + all + "passed over: 2 counters\n" + complete},
		"a prefix": {changed(own, before("net.backbone.")), weights.Options{}, weights.Complete, 10,
			", names without \"net.backbone.\"\n" + all + complete},
		"another's head": {shaped(shaped(own, "fc.weight", 1000, 3), "fc.bias", 1000), weights.Options{}, weights.AllButHead, 1000,
			"\n" + body + "last layer: fc.weight is (1000, 3), the network's is (10, 3), fc.bias is (1000), the network's is (10)\n" + butHead},
		"another's head of other features": {shaped(own, "fc.weight", 10, 4), weights.Options{}, weights.AllButHead, 0,
			"\n" + body + "last layer: fc.weight is (10, 4), the network's is (10, 3), fc.bias is left with the rest of its layer\n" + butHead},
		"no head": {changed(own, leaving("fc.")), weights.Options{}, weights.AllButHead, 0, "\n" + body + noHead + "\n" + butHead},
		"half a head": {changed(own, leaving("fc.bias")), weights.Options{}, weights.AllButHead, 10,
			"\n" + body + "last layer: fc.bias is missing, fc.weight is left with the rest of its layer\n" + butHead},
		"a head that is allowed": {changed(own, leaving("fc.")), weights.Options{Allow: []string{"fc.*"}}, weights.AllButGiven, 0,
			"\n" + body + "allowed: fc.weight, fc.bias\n" + allowed},
		"a head renamed": {changed(own, func(s string) string {
			return strings.Replace(s, "fc.", "head.classifier.", 1-strings.Count(s, "layer1"))
		}), weights.Options{}, weights.Complete, 10, "\n" + all + "changed: head.classifier.weight as fc.weight\n" + complete},
		"a head of two": {append(changed(own, leaving("fc.")), weights.Tensor{Name: "fc.0.weight", Shape: op.Shape{1}, Data: []float32{1}}),
			weights.Options{}, weights.AllButHead, 0, "\n" + body + noHead + ", fc.0.weight is in the file\n" + butHead},
		"another's classifier beside its own": {more("classifier.bias"), weights.Options{}, weights.Other, 10,
			"\n" + all + "not in the network: classifier.bias\n" + other + " alone: what is left over must be allowed"},
		"missing": {changed(own, leaving("bn1.")), weights.Options{}, weights.Other, 10,
			"\ntaken: 5 of 7 tensors, 93.2 % of the elements\nmissing: bn1.weight, bn1.running_var\n" + other},
		"missing allowed": {changed(own, leaving("bn1.")), weights.Options{Allow: []string{"bn1.**"}}, weights.AllButGiven, 10,
			"\ntaken: 5 of 7 tensors, 93.2 % of the elements\nallowed: bn1.weight, bn1.running_var\n" + allowed},
		"left over": {more("projector.0.weight", "projector.0.bias", "projector.2.weight", "projector.2.bias"), weights.Options{},
			weights.Other, 10, "\n" + all + "not in the network: projector.0.* (2 tensors), projector.2.* (2 tensors)\n" + other +
				" alone: what is left over must be allowed"},
		"left allowed": {more("projector.0.weight"), weights.Options{Allow: []string{"projector.**"}}, weights.AllButGiven, 10,
			"\n" + all + "allowed: projector.0.weight\n" + allowed},
		"another shape": {shaped(own, "bn1.weight", 5), weights.Options{}, weights.Other, 10,
			"\ntaken: 6 of 7 tensors, 96.6 % of the elements\nof another form: bn1.weight is (5), the network's is (4)\n" + other},
		"shape allowed": {shaped(own, "bn1.weight", 5), weights.Options{Allow: []string{"bn1.weight"}}, weights.AllButGiven, 10,
			"\ntaken: 6 of 7 tensors, 96.6 % of the elements\nallowed: bn1.weight\n" + allowed},
		"transposed": {shaped(own, "layer1.0.fc1.weight", 4, 3), weights.Options{}, weights.Other, 10,
			"\ntaken: 6 of 7 tensors, 89.7 % of the elements\nof another form: layer1.0.fc1.weight is (4, 3), the network's is (3, 4)\n" + other},
		"a larger stem": {shaped(own, "conv1.weight", 4, 3, 3, 3), weights.Options{}, weights.Other, 10,
			"\ntaken: 6 of 7 tensors, 59.0 % of the elements\nof another form: conv1.weight is (4, 3, 3, 3), the network's is (4, 3, 2, 2)\n" +
				other},
		"1x1 for linear": {shaped(own, "layer1.0.fc1.weight", 3, 4, 1, 1), weights.Options{}, weights.Complete, 10,
			"\n" + all + "changed: layer1.0.fc1.weight: (3, 4, 1, 1) as (3, 4)\n" + complete},
		"linear for a convolution": {shaped(own, "conv1.weight", 4, 12), weights.Options{}, weights.Complete, 10,
			"\n" + all + "changed: conv1.weight: (4, 12) as (4, 3, 2, 2)\n" + complete},
		"1x1 transposed": {shaped(own, "layer1.0.fc1.weight", 4, 3, 1, 1), weights.Options{}, weights.Other, 10,
			"\ntaken: 6 of 7 tensors, 89.7 % of the elements\n" +
				"of another form: layer1.0.fc1.weight is (4, 3, 1, 1), the network's is (3, 4)\n" + other},
		"another network": {more()[:1], weights.Options{}, weights.Other, 0, "\ntaken: 1 of 7 tensors, 41.0 % of the elements\n" +
			"missing: bn1.* (2 tensors), layer1.* (2 tensors)\n" + noHead + "\n" + other},
		"nothing of it": {more("x")[7:], weights.Options{}, weights.Other, 0, "\ntaken: 0 of 7 tensors, 0.0 % of the elements\n" +
			"missing: conv1.weight, bn1.* (2 tensors), layer1.* (2 tensors)\nnot in the network: x\n" + noHead + "\n" + other},
		"nothing but the head": {more()[5:], weights.Options{Allow: []string{"**"}}, weights.AllButGiven, 10,
			"\ntaken: 2 of 7 tensors, 34.2 % of the elements\nallowed: conv1.weight, bn1.* (2 tensors), layer1.* (2 tensors)\n" + allowed},
		"nothing, though all is allowed": {more("x")[7:], weights.Options{Allow: []string{"**"}}, weights.Other, 0,
			"\ntaken: 0 of 7 tensors, 0.0 % of the elements\n" +
				"allowed: conv1.weight, bn1.* (2 tensors), layer1.* (2 tensors), fc.* (2 tensors), x\n" + other},
		"two networks": {moco, weights.Options{}, weights.Ambiguous, 10, ", names without \"module.encoder_k.\"\n" + all +
			"not in the network: module.encoder_q.* (7 tensors), module.queue\nfit equally: module.encoder_k, module.encoder_q\n" +
			"verdict: several networks of the file fit: choose one by its name"},
		"one of two": {moco, weights.Options{Part: "module.encoder_q"}, weights.Complete, 10,
			", names without \"module.encoder_q.\"\n" + all + complete},
		"one of two, with a dot": {moco, weights.Options{Part: "module.encoder_k."}, weights.Complete, 10,
			", names without \"module.encoder_k.\"\n" + all + complete},
	} {
		r, err := weights.Compare(opened(t, test.tensors), small(3), test.options)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		text := r.String()
		if r.Verdict != test.verdict || r.Classes != test.classes || text != "read as: safetensors"+test.want {
			t.Errorf("%s: %s, %d classes\n%s\nwant\nread as: safetensors%s", name, r.Verdict, r.Classes, text, test.want)
		}
		if err := r.Err(); err == nil != r.Verdict.Fine() || err != nil && err.Error() != "the tensors are not small's\n"+text {
			t.Errorf("%s: the error is %v", name, err)
		}
		taken := 0
		err = r.Load(func(weights.Taken, []float32) error { taken++; return nil })
		if (err == nil) != r.Verdict.Fine() || err == nil && taken != len(r.Taken) || err != nil && (taken > 0 ||
			err.Error() != r.Err().Error()) {
			t.Errorf("%s: %d of %d were loaded, %v", name, taken, len(r.Taken), err)
		}
	}
}

// Nothing but all is told as 100 %, however little is missing.
func TestSharesAreNotRoundedUpToAll(t *testing.T) {
	for taken, want := range map[int64]string{0: "0.0 %", 6: "0.1 %", 9989: "99.9 %", 9994: "99.9 %", 9995: "99.9 %", 9999: "99.9 %",
		10000: "100 %"} {
		lines := (&weights.Report{Elements: 10000, TakenElements: taken, Params: 1}).Lines()
		i := slices.IndexFunc(lines, func(l weights.Line) bool { return l.What == "taken" })
		if got := lines[i].Text; got != "0 of 1 tensors, "+want+" of the elements" {
			t.Errorf("%d of 10000 elements: got %q, want %s", taken, got, want)
		}
	}
}

// Options that cannot be followed are errors.
func TestOptionsThatCannotBeFollowed(t *testing.T) {
	gray, three := counting(small(1)), counting(small(3))
	shaped := func(shape ...int) []weights.Tensor { return shaped(three, "conv1.weight", shape...) }
	const notAdded = "the file has no weights of three channels for conv1.weight to add up"
	for _, test := range []struct {
		want    string
		tensors []weights.Tensor
		network weights.Network
		options weights.Options
	}{
		{`the file has no network "ema"`, three, small(3), weights.Options{Part: "ema"}},
		{glob.Check("a..b").Error(), gray, small(1), weights.Options{Allow: []string{"a.b", "a..b"}}},
		{"the channels of conv1.weight cannot be turned round: it takes 1, want 3", gray, small(1), weights.Options{BGR: true}},
		{"the channels of conv1.weight cannot be added up: it takes 3, want 1", three, small(3), weights.Options{Gray: true}},
		{"the channels of conv1.weight cannot be added up: it takes 3, want 1", three, small(3), weights.Options{Gray: true, BGR: true}},
		{notAdded, gray, small(1), weights.Options{Gray: true}}, {notAdded, shaped(4, 3, 3, 2), small(1), weights.Options{Gray: true}},
		{notAdded, shaped(4, 2, 2, 2), small(1), weights.Options{Gray: true}},
		{notAdded, shaped(5, 3, 2, 2), small(1), weights.Options{Gray: true}},
		{notAdded, shaped(4, 3, 4), small(1), weights.Options{Gray: true}}, {notAdded, three[1:], small(1), weights.Options{Gray: true}},
		{"the network has no convolution whose channels could be changed", gray, weights.Network{Params: small(1).Params[1:]},
			weights.Options{BGR: true}},
		{"the network has no convolution whose channels could be changed", gray, weights.Network{Params: small(1).Params[1:]},
			weights.Options{Gray: true}},
		{`the file has no network "encoder_k", but module.encoder_q`, changed(gray, before("module.encoder_q.")), small(1),
			weights.Options{Part: "encoder_k"}},
		// The last layer may be anywhere, so that two of b's tensors and a's last layer are more than half of the network.
		{`the file has no network "c", but a, b`, append(changed(gray, before("a.")), changed(gray[:2], before("b."))...), small(1),
			weights.Options{Part: "c"}},
		{`the file has no network "c", but a`, append(changed(gray, before("a.")), changed(gray[:1], before("b."))...), small(1),
			weights.Options{Part: "c"}},
	} {
		if r, err := weights.Compare(opened(t, test.tensors), test.network, test.options); err == nil || err.Error() != test.want {
			t.Errorf("got %v, want %q\n%s", err, test.want, r)
		}
	}
	whole, err := read(file(`{"conv1.weight":{"dtype":"I8","shape":[4,3,2,2],"data_offsets":[0,48]}}`, 48))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := weights.Compare(whole, small(1), weights.Options{Gray: true}); err == nil ||
		err.Error() != "elements are I8, want one of F32, F16, BF16, F64" {
		t.Errorf("weights of whole numbers are added up: %v", err)
	}
}

// Of many networks in a file sixteen are named, each once, whatever it is called.
func TestManyNetworksInAFile(t *testing.T) {
	n := weights.Network{Params: []*nn.Param{{Path: "a.weight", Shape: op.Shape{2}}, {Path: "fc.weight", Shape: op.Shape{1, 2}}}}
	var tensors []weights.Tensor
	for i := range 3 {
		tensors = append(tensors, changed(counting(n), before(fmt.Sprintf("m%d.", i)))...)
	}
	r, err := weights.Compare(opened(t, tensors), n, weights.Options{})
	if err != nil || strings.Join(r.Fitting, " ") != "m0 m1 m2" || r.Verdict != weights.Ambiguous {
		t.Errorf("%v\n%s", err, r)
	}
	// One that fits worse is none of them, and one without a body is none at all.
	tensors[4].Shape, tensors[4].Data = op.Shape{3}, []float32{1, 2, 3}
	r, err = weights.Compare(opened(t, tensors), n, weights.Options{})
	if err != nil || strings.Join(r.Fitting, " ") != "m0 m1" {
		t.Errorf("%v\n%s", err, r)
	}
	head := weights.Network{Params: n.Params[1:]}
	r, err = weights.Compare(opened(t, tensors), head, weights.Options{})
	if err != nil || len(r.Fitting) > 0 || r.Prefix != "m0." {
		t.Errorf("%v\n%s", err, r)
	}
}

// The first layer is changed as was asked for, in the report and in the numbers, and never unasked.
func TestChannelsOfTheFirstLayer(t *testing.T) {
	f := opened(t, counting(small(3)))
	first := func(n weights.Network, o weights.Options) (*weights.Report, []float32) {
		t.Helper()
		r, err := weights.Compare(f, n, o)
		if err != nil {
			t.Fatal(err)
		}
		values, err := r.Values(r.Taken[0])
		if err != nil {
			t.Fatal(err)
		}
		return r, values
	}
	if _, got := first(small(3), weights.Options{}); got[0] != 1 || got[47] != 48 {
		t.Errorf("unasked: %v", got)
	}
	r, got := first(small(3), weights.Options{BGR: true})
	if !slices.Equal(got[:12], []float32{9, 10, 11, 12, 5, 6, 7, 8, 1, 2, 3, 4}) || !slices.Equal(got[36:40], []float32{45, 46, 47, 48}) {
		t.Errorf("turned round: %v", got)
	}
	if r.Verdict != weights.Complete || !strings.Contains(r.String(), "conv1.weight: blue and red change places") {
		t.Errorf("%s", r)
	}
	r, got = first(small(1), weights.Options{Gray: true})
	if !slices.Equal(got[:5], []float32{1 + 5 + 9, 2 + 6 + 10, 3 + 7 + 11, 4 + 8 + 12, 13 + 17 + 21}) || len(got) != 16 {
		t.Errorf("added up: %v", got)
	}
	if r.Verdict != weights.Complete || !strings.Contains(r.String(), "conv1.weight: three channels are added up") {
		t.Errorf("%s", r)
	}
	if _, again := first(small(1), weights.Options{Gray: true, BGR: true}); !slices.Equal(again, got) {
		t.Errorf("added up in the other order: %v", again)
	}
	if r, err := weights.Compare(f, small(1), weights.Options{}); err != nil || r.Verdict != weights.Other || !strings.Contains(r.String(),
		"(4, 3, 2, 2)") {
		t.Errorf("unasked: %s, %v", r, err)
	}
}

// A checkpoint's average is another network unless it has the same numbers, and is chosen by its name.
func TestPartsOfCheckpoints(t *testing.T) {
	f, err := read(torchFiles(t)["v2_checkpoint.pth"])
	if err != nil {
		t.Fatal(err)
	}
	var n weights.Network
	for _, e := range f.Entries {
		if !e.Counter() {
			n.Params = append(n.Params, &nn.Param{Path: e.Name, Shape: e.Shape})
		}
	}
	for part, want := range map[string]struct {
		verdict weights.Verdict
		line    string
	}{
		"":                  {weights.Ambiguous, "fit equally: state_dict, averages.0.module"},
		"state_dict":        {weights.Complete, "beside: averages.0, its own tensors"},
		"averages.0":        {weights.Complete, `read as: PyTorch, averages.0, names without "module."`},
		"averages.0.module": {weights.Complete, `read as: PyTorch, averages.0, names without "module."`},
	} {
		r, err := weights.Compare(f, n, weights.Options{Part: part})
		if err != nil || r.Verdict != want.verdict || !strings.Contains(r.String(), want.line) {
			t.Errorf("%q: %v\n%s", part, err, r)
		}
	}
	if _, err := f.Of("averages"); err == nil || !strings.Contains(err.Error(), "averages.0") {
		t.Errorf("got %v", err)
	}
}

// The names of DenseNet's layers before 2019 are known, and those of timm's linear layers that are convolutions.
func TestOldNames(t *testing.T) {
	var params []*nn.Param
	var old []string
	for _, path := range []string{"features.conv0.weight", "features.denseblock1.denselayer1.norm1.weight",
		"features.denseblock1.denselayer1.conv2.weight",
		"features.norm5.running_mean", "classifier.weight"} {
		params = append(params, &nn.Param{Path: path, Shape: op.Shape{2}})
		old = append(old, strings.NewReplacer("norm1", "norm.1", "conv2", "conv.2").Replace(path))
	}
	r, err := weights.Compare(named(old...), weights.Network{Params: params}, weights.Options{})
	if err != nil || r.Verdict != weights.Complete || r.Library != "torchvision of 2018" {
		t.Errorf("%v, %s", err, r)
	}
}
