package dashboard

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"workbench/experiments"
)

// splitOf returns the split of a metric and what is measured on it: "train/loss" is loss on train. A name without a
// split is one of its own.
func splitOf(metric string) (split, quantity string) {
	split, quantity, found := strings.Cut(metric, "/")
	if !found {
		return metric, metric
	}
	return split, quantity
}

// panels are the metrics that share a chart: each alone, or, where arms are splits, train and test of a quantity.
func (p plot) panels(metrics []string) [][]string {
	var panels [][]string
	place := map[string]int{}
	for _, m := range metrics {
		split, quantity := splitOf(m)
		i, known := place[quantity]
		if together := p.split && (split == "train" || split == "test"); together && known {
			panels[i] = append(panels[i], m)
			continue
		} else if together {
			place[quantity] = len(panels)
		}
		panels = append(panels, []string{m})
	}
	return panels
}

// panelTitle is the title of its metric, or of what several splits have in common.
func panelTitle(metrics []string) string {
	if len(metrics) == 1 {
		return metricTitle(metrics[0])
	}
	_, quantity := splitOf(metrics[0])
	if words, ok := map[string]string{"loss": "Loss", "top1": "Accuracy (top-1)", "top5": "Accuracy (top-5)"}[quantity]; ok {
		return words
	}
	return quantity
}

// metricTitle turns a name into words; unknown names stay as they are.
func metricTitle(metric string) string {
	if words, ok := map[string]string{
		experiments.TrainLoss: "Training loss", experiments.TrainTop1: "Training accuracy", experiments.TrainRate: "Learning rate",
		experiments.TrainSpeed: "Training speed", experiments.TestLoss: "Test loss", experiments.TestTop1: "Test accuracy (top-1)",
		experiments.TestTop5: "Test accuracy (top-5)", experiments.StepLoss: "Loss of single steps",
	}[metric]; ok {
		return words
	}
	return metric
}

// ordered puts the metrics readers look at first to the front: the study's own, its training counterpart, losses.
func ordered(metrics []string, first string) []string {
	_, suffix, _ := strings.Cut(first, "/")
	rank := map[string]int{first: -9, "train/" + suffix: -8, experiments.TestLoss: -7, experiments.TrainLoss: -6,
		experiments.TestTop1: -5, experiments.TrainTop1: -4}
	list := append([]string(nil), metrics...)
	sort.SliceStable(list, func(i, j int) bool {
		if rank[list[i]] != rank[list[j]] {
			return rank[list[i]] < rank[list[j]]
		}
		return list[i] < list[j]
	})
	return list
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
	return ordered(names, first), err
}

// wantedMetrics are ?metric=…, each of which the runs must have recorded; fallback without any.
func (s *Server) wantedMetrics(r request, runs []experiments.RunInfo, fallback string) ([]string, error) {
	wanted := r.URL.Query()["metric"]
	if len(wanted) == 0 {
		return []string{fallback}, nil
	}
	names, err := s.metricsOf(r.Context(), runs, fallback)
	if err != nil {
		return nil, err
	}
	for _, w := range wanted {
		if !slices.Contains(names, w) {
			return nil, &failure{404, fmt.Sprintf("metric %q was not recorded; there are %s", w, strings.Join(names, ", "))}
		}
	}
	return wanted, nil
}
