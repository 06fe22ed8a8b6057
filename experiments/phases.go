package experiments

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"workbench/experiments/strategy"
	"workbench/nn/nearest"
)

// phasesKey begins the paths of what a later phase of a strategy has other than the study: "phases.probe.optim.lr".
const phasesKey = "phases"

// perPhase are the sections and keys that a phase may have other than the study.
var perPhase = []string{"augment", "optim", "schedule", "batch", "epochs", "micro_batch"}

// splitPhase takes the path of a phase's key apart. Phase or inner are empty where the path ends before them.
func splitPhase(path string) (phase, inner string, is bool) {
	top, rest, _ := strings.Cut(path, ".")
	if top != phasesKey {
		return "", "", false
	}
	phase, inner, _ = strings.Cut(rest, ".")
	return phase, inner, true
}

// phaseSection tells whether a path below phases names a group of keys.
func phaseSection(inner string) bool {
	return inner == "" || slices.Contains(perPhase, inner) && sectionOf(inner) != nil
}

// findInPhase gives the key of a phase's path.
func findInPhase(path, phase, inner string) (key, error) {
	top, _, _ := strings.Cut(inner, ".")
	switch {
	case phase == "":
		return key{}, fmt.Errorf("is a section, want the name of a phase and a key, such as %s.probe.optim.lr", phasesKey)
	case inner == "":
		return key{}, fmt.Errorf("is a section, want one of its keys: %s", strings.Join(perPhase, ", "))
	case !slices.Contains(perPhase, top) && slices.Contains(tops(), top):
		return key{}, fmt.Errorf("%s is of the whole run, want one of %s", top, strings.Join(perPhase, ", "))
	case !slices.Contains(perPhase, top):
		return key{}, unknownKey{top, func() []string { return perPhase }}
	}
	k, err := find(inner)
	k.path, k.phase, k.inner = path, phase, inner
	return k, err
}

// In is the configuration of a later phase of the run's strategy: the study's, with the defaults of the phase, by path,
// and with what the study says of it.
func (c Config) In(phase string, defaults map[string]any) (Config, error) {
	own := maps.Clone(defaults)
	if own == nil {
		own = map[string]any{}
	}
	for path, value := range c.Phases {
		if inner, of := strings.CutPrefix(path, phase+"."); of {
			own[inner] = value
		}
	}
	c = c.Clone()
	c.Phases = nil
	names := func(path string) bool { return strings.HasSuffix(path, "."+nameKey) }
	paths := slices.SortedFunc(maps.Keys(own), func(a, b string) int { // names first: what options there are depends on them
		if names(a) != names(b) {
			return cmp.Compare(fmt.Sprint(names(b)), fmt.Sprint(names(a)))
		}
		return cmp.Compare(a, b)
	})
	for _, path := range paths {
		if err := c.Set(path, own[path]); err != nil {
			return c, fmt.Errorf("%s: %w", path, err)
		}
	}
	return c, nil
}

// phases checks what the study says of later phases: that the strategy has them, and each value by itself.
func (ps *Problems) phases(c *Config) {
	method, err := strategy.Lookup(c.Strategy.Name)
	if err != nil {
		return // reported with the name
	}
	for _, path := range slices.Sorted(maps.Keys(c.Phases)) {
		full := phasesKey + "." + path
		k, err := find(full)
		switch {
		case err != nil:
			ps.add(full, []string{AtName(full)}, "%v", err)
			continue
		case len(method.Later) == 0:
			ps.add(full, []string{AtName(full)}, "strategy %s has one phase, whose keys are those of the study", method.Name)
			continue
		case !slices.Contains(method.Later, k.phase):
			ps.add(full, []string{AtName(full)}, "strategy %s has no later phase %q%s", method.Name, k.phase, nearest.Hint(k.phase, method.Later))
			continue
		}
		if o, declared := k.declaration(c); declared {
			ps.value(full, o, c.Phases[path])
		}
	}
}
