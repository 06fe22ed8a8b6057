// Package augment holds what can be done to a training picture at random. Each augmentation is one file that
// registers itself and declares its options, which are keys of a study's section "augment"; nothing else lists it. It
// knows pictures, not data sets.
//
// Operators that torchvision's v2 transforms have are theirs on bytes, within one level: at 60 random strengths each,
// on pictures of up to 64×48, those of hue, blur and saturation differed by one in at most 1 of 2,000 levels, and the
// others nowhere. What torchvision does after a picture is normalised, as it erases, is done before.
package augment

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"workbench/experiments/data/raster"
	"workbench/nn/option"
	"workbench/nn/rng"
)

// Augmentation is an entry of the registry.
type Augmentation struct {
	Name  string
	Doc   string // one line: what it does to a picture
	Paper string // where it comes from; empty where there is none

	// Options are keys of the section "augment". The first has the name of the augmentation, or one that studies had
	// before; at its zero the augmentation is off. Further ones begin with the name of the augmentation and an
	// underscore. Nothing is recorded of an augmentation that is off, so a new one leaves earlier runs alone. An option
	// that comes to an augmentation in use must be Later (see option.Option).
	Options []option.Option

	// Order says when it is applied, the lowest first: geometry below 100, colours and what mixes both from 100, erasing
	// from 200.
	Order int

	// New makes the policy for pictures of a size, or says why it cannot be for these.
	New func(s option.Settings, size Size) (Policy, error)

	// draws is where its numbers stand in the sequence that the first two augmentations share; nil: a sequence of its own.
	draws *uint64
}

// Policy changes a picture in place. It keeps nothing between pictures: what it does is a function of its settings
// and the chance.
type Policy interface {
	Apply(p *Picture, c *Chance)
}

// Cutter is a policy that can make a picture of an original of any size in place of changing it. Of two policies that
// do the same on pictures of one size, it is the one that loses less, because pixels are resized once.
type Cutter interface {
	Policy
	Cut(original *raster.Image, p *Picture, c *Chance)
}

var registry = map[string]Augmentation{}

// Register adds an augmentation; a name twice, or an option that another has, is a programmer's error and panics at
// start.
func Register(a Augmentation) {
	if _, twice := registry[a.Name]; twice || a.Name == "" || a.New == nil || len(a.Options) == 0 {
		panic(fmt.Sprintf("augment: Register(%q): registered twice or incomplete", a.Name))
	}
	for _, o := range a.Options {
		if _, taken := option.Find(Options(), o.Name); taken {
			panic(fmt.Sprintf("augment: Register(%q): another augmentation has the option %s", a.Name, o.Name))
		}
	}
	registry[a.Name] = a
}

// All augmentations in the order in which they are applied.
func All() []Augmentation {
	return slices.SortedFunc(maps.Values(registry), func(a, b Augmentation) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Name, b.Name))
	})
}

// Options of all augmentations: the keys of the section "augment".
func Options() []option.Option {
	var all []option.Option
	for _, a := range All() {
		all = append(all, a.Options...)
	}
	return all
}

// On tells whether settings turn the augmentation on.
func (a Augmentation) On(given map[string]any) bool { return !option.IsZero(given[a.Options[0].Name]) }

// Active are the options of the augmentations that settings turn on.
func Active(given map[string]any) []option.Option {
	var active []option.Option
	for _, a := range All() {
		if a.On(given) {
			active = append(active, a.Options...)
		}
	}
	return active
}

// Owner is the augmentation that has an option of the name; ok is false if none has.
func Owner(name string) (a Augmentation, ok bool) {
	for _, a := range All() {
		if _, has := option.Find(a.Options, name); has {
			return a, true
		}
	}
	return Augmentation{}, false
}

// Chain is what a study's settings do to every picture.
type Chain []link

type link struct {
	Augmentation
	policy  Policy
	key     uint64 // of its random numbers in the epoch
	lasting uint64 // of those that are the same in every epoch
	epoch   uint64
}

// New makes the chain of the augmentations that the settings turn on.
func New(given map[string]any, size Size) (Chain, error) {
	settings, err := option.Resolve("augment", Options(), given)
	if err != nil {
		return nil, err
	}
	var chain Chain
	for _, a := range All() {
		if !a.On(settings) {
			continue
		}
		policy, err := a.New(settings, size)
		if err != nil {
			return nil, fmt.Errorf("augment.%s: %w", a.Options[0].Name, err)
		}
		chain = append(chain, link{Augmentation: a, policy: policy})
	}
	return chain, nil
}

// Start sets the run's seed and the epoch whose pictures come next. Chains of other streams have other chances; the
// name of a stream is empty or ends in a slash.
func (c Chain) Start(stream string, seed, epoch uint64) {
	for i := range c {
		name := "augment/" + c[i].Name
		if c[i].draws != nil {
			name = "augment"
		}
		c[i].key = rng.Key(seed, stream+name, epoch)
		c[i].lasting, c[i].epoch = rng.Key(seed, stream+"lasting/augment/"+c[i].Name), epoch
	}
}

// Cuts tells whether the first link is a Cutter.
func (c Chain) Cuts() bool {
	if len(c) == 0 {
		return false
	}
	_, cuts := c[0].policy.(Cutter)
	return cuts
}

// Apply changes picture i of the epoch. What happens is a function of seed, epoch and i alone.
func (c Chain) Apply(p *Picture, i int) {
	for k := range c {
		l := &c[k]
		l.policy.Apply(p, l.chance(p, i))
	}
}

// Cut makes picture i of the epoch of an original. The chain begins with a Cutter.
func (c Chain) Cut(original *raster.Image, p *Picture, i int) {
	c[0].policy.(Cutter).Cut(original, p, c[0].chance(p, i))
	c[1:].Apply(p, i)
}

// chance of a picture, in the picture's memory.
func (l *link) chance(p *Picture, i int) *Chance {
	p.chance = Chance{key: rng.Sub(l.key, uint64(i)), lasting: l.lasting, epoch: l.epoch, index: uint64(i)}
	if l.draws != nil {
		p.chance.key, p.chance.next = l.key, sharedDraws*uint64(i)+*l.draws
	}
	return &p.chance
}

// sharedDraws is how many numbers a picture has in the sequence that crop and flip share.
const sharedDraws = 3

// at is the place of an augmentation in the shared sequence.
func at(place uint64) *uint64 { return &place }
