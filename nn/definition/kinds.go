package definition

import (
	"slices"
	"strings"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/option"
)

// Kind is one kind of layer.
type Kind struct {
	Name string
	Doc  string
	// Fields are its settings. One value in place of {…} is the first of them.
	Fields []option.Option
	// Holds says what layers it holds: "" none, "layers" a list, "branches" a list of lists, "shortcut" a list beside
	// which stands another.
	Holds string
}

type kind struct {
	Kind
	// add adds the layer on x below b; nil for kinds that hold layers.
	add func(b *nn.Builder, x nn.Tensor, s option.Settings) nn.Tensor
}

// What kinds hold.
const (
	holdsLayers   = "layers"
	holdsBranches = "branches"
	holdsShortcut = "shortcut"
)

// Bounds on a layer's sizes. The tables of no paper come near them.
const (
	maxChannels = 1 << 16
	maxKernel   = 64
	maxTimes    = 1000
)

// Kinds are all kinds of layers: those that compute, the activations, and those that hold others.
func Kinds() []Kind {
	all := make([]Kind, len(kinds))
	for i, k := range kinds {
		all[i] = k.Kind
	}
	return all
}

var kinds = slices.Concat(weighted, norms, pools, others, activations(), holders)

func kindOf(name string) *kind {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.Name == name })
	if i < 0 {
		return nil
	}
	return &kinds[i]
}

// whole is a whole number that must be given if it has no default.
func whole(name string, standard, least, most int, doc string) option.Option {
	required := standard == 0 && least > 0
	return option.Option{Name: name, Default: standard, Required: required, Min: float64(least), Max: float64(most), Doc: doc}
}

// pair is one number for both axes, or [vertical, horizontal].
func pair(name string, standard []float64, least, most int, doc string) option.Option {
	return option.Option{Name: name, Default: standard, Alone: true, Min: float64(least), Max: float64(most),
		Want: "a whole number or [vertical, horizontal], " + bounds(least, most), Doc: doc}
}

func share(name string, standard, most float64, doc string) option.Option {
	return option.Option{Name: name, Default: standard, Max: most, Doc: doc}
}

var weighted = []kind{
	{Kind{Name: "conv", Doc: "convolution", Fields: []option.Option{
		whole("out", 0, 1, maxChannels, "channels of the result"),
		pair("kernel", []float64{3}, 1, maxKernel, "its size"),
		pair("stride", []float64{1}, 1, maxKernel, "pixels from one result to the next"),
		pair("padding", nil, 0, maxKernel*maxKernel, "zeros on each side; default: what keeps the size at stride 1"),
		whole("dilation", 1, 1, maxKernel, "pixels from one tap to the next"),
		whole("groups", 1, 1, maxChannels, "of channels that do not see each other; $in with out: $in is depthwise"),
		{Name: "bias", Default: false, Doc: "add a number to each channel"}, startOption("he_fan_out")}}, addConv},
	{Kind{Name: "linear", Doc: "fully connected layer with biases, on features", Fields: []option.Option{
		whole("out", 0, 1, maxChannels, "features of the result"), startOption("pytorch")}}, addLinear},
	{Kind{Name: classifier, Doc: "the last layer: linear, as many features as there are classes", Fields: []option.Option{
		startOption("pytorch")}}, nil},
	{Kind{Name: "se", Doc: "squeeze and excitation: two layers on the channels' means weigh them", Fields: []option.Option{
		whole("reduction", 16, 1, maxChannels, "channels weighed to one hidden channel"),
		{Name: "hidden", Default: 0, Max: maxChannels, Doc: "hidden channels in place of a reduction; 0: by the reduction"},
		{Name: "activation", Default: "relu", Choices: curves(), Doc: "of the hidden channels"},
		{Name: "gate", Default: "sigmoid", Choices: curves(), Doc: "what gives the weights"}}}, addSE},
}

var norms = []kind{
	{Kind{Name: "batch_norm", Doc: "batch normalisation", Fields: []option.Option{
		{Name: "epsilon", Default: 1e-5, Min: 1e-12, Max: 1, Doc: "added to the variance"},
		{Name: "momentum", Default: 0.1, Min: 1e-6, Max: 1, Doc: "share of the newest batch in the running statistics"},
		{Name: "zero", Default: false, Doc: "the scale starts at zero, so that a residual branch begins as nothing"}}}, addBatchNorm},
	{Kind{Name: "group_norm", Doc: "normalisation over groups of an image's channels", Fields: []option.Option{
		whole("groups", 32, 1, maxChannels, "a divisor of the channels")}}, addGroupNorm},
	{Kind{Name: "layer_norm", Doc: "normalisation over an image, or over features"}, addLayerNorm},
	{Kind{Name: "lrn", Doc: "local response normalisation over channels (AlexNet)", Fields: []option.Option{
		whole("size", 5, 1, maxChannels, "channels"), share("alpha", 1e-4, 100, "divided by the size"),
		share("beta", 0.75, 100, "exponent"), share("k", 1, 100, "added")}}, addLRN},
}

var pooling = []option.Option{
	pair("kernel", []float64{2}, 1, maxKernel, "its size"),
	pair("stride", nil, 1, maxKernel, "default: the kernel"),
	pair("padding", []float64{0}, 0, maxKernel, "on each side"),
	{Name: "ceil", Default: false, Doc: "round the size of the result up"},
}

var pools = []kind{
	{Kind{Name: "max_pool", Doc: "largest value under the kernel", Fields: pooling}, addMaxPool},
	{Kind{Name: "avg_pool", Doc: "mean under the kernel", Fields: append(slices.Clone(pooling),
		option.Option{Name: "count_padding", Default: true, Doc: "padding counts, as in PyTorch"})}, addAvgPool},
	{Kind{Name: "adaptive_avg_pool", Doc: "means over size×size fields", Fields: []option.Option{
		whole("size", 0, 1, maxKernel, "side of the result")}},
		func(b *nn.Builder, x nn.Tensor, s option.Settings) nn.Tensor {
			return b.AdaptiveAvgPool(x, s.Int("size"))
		}},
	{Kind{Name: "global_avg_pool", Doc: "mean of each channel: features"},
		func(b *nn.Builder, x nn.Tensor, _ option.Settings) nn.Tensor { return b.GlobalAvgPool(x) }},
	{Kind{Name: "global_max_pool", Doc: "largest value of each channel: features"},
		func(b *nn.Builder, x nn.Tensor, _ option.Settings) nn.Tensor { return b.GlobalMaxPool(x) }},
}

var others = []kind{
	{Kind{Name: "flatten", Doc: "images as features"},
		func(b *nn.Builder, x nn.Tensor, _ option.Settings) nn.Tensor { return b.Flatten(x) }},
	{Kind{Name: "dropout", Doc: "zeros at random in training", Fields: []option.Option{share("rate", 0.5, 0.99, "probability of a zero")}},
		func(b *nn.Builder, x nn.Tensor, s option.Settings) nn.Tensor { return b.Dropout(x, s.Float("rate")) }},
	{Kind{Name: "channel_shuffle", Doc: "interleave the channels of groups (ShuffleNet)", Fields: []option.Option{
		whole("groups", 0, 1, maxChannels, "a divisor of the channels")}},
		func(b *nn.Builder, x nn.Tensor, s option.Settings) nn.Tensor {
			return b.ChannelShuffle(x, s.Int("groups"))
		}},
	{Kind{Name: "activation", Doc: "an activation by its name, which a parameter can give", Fields: []option.Option{
		{Name: "kind", Default: "", Required: true, Choices: curves(), Doc: "which"}}},
		func(b *nn.Builder, x nn.Tensor, s option.Settings) nn.Tensor { return b.Activate(s.String("kind"), x) }},
}

var holders = []kind{
	{Kind: Kind{Name: "group", Doc: "layers one after the other, with a path of their own", Holds: holdsLayers}},
	{Kind: Kind{Name: "repeat", Doc: "the same layers, several times", Holds: holdsLayers, Fields: []option.Option{
		{Name: "times", Default: 0, Max: maxTimes, Required: true, Want: "a whole number from 0 to 1000", Doc: "how often"}}}},
	{Kind: Kind{Name: "residual", Doc: "layers, to whose result what goes around them is added", Holds: holdsShortcut, Fields: []option.Option{
		{Name: "shortcut", Default: identity, Choices: shortcuts, Want: "identity, subsample, projection or a list of layers",
			Doc: "what goes around: identity; subsample: every stride-th pixel and zeros for new channels, where the shape changes; " +
				"projection: a 1×1 convolution and a batch norm where the shape changes; or a list of layers"},
		share("drop_path", 0, 0.99, "probability that an image's branch is dropped in training")}}},
	{Kind: Kind{Name: "add", Doc: "the sum of several lists of layers on one input; an empty list is the input itself", Holds: holdsBranches}},
	{Kind: Kind{Name: "concat", Doc: "the results of several lists of layers on one input, one behind the other along the channels",
		Holds: holdsBranches}},
}

const classifier = "classifier"

// Shortcuts that have names.
const (
	identity   = "identity"
	subsample  = "subsample"
	projection = "projection"
)

var shortcuts = []string{identity, subsample, projection}

// curves are the names of all activations.
func curves() []string { return append([]string{"relu"}, op.ActivationNames()...) }

// activations are a kind each, without settings.
func activations() []kind {
	var all []kind
	for _, name := range curves() {
		all = append(all, kind{Kind{Name: name, Doc: "activation"},
			func(b *nn.Builder, x nn.Tensor, _ option.Settings) nn.Tensor { return b.Activate(name, x) }})
	}
	return all
}

// names are all keys that the kind can have.
func (k *kind) names() []string {
	names := option.Names(k.Fields)
	if k.Holds == holdsLayers || k.Holds == holdsShortcut {
		names = append([]string{holdsLayers}, names...)
	}
	return names
}

// wanted says how the kind is written: conv: {out, kernel, …}.
func (k *kind) wanted() string {
	if k.Holds == holdsBranches {
		return k.Name + ": [[layers], [layers]]"
	}
	return k.Name + ": {" + strings.Join(k.names(), ", ") + "}"
}
