package dashboard

import (
	"strconv"

	"workbench/experiments"
)

// schema of the JSON API; it grows when a field changes its meaning.
const schema = 1

func answer(name string, v any) response {
	return jsonBody{Value: map[string]any{"schema": schema, name: v}}
}

// apiRunInfo is a run with its metrics, which RunInfo keeps out of JSON because they may not be finite.
type apiRunInfo struct {
	experiments.RunInfo
	Last map[string]float64 `json:"last"`
	Max  map[string]float64 `json:"max"`
	Min  map[string]float64 `json:"min"`
}

func forAPI(r experiments.RunInfo) apiRunInfo { return apiRunInfo{r, r.Last, r.Max, r.Min} }

func (s *Server) apiStudies(r request) (response, error) {
	studies, err := s.Source.Studies(r.Context())
	return answer("studies", studies), err
}

func (s *Server) apiStudy(r request) (response, error) {
	study, err := s.Source.Study(r.Context(), r.Param("study"))
	return answer("study", study), err
}

func (s *Server) apiAblation(r request) (response, error) {
	d, err := s.studyData(r.Context(), r.Param("study"))
	return answer("ablation", d.ablation), err
}

func (s *Server) apiRuns(r request) (response, error) {
	rows, err := s.runRows(r)
	if err != nil {
		return nil, err
	}
	kept, _, err := selected(rows, r.URL.Query().Get("q"))
	if err != nil {
		return nil, err
	}
	sortRows(kept, r.URL.Query().Get("sort"))
	list := make([]apiRunInfo, len(kept))
	for i, k := range kept {
		list[i] = forAPI(k.run)
	}
	return answer("runs", list), nil
}

func (s *Server) apiRun(r request) (response, error) {
	run, err := s.Source.Run(r.Context(), r.Param("run"))
	return answer("run", forAPI(run)), err
}

// apiSeries answers ?run=…&metric=…&max=…: the points themselves.
func (s *Server) apiSeries(r request) (response, error) {
	q := r.URL.Query()
	most := maxPoints
	if text := q.Get("max"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return nil, badRequest("max: want a number of points (0: all), got %q", text)
		}
		most = n
	}
	runs, err := s.comparedRuns(r.Context(), q["run"])
	if err != nil {
		return nil, err
	}
	if len(runs) == 0 || len(q["metric"]) == 0 {
		return nil, badRequest("series: want at least one run and one metric (?run=…&metric=…)")
	}
	ids := make([]string, len(runs))
	for i, run := range runs {
		ids[i] = run.ID
	}
	series, err := s.Source.Series(r.Context(), ids, q["metric"], most)
	return answer("series", series), err
}

func (s *Server) apiStudyCurves(r request) (response, error) {
	c, err := s.studyChart(r)
	return answer("chart", c), err
}

func (s *Server) apiRunCurves(r request) (response, error) {
	c, err := s.runChart(r)
	return answer("chart", c), err
}

func (s *Server) apiCompareCurves(r request) (response, error) {
	c, err := s.compareChart(r)
	return answer("chart", c), err
}
