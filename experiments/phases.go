package experiments

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"workbench/experiments/data/mixing"
	"workbench/experiments/metric"
	"workbench/experiments/strategy"
	"workbench/nn/nearest"
	"workbench/nn/option"
)

// phasesKey begins the paths of what a later phase of a strategy has other than the study: "phases.probe.optim.lr".
const phasesKey = "phases"

// perPhase are the sections and keys that a phase may have other than the study.
var perPhase = []string{"augment", "optim", "schedule", "batch", "epochs", "length", "micro_batch"}

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

// OfPhase tells whether a path is a key that a later phase may have of its own.
func OfPhase(path string) bool {
	phase, inner, is := splitPhase(path)
	return is && phase != "" && inner != ""
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
	c = c.Written()
	c.Phases = nil
	if _, long := own["length"]; long { // in place of the epochs that it would have
		delete(own, "epochs")
		c.Epochs = 0
	} else if _, long := own["epochs"]; long {
		c.Length = ""
	}
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

// WithPhases is the configuration with what its later phases have other than the study, whether the study says so or it
// is their default. It is for people: a study that says a default is another to identities than one that leaves it out.
func (c Config) WithPhases() Config {
	method, err := strategy.Lookup(c.Strategy.Name)
	if err != nil {
		return c // of another program
	}
	own := map[string]any{}
	for phase, defaults := range method.Set {
		for inner, value := range defaults {
			if _, long := c.Phases[phase+".length"]; inner == "epochs" && long {
				continue
			}
			if path := phase + "." + inner; c.lacks(path) == "" {
				own[path] = value
			}
		}
	}
	maps.Copy(own, c.Phases)
	if c = c.Clone(); len(own) > 0 {
		c.Phases = own
	}
	return c
}

// lacks says why a key of a later phase, by its path below phases, has no effect in the configuration: the run has no
// such phase. "" if it has.
func (c Config) lacks(path string) string {
	method, err := strategy.Lookup(c.Strategy.Name)
	phase, _, _ := strings.Cut(path, ".")
	switch {
	case err != nil: // reported with the name
		return ""
	case len(method.Later) == 0:
		return fmt.Sprintf("strategy %s has one phase, whose keys are those of the study", method.Name)
	case !slices.Contains(method.Later, phase):
		return fmt.Sprintf("strategy %s has no later phase %q%s", method.Name, phase, nearest.Hint(phase, method.Later))
	}
	settings := method.Resolve(c.Strategy.Options)
	switch {
	case !slices.Contains(method.PhaseNames(settings, ""), phase):
		return fmt.Sprintf("has no effect: with these settings %s has no phase %s", method.Name, phase)
	case !slices.Contains(method.PhaseNames(settings, c.Until), phase):
		return fmt.Sprintf("has no effect: the run ends with the phase %s (until)", c.Until)
	}
	return ""
}

// mixing checks that no phase is asked to mix images whose loss wants one class an image.
func (ps *Problems) mixing(c *Config) {
	method, err := strategy.Lookup(c.Strategy.Name)
	if err != nil {
		return // reported with the name
	}
	for i, phase := range append([]string{method.Main}, method.Later...) {
		own, path := c.Augment, "augment."
		if i > 0 {
			inner, _ := c.In(phase, nil) // what cannot be set is reported where it stands
			own, path = inner.Augment, phasesKey+"."+phase+".augment."
		}
		if _, m := mixing.Apart(own); m.On() && !slices.Contains(method.Mixes, phase) {
			ps.add(path+m.Name(), nil, "no strategy %s with %s: its loss wants one class an image; want %s", method.Name, m.Name(),
				strings.Join(strategy.Mixing(), " or "))
			return // later phases have it from this one
		}
	}
}

// phases checks what the study says of later phases, each value by itself. That a phase is of use to some cell is
// checked by unusedKeys.
func (ps *Problems) phases(c *Config) {
	method, err := strategy.Lookup(c.Strategy.Name)
	if err != nil {
		return // reported with the name
	}
	if ends := method.Ends(); c.Until != "" && !slices.Contains(ends, c.Until) {
		if len(ends) == 0 {
			ps.add("until", nil, "strategy %s has one phase, so nothing comes after it", method.Name)
		} else {
			ps.add("until", nil, "strategy %s has no phase %q that others follow%s", method.Name, c.Until, nearest.Hint(c.Until, ends))
		}
	} else if own := method.PhaseNames(method.Resolve(c.Strategy.Options), ""); c.Until != "" && c.Until != method.Main {
		if i := slices.Index(own, c.Until); i < 0 || i == len(own)-1 {
			ps.add("until", nil, "with these settings %s has the phases %s, so none follows %q", method.Name, strings.Join(own, ", "), c.Until)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(c.Phases)) {
		full := phasesKey + "." + path
		k, err := find(full)
		if err != nil {
			ps.add(full, []string{AtName(full)}, "%v", err)
			continue
		}
		if o, declared := k.declaration(c); declared {
			ps.value(full, o, c.Phases[path])
		}
	}
}

// upTo is the configuration of a run that ends with a phase, without what only later ones read.
func (c Config) upTo(phase string, later []string) Config {
	c = c.Clone()
	c.Until = phase
	maps.DeleteFunc(c.Phases, func(path string, _ any) bool {
		name, _, _ := strings.Cut(path, ".")
		return slices.Contains(later, name)
	})
	if len(c.Phases) == 0 {
		c.Phases = nil
	}
	return c
}

// beginnings are the runs that end with a phase before the run's last one, the longest first.
func (r Run) beginnings() ([]Run, error) {
	method, err := strategy.Lookup(r.Config.Strategy.Name)
	if err != nil || r.Config.Until != "" || r.Continues() != "" {
		return nil, err
	}
	var all []Run
	own := method.PhaseNames(method.Resolve(r.Config.Strategy.Options), "")
	for k, phase := range slices.Backward(method.Ends()) {
		if i := slices.Index(own, phase); i < 0 || i == len(own)-1 {
			continue // the run has no such phase, or ends with it
		}
		b := r
		b.Config = r.Config.upTo(phase, method.Later[k:])
		if k == 0 && method.Begin != nil {
			method.Begin(b.Config.Strategy.Options)
		}
		b.Cell, b.Levels = "until="+phase, nil
		if b.ID, err = b.identity(); err != nil {
			return nil, err
		}
		b.Cell += " " + b.ID[:8] // of several beginnings in a study
		all = append(all, b)
	}
	return all, nil
}

// recorded are the names of the metrics that runs record, for each kind of cell.
func (s Study) recorded() [][]string {
	configs := []Config{s.Base}
	if cells, err := s.Cells(); err == nil {
		configs = nil
		for _, cell := range cells {
			configs = append(configs, cell.Config)
		}
	}
	all, asked := [][]string{}, map[string]bool{}
	for _, c := range configs {
		method, err := strategy.Lookup(c.Strategy.Name)
		if err != nil {
			method = strategy.Strategy{}
		}
		held := !option.IsZero(c.Dataset.Options["val"])
		_, mix := mixing.Apart(c.Augment)
		if key := fmt.Sprint(c.Strategy, held, c.Until, mix.On(), c.Evaluate.Corruption != ""); !asked[key] {
			asked[key] = true
			names := method.Metrics(method.Resolve(c.Strategy.Options), held, c.Until)
			if mix.On() { // no answer to a mixed image is right or wrong
				names = slices.DeleteFunc(names, func(name string) bool {
					return name == metric.Name{Phase: method.Main, Split: metric.Train, Quantity: "top1"}.String()
				})
			}
			if c.Evaluate.Corruption != "" {
				names = append(names, metric.UnderCorruptions(names)...)
			}
			all = append(all, names)
		}
	}
	return all
}

// finals are the metrics of metric.Final that every kind of cell has.
func finals(kinds [][]string) []string {
	var all []string
	for i, names := range kinds {
		var own []string
		for _, name := range names {
			own = append(own, metric.FinalOf(name))
		}
		if i == 0 {
			all = own
		}
		all = slices.DeleteFunc(all, func(name string) bool { return !slices.Contains(own, name) })
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// metrics are the names of the metrics by which the study may compare: those that runs of some cell record, and those
// of the last phase that runs of every cell record.
func (s Study) metrics() []string {
	kinds := s.recorded()
	return append(slices.Concat(kinds...), finals(kinds)...)
}

// UsualMetric is by what the study compares if it does not say so: its metric, if some strategy of it records that, or
// else what the strategy of its first cell is compared by. Where not all cells record that, or others are compared by
// the same of another phase, it is the same of the last phase, if they record this.
func (s Study) UsualMetric() string {
	kinds := s.recorded()
	all := slices.Concat(kinds...)
	if len(all) == 0 {
		return s.Metric
	}
	usual := s.Metric
	if !slices.Contains(all, usual) {
		others := s.usuals()
		if usual = others[0]; !slices.Contains(all, usual) {
			usual = all[0]
		}
		final := metric.FinalOf(usual)
		differs := func(other string) bool { return other != usual && metric.FinalOf(other) == final }
		if slices.ContainsFunc(others, differs) && slices.Contains(finals(kinds), final) {
			return final
		}
	}
	lacks := func(names []string) bool { return !slices.Contains(names, usual) }
	if final := metric.FinalOf(usual); slices.ContainsFunc(kinds, lacks) && slices.Contains(finals(kinds), final) {
		return final
	}
	return usual
}

// usuals are the metrics by which the strategies of the study's cells are compared, with their settings.
func (s Study) usuals() []string {
	configs := []Config{s.Base}
	if cells, err := s.Cells(); err == nil && len(cells) > 0 {
		configs = nil
		for _, cell := range cells {
			configs = append(configs, cell.Config)
		}
	}
	var all []string
	for _, c := range configs {
		usual := s.Metric
		if method, err := strategy.Lookup(c.Strategy.Name); err == nil {
			usual = method.Usual(method.Resolve(c.Strategy.Options))
		}
		if !slices.Contains(all, usual) {
			all = append(all, usual)
		}
	}
	return all
}

// length checks that a configuration says once how long it trains.
func (ps *Problems) length(c *Config) {
	if c.Length == "" {
		return
	}
	if _, _, err := strategy.ParseLength(c.Length); err != nil {
		ps.add("length", nil, "%v", err)
	}
	if c.Epochs != 0 {
		ps.add("length", nil, "want one of epochs and length, got %d and %q", c.Epochs, c.Length)
	}
}

// knownEpochs is the number of epochs, NaN if that depends on the data.
func (c Config) knownEpochs() float64 {
	if c.Length != "" {
		return math.NaN()
	}
	return float64(c.Epochs)
}
