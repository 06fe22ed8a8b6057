package dashboard

import (
	"context"
	"encoding/json"
	"iter"
	"strconv"
	"time"

	"workbench/dashboard/guard"
	"workbench/experiments"
)

// schema of the JSON API; it grows when a field changes its meaning.
const schema = 1

func answer(name string, v any) response {
	return jsonBody{Value: map[string]any{"schema": schema, name: v}}
}

// answerList is an answer whose elements are made one at a time.
func answerList(name string, elements iter.Seq2[any, error]) response {
	return jsonList{map[string]any{"schema": schema}, name, elements}
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
	study, err := s.study(r.Context(), r.Param("study"))
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
	return answerList("runs", func(yield func(any, error) bool) {
		for _, k := range kept {
			if !yield(forAPI(k.run), nil) {
				return
			}
		}
	}), nil
}

func (s *Server) apiRun(r request) (response, error) {
	run, err := s.run(r.Context(), r.Param("run"))
	return answer("run", forAPI(run)), err
}

// Bounds of /api/v1/series and of ?metric=.
const (
	mostMetrics      = 16
	mostSeriesPoints = 200_000 // of one answer
)

// apiSeries answers ?run=…&metric=…&max=…: the points themselves. Each curve is read when it is written.
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
	metrics := distinct(q["metric"])
	if err := guard.Within("metrics", len(metrics), mostMetrics); err != nil {
		return nil, err
	}
	runs, err := s.comparedRuns(r.Context(), q["run"])
	if err != nil {
		return nil, err
	}
	if len(runs) == 0 || len(metrics) == 0 {
		return nil, badRequest("series: want at least one run and one metric (?run=…&metric=…)")
	}
	return answerList("series", s.curves(r.Context(), runs, metrics, most)), nil
}

// curves of each run and metric; more points than an answer holds are an error.
func (s *Server) curves(ctx context.Context, runs []experiments.RunInfo, metrics []string, most int) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		left := mostSeriesPoints
		for _, run := range runs {
			for _, metric := range metrics {
				series, err := s.Source.Series(ctx, []string{run.ID}, []string{metric}, most)
				for _, one := range series {
					if left -= len(one.Points); left < 0 {
						err = badRequest("series: want at most %d points together, and there are more: "+
							"ask for fewer runs or metrics, or thin them with max=1000", mostSeriesPoints)
					}
					if err == nil && !yield(forSeries(one), nil) {
						return
					}
				}
				if err != nil {
					yield(nil, err)
					return
				}
			}
		}
	}
}

// apiSeriesOf is experiments.Series with numbers that may not be finite.
type apiSeriesOf struct {
	Run    string    `json:"run"`
	Metric string    `json:"metric"`
	Points apiPoints `json:"points"`
	Total  int       `json:"total"`
}

type apiPoint struct {
	Metric string             `json:"metric"`
	Step   int64              `json:"step"`
	Epoch  experiments.Number `json:"epoch"`
	Value  experiments.Number `json:"value"`
	Time   time.Time          `json:"time"`
}

// apiPoints write themselves, so that no copy of them in maps is made.
type apiPoints []apiPoint

// MarshalJSON is for encoding/json.
func (p apiPoints) MarshalJSON() ([]byte, error) { return json.Marshal([]apiPoint(p)) }

func forSeries(s experiments.Series) apiSeriesOf {
	points := make(apiPoints, len(s.Points))
	for i, p := range s.Points {
		points[i] = apiPoint{p.Metric, p.Step, experiments.Number(p.Epoch), experiments.Number(p.Value), p.Time}
	}
	return apiSeriesOf{s.Run, s.Metric, points, s.Total}
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
