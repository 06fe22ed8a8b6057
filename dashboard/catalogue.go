package dashboard

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"sync"

	"workbench/nn"
	"workbench/nn/zoo"
)

// design is a network with all its choices made.
type design struct {
	Variant  zoo.Variant
	Settings zoo.Settings
	Input    [3]int // of its images: channels, height, width
	Classes  int
}

// published is the variant as it stands in the zoo.
func published(name string) (design, error) {
	v, err := zoo.Lookup(name)
	if err != nil {
		return design{}, err
	}
	s, err := v.Resolve(nil)
	return design{v, s, v.Input, v.Classes}, err
}

// changes are the choices that differ from the published ones, as a page's address has them.
func (d design) changes() url.Values {
	q := url.Values{}
	if d.Input != d.Variant.Input {
		q.Set("input", shape(d.Input[:], "x"))
	}
	if d.Classes != d.Variant.Classes {
		q.Set("classes", fmt.Sprint(d.Classes))
	}
	for _, o := range d.Variant.Options {
		if value := d.Settings[o.Name]; value != o.Default {
			q.Set(o.Name, fmt.Sprint(value))
		}
	}
	return q
}

func (d design) key() string { return d.Variant.Name + "?" + d.changes().Encode() }

// totals of a network in inference.
type totals struct {
	Params       int64 `json:"parameters"`
	MACs         int64 `json:"macs"`
	WeightLayers int   `json:"weight_layers"`
}

func totalsOf(s nn.Summary) totals {
	return totals{s.Params - s.TrainingParams, s.MACs - s.TrainingMACs, s.WeightLayers}
}

// mostKept is how many described networks a catalogue keeps: the largest have four thousand layers.
const mostKept = 16

// catalogue describes networks and remembers. Building one takes from a millisecond to a second or two, so one is built
// at a time: whoever asks for giants leaves the other processors to the rest.
type catalogue struct {
	turn   chan struct{} // holds a value while a network is built
	mu     sync.Mutex
	kept   map[string]nn.Summary
	order  []string // keys of kept, the one used last at the end
	totals map[string]totals
}

func newCatalogue() *catalogue {
	return &catalogue{turn: make(chan struct{}, 1), kept: map[string]nn.Summary{}, totals: map[string]totals{}}
}

// describe says what a network consists of and costs; the error of an impossible one says why.
func (c *catalogue) describe(ctx context.Context, d design) (nn.Summary, error) {
	key := d.key()
	if s, ok := c.recall(key); ok {
		return s, nil
	}
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return nn.Summary{}, ctx.Err()
	}
	defer func() { <-c.turn }()
	if s, ok := c.recall(key); ok { // built while this one waited
		return s, nil
	}
	s, err := zoo.Describe(d.Variant, d.Settings, d.Input, d.Classes)
	if err == nil {
		c.keep(key, s)
	}
	return s, err
}

func (c *catalogue) recall(key string) (nn.Summary, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.kept[key]
	if ok {
		c.use(key)
	}
	return s, ok
}

func (c *catalogue) keep(key string, s nn.Summary) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept[key] = s
	c.use(key)
	if len(c.order) > mostKept {
		delete(c.kept, c.order[0])
		c.order = slices.Delete(c.order, 0, 1)
	}
}

func (c *catalogue) use(key string) {
	c.order = append(slices.DeleteFunc(c.order, func(k string) bool { return k == key }), key)
}

// all totals of the zoo's variants as published, by name.
func (c *catalogue) all(ctx context.Context) (map[string]totals, error) {
	for _, name := range zoo.Names() {
		if _, err := c.total(ctx, name); err != nil {
			return nil, err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.totals), nil
}

func (c *catalogue) total(ctx context.Context, name string) (totals, error) {
	c.mu.Lock()
	t, ok := c.totals[name]
	c.mu.Unlock()
	if ok {
		return t, nil
	}
	d, err := published(name)
	if err != nil {
		return t, err
	}
	s, err := c.describe(ctx, d)
	if err != nil {
		return t, err
	}
	t = totalsOf(s)
	c.mu.Lock()
	c.totals[name] = t
	c.mu.Unlock()
	return t, nil
}
