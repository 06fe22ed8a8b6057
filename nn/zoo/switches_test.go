package zoo

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
)

// needs are switches that only matter with another one.
var needs = map[string]map[string]any{
	"attention": {"se_reduction": 4}, "se_reduction": {"attention": "se"},
	"se_stage": {"attention": "se", "se_reduction": 4}, "se_position": {"attention": "se"},
	"auxiliary_weight": {"auxiliary": true}, "auxiliary_dropout": {"auxiliary": true},
	"drop_path": {"shortcut": "projection"}, "downsample": {"shortcut": "projection"}, "zero_init_last": {"shortcut": "projection"},
	"cardinality": {"block": "bottleneck", "depth": 20}, "group_width": {"block": "bottleneck", "depth": 20},
	"bn_epsilon": {"norm": "batch"}, "bn_momentum": {"norm": "batch"},
	"stride_in": {"block": "bottleneck", "depth": 20}, "hidden": {"head": "hidden"},
}

// others are values of the option that differ from its default.
func others(o Option) []any {
	switch d := o.Default.(type) {
	case bool:
		return []any{!d}
	case string:
		var all []any
		for _, c := range o.Choices {
			if c != d {
				all = append(all, c)
			}
		}
		return all
	case int:
		if n := 2 * d; n > 0 && (o.Max == 0 || float64(n) <= o.Max) {
			return []any{n}
		} else if n == 0 {
			return []any{24}
		}
		return []any{d - 1}
	case float64:
		switch {
		case d == 0:
			return []any{0.1}
		case d == 1 && o.Max > 2:
			return []any{2.0}
		}
		return []any{d / 2}
	}
	return nil
}

// trace is a network as far as switches can change it: layers, parameters with their starts, and gradients' ways.
func trace(b *nn.Builder) string {
	var s strings.Builder
	for _, l := range b.Summary().Layers {
		fmt.Fprintln(&s, l.Path, l.Kind, l.Out)
	}
	for _, p := range b.Params() {
		fmt.Fprintln(&s, p.Path, p.Shape, p.Init)
	}
	for _, n := range b.Graph().Expr.AllNodes() {
		if o, ok := n.Op().(*op.Op); ok {
			fmt.Fprintf(&s, "%s %+v %v\n", o.Name(), o.Spec, n.Shape())
		}
	}
	for _, a := range b.Auxiliaries() {
		fmt.Fprintln(&s, a.Path, a.Weight)
	}
	return s.String()
}

// smallest is the cheapest variant of each set of switches, so that all switches can be tried in little time.
func smallest(t *testing.T) []Variant {
	t.Helper()
	best, cost := map[string]Variant{}, map[string]int{}
	for _, name := range Names() {
		if name == "resnest14d" {
			continue // each of its blocks changes the shape, so that two kinds of shortcut are one
		}
		v, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		key := v.Family
		for _, o := range v.Options {
			key += " " + o.Name
		}
		b, _ := build(t, v, nn.Infer, nil)
		if n := len(b.Summary().Layers); cost[key] == 0 || n < cost[key] {
			best[key], cost[key] = v, n
		}
	}
	return slices.Collect(maps.Values(best))
}

// Every switch of every family changes the network, or its error names the switch.
func TestEverySwitchMattersOrSaysWhyNot(t *testing.T) {
	for _, v := range smallest(t) {
		for _, o := range v.Options {
			base := map[string]any{}
			for name, value := range needs[o.Name] {
				if i := slices.IndexFunc(v.Options, func(o Option) bool { return o.Name == name }); i >= 0 {
					if _, err := v.Options[i].Check(value); err == nil {
						base[name] = value
					}
				}
			}
			plain, _ := build(t, v, nn.Train, base)
			for _, value := range others(o) {
				given := maps.Clone(base)
				given[o.Name] = value
				b, logits := build(t, v, nn.Train, given)
				switch err := b.Err(); {
				case err != nil && !strings.Contains(err.Error(), o.Name):
					t.Errorf("%s %v: the error does not name %s: %v", v.Name, given, o.Name, err)
				case err == nil && logits.Shape()[1] != v.Classes:
					t.Errorf("%s %v: logits are %v", v.Name, given, logits.Shape())
				case err == nil && trace(b) == trace(plain):
					t.Errorf("%s %v: the switch changes nothing", v.Name, given)
				}
			}
		}
	}
}
