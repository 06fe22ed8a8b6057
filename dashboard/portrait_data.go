package dashboard

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"workbench/dashboard/portrait"
	"workbench/experiments"
	"workbench/nn/nearest"
)

// portraitData is what the page of a portrait, its figures and the API share: what a run has learnt and, if the address
// names one, another beside it.
type portraitData struct {
	run, other experiments.RunInfo
	asked      portrait.Asked
	mine       portrait.Portrait
	beside     *portrait.Portrait
	difference *portrait.Difference
}

// askedPortrait reads the address.
func askedPortrait(q url.Values) (asked portrait.Asked, err error) {
	asked = portrait.Asked{Part: q.Get("part"), Step: -1, Measure: q.Get("measure")}
	if text := q.Get("step"); text != "" {
		if asked.Step, err = strconv.ParseInt(text, 10, 64); err != nil || asked.Step < 0 {
			return asked, badRequest("step: want a whole number of at least 0, got %q", text)
		}
	}
	if _, known := portrait.MeasureOf(asked.Measure); !known {
		var names []string
		for _, m := range portrait.Measures {
			names = append(names, m.Name)
		}
		return asked, badRequest("measure: want one of %s, got %q", strings.Join(names, ", "), asked.Measure)
	}
	switch params := q.Get("params"); params {
	case "", "kernels":
	case "all":
		asked.All = true
	default:
		return asked, badRequest("params: want kernels or all, got %q", params)
	}
	return asked, nil
}

func (s *Server) portraitData(r request) (d portraitData, err error) {
	q := r.URL.Query()
	if d.asked, err = askedPortrait(q); err != nil {
		return d, err
	}
	if d.run, err = s.run(r.Context(), r.Param("run")); err != nil {
		return d, err
	}
	made, err := s.Source.Artefacts(r.Context(), d.run.ID)
	if err != nil {
		return d, err
	}
	if parts := portrait.Parts(made); d.asked.Part != "" && !slices.Contains(parts, d.asked.Part) {
		return d, badRequest("part: run %s has nothing of %q%s", short(d.run.ID), d.asked.Part, nearest.Hint(d.asked.Part, parts))
	}
	if d.mine, err = portrait.Read(r.Context(), made, s.loader(d.run.ID), d.asked); err != nil {
		return d, err
	}
	id := q.Get("beside")
	if id == "" {
		return d, nil
	}
	if d.other, err = s.run(r.Context(), id); err != nil {
		return d, err
	}
	if made, err = s.Source.Artefacts(r.Context(), d.other.ID); err != nil {
		return d, err
	}
	asked := d.asked
	asked.Part = d.mine.Part
	p, err := portrait.Read(r.Context(), made, s.loader(d.other.ID), asked)
	if parts := portrait.Parts(made); asked.Part != "" && len(parts) > 0 && !slices.Contains(parts, asked.Part) {
		p.Problems = append(p.Problems, "it keeps nothing of "+asked.Part+", but of "+strings.Join(parts, ", "))
	}
	d.beside, d.difference = &p, portrait.Differ(d.mine.Confusion, p.Confusion)
	return d, err
}

// loader reads artefacts of a run. Why one could not be read is for the log: an error of the store names its file.
func (s *Server) loader(run string) portrait.Load {
	return func(ctx context.Context, name string, step int64) ([]byte, error) {
		a, err := s.Source.Artefact(ctx, run, name, step)
		if err != nil && ctx.Err() == nil {
			s.Log.Warn("artefact not read", "run", run, "artefact", name, "step", step, "error", err)
		}
		return a.Data, err
	}
}

// portraitAnswer is what the API says.
type portraitAnswer struct {
	Run string `json:"run"`
	portrait.Portrait
	Beside     *portraitBeside      `json:"beside,omitempty"`
	Difference *portrait.Difference `json:"difference,omitempty"`
}

type portraitBeside struct {
	Run string `json:"run"`
	portrait.Portrait
}

func (s *Server) apiPortrait(r request) (response, error) {
	d, err := s.portraitData(r)
	if err != nil {
		return nil, err
	}
	a := portraitAnswer{Run: d.run.ID, Portrait: d.mine, Difference: d.difference}
	if d.beside != nil {
		a.Beside = &portraitBeside{d.other.ID, *d.beside}
	}
	return answer("portrait", a), nil
}

func portraitPath(run string) string { return runPath(run) + "/portrait" }
