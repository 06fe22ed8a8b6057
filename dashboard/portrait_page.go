package dashboard

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"math"
	"net/url"
	"slices"
	"strconv"

	"workbench/dashboard/portrait"
	"workbench/experiments"
	"workbench/experiments/diagnosis"
)

// portraitView is the page of what a network has learnt.
type portraitView struct {
	Cell, Short, Href string // of the run
	Study, StudyHref  string
	Path              string // of the page without anything chosen
	JSON              string
	Steps             []choice
	Parts             []choice
	Runs              []choice // that can be put beside it
	Part, Beside      string   // as the address has them
	Step              string
	Hidden            []fact // what else the address has chosen
	Empty             bool   // nothing was kept at all
	Early             string // what is said if nothing was kept at the step yet
	Lacks             string // kinds that were not kept
	Problems          []string
	Findings          table // what may be wrong with the run
	Sections          []portraitSection
	Filtered          bool
}

// choice is an option of a select.
type choice struct {
	Value, Text string
	Current     bool
}

// portraitSection is a card of the page: figures, pictures with what is known of them, tables, and how to read it all.
type portraitSection struct {
	ID, Title string
	Step      string // that it was made at, if it is not the one that was asked for
	Controls  [][]levelLink
	Read      []string // how to read it
	Panels    []panel
	Galleries []pictureGroup
	Tables    []table
}

// pictureGroup is pictures of a run.
type pictureGroup struct {
	Name, Href string // of the run, where there are two
	Note       string
	PNG        string // the whole sheet
	Heads      []string
	Pictures   []captioned
}

type captioned struct {
	Picture template.HTML
	Lines   []string
	State   string // of the answer: "right", "wrong", or "" where there is none
}

// mostBeside runs can be chosen from.
const mostBeside = 200

func (s *Server) portraitPage(r request) (response, error) {
	d, err := s.portraitData(r)
	if err != nil {
		return nil, err
	}
	if r.Param("run") != d.run.ID {
		to := portraitPath(d.run.ID)
		if r.URL.RawQuery != "" {
			to += "?" + r.URL.RawQuery
		}
		return redirection(to), nil
	}
	q, id := r.URL.Query(), d.run.ID
	v := portraitView{Cell: d.run.Cell, Short: short(id), Href: runPath(id), Study: d.run.Study, StudyHref: studyPath(d.run.StudyRef()),
		Path: portraitPath(id), JSON: "/api/v1" + portraitPath(id), Part: d.mine.Part, Beside: d.other.ID, Step: q.Get("step"),
		Problems: d.mine.Problems, Filtered: r.URL.RawQuery != ""}
	if r.URL.RawQuery != "" {
		v.JSON += "?" + q.Encode()
	}
	if d.beside != nil {
		for _, p := range d.beside.Problems {
			v.Problems = append(v.Problems, "Run "+short(d.other.ID)+": "+p)
		}
	}
	for _, key := range []string{"measure", "params"} {
		if q.Get(key) != "" {
			v.Hidden = append(v.Hidden, fact{Name: key, Value: q.Get(key)})
		}
	}
	if v.Empty = len(d.mine.Parts) == 0; !v.Empty && d.mine.Step < d.mine.Steps[0] {
		v.Early = "Nothing was kept at step " + grouped(d.mine.Step) + " or before. The first is of step " + grouped(d.mine.Steps[0]) + "."
	}
	v.choose(d, q)
	if v.Runs, err = s.runsBeside(r.Context(), d); err != nil {
		return nil, err
	}
	v.Sections = portraitSections(d, r.URL)
	v.Lacks = lacks(d.mine)
	found, err := diagnosis.Run(r.Context(), s.Source, d.run)
	if errors.Is(err, diagnosis.ErrUnreadable) {
		v.Problems, err = append(v.Problems, "No diagnosis: "+err.Error()), nil
	}
	if err != nil {
		return nil, err
	}
	v.Findings = findingsTable(id, found)
	return s.page("portrait", "What "+v.Short+" has learnt", v).within("runs").watching("run=" + id), nil
}

// choose fills the lists of steps and parts.
func (v *portraitView) choose(d portraitData, q url.Values) {
	v.Steps = []choice{{"", "newest", q.Get("step") == ""}}
	listed := q.Get("step") == ""
	for _, step := range slices.Backward(d.mine.Steps) {
		text := strconv.FormatInt(step, 10)
		v.Steps = append(v.Steps, choice{text, "step " + grouped(step) + epochAt(d.run, step), text == q.Get("step")})
		listed = listed || text == q.Get("step")
	}
	if !listed {
		v.Steps = append(v.Steps, choice{q.Get("step"), "step " + grouped(d.mine.Step) + " or before", true})
	}
	if len(d.mine.Parts) > 1 {
		for _, part := range d.mine.Parts {
			v.Parts = append(v.Parts, choice{part, part, part == d.mine.Part})
		}
	}
}

// epochAt is the epoch of a step in words, where a run has one phase and so its steps have one length.
func epochAt(run experiments.RunInfo, step int64) string {
	p := run.Progress
	if p == nil || p.Steps <= 0 || p.Epochs <= 0 || len(run.Phases) > 1 {
		return ""
	}
	epoch := float64(step) * float64(p.Epochs) / float64(p.Steps)
	return ", epoch " + strconv.FormatFloat(math.Round(100*epoch)/100, 'f', -1, 64)
}

// runsBeside are the other runs of the study, those of the same seed first.
func (s *Server) runsBeside(ctx context.Context, d portraitData) ([]choice, error) {
	runs, err := s.Source.Runs(ctx, experiments.RunFilter{Study: d.run.StudyRef()})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(runs, func(a, b experiments.RunInfo) int {
		far := func(r experiments.RunInfo) int { return map[bool]int{true: 0, false: 1}[r.Seed == d.run.Seed] }
		return far(a) - far(b)
	})
	list := []choice{{"", "no run", d.beside == nil}}
	listed := d.beside == nil
	for _, r := range runs[:min(len(runs), mostBeside)] {
		if r.ID != d.run.ID {
			list = append(list, choice{r.ID, runName(r), r.ID == d.other.ID})
			listed = listed || r.ID == d.other.ID
		}
	}
	if !listed {
		list = append(list, choice{d.other.ID, runName(d.other), true})
	}
	return list, nil
}

// lacks names the kinds of pictures and tables that a run with a portrait has not kept.
func lacks(p portrait.Portrait) string {
	if len(p.Parts) == 0 || len(p.Problems) > 0 {
		return ""
	}
	var names []string
	for _, kind := range []struct {
		name string
		has  bool
	}{
		{"a confusion matrix", p.Confusion != nil}, {"calibration", p.Calibration != nil}, {"surest mistakes", p.Mistakes != nil},
		{"samples", p.Samples != nil}, {"maps of features", p.Maps != nil}, {"filters", len(p.Filters) > 0},
		{"an embedding", p.Embedding != nil}, {"layers", p.Layers != nil},
	} {
		if !kind.has {
			names = append(names, kind.name)
		}
	}
	return enumerated(names)
}

// enumerated joins names in a sentence.
func enumerated(names []string) string {
	if len(names) < 2 {
		return fmt.Sprint(append(names, "")[0])
	}
	text := names[0]
	for _, name := range names[1 : len(names)-1] {
		text += ", " + name
	}
	return text + " and " + names[len(names)-1]
}
