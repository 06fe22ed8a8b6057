package definition

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"workbench/nn"
	"workbench/nn/option"
)

// Bounds on what is built.
const (
	maxLayers  = 10_000
	maxDepth   = 200     // layers that hold layers and blocks in blocks, one inside the other
	maxWeights = 1 << 33 // parameters: 32 GiB
	maxValues  = 1 << 32 // of one tensor
)

// Build adds the network on images x [n, c, h, w] and returns logits [n, classes]. With 0 classes it leaves the
// classifier out and returns the features that it would read. The settings give the parameters their values.
func (n *Network) Build(b *nn.Builder, x nn.Tensor, classes int, s option.Settings) nn.Tensor {
	m := n.maker(classes, s)
	return m.list(&sequence{b: b}, x, n.layers, m.everywhere)
}

func (n *Network) maker(classes int, s option.Settings) *maker {
	m := &maker{network: n, classes: classes, everywhere: scope{classesOf: classes}}
	for _, o := range n.Parameters {
		m.everywhere[o.Name] = s[o.Name]
	}
	return m
}

// Try builds the network for training with the defaults of its parameters, on images of a size, and tells what does not
// fit, nil if all does.
func (n *Network) Try(images [3]int, classes int) *Fault {
	b := nn.NewBuilder(nn.Train, false)
	m := n.maker(classes, option.Complete(n.Parameters, nil))
	m.list(&sequence{b: b}, b.Input("image", 2, images[0], images[1], images[2]), n.layers, m.everywhere)
	if b.Err() == nil {
		return nil
	}
	message := strings.TrimPrefix(b.Err().Error(), m.below+": ")
	if strings.HasPrefix(m.failed, "blocks.") {
		message = fmt.Sprintf("as layer %s: %s", m.below, message)
	}
	return &Fault{Path: m.failed, Message: fmt.Sprintf("on %d×%d×%d images, %s", images[0], images[1], images[2], message)}
}

// maker builds one network.
type maker struct {
	network    *Network
	classes    int
	everywhere scope // the network's parameters
	layers     int
	depth      int
	params     int   // of the builder that have been counted
	weights    int64 // in them
	failed     string
	below      string // the builder's path there
}

// sequence gives the layers below a builder their paths: "0", "1" and so on, as PyTorch's Sequential does.
type sequence struct {
	b    *nn.Builder
	path string // of the builder
	n    int
}

// next is where the next layer stands.
func (s *sequence) next(as string) *sequence {
	switch as {
	case transparent:
		return s
	case "":
		as = strconv.Itoa(s.n)
	}
	s.n++
	return s.in(as)
}

func (s *sequence) in(name string) *sequence {
	path := name
	if s.path != "" {
		path = s.path + "." + name
	}
	return &sequence{b: s.b.In(name), path: path}
}

// list adds layers one after the other.
func (m *maker) list(s *sequence, x nn.Tensor, layers []layer, in scope) nn.Tensor {
	for i := range layers {
		if s.b.Err() != nil {
			return x
		}
		x = m.layer(s, x, &layers[i], in)
	}
	return x
}

func (m *maker) layer(s *sequence, x nn.Tensor, l *layer, in scope) nn.Tensor {
	at := s.next(l.as)
	in = maps.Clone(in)
	in[channelsIn] = x.Shape()[1]
	m.layers++
	m.depth++
	y := m.add(at, x, l, in)
	m.depth--
	if err := m.large(at.b, y); err != nil {
		y = at.b.Fail(err)
	}
	if at.b.Err() != nil && m.failed == "" {
		m.failed, m.below = l.key(), at.path
	}
	return y
}

// large tells what has become too large to be built on.
func (m *maker) large(b *nn.Builder, y nn.Tensor) error {
	if b.Err() != nil {
		return nil
	}
	params := b.Params()
	for ; m.params < len(params); m.params++ {
		m.weights += int64(params[m.params].Shape.Size())
	}
	values := int64(1)
	for _, n := range y.Shape()[1:] {
		values *= int64(n)
	}
	switch {
	case m.weights > maxWeights:
		return fmt.Errorf("the network has more than %d parameters", int64(maxWeights))
	case values > maxValues:
		return fmt.Errorf("the layer makes %s values of an image, want at most %d", size(y), int64(maxValues))
	}
	return nil
}

func (m *maker) add(s *sequence, x nn.Tensor, l *layer, in scope) nn.Tensor {
	switch {
	case m.layers > maxLayers:
		return s.b.Fail(fmt.Errorf("the network has more than %d layers", maxLayers))
	case m.depth > maxDepth:
		return s.b.Fail(fmt.Errorf("more than %d layers and blocks stand one inside the other", maxDepth))
	case l.kind == nil:
		return m.use(s, x, l, in)
	}
	given, err := values(l.kind, l.given, in)
	if err != nil {
		return s.b.Fail(err)
	}
	switch l.kind.Name {
	case classifier:
		return m.classifier(s.b, x, given)
	case "group":
		return m.list(s, x, l.inner[0], in)
	case "repeat":
		for range given.Int("times") {
			x = m.list(s, x, l.inner[0], in)
		}
		return x
	case "residual":
		return m.residual(s, x, l, in, given)
	case addition, concatenation:
		return m.branches(s, x, l, in)
	}
	return l.kind.add(s.b, x, given)
}

// classifier adds the last layer, unless there are no classes.
func (m *maker) classifier(b *nn.Builder, x nn.Tensor, given option.Settings) nn.Tensor {
	if m.classes == 0 && len(x.Shape()) == 2 {
		return x
	}
	return linear(b, x, max(1, m.classes), given)
}

// values are the settings of a layer, its expressions computed.
func values(k *kind, given map[string]any, in scope) (option.Settings, error) {
	s := option.Settings{}
	for _, o := range k.Fields {
		v, said := given[o.Name]
		if !said {
			s[o.Name] = o.Default
			continue
		}
		v, from, err := computed(v, in)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.Name, err)
		}
		if s[o.Name], err = checked(o, v); err != nil {
			return nil, fmt.Errorf("%s: %w%s", o.Name, err, from)
		}
	}
	return s, nil
}

// computed gives a value without expressions, and says what it was computed from.
func computed(v any, in scope) (value any, from string, err error) {
	switch v := v.(type) {
	case expression:
		value, err = v.value(in)
		return value, " = " + v.text, err
	case []any:
		list := make([]any, len(v))
		for i := range v {
			if list[i], from, err = computed(v[i], in); err != nil {
				return nil, from, err
			}
		}
		return list, "", nil
	}
	return v, "", nil
}
