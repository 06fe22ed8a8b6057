package strategy_test

import (
	"fmt"
	"strings"
	"testing"

	"workbench/experiments/data"
	"workbench/experiments/evaluate"
	"workbench/experiments/strategy"
	"workbench/nn/option"
)

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// Phases that do not fit together are refused, each for its reason, and those at the edge are not.
func TestPhasesThatDoNotFitTogether(t *testing.T) {
	loss := func(*strategy.Graph) strategy.Objective { return strategy.Objective{} }
	phase := func(name string, streams ...strategy.Stream) strategy.Phase {
		if streams == nil {
			streams = []strategy.Stream{{}}
		}
		return strategy.Phase{Name: name, Objective: loss, Streams: streams}
	}
	seen := func(views ...strategy.View) strategy.Phase {
		return phase("a", strategy.Stream{}, strategy.Stream{Name: "s", Views: views})
	}
	later := phase("b")
	pad, none := map[string]any{"pad": 2}, map[string]any{}
	augmented := func(plain bool, own, add map[string]any) strategy.View {
		return strategy.View{View: data.View{Augment: own}, Plain: plain, Add: add}
	}
	mixed := seen(augmented(true, nil, nil), augmented(false, pad, nil), augmented(false, nil, pad), augmented(false, nil, nil))
	const several = `phase "a", stream "s": view %d is augmented in several ways, want one`
	for _, c := range []struct {
		phases []strategy.Phase
		want   string
	}{
		{nil, "no phases, want at least one"},
		{[]strategy.Phase{phase("")}, ""},
		{[]strategy.Phase{phase("a"), phase("b")}, ""},
		{[]strategy.Phase{phase("a"), later}, ""},
		{[]strategy.Phase{{Name: "a", Streams: []strategy.Stream{{}}}}, `phase "a" has no objective`},
		{[]strategy.Phase{{Name: "a", Objective: loss}}, `phase "a" reads no stream`},
		{[]strategy.Phase{phase("a"), phase("b"), phase("a")}, `two phases are called "a"`},
		{[]strategy.Phase{phase("a"), phase("")}, "a phase has no name, want one where there are several"},
		{[]strategy.Phase{phase("a", strategy.Stream{Name: "x"}, strategy.Stream{Name: "y"})}, ""},
		{[]strategy.Phase{phase("a", strategy.Stream{Name: "x"}, strategy.Stream{Name: "y"}, strategy.Stream{Name: "x"})},
			`phase "a": two streams are called "x"`},
		{[]strategy.Phase{mixed}, ""},
		{[]strategy.Phase{seen(augmented(true, none, nil))}, fmt.Sprintf(several, 0)},
		{[]strategy.Phase{seen(augmented(false, nil, nil), augmented(true, nil, pad))}, fmt.Sprintf(several, 1)},
		{[]strategy.Phase{seen(augmented(false, pad, pad))}, fmt.Sprintf(several, 0)},
	} {
		if got := message(strategy.Check(c.phases)); got != c.want {
			t.Errorf("%+v: %q, want %q", c.phases, got, c.want)
		}
	}
}

// Phases are those that the strategy has with its settings, and measure what it declares.
func TestPhasesAreThoseDeclared(t *testing.T) {
	s := strategy.Strategy{Main: "a", Later: []string{"b", "c"},
		Measures: map[string][]string{"a": {"knn"}, "b": {"collapse"}},
		Has:      func(s option.Settings, phase string) bool { return strings.Contains(s.String("later"), phase) }}
	using := func(name string, uses ...evaluate.Use) strategy.Phase {
		return strategy.Phase{Name: name, Measure: uses}
	}
	knn, bad := evaluate.Use{Name: "knn"}, evaluate.Use{Name: "knn", Options: map[string]any{"k": 0}}
	_, _, unfit := bad.Resolve()
	for _, c := range []struct {
		later  string
		phases []strategy.Phase
		want   string
	}{
		{"", []strategy.Phase{using("a")}, ""},
		{"b", []strategy.Phase{using("a", knn), using("b", evaluate.Use{Name: "collapse"})}, ""},
		{"c", []strategy.Phase{using("a"), using("c")}, ""},
		{"bc", []strategy.Phase{using("a"), using("b"), using("c")}, ""},
		{"b", []strategy.Phase{using("a"), using("b"), using("c")}, `3 phases, declared are 2: ["a" "b"]`},
		{"b", []strategy.Phase{using("a")}, `1 phases, declared are 2: ["a" "b"]`},
		{"", []strategy.Phase{using("b")}, `phase 0 is called "b", declared is "a"`},
		{"c", []strategy.Phase{using("a"), using("b")}, `phase 1 is called "b", declared is "c"`},
		{"b", []strategy.Phase{using("a"), using("b", knn)}, `phase "b" measures by knn, declared are [collapse]`},
		{"", []strategy.Phase{using("a", bad)}, message(unfit)},
	} {
		if got := message(s.Fits(c.phases, option.Settings{"later": c.later})); got != c.want {
			t.Errorf("%+v: %q, want %q", c.phases, got, c.want)
		}
	}
	if unfit == nil {
		t.Error("no neighbours are no error")
	}
}
