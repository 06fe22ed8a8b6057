// Package identify compares files of weights with the networks of the zoo: with one, and to find the one whose they
// are.
package identify

import (
	"cmp"
	"slices"
	"sync"

	"workbench/nn"
	"workbench/nn/weights"
	"workbench/nn/zoo"
)

// Network describes a network of the zoo for weights.Compare. images are channels, height and width.
func Network(v zoo.Variant, s zoo.Settings, images [3]int, classes int) (weights.Network, error) {
	n := weights.Network{Name: v.Name}
	var err error
	if n.Params, err = params(v, s, images, classes, nn.Infer); err != nil {
		return n, err
	}
	if slices.ContainsFunc(v.Options, func(o zoo.Option) bool { return o.Name == auxiliary }) {
		n.Auxiliary, err = trainingOnly(v, s, images, classes, n.Params)
	}
	return n, err
}

// auxiliary is the option of networks that have more classifiers in training.
const auxiliary = "auxiliary"

// trainingOnly returns the parameters that a network has in training alone, whether its settings ask for them or not:
// published files have them. Where they do not fit the images, which may be too small for more classifiers, they are
// those for the images that it was published with.
func trainingOnly(v zoo.Variant, s zoo.Settings, images [3]int, classes int, own []*nn.Param) ([]*nn.Param, error) {
	with := zoo.Settings{}
	for name, value := range s {
		with[name] = value
	}
	with[auxiliary] = true
	all, err := params(v, with, images, classes, nn.Train)
	if err != nil {
		all, err = params(v, with, v.Input, classes, nn.Train)
	}
	return slices.DeleteFunc(all, func(p *nn.Param) bool {
		return slices.ContainsFunc(own, func(q *nn.Param) bool { return q.Path == p.Path })
	}), err
}

func params(v zoo.Variant, s zoo.Settings, images [3]int, classes int, mode nn.Mode) ([]*nn.Param, error) {
	b := nn.NewBuilder(mode, false)
	v.Build(b, b.Input("image", 2, images[0], images[1], images[2]), classes, s) // two, for batch norm in training
	var all []*nn.Param
	for _, p := range b.Params() {
		all = append(all, &nn.Param{Path: p.Path, Shape: p.Shape, Role: p.Role}) // a node would keep the whole graph in memory
	}
	return all, b.Err()
}

// standard are the zoo's networks as they were published, built once.
var standard = sync.OnceValue(func() []weights.Network {
	var all []weights.Network
	for _, name := range zoo.Names() {
		v, err := zoo.Lookup(name)
		if err != nil {
			continue // no name that the zoo has
		}
		s, err := v.Resolve(nil)
		if err != nil {
			continue // no network that its defaults contradict can be anybody's
		}
		if n, err := Network(v, s, v.Input, v.Classes); err == nil {
			all = append(all, n)
		}
	}
	return all
})

// most is how many networks are named.
const most = 3

// Nearest finds the networks of the zoo, with their options at their defaults, whose tensors a file has, but perhaps
// for the last layer. It is for files that are not what they were taken for.
func Nearest(f *weights.File, o weights.Options) []string {
	var found []string
	for _, n := range standard() {
		if len(found) == most || !f.MayHold(n) {
			continue
		}
		r, err := weights.Compare(f, n, weights.Options{Part: o.Part, Allow: o.Allow})
		if err == nil && r.Verdict == weights.Ambiguous { // what one of them has beside the network's tensors tells as of a single one
			r, err = weights.Compare(f, n, weights.Options{Part: cmp.Or(r.Fitting...), Allow: o.Allow})
		}
		if err == nil && r.Verdict.Fine() {
			found = append(found, n.Name)
		}
	}
	return found
}

// Compare is weights.Compare that names the networks of the zoo that fit in place of one that does not.
func Compare(f *weights.File, n weights.Network, o weights.Options) (*weights.Report, error) {
	r, err := weights.Compare(f, n, o)
	if err == nil && r.Verdict == weights.Other {
		r.Nearest = Nearest(f, o)
	}
	return r, err
}
