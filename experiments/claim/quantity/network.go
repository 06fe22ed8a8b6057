package quantity

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"workbench/nn"
	"workbench/nn/nearest"
	"workbench/nn/option"
	"workbench/nn/zoo"
)

// Network is a network of the zoo with its options, as an expression names it.
type Network struct {
	zoo.Variant
	settings zoo.Settings
	images   [3]int // channels, height, width
	classes  int
}

// Find looks a network up and reads its options, which are spelled as those of a study's model. Beside them, input is
// the size of the images as a text, such as "3x64x64", and classes their number; both are else the network's own.
func Find(name string, given map[string]any) (Network, error) {
	v, err := zoo.Lookup(name)
	if err != nil {
		return Network{}, err
	}
	n := Network{Variant: v, images: v.Input, classes: v.Classes}
	own := maps.Clone(given)
	if text, said := own["input"]; said {
		if n.images, err = zoo.ParseInput(fmt.Sprint(text)); err != nil {
			return n, fmt.Errorf("input of %s: %w", name, err)
		}
	}
	if number, said := own["classes"]; said {
		classes, whole := number.(int)
		if !whole || classes < 1 || classes > mostClasses {
			return n, fmt.Errorf("classes of %s: want a number from 1 to %d, got %v", name, mostClasses, number)
		}
		n.classes = classes
	}
	delete(own, "input")
	delete(own, "classes")
	n.settings, err = v.Resolve(own)
	return n, err
}

const mostClasses = 100_000

// Networks builds networks when a quantity asks for them, and remembers what they cost. It may be used by several
// goroutines. The zero Networks is ready.
type Networks struct {
	mutex     sync.Mutex
	costs     map[string]nn.Cost
	summaries map[string]nn.Summary
}

func (n Network) key() string {
	return fmt.Sprint(n.Name, n.settings, n.images, n.classes)
}

// cost of the network, layers that only training uses included.
func (n *Networks) cost(of Network) (nn.Cost, error) {
	return remembered(n, &n.costs, of, zoo.Cost)
}

// summary of the network as it trains.
func (n *Networks) summary(of Network) (nn.Summary, error) {
	return remembered(n, &n.summaries, of, zoo.Describe)
}

func remembered[T any](n *Networks, known *map[string]T, of Network,
	compute func(zoo.Variant, zoo.Settings, [3]int, int) (T, error)) (T, error) {
	n.mutex.Lock()
	value, found := (*known)[of.key()]
	n.mutex.Unlock()
	if found {
		return value, nil
	}
	value, err := compute(of.Variant, of.settings, of.images, of.classes)
	if err != nil {
		return value, err
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if *known == nil {
		*known = map[string]T{}
	}
	(*known)[of.key()] = value
	return value, nil
}

// noPlace says that a network has no such place, and which are near.
func noPlace(of Network, place string, places []string) error {
	return fmt.Errorf("%s has no place %q%s", of.Name, place, nearest.Hint(place, places))
}

// setting is what a network's option is set to.
func setting(_ *Networks, of Network, name string) (any, error) {
	value, declared := of.settings[name]
	if !declared {
		return nil, fmt.Errorf("%s has no option %q%s", of.Name, name, nearest.Hint(name, option.Names(of.Options)))
	}
	return value, nil
}

func init() {
	Register(ofNetwork("input", "channels, height and width, in pixels, of the images of a network",
		func(_ *Networks, of Network) ([]int, error) { return slices.Clone(of.images[:]), nil }))
	q := ofPlace("setting", "what an option of a network is set to: setting(\"efficientnet_b3\", \"width\")", setting)
	q.Call = "setting(NETWORK, OPTION, OPTIONS)"
	Register(q)
}
