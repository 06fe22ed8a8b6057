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

// needs lists switches that only matter together with another one, with values of the other. The first of these that
// the network has is set.
var needs = map[string]map[string][]any{
	"attention": {"se_reduction": {4}}, "se_reduction": {"attention": {"se"}}, "se_stage": {"attention": {"se"}, "se_reduction": {4}},
	"se_position": {"attention": {"se"}, "se_reduction": {4}, "shortcut": {"projection", "identity"}},
	"se_squeeze":  {"attention": {"se"}, "se_reduction": {4}}, "se_excitation": {"attention": {"se"}, "se_reduction": {4}},
	"auxiliary_weight": {"auxiliary": {true}}, "auxiliary_dropout": {"auxiliary": {true}},
	"shortcut":       {"drop_path": {0}},
	"shortcut_zeros": {"shortcut": {"identity"}, "downsample": {"stride"}},
	"drop_path":      {"shortcut": {"projection", "identity"}}, "downsample": {"shortcut": {"projection", "identity"}},
	"zero_init_last": {"shortcut": {"projection"}, "preactivation": {false}},
	"cardinality":    {"convolution": {"dense"}}, "shuffle": {"convolution": {"dense"}, "cardinality": {2}},
	"convolution": {"cardinality": {1}, "radix": {1}},
	"group_width": {"block": {"bottleneck"}, "depth": {20}}, "stride_in": {"block": {"bottleneck"}, "depth": {20}, "block_pool": {"none"}},
	"bn_epsilon": {"norm": {"batch"}}, "bn_momentum": {"norm": {"batch"}}, "hidden": {"head": {"hidden"}},
}

// met returns the settings that the option needs in the network.
func met(v Variant, o Option) map[string]any {
	base := map[string]any{}
	for name, values := range needs[o.Name] {
		i := slices.IndexFunc(v.Options, func(o Option) bool { return o.Name == name })
		for _, value := range values {
			if i < 0 {
				continue
			}
			if _, err := v.Options[i].Check(value); err == nil {
				base[name] = value
				break
			}
		}
	}
	return base
}

// others returns values of the option that differ from its default.
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
		if o.Name == "depth" {
			return []any{d + 18} // 18 is a whole number of blocks in every family
		}
		var all []any
		for _, n := range []int{2 * d, d / 2} {
			if _, err := o.Check(n); err == nil && n != d {
				all = append(all, n)
			}
		}
		switch {
		case d == 0:
			return []any{24}
		case len(all) == 0:
			return []any{d - 1}
		}
		return all
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

// trace writes down a network as far as switches can change it: parameters with their starts, operators, and auxiliary
// classifiers.
func trace(b *nn.Builder) string {
	var s strings.Builder
	for _, p := range b.Params() {
		fmt.Fprintln(&s, p.Path, p.Shape, recordedStart(p))
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

// smallest returns the cheapest variant of each set of switches, so that all switches can be tried in little time.
func smallest(t *testing.T) []Variant {
	t.Helper()
	best, cost := map[string]Variant{}, map[string]int{}
	for _, name := range Names() {
		if name == "resnest14d" {
			continue // each of its blocks changes the shape, so that two kinds of shortcut are the same
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
	return slices.SortedFunc(maps.Values(best), func(a, b Variant) int { return strings.Compare(a.Name, b.Name) })
}

// Every switch of every family changes the network, or its error names the switch. Each switch has a value that is no
// error. testdata/switches.csv holds a digest of the operators of each of these networks, for the same end as
// recorded.csv.
func TestEverySwitchMattersOrSaysWhyNot(t *testing.T) {
	lines := [][]string{{"name", "settings", "operators"}}
	for _, v := range smallest(t) {
		for _, o := range v.Options {
			base := met(v, o)
			plain, _ := build(t, v, nn.Train, base)
			if plain.Err() != nil && !strings.Contains(plain.Err().Error(), o.Name) {
				t.Errorf("%s %v, which %s needs: %v", v.Name, base, o.Name, plain.Err())
			}
			good := 0
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
				case err == nil:
					good++
					lines = append(lines, []string{v.Name, fmt.Sprint(given), shortDigest(trace(b))})
				}
			}
			if good == 0 && !(o.Name == "preactivation" && v.Family == "ResNeSt") { // no paper defines it
				t.Errorf("%s: %s has no value but %v that is no error", v.Name, o.Name, o.Default)
			}
		}
	}
	areRecorded(t, recordedSwitchesFile, lines)
}

// everywhere lists the modules that papers ablate, whose switches every family has.
var everywhere = []string{"activation", "norm", "attention", "se_reduction", "se_position", "se_stage", "convolution",
	"cardinality", "shuffle", "shortcut", "drop_path", "downsample", "dropout"}

func TestEveryFamilyHasEveryModule(t *testing.T) {
	for _, name := range Names() {
		v, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, module := range append([]string{squeezeOption.Name, excitationName}, everywhere...) {
			if !v.has(module) {
				t.Errorf("%s has no switch %s", name, module)
			}
		}
		seen := map[string]bool{}
		for _, o := range v.Options {
			if seen[o.Name] {
				t.Errorf("%s has the switch %s twice", name, o.Name)
			}
			seen[o.Name] = true
			if _, err := o.Check(o.Default); err != nil {
				t.Errorf("%s: the default of %s: %v", name, o.Name, err)
			}
		}
	}
}
