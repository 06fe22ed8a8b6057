package analysis

import (
	"maps"
	"slices"

	"workbench/experiments"
)

// grid finds the cells of a study beside one another.
type grid struct {
	study experiments.Study // whose baseline levels are those that are compared with
	list  []arm
	at    map[string]int // levels as othersOf writes them → the place in list
}

func gridOf(s experiments.Study, list []arm, baseline map[string]string) grid {
	levels := s.BaselineLevels()
	maps.Copy(levels, baseline)
	s.Baseline = levels
	g := grid{study: s, list: list, at: map[string]int{}}
	for i, a := range list {
		g.at[othersOf(s, a.cell.Levels)] = i
	}
	return g
}

// beside is the arm that has another level of one factor and is equal otherwise. A factor that applies on one side only
// has its baseline level there: sgd with the baseline's momentum stands beside adam, which has none.
func (g grid) beside(a arm, factor, label string) (other arm, ok bool) {
	levels := g.study.Fill(experiments.WithLevel(a.cell.Levels, factor, label))
	back := g.study.Fill(experiments.WithLevel(levels, factor, a.cell.Levels[factor]))
	i, is := g.at[othersOf(g.study, levels)]
	if !is || levels[factor] != label || !maps.Equal(back, a.cell.Levels) {
		return other, false
	}
	return g.list[i], true
}

// strata of a level, in the order of the study's cells; only those where both sides are cells of the design. Of a
// design that lacks combinations it notes which cells have no counterpart.
func (g grid) strata(factor, level, versus string, notes *remarks) []stratum {
	var cs []stratum
	var alone []string
	matched := map[string]bool{}
	for _, a := range g.list {
		if a.cell.Levels[factor] != level {
			continue
		}
		b, both := g.beside(a, factor, versus)
		if !both {
			alone = append(alone, a.cell.Key)
			continue
		}
		matched[b.cell.Key] = true
		cs = append(cs, stratum{othersOf(g.study, a.cell.Levels, factor), a, b})
	}
	if !g.study.Partial() {
		return cs
	}
	for _, b := range g.list {
		if b.cell.Levels[factor] == versus && !matched[b.cell.Key] {
			alone = append(alone, b.cell.Key)
		}
	}
	subject := "the effect of " + factor + "=" + level
	if len(cs) == 0 {
		notes.add("has no effect that can be estimated: no two cells of the design differ from "+factor+"="+versus+" in it alone",
			factor+"="+level)
		return nil
	}
	for _, key := range alone {
		notes.add(subject+" is not averaged over cells whose counterpart the design lacks", key)
	}
	return cs
}

// Bounds on interactions: beyond them nobody reads a table, and no correction leaves anything decided.
const (
	maxCrossed      = 20 // factors
	maxInteractions = 300
)

// interactions of every two levels of two factors. All are judged as one family of comparisons.
//
// How many cells and seeds each is over stands beside it, so it takes no notes of missing runs.
func (g grid) interactions(c criterion, notes *remarks) ([]Interaction, error) {
	all := []Interaction{}
	factors := g.study.Factors
	if len(factors) > maxCrossed {
		return all, nil
	}
	found, squares := g.squares()
	if len(found) > maxInteractions {
		notes.add("interactions are not estimated: two levels of two factors meet in more ways than a table can be read of", "")
		return all, nil
	}
	var lost [][2]int
	for _, i := range found {
		var quiet remarks
		cs, a, b := averaged(squares[i.name()], "", &quiet)
		var err error
		if i.Paired, err = pairUp(a, b); err != nil {
			return nil, err
		}
		i.Cells = len(cs)
		all, lost = append(all, i), append(lost, divergedIn(squares[i.name()]))
	}
	family := make([]*Paired, len(all))
	for k := range all {
		family[k] = &all[k].Paired
	}
	decide(family, c.higher)
	for k, p := range family {
		p.temper(lost[k][0], lost[k][1])
	}
	return all, nil
}

// name tells an interaction from others.
func (i Interaction) name() [4]string { return [4]string{i.Factor, i.Level, i.With, i.WithLevel} }

// squares are the four cells of each interaction, as a stratum for each combination of the remaining factors. Its sides
// are (both + neither) and (one + the other), whose difference is the interaction.
func (g grid) squares() (found []Interaction, squares map[[4]string][]stratum) {
	squares = map[[4]string][]stratum{}
	baseline := g.study.BaselineLevels()
	for k, f := range g.study.Factors {
		for _, with := range g.study.Factors[k+1:] {
			first := len(found)
			for _, both := range g.list {
				i := Interaction{Factor: f.Name, Level: both.cell.Levels[f.Name], Versus: baseline[f.Name],
					With: with.Name, WithLevel: both.cell.Levels[with.Name], WithVersus: baseline[with.Name]}
				if i.Level == "" || i.Level == i.Versus || i.WithLevel == "" || i.WithLevel == i.WithVersus {
					continue
				}
				other, a := g.beside(both, f.Name, i.Versus)
				one, b := g.beside(both, with.Name, i.WithVersus)
				if !a || !b {
					continue
				}
				neither, c := g.beside(one, f.Name, i.Versus)
				if !c {
					continue
				}
				if squares[i.name()] == nil {
					found = append(found, i)
				}
				name := othersOf(g.study, both.cell.Levels, f.Name, with.Name)
				squares[i.name()] = append(squares[i.name()], stratum{name, sum(both, neither), sum(one, other)})
			}
			order := func(i Interaction) int {
				return slices.Index(f.Labels(), i.Level)*len(with.Levels) + slices.Index(with.Labels(), i.WithLevel)
			}
			slices.SortStableFunc(found[first:], func(a, b Interaction) int { return order(a) - order(b) })
		}
	}
	return found, squares
}

// sum adds two arms seed by seed.
func sum(a, b arm) arm {
	both := arm{values: map[uint64]float64{}, diverged: a.diverged + b.diverged}
	for _, seed := range sharedSeeds(a.values, b.values) {
		both.values[seed] = a.values[seed] + b.values[seed]
	}
	return both
}
