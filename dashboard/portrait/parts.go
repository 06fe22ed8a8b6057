// Package portrait makes what a page shows of the portraits that runs have kept (package experiments/portrait): which
// there are, at which steps, and what they say. It reads artefacts through a function and draws by package figure; what
// is damaged, odd or too large is told as a problem, and the rest is shown.
package portrait

import (
	"cmp"
	"slices"
	"strings"

	"workbench/experiments"
	kept "workbench/experiments/portrait"
)

// kinds are the artefacts of a portrait. Those that no split has are named by phase alone.
var kinds = []struct {
	name  string
	phase bool
}{
	{kept.MistakesSheet, false}, {kept.SamplesSheet, false}, {kept.MapsSheet, false}, {kept.ConfusionName, false},
	{kept.CalibrationName, false}, {kept.MistakesName, false}, {kept.SamplesName, false}, {kept.EmbeddingName, false},
	{kept.LayersName, true}, {kept.FiltersSheet, true},
}

// kindOf takes an artefact's name apart: "probe/test/confusion" is the confusion of the part "probe/test".
func kindOf(name string) (part, kind string, phase, known bool) {
	for _, k := range kinds {
		if name == k.name {
			return "", k.name, k.phase, true
		}
		if before, is := strings.CutSuffix(name, "/"+k.name); is {
			return before, k.name, k.phase, true
		}
	}
	return "", "", false, false
}

// phaseOf a part: all but its split. "test" is of the main phase, whose name is "".
func phaseOf(part string) string {
	i := strings.LastIndexByte(part, '/')
	return part[:max(i, 0)]
}

// catalogue has the artefacts of a portrait by name, each in the order of steps.
type catalogue map[string][]experiments.ArtefactInfo

func catalogued(made []experiments.ArtefactInfo) catalogue {
	c := catalogue{}
	for _, a := range made {
		if _, _, _, known := kindOf(a.Name); known {
			c[a.Name] = append(c[a.Name], a)
		}
	}
	for _, list := range c {
		slices.SortStableFunc(list, func(a, b experiments.ArtefactInfo) int { return cmp.Compare(a.Step, b.Step) })
	}
	return c
}

// Main is the part of what is named by neither phase nor split, where no split has a part that can show it.
const Main = "main"

// parts of which there is something, that with answers on the test split first. A phase has its own if no split of it
// has one.
func (c catalogue) parts() []string {
	newest, phases := map[string]int64{}, map[string]int64{}
	for name, list := range c {
		part, _, phase, _ := kindOf(name)
		if last := list[len(list)-1].Step; phase || part == "" {
			phases[part] = max(phases[part], last)
		} else {
			newest[part] = max(newest[part], last)
		}
	}
	parts := make([]string, 0, len(newest)+len(phases))
	for part := range newest {
		parts = append(parts, part)
		delete(phases, phaseOf(part))
	}
	for phase, last := range phases {
		phase = cmp.Or(phase, Main)
		if _, taken := newest[phase]; !taken {
			parts, newest[phase] = append(parts, phase), last
		}
	}
	rank := func(part string) int {
		return slices.Index([]string{"test", "val"}, part[strings.LastIndexByte(part, '/')+1:])
	}
	slices.SortFunc(parts, func(a, b string) int {
		return cmp.Or(cmp.Compare(uint(rank(a)), uint(rank(b))), cmp.Compare(newest[b], newest[a]),
			cmp.Compare(strings.Count(a, "/"), strings.Count(b, "/")), cmp.Compare(a, b))
	})
	return parts
}

// of a kind are the artefacts of a part, or of its phase.
func (c catalogue) of(part, kind string) []experiments.ArtefactInfo {
	for _, before := range []string{part, phaseOf(part)} {
		name := kind
		if before != "" {
			name = before + "/" + kind
		}
		if list := c[name]; len(list) > 0 {
			return list
		}
	}
	return nil
}

// steps at which something of a part was made, in order.
func (c catalogue) steps(part string) []int64 {
	var steps []int64
	for _, k := range kinds {
		for _, a := range c.of(part, k.name) {
			steps = append(steps, a.Step)
		}
	}
	slices.Sort(steps)
	return slices.Compact(steps)
}

// at is the newest of a list at a step or before.
func at(list []experiments.ArtefactInfo, step int64) (experiments.ArtefactInfo, bool) {
	for _, a := range slices.Backward(list) {
		if a.Step <= step {
			return a, true
		}
	}
	return experiments.ArtefactInfo{}, false
}

// spread thins a list to so many of its elements, evenly, with the first and the last.
func spread[T any](list []T, most int) []T {
	if len(list) <= most {
		return list
	}
	thin := make([]T, most)
	for i := range thin {
		thin[i] = list[i*(len(list)-1)/max(1, most-1)]
	}
	return thin
}
