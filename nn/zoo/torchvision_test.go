package zoo

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"workbench/nn"
)

// testdata/torchvision.csv holds, for each network of torchvision 0.14.1, the number of tensors of its state_dict
// without num_batches_tracked and the SHA-256 of its sorted lines "name 64x3x7x7\n". If they are equal, weights
// published there load by name.
func TestParametersAreTorchvisions(t *testing.T) {
	f, err := os.Open("testdata/torchvision.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		v, err := Lookup(row[0])
		if err != nil {
			t.Error(err)
			continue
		}
		b := buildAll(t, v)
		var lines []string
		for _, p := range b.Params() {
			lines = append(lines, fmt.Sprintf("%s %s\n", p.Path, strings.Trim(strings.ReplaceAll(fmt.Sprint([]int(p.Shape)), " ", "x"), "[]")))
		}
		slices.Sort(lines)
		sum := sha256.New()
		for _, line := range lines {
			io.WriteString(sum, line)
		}
		if got := hex.EncodeToString(sum.Sum(nil)); got != row[3] {
			t.Errorf("%s: %d tensors, whose names or shapes are not those of torchvision's %s, which has %s", row[0], len(lines), row[1], row[2])
		}
	}
}

// buildAll builds the variant with all it can have, because torchvision keeps the auxiliary classifiers' weights.
func buildAll(t *testing.T, v Variant) *nn.Builder {
	t.Helper()
	given := map[string]any{}
	if slices.ContainsFunc(v.Options, func(o Option) bool { return o.Name == "auxiliary" }) {
		given["auxiliary"] = true
	}
	b, _ := build(t, v, nn.Train, given)
	if err := b.Err(); err != nil {
		t.Fatal(err)
	}
	return b
}

// The starts are those of torchvision's constructors, once compared tensor by tensor with the networks that it makes,
// or those of the paper.
func TestParametersStartAsTheReferences(t *testing.T) {
	he := func(fan int) nn.Init { return nn.Init{Normal: math.Sqrt(2 / float64(fan))} }
	torch := func(fanIn int) nn.Init { return nn.Init{Uniform: 1 / math.Sqrt(float64(fanIn))} }
	tests := []struct {
		variant, path string
		want          nn.Init
	}{
		{"resnet50", "layer1.0.conv2.weight", he(64 * 9)},
		{"resnet50", "fc.bias", torch(2048)},
		{"resnext50_32x4d", "layer1.0.conv2.weight", he(128 * 9)},
		{"densenet121", "features.denseblock1.denselayer2.conv1.weight", he(64 + 32)},
		{"densenet121", "classifier.weight", torch(1024)},
		{"densenet121", "classifier.bias", nn.Init{}},
		{"vgg16", "features.2.weight", he(64 * 9)},
		{"vgg16", "features.2.bias", nn.Init{}},
		{"vgg16", "classifier.3.weight", nn.Init{Normal: 0.01}},
		{"alexnet", "features.3.weight", torch(64 * 25)},
		{"alexnet", "features.3.bias", torch(64 * 25)},
		{"alexnet", "classifier.6.bias", torch(4096)},
		{"alexnet_2012", "features.0.weight", nn.Init{Normal: 0.01}}, // section 5: N(0, 0.01²), biases of 1 in conv2, 4, 5, fc6, fc7
		{"alexnet_2012", "features.0.bias", nn.Init{}},
		{"alexnet_2012", "features.4.bias", nn.Init{Constant: 1}},
		{"alexnet_2012", "classifier.0.bias", nn.Init{Constant: 1}},
		{"alexnet_2012", "classifier.6.bias", nn.Init{}},
		{"googlenet_torchvision", "inception3a.branch2.1.conv.weight", nn.Init{Normal: 0.01}},
		{"googlenet", "inception3a.branch2.1.conv.bias", nn.Init{Constant: 0.2}}, // BVLC's prototxt
		{"mobilenet_v2", "features.2.conv.1.0.weight", he(96 * 9)},
		{"mobilenet_v2", "classifier.1.weight", nn.Init{Normal: 0.01}},
		{"mobilenet_v3_large", "features.4.block.2.fc1.bias", nn.Init{}},
		{"efficientnet_b0", "classifier.1.weight", torch(1000)},
		{"shufflenet_v2_x1_0", "stage2.0.branch1.0.weight", torch(9)},
	}
	for _, test := range tests {
		v, err := Lookup(test.variant)
		if err != nil {
			t.Error(err)
			continue
		}
		b, _ := build(t, v, nn.Infer, nil)
		i := slices.IndexFunc(b.Params(), func(p *nn.Param) bool { return p.Path == test.path })
		if i < 0 {
			t.Errorf("%s has no parameter %s", test.variant, test.path)
		} else if got := b.Params()[i].Init; got != test.want {
			t.Errorf("%s: %s starts as %+v, want %+v", test.variant, test.path, got, test.want)
		}
	}
}
