package weights_test

import (
	"slices"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/weights"
	"workbench/nn/zoo"
)

// named is a file without tensors' bytes.
func named(names ...string) *weights.File {
	f := &weights.File{}
	for _, name := range names {
		f.Entries = append(f.Entries, weights.Entry{Name: name, DType: weights.F32, Shape: op.Shape{2}})
	}
	return f
}

// three is a network of three parameters.
func three() weights.Network {
	var n weights.Network
	for _, path := range []string{"conv1.weight", "bn1.running_var", "fc.bias"} {
		n.Params = append(n.Params, &nn.Param{Path: path, Shape: op.Shape{2}})
	}
	return n
}

// Whatever stands before all names of a network is taken off, and only that.
func TestWhatStandsBeforeAllNamesIsTakenOff(t *testing.T) {
	for _, test := range []struct {
		prefix string
		names  []string
	}{
		{"", []string{"conv1.weight", "bn1.running_var", "fc.bias"}},
		{"", []string{"conv1.weight", "bn1.running_var", "bn1.num_batches_tracked", "fc.bias"}},
		{"module.", []string{"module.conv1.weight", "module.bn1.running_var", "module.fc.bias"}},
		{"_orig_mod.", []string{"_orig_mod.conv1.weight", "_orig_mod.bn1.running_var", "_orig_mod.fc.bias"}},
		{"state_dict.model.", []string{"state_dict.model.conv1.weight", "state_dict.model.bn1.running_var", "state_dict.model.fc.bias"}},
		{"module.", []string{"n_averaged", "module.conv1.weight", "module.bn1.running_var", "module.bn1.num_batches_tracked",
			"module.fc.bias"}},
		{"model.", []string{"n_averaged", "model.conv1.weight", "model.bn1.running_var", "model.fc.bias"}},
		{"net.", []string{"n_averaged", "net.conv1.weight", "net.bn1.running_var", "net.fc.bias"}}, // the counter sorts first
	} {
		r, err := weights.Compare(named(test.names...), three(), weights.Options{})
		if err != nil || r.Verdict != weights.Complete || r.Prefix != test.prefix || r.Library != "" {
			t.Errorf("%v: %v\n%s", test.names, err, r)
		}
	}
}

// A file that has more than the network still says so, and by the names without what stands before them.
func TestWhatBelongsElsewhereIsNotPassedOver(t *testing.T) {
	for _, other := range []string{"classifier.weight", "encoder_ema.weight", "projector.weight"} { // sorts before, amid and behind
		r, err := weights.Compare(named("encoder.conv1.weight", "encoder.bn1.running_var", "encoder.fc.bias", other), three(),
			weights.Options{})
		if err != nil || r.Verdict != weights.Other || r.Prefix != "encoder." || !slices.Equal(r.Left, []string{other}) || len(r.Taken) != 3 {
			t.Errorf("%v\n%s", err, r)
		}
	}
	// With and without, two tensors would have one name.
	twice := named("module.conv1.weight", "module.bn1.running_var", "module.fc.bias", "fc.bias")
	if r, err := weights.Compare(twice, three(), weights.Options{}); err != nil || r.Verdict != weights.Other {
		t.Errorf("a tensor that is there twice was accepted: %v\n%s", err, r)
	}
}

// Other libraries' names are recognised behind a prefix, and the file itself is left as it was.
func TestPrefixesOfOtherLibrariesNames(t *testing.T) {
	v, err := zoo.Lookup("mobilenet_v2")
	if err != nil {
		t.Fatal(err)
	}
	settings, err := v.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := nn.NewBuilder(nn.Infer, false)
	v.Build(b, b.Input("image", 1, v.Input[0], v.Input[1], v.Input[2]), v.Classes, settings)
	if err := b.Err(); err != nil {
		t.Fatal(err)
	}
	f := &weights.File{}
	var names []string
	for _, p := range b.Params() {
		names = append(names, "model."+weights.NamesIn("timm", p.Path)[0])
		f.Entries = append(f.Entries, weights.Entry{Name: names[len(names)-1], DType: weights.F32, Shape: p.Shape})
	}
	r, err := weights.Compare(f, weights.Network{Params: b.Params()}, weights.Options{})
	if err != nil || r.Verdict != weights.Complete || r.Library != "timm" || r.Prefix != "model." {
		t.Fatalf("%v\n%s", err, r)
	}
	for i, p := range b.Params() {
		taken, own := r.Taken[i], f.Entries[i].Name
		if taken.Param != p || taken.Tensor.Name != p.Path || taken.Tensor.Stored != names[i] || own != names[i] {
			t.Errorf("%s is taken for %+v, the file's is called %s, want %s", p.Path, taken, own, names[i])
		}
	}
}
