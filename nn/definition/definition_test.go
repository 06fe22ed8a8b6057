package definition

import (
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/option"
)

const tiny = `tiny{"layers":[{"conv":"$width"},"relu","global_avg_pool","classifier"],"name":"tiny","parameters":{"width":4}}`

func parsed(t *testing.T, text string) *Network {
	t.Helper()
	n, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTextIsWhatParseReads(t *testing.T) {
	n := parsed(t, tiny)
	if n.Text() != tiny {
		t.Errorf("got %s, want %s", n.Text(), tiny)
	}
	other := parsed(t, `tiny{"parameters": {"width": 4.0}, "name":"tiny", "layers":[{"conv":"$width"},"relu","global_avg_pool","classifier"]}`)
	if other.Text() != tiny {
		t.Errorf("in another order it is %s, want %s", other.Text(), tiny)
	}
}

func TestTextsThatAreNoNetworksAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		`tiny`:                                  `want the text of a network, a name and {…}, got "tiny"`,
		`tiny{"`:                                `the network "tiny" cannot be read: unexpected EOF`,
		`tiny{"name":"tiny"}`:                   `network tiny: has no layers: want layers: [conv: {out: 16}, …, classifier]`,
		`tiny{"name":"tiny"} {}`:                `the network "tiny" cannot be read: something follows the network`,
		"other" + tiny[len("tiny"):]:            `the network is called "other", and "tiny" in itself: want one name`,
		`tiny{"` + strings.Repeat(" ", maxText): `want the text of a network of at most 65536 bytes, got 65542`,
	} {
		if _, err := Parse(text); err == nil || err.Error() != want {
			t.Errorf("%.40s: got error %v, want %s", text, err, want)
		}
	}
}

func TestExpressionsAreComputed(t *testing.T) {
	in := scope{"in": 12, "width": 16, "wide": 1.5, "act": "relu", "on": true}
	for text, want := range map[string]any{
		"3": 3, "0.5": 0.5, "$width * 2": 32, "$width*$wide": 24, "2 * ($in + 4) / 8": 4, "$in - 2 - 3": 7, "12 / 2 / 3": 2,
		"1 + 2 * 3": 7, "$in / 8": 1.5, "$act": "relu", "$on": true, " $width ": 16, "1e2": 100,
	} {
		e, err := compile(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := e.value(in); err != nil || got != want {
			t.Errorf("%s: got %v, %v, want %v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"":                        `want numbers and parameters, such as $width * 2, got ""`,
		"$":                       `want the name of a parameter behind $, got ""`,
		"$In":                     `want the name of a parameter behind $, got "In"`,
		"2 *":                     `want numbers and parameters, such as $width * 2, got "2 *"`,
		"2 3":                     `want numbers and parameters, such as $width * 2, got "3" behind "2"`,
		"-2":                      `want numbers and parameters, such as $width * 2, got "-2"`,
		"(2":                      `want ) in the expression "(2"`,
		"1e999":                   `want numbers and parameters, such as $width * 2, got "1e999"`,
		strings.Repeat("(", 1000): `want an expression of at most 200 bytes, got 1000`,
	} {
		if _, err := compile(text); err == nil || err.Error() != want {
			t.Errorf("%q: got error %v, want %s", text, err, want)
		}
	}
}

// Without classes a network gives the features that its classifier would read.
func TestBuildWithoutClassesGivesFeatures(t *testing.T) {
	n := parsed(t, tiny)
	b := nn.NewBuilder(nn.Infer, false)
	y := n.Build(b, b.Input("image", 2, 3, 8, 8), 0, option.Settings{"width": 5})
	if b.Err() != nil || !y.Shape().Equal(op.Shape{2, 5}) {
		t.Errorf("got %v, %v, want (2, 5)", y.Shape(), b.Err())
	}
	for _, p := range b.Params() {
		if strings.HasPrefix(p.Path, "3.") {
			t.Errorf("there is %s", p.Path)
		}
	}
}

// Layers of lists one inside the other have the paths that PyTorch's Sequential gives them, and as gives others.
func TestPathsFollowTheLists(t *testing.T) {
	n := parsed(t, `net{"blocks":{"two":{"layers":[{"conv":"$in"},{"conv":"$in"}]}},"layers":[`+
		`{"two":null},{"as":"stem","two":null},{"as":".","two":null},{"group":[{"as":"x.y","conv":3},{"conv":3}]},`+
		`{"as":"rest","repeat":{"layers":["two"],"times":2}},`+
		`{"residual":{"layers":[{"conv":3}],"shortcut":[{"conv":3}]}},{"add":[[{"conv":3}],[]]},"global_avg_pool","classifier"],"name":"net"}`)
	b := nn.NewBuilder(nn.Infer, false)
	n.Build(b, b.Input("image", 1, 3, 4, 4), 2, nil)
	if b.Err() != nil {
		t.Fatal(b.Err())
	}
	var got []string
	for _, p := range b.Params() {
		got = append(got, strings.TrimSuffix(p.Path, ".weight"))
	}
	const want = "0.0 0.1 stem.0 stem.1 2 3 4.x.y 4.1 rest.0.0 rest.0.1 rest.1.0 rest.1.1 6.0 6.downsample.0 7.branch1.0 9 9.bias"
	if all := strings.Join(got, " "); all != want {
		t.Errorf("got %s, want %s", all, want)
	}
}

// FuzzNetworks builds whatever can be read: nothing may panic, and what is too large is an error.
func FuzzNetworks(f *testing.F) {
	f.Add(tiny)
	for _, k := range kinds {
		f.Add(`net{"layers":[{"` + k.Name + `":2},{"residual":[{"conv":4},"` + k.Name + `"]},"flatten","classifier"],"name":"net"}`)
	}
	f.Add(`n{"blocks":{"u":{"layers":[{"repeat":{"layers":["relu"],"times":"$n * $n"}}],"parameters":{"n":9}}},"layers":["u",` +
		`{"concat":[[],[{"max_pool":{"kernel":[1,3],"padding":"$in - 2"}}]]},"flatten","classifier"],"name":"n"}`)
	f.Fuzz(func(t *testing.T, text string) {
		n, err := Parse(text)
		if err != nil {
			return
		}
		if fault := n.Try([3]int{3, 8, 8}, 3); fault != nil && fault.Message == "" {
			t.Error("a fault without a message")
		}
	})
}
