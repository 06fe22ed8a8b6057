package main

import (
	"strings"

	"workbench/experiments/iec"
	"workbench/nn/bench"
)

// comparison has a row for each network that a peer has too, with the times of every peer in every layout.
func (r timings) comparison() listing {
	l := listing{key: "comparison", title: "Beside PyTorch",
		columns: []column{{"network", "network", false}, {"seconds_per_step", "ms/step", true}}}
	for _, p := range r.pytorch {
		for _, layout := range bench.PeerLayouts() {
			name := layout
			if len(r.pytorch) > 1 {
				name = p.Versions[bench.TorchVersion] + " " + layout
			}
			l.columns = append(l.columns, column{strings.ReplaceAll(name, " ", "_") + "_seconds_per_step", "PyTorch " + name, true})
		}
	}
	l.columns = append(l.columns, []column{{"torch", "", false}, {"layout", "", false},
		{"peer_spread", "its spread", true}, {"ratio", "times as fast", true},
		{"ratio_low", "lowest", true}, {"ratio_high", "highest", true}, {"ratio_of_fastest_steps", "fastest steps", true},
		{"target", "target", true},
		{"peak_memory_bytes", "memory", true}, {"peer_peak_memory_bytes", "its memory", true}, {"memory_ratio", "of its", true},
		{"verdict", "verdict", false}, {"value_difference", "", true}}...)
	for _, result := range r.results {
		if best := result.Best(); best != nil {
			l.rows = append(l.rows, r.versus(result, *best))
		}
	}
	return l
}

func (r timings) versus(result bench.Result, best bench.Measured) []cell {
	row := []cell{text(result.Case.Name), milliseconds(result.Ours.Steps.Median())}
	for _, p := range r.pytorch {
		for _, layout := range bench.PeerLayouts() {
			step := cell{nil, missing}
			for _, m := range result.Peers {
				if m.Layout == layout && m.Versions[bench.TorchVersion] == p.Versions[bench.TorchVersion] {
					step = milliseconds(m.Steps.Median())
				}
			}
			row = append(row, step)
		}
	}
	ratio, target := result.Ours.Steps.Over(best.Steps), cell{nil, missing}
	if t := result.Case.Target; t > 0 {
		target = times(t, 1)
	}
	memory := float64(result.Ours.PeakMemory) / float64(best.PeakMemory)
	return append(row, text(best.Versions[bench.TorchVersion]), text(best.Layout), percent(best.Steps.Spread()),
		times(ratio.Median, 2), times(ratio.Low, 2),
		times(ratio.High, 2), times(ratio.Fastest, 2), target, measured(result.Ours.PeakMemory, iec.Bytes),
		measured(best.PeakMemory, iec.Bytes), percent(memory),
		text(judge(ratio.Median, result.Case.Target, memory)), cell{best.Agreement.Difference(), ""})
}

// judge says what of the demands on a network is not met: its target, and no more memory than the peer takes.
func judge(ratio, target, memory float64) string {
	var misses []string
	if ratio < target {
		misses = append(misses, "too slow")
	}
	if memory > 1 {
		misses = append(misses, "too much memory")
	}
	if len(misses) == 0 {
		return "met"
	}
	return strings.Join(misses, ", ")
}

// mostMemory is the highest ratio of peaks of memory to the best peer's.
func (r timings) mostMemory() float64 {
	most := 0.0
	for _, result := range r.results {
		if best := result.Best(); best != nil {
			most = max(most, float64(result.Ours.PeakMemory)/float64(best.PeakMemory))
		}
	}
	return most
}

// ratios to the peer of median and of fastest steps, of the networks that it measured too.
func (r timings) ratios() (medians, fastest []float64) {
	for _, result := range r.results {
		if best := result.Best(); best != nil {
			ratio := result.Ours.Steps.Over(best.Steps)
			medians, fastest = append(medians, ratio.Median), append(fastest, ratio.Fastest)
		}
	}
	return medians, fastest
}
