package weights_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/weights"
	"workbench/nn/zoo"
)

// suffixes are what modules have: a convolution, one with a bias, a batch norm.
var suffixes = map[string][]string{"c": {"weight"}, "b": {"weight", "bias"}, "n": {"weight", "bias", "running_mean", "running_var"}}

// tensorsOf lists the parameters of modules "KIND PATH" behind a prefix.
func tensorsOf(prefix string, modules ...string) (all []string) {
	for _, m := range modules {
		kind, path, _ := strings.Cut(m, " ")
		for _, s := range suffixes[kind] {
			all = append(all, prefix+path+"."+s)
		}
	}
	return all
}

// timmStages are timm's stages of blocks (timm/models/_efficientnet_builder.py): "ds" is depthwise and pointwise, "ir"
// expands first, and a block ending in "+" gates channels.
func timmStages(stages ...string) (all []string) {
	gate := []string{"b se.conv_reduce", "b se.conv_expand"}
	for i, stage := range stages {
		for k, block := range strings.Fields(stage) {
			var modules []string
			kind, gated := strings.CutSuffix(block, "+")
			switch kind {
			case "ds":
				modules = []string{"c conv_dw", "n bn1", "c conv_pw", "n bn2"}
			case "ir":
				modules = []string{"c conv_pw", "n bn1", "c conv_dw", "n bn2", "c conv_pwl", "n bn3"}
			case "cn":
				modules = []string{"c conv", "n bn1"}
			}
			if gated {
				modules = slices.Insert(modules, len(modules)-2, gate...)
			}
			all = append(all, tensorsOf(fmt.Sprintf("blocks.%d.%d.", i, k), modules...)...)
		}
	}
	return all
}

// resnetOf are pytorchcv's stages of blocks of two convolutions; the first of a stage projects its input from the stage
// on that is given.
func resnetOf(blocks []int, projects int, more ...string) (all []string) {
	for i, n := range blocks {
		for k := range n {
			modules := append([]string{"c body.conv1.conv", "n body.conv1.bn", "c body.conv2.conv", "n body.conv2.bn"}, more...)
			if k == 0 && i >= projects {
				modules = append(modules, "c identity_conv.conv", "n identity_conv.bn")
			}
			all = append(all, tensorsOf(fmt.Sprintf("features.stage%d.unit%d.", i+1, k+1), modules...)...)
		}
	}
	return all
}

// A whole network by another library's names is recognized, each tensor as its parameter. The libraries hold their
// modules in the zoo's order.
func TestWholeNetworksOfOtherLibraries(t *testing.T) {
	const ir = "ir ir ir ir"
	stem, head := tensorsOf("", "c conv_stem", "n bn1"), tensorsOf("", "c conv_head", "n bn2", "b classifier")
	dw := func(counts ...int) (all []string) {
		for i, n := range counts {
			for k := range n {
				all = append(all, tensorsOf(fmt.Sprintf("features.stage%d.unit%d.", i+1, k+1), "c dw_conv.conv", "n dw_conv.bn", "c pw_conv.conv",
					"n pw_conv.bn")...)
			}
		}
		return all
	}
	for _, test := range []struct {
		library, network string
		names            [][]string
	}{
		{"timm", "mobilenet_v1_1.0_224", [][]string{stem, timmStages("ds", "ds ds", "ds ds", "ds ds ds ds ds ds", "ds ds"),
			tensorsOf("", "b classifier")}},
		{"timm", "mobilenet_v2", [][]string{stem, timmStages("ds", "ir ir", "ir ir ir", ir, "ir ir ir", "ir ir ir", "ir"), head}},
		{"timm", "mobilenet_v3_large", [][]string{stem, timmStages("ds", "ir ir", "ir+ ir+ ir+", ir, "ir+ ir+", "ir+ ir+ ir+", "cn"),
			tensorsOf("", "b conv_head", "b classifier")}},
		{"timm", "mobilenet_v3_small", [][]string{stem, timmStages("ds+", "ir ir", "ir+ ir+ ir+", "ir+ ir+", "ir+ ir+ ir+", "cn"),
			tensorsOf("", "b conv_head", "b classifier")}},
		{"timm", "efficientnet_b0", [][]string{stem, timmStages("ds+", "ir+ ir+", "ir+ ir+", "ir+ ir+ ir+", "ir+ ir+ ir+",
			"ir+ ir+ ir+ ir+", "ir+"),
			head}},
		{"timm", "vgg11", [][]string{tensorsOf("features.", "b 0", "b 3", "b 6", "b 8", "b 11", "b 13", "b 16", "b 18"),
			tensorsOf("", "b pre_logits.fc1", "b pre_logits.fc2", "b head.fc")}},
		{"pytorchcv", "mobilenet_v1_1.0_224", [][]string{tensorsOf("features.init_block.", "c conv", "n bn"), dw(1, 2, 2, 6, 2),
			tensorsOf("", "b output")}},
		{"pytorchcv", "resnet18", [][]string{tensorsOf("features.init_block.", "c conv.conv", "n conv.bn"), resnetOf([]int{2, 2, 2, 2}, 1),
			tensorsOf("", "b output")}},
		{"pytorchcv", "resnet20_cifar", [][]string{tensorsOf("features.init_block.", "c conv", "n bn"), resnetOf([]int{3, 3, 3}, 3),
			tensorsOf("", "b output")}},
		{"pytorchcv", "seresnet20_cifar", [][]string{tensorsOf("features.init_block.", "c conv", "n bn"),
			resnetOf([]int{3, 3, 3}, 3, "b se.conv1", "b se.conv2"), tensorsOf("", "b output")}},
	} {
		v, err := zoo.Lookup(test.network)
		if err != nil {
			t.Fatal(err)
		}
		s, err := v.Resolve(nil)
		if err != nil {
			t.Fatal(err)
		}
		b := nn.NewBuilder(nn.Infer, false)
		v.Build(b, b.Input("image", 1, v.Input[0], v.Input[1], v.Input[2]), v.Classes, s)
		names, params := slices.Concat(test.names...), b.Params()
		if b.Err() != nil || len(names) != len(params) {
			t.Errorf("%s of %s: %v, the library has %d tensors, the zoo %d", test.network, test.library, b.Err(), len(names), len(params))
			continue
		}
		f := &weights.File{}
		for i, p := range params {
			f.Entries = append(f.Entries, weights.Entry{Name: names[i], DType: weights.F32, Shape: p.Shape})
		}
		r, err := weights.Compare(f, weights.Network{Name: v.Name, Params: params}, weights.Options{})
		if err != nil || r.Verdict != weights.Complete || r.Library != test.library {
			t.Errorf("%s of %s: %v\n%s", test.network, test.library, err, r)
			continue
		}
		for i, taken := range r.Taken {
			if taken.Tensor.Stored != names[i] && taken.Tensor.Name != names[i] || taken.Param != params[i] {
				t.Errorf("%s: %s of %s is taken for %s", test.network, taken.Tensor.Stored, test.library, taken.Param.Path)
			}
		}
	}
}
