package dashboard

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"workbench/dashboard/guard"
	"workbench/experiments"
	"workbench/experiments/metric"
)

// armName is the arm of a run's charts under which a metric is drawn: its split, or all of a name without one.
func armName(name string) string {
	if split := metric.Parse(name).Split; split != "" {
		return split
	}
	return name
}

// panels are the metrics that share a chart: each alone, or, where arms are splits, the splits of a quantity. Values of
// single steps have a chart of their own.
func (p plot) panels(metrics []string) [][]string {
	var panels [][]string
	place := map[metric.Name]int{}
	for _, m := range metrics {
		if metric.Of(m).Constant {
			continue // told beside what it bounds
		}
		shared := metric.Parse(m)
		together := p.split && slices.Contains([]string{metric.Test, metric.Val, metric.Train}, shared.Split)
		shared.Split = ""
		i, known := place[shared]
		if together && known {
			panels[i] = append(panels[i], m)
			continue
		} else if together {
			place[shared] = len(panels)
		}
		panels = append(panels, []string{m})
	}
	return panels
}

// panelTitle is the title of its metric, or of what several splits have in common.
func panelTitle(metrics []string) string {
	if len(metrics) == 1 {
		return metric.Title(metrics[0])
	}
	return metric.Heading(metrics[0])
}

// metricsOf returns the metrics of the runs in reading order. Without runs there are none.
func (s *Server) metricsOf(ctx context.Context, runs []experiments.RunInfo, first string) ([]string, error) {
	if len(runs) == 0 {
		return nil, nil
	}
	ids := make([]string, len(runs))
	for i, r := range runs {
		ids[i] = r.ID
	}
	names, err := s.Source.Metrics(ctx, ids)
	if slices.ContainsFunc(runs, func(r experiments.RunInfo) bool { return r.Recorded(first) != first }) {
		names = append(names, first) // which stands for others
	}
	return metric.Ordered(names, first), err
}

// distinct has each name once, in the order in which they come first.
func distinct(names []string) []string {
	var list []string
	for _, name := range names {
		if !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

// wantedMetrics are ?metric=…, each of which the runs must have recorded; fallback without any.
func (s *Server) wantedMetrics(r request, runs []experiments.RunInfo, fallback string) ([]string, error) {
	wanted := distinct(r.URL.Query()["metric"])
	if len(wanted) == 0 {
		return []string{fallback}, nil
	}
	if err := guard.Within("metrics", len(wanted), mostMetrics); err != nil {
		return nil, err
	}
	names, err := s.metricsOf(r.Context(), runs, fallback)
	if err != nil {
		return nil, err
	}
	for _, w := range wanted {
		if !slices.Contains(names, w) {
			return nil, &failure{Status: 404, What: fmt.Sprintf("metric %q was not recorded; there are %s", w, strings.Join(names, ", "))}
		}
	}
	return wanted, nil
}
