package weights_test

import (
	"slices"
	"strings"
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

func three() []*nn.Param {
	var params []*nn.Param
	for _, path := range []string{"conv1.weight", "bn1.running_var", "fc.bias"} {
		params = append(params, &nn.Param{Path: path, Shape: op.Shape{2}})
	}
	return params
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
		{"module.", []string{"n_averaged", "module.conv1.weight", "module.bn1.running_var", "module.bn1.num_batches_tracked", "module.fc.bias"}},
		{"model.", []string{"n_averaged", "model.conv1.weight", "model.bn1.running_var", "model.fc.bias"}},
		{"net.", []string{"n_averaged", "net.conv1.weight", "net.bn1.running_var", "net.fc.bias"}}, // the counter sorts first
	} {
		f, library := weights.Recognize(named(test.names...), three())
		if err := f.Match(three()); err != nil || f.Prefix != test.prefix || library != "" {
			t.Errorf("%v: took off %q, library %q, %v", test.names, f.Prefix, library, err)
		}
	}
}

// A file that has more than the network still says so, and by the names without what stands before them.
func TestWhatBelongsElsewhereIsNotPassedOver(t *testing.T) {
	for _, other := range []string{"classifier.weight", "encoder_ema.weight", "projector.weight"} { // sorts before, amid and behind
		f, _ := weights.Recognize(named("encoder.conv1.weight", "encoder.bn1.running_var", "encoder.fc.bias", other), three())
		err := f.Match(three())
		for _, want := range []string{`without "encoder."`, "1 not in the network:\n  " + other} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
		}
	}
	// With and without, two tensors would have one name.
	twice := named("module.conv1.weight", "module.bn1.running_var", "module.fc.bias", "fc.bias")
	if f, _ := weights.Recognize(twice, three()); f.Match(three()) == nil {
		t.Error("a tensor that is there twice was accepted")
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
	var names []string
	for _, p := range b.Params() {
		names = append(names, "model."+weights.NamesIn("timm", p.Path)[0])
	}
	f := named(names...)
	g, library := weights.Recognize(f, b.Params())
	if library != "timm" || g.Prefix != "model." {
		t.Errorf("library %q, prefix %q", library, g.Prefix)
	}
	for i, p := range b.Params() {
		if g.Entries[i].Name != p.Path || f.Entries[i].Name != names[i] {
			t.Errorf("%s is called %s, want %s", f.Entries[i].Name, g.Entries[i].Name, p.Path)
		}
	}
	if slices.ContainsFunc(f.Entries, func(e weights.Entry) bool { return !strings.HasPrefix(e.Name, "model.") }) {
		t.Error("the file that was given has changed")
	}
}
