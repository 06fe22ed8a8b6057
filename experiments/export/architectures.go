package export

import (
	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/metric"
)

// Architectures is a study's networks side by side: what each reached and what that costs, in the metric's own unit,
// seconds and bytes. Latencies are an image's share of a pass. Front tells of each cost whether the network is on its
// Pareto front.
func Architectures(info experiments.StudyInfo, c analysis.Compared, program string) Document {
	facts := map[string]any{"study": info.Study.Name, "version": info.Version, "program": program, "metric": c.Metric, "limit": c.Limit,
		"unit": metric.Of(c.Metric).Unit, "higher": c.Higher, "protocols": c.Protocols, "machine": c.Machine, "machines": c.Machines}
	columns := []string{"network", "protocol", "metric", "limit", "n", "planned", "mean", "sd", "low", "high"}
	for _, cost := range analysis.Costs {
		columns = append(columns, cost.Key)
	}
	columns = append(columns, "machine", "precision", "latency_slow", "latency_batch_slow", "batch")
	for _, cost := range analysis.Costs {
		columns = append(columns, "front_"+cost.Key)
	}
	t := Table{Name: "architectures", JSON: c.Rows, Columns: withFactors(info.Study, columns...)}
	for _, r := range c.Rows {
		row := append(cellOf(info, r.Cell, r.Levels), r.Network, r.Protocol, c.Metric, c.Limit, r.N, r.Planned, defined(r.Mean), defined(r.SD),
			defined(r.Interval.Low), defined(r.Interval.High))
		for _, cost := range analysis.Costs {
			row = append(row, defined(cost.Of(r)))
		}
		row = append(row, latency(c, r)...)
		for _, cost := range analysis.Costs {
			row = append(row, r.Front[cost.Key])
		}
		t.Rows = append(t.Rows, row)
	}
	return Document{Facts: facts, Tables: []Table{t}, Remarks: c.Warnings}
}

// latency has the columns from machine to batch.
func latency(c analysis.Compared, r analysis.Architecture) []any {
	row := make([]any, 5)
	if one := r.Latency; one != nil {
		row[0], row[1], row[2] = c.Machine, one.Precision, one.Slow
	}
	if many := r.Batch; many != nil {
		row[0], row[1], row[3], row[4] = c.Machine, many.Precision, many.Slow/float64(many.Batch), many.Batch
	}
	return row
}
