package data

import (
	"fmt"
	"math"
	"slices"

	"workbench/nn/nearest"
	"workbench/nn/rng"
)

// Noise gives some images a wrong label, by a protocol of the literature. Protocols of one name differ between papers:
// symmetric noise at 80 % leaves 20 % of the labels right where Co-teaching draws it, and 28 % where DivideMix does.
//
// Of each class the share Rate, rounded to whole images, is chosen. That is exact and not drawn image by image, so that
// runs differ in which labels are wrong, but not in how many. Which images are chosen, and what label each then gets,
// depends on seed, split and image alone: what is wrong at a low rate is as wrong at a higher one.
type Noise struct {
	Kind string  // a protocol: see NoiseKinds
	Rate float64 // of each class that the protocol changes, 0 to 1
	Seed uint64
}

// protocol says what label an image gets that was chosen, from its class and a key of its own.
type protocol struct {
	kind  string
	doc   string
	label func(key uint64, class, classes int) int // nil: by pairs
}

// Symmetric is the protocol of Han et al. 2018.
const Symmetric = "symmetric"

const symmetricInclusive = "symmetric_inclusive"

var protocols = []protocol{
	{Symmetric, "one of the other classes, all equally likely: Rate of the labels is wrong (Han et al. 2018, arXiv 1804.06872)",
		func(key uint64, class, classes int) int { return (class + 1 + rng.Below(key, 0, classes-1)) % classes }},
	{symmetricInclusive, "one of all classes, so that one in as many stays right by chance (Li et al. 2020, arXiv 2002.07394)",
		func(key uint64, _, classes int) int { return rng.Below(key, 0, classes) }},
	{"pairflip", "the next class, and of the last class the first (Han et al. 2018)",
		func(_ uint64, class, classes int) int { return (class + 1) % classes }},
	{"asymmetric", "of CIFAR-10: truck becomes automobile, bird airplane, deer horse, cat dog and dog cat; other classes stay " +
		"(Patrini et al. 2017, arXiv 1609.03683)", nil},
}

// asymmetric are the classes of CIFAR-10 that are taken for others.
var asymmetric = [][2]string{{"truck", "automobile"}, {"bird", "airplane"}, {"deer", "horse"}, {"cat", "dog"}, {"dog", "cat"}}

// NoiseKinds are the names of the protocols, each with what label a chosen image gets.
func NoiseKinds() (names, docs []string) {
	for _, p := range protocols {
		names, docs = append(names, p.kind), append(docs, p.doc)
	}
	return names, docs
}

// Of is p with wrong labels. The set's own stay readable as True.
func (n Noise) Of(p Part) (Part, error) {
	if err := p.Check(); err != nil {
		return Part{}, fmt.Errorf("noise: %w", err)
	}
	becomes, err := n.becomes(p.Set.Info())
	if err != nil {
		return Part{}, fmt.Errorf("noise: %w", err)
	}
	classes := p.byClass("noise", n.Seed)
	switch last := len(classes) - 1; {
	case p.Labels != nil:
		return Part{}, fmt.Errorf("noise: the %s has other labels than the set's already", p)
	case len(classes[last]) > 0:
		return Part{}, fmt.Errorf("noise: %d images of the %s have no label", len(classes[last]), p)
	case n.Rate == 0:
		return p, nil
	}
	p.Labels = make([]int32, p.Len())
	key := rng.Key(n.Seed, "noise/label", uint64(p.Split))
	for class, rows := range classes {
		for k, row := range rows {
			p.Labels[row] = int32(class)
			if k < int(math.Round(n.Rate*float64(len(rows)))) {
				p.Labels[row] = int32(becomes(p.chance(key, row), class))
			}
		}
	}
	return p, nil
}

// Transition is the chance T[i·K+j] with which the protocol labels an image of class i as j, for K classes [K, K].
func (n Noise) Transition(info Info) ([]float32, error) {
	becomes, err := n.becomes(info)
	if err != nil {
		return nil, err
	}
	k := len(info.Classes)
	t := make([]float32, k*k)
	for i := range k {
		t[i*k+i] = float32(1 - n.Rate)
		for j := range k {
			switch n.Kind {
			case Symmetric:
				if j != i {
					t[i*k+j] += float32(n.Rate / float64(k-1))
				}
			case symmetricInclusive:
				t[i*k+j] += float32(n.Rate / float64(k))
			default: // by pairs: the key decides nothing
				if j == becomes(0, i) {
					t[i*k+j] += float32(n.Rate)
				}
			}
		}
	}
	return t, nil
}

// becomes is what the protocol does with a chosen image of a class of the set.
func (n Noise) becomes(info Info) (func(key uint64, class int) int, error) {
	i := slices.IndexFunc(protocols, func(p protocol) bool { return p.kind == n.Kind })
	switch names, _ := NoiseKinds(); {
	case i < 0:
		return nil, fmt.Errorf("unknown kind %q%s", n.Kind, nearest.Hint(n.Kind, names))
	case !(n.Rate >= 0 && n.Rate <= 1):
		return nil, fmt.Errorf("rate %v, want 0 to 1", n.Rate)
	case len(info.Classes) < 2:
		return nil, fmt.Errorf("%s has %d classes, want at least 2", info.Name, len(info.Classes))
	case protocols[i].label != nil:
		return func(key uint64, class int) int { return protocols[i].label(key, class, len(info.Classes)) }, nil
	}
	to := make([]int, len(info.Classes))
	for class := range to {
		to[class] = class
	}
	for _, pair := range asymmetric {
		from, into := slices.Index(info.Classes, pair[0]), slices.Index(info.Classes, pair[1])
		if from < 0 || into < 0 {
			return nil, fmt.Errorf("%s turns %s into %s, and %s has not both classes", n.Kind, pair[0], pair[1], info.Name)
		}
		to[from] = into
	}
	return func(_ uint64, class int) int { return to[class] }, nil
}
