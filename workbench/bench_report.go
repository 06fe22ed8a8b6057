package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"workbench/experiments"
	"workbench/nn/bench"
	"workbench/nn/plan"
)

// report is what was measured, to be shown.
type report struct {
	benching
	results  []bench.Result
	peak     bench.Peak
	versions map[string]string // of the peer
	missing  []string          // models of the standard set that the zoo lacks
	failed   []string          // networks that could not be measured
	alone    string            // why there is no peer
}

func (r report) document() document {
	d := document{listings: []listing{r.speeds()}}
	if r.compared() {
		d.listings = append(d.listings, r.comparison())
	}
	if r.profile != "" {
		d.listings = append(d.listings, r.operators())
	}
	d.listings = append(d.listings, r.summary(), r.environment())
	d.remarks = r.remarks()
	return d
}

// speeds has a row for each network.
func (r report) speeds() listing {
	what := "Training"
	if r.like.Inference {
		what = "Inference"
	}
	l := listing{key: "networks", title: fmt.Sprintf("%s, %s, %d thread%s", what, r.like.Precision, r.like.Threads, plural(r.like.Threads)), columns: []column{
		{"network", "network", false}, {"model", "", false}, {"options", "", false}, {"batch", "batch", true}, {"images", "images", true},
		{"seconds_per_step", "ms/step", true}, {"spread", "spread", true}, {"images_per_second", "images/s", true}, {"share_of_peak", "of peak", true},
		{"peak_memory_bytes", "memory", true}, {"plan_bytes", "plan", true}, {"steps", "", true}, {"parameters", "", true}, {"macs", "", true}}}
	for _, result := range r.results {
		l.rows = append(l.rows, r.speed(result))
	}
	objects := l.objects()
	for i, result := range r.results {
		objects[i]["measured"] = result // every single step, for those who want other statistics
	}
	l.data = objects
	return l
}

func (r report) speed(result bench.Result) []cell {
	c, ours := result.Case, result.Ours
	step := ours.Steps.Median()
	return []cell{text(c.Name), text(c.Model), {c.Options, fmt.Sprint(c.Options)}, counted(int64(c.Batch)), text(shape(c.Input[:])),
		milliseconds(step), percent(ours.Steps.Spread()), speedOf(c, step), percent(c.FLOPs(result.Opened.MACs) / step / r.peak.FLOPS),
		memoryCell(ours.PeakMemory), memoryCell(result.Opened.PlanBytes),
		counted(int64(ours.Steps.Steps())), counted(result.Opened.Parameters), counted(result.Opened.MACs)}
}

// comparison has a row for each network that the peer has too.
func (r report) comparison() listing {
	l := listing{key: "comparison", title: "Beside PyTorch", columns: []column{{"network", "network", false}, {"seconds_per_step", "ms/step", true}}}
	for _, layout := range bench.PeerLayouts() {
		l.columns = append(l.columns, column{layout + "_seconds_per_step", "PyTorch " + layout, true})
	}
	l.columns = append(l.columns, []column{{"layout", "", false}, {"peer_spread", "its spread", true}, {"peak_memory_bytes", "memory", true},
		{"peer_peak_memory_bytes", "its memory", true}, {"ratio", "times as fast", true}, {"ratio_low", "lowest", true}, {"ratio_high", "highest", true},
		{"ratio_of_fastest_steps", "fastest steps", true}, {"target", "target", true}, {"value_difference", "", true}}...)
	for _, result := range r.results {
		if best := result.Best(); best != nil {
			l.rows = append(l.rows, versus(result, *best))
		}
	}
	return l
}

func versus(result bench.Result, best bench.Measured) []cell {
	row := []cell{text(result.Case.Name), milliseconds(result.Ours.Steps.Median())}
	for _, layout := range bench.PeerLayouts() {
		step := cell{nil, missing}
		for _, p := range result.Peers {
			if p.Layout == layout {
				step = milliseconds(p.Steps.Median())
			}
		}
		row = append(row, step)
	}
	ratio, target := result.Ours.Steps.Over(best.Steps), cell{nil, missing}
	if t := result.Case.Target; t > 0 {
		target = times(t, 1)
	}
	return append(row, text(best.Layout), percent(best.Steps.Spread()), memoryCell(result.Ours.PeakMemory), memoryCell(best.PeakMemory),
		times(ratio.Median, 2), times(ratio.Low, 2), times(ratio.High, 2), times(ratio.Fastest, 2), target,
		cell{best.Agreement.Difference(), ""})
}

func (r report) compared() bool { return r.versions != nil }

// ratios to the peer of median and of fastest steps, of the networks that it measured too.
func (r report) ratios() (medians, fastest []float64) {
	for _, result := range r.results {
		if best := result.Best(); best != nil {
			ratio := result.Ours.Steps.Over(best.Steps)
			medians, fastest = append(medians, ratio.Median), append(fastest, ratio.Fastest)
		}
	}
	return medians, fastest
}

func (r report) summary() listing {
	facts := [][]cell{
		{text("peak"), {r.peak.FLOPS, magnitude(r.peak.FLOPS) + "FLOP/s"}},
		{text("peak_of"), text(r.peak.Shape)},
	}
	var shares []float64
	for _, result := range r.results {
		shares = append(shares, result.Case.FLOPs(result.Opened.MACs)/result.Ours.Steps.Median()/r.peak.FLOPS)
	}
	facts = append(facts, []cell{text("share_of_peak_geometric_mean"), percent(bench.GeometricMean(shares))})
	if medians, fastest := r.ratios(); len(medians) > 0 {
		target := bench.TrainingTarget
		if r.like.Inference {
			target = bench.InferenceTarget
		}
		facts = append(facts, [][]cell{
			{text("compared"), counted(int64(len(medians)))},
			{text("ratio_geometric_mean"), times(bench.GeometricMean(medians), 2)},
			{text("ratio_of_fastest_steps_geometric_mean"), times(bench.GeometricMean(fastest), 2)},
			{text("ratio_target"), times(target, 1)},
		}...)
	}
	return factsOf("summary", "Sum", facts)
}

func (r report) environment() listing {
	var facts [][]cell
	if cpu := experiments.ProcField("/proc/cpuinfo", "model name"); cpu != "" {
		facts = append(facts, []cell{text("cpu"), text(cpu)})
	}
	facts = append(facts, []cell{text("threads"), counted(int64(r.like.Threads))}, []cell{text("workbench"), text(version)})
	for _, versions := range []map[string]string{backendVersions(), r.versions} {
		for _, name := range slices.Sorted(maps.Keys(versions)) {
			facts = append(facts, []cell{text(name), text(versions[name])})
		}
	}
	return factsOf("environment", "Measured with", facts)
}

// remarks are what a reader of the numbers must know.
func (r report) remarks() []string {
	var all []string
	if r.alone != "" {
		all = append(all, r.alone)
	}
	if len(r.missing) > 0 {
		all = append(all, "left out, not in the zoo: "+strings.Join(r.missing, ", "))
	}
	if len(r.failed) > 0 {
		all = append(all, "could not be measured: "+strings.Join(r.failed, ", "))
	}
	var spreads []float64
	for _, result := range r.results {
		for _, m := range append([]bench.Measured{result.Ours}, result.Peers...) {
			spreads = append(spreads, m.Steps.Spread())
		}
		for _, why := range result.Missing {
			all = append(all, fmt.Sprintf("%s without PyTorch, %s", result.Case.Name, why))
		}
		all = append(all, profileRemarks(result)...)
	}
	slices.Sort(spreads)
	all = append(all, fmt.Sprintf("noise: median steps are %s to %s longer than the fastest ones (in the middle %s); a difference below its rows' spreads may be none",
		percent(spreads[0]).text, percent(spreads[len(spreads)-1]).text, percent(spreads[len(spreads)/2]).text))
	if r.compared() {
		all = append(all, "times as fast as the faster of PyTorch's layouts, by median steps; lowest and highest are of single rounds; memory is the most that each process had resident, and of PyTorch that layout's")
	}
	return all
}

// profileRemarks say what in a profile is not as it should be.
func profileRemarks(result bench.Result) []string {
	if len(result.Timings) == 0 {
		return nil
	}
	var all []string
	if own := bench.OwnShare(result.Timings, profileSeconds(result.Timings)); own > 0 {
		all = append(all, fmt.Sprintf("%s: %s of the profiled time is outside the library's kernels", result.Case.Name, percent(own).text))
	}
	for _, o := range bench.Operators(result.Timings, false, wideVectors()) {
		if o.Fault {
			all = append(all, fmt.Sprintf("%s: %d × %s by %s (%s) is slow for this class of machine", result.Case.Name, o.Count, o.Name, o.Implementation, milliseconds(o.Seconds).text+" ms"))
		}
	}
	return all
}

func profileSeconds(timings []plan.Timing) float64 {
	sum := 0.0
	for _, t := range timings {
		sum += t.Seconds
	}
	return sum
}

// wideVectors tells whether the processor has vectors of 512 bits.
func wideVectors() bool {
	return slices.Contains(strings.Fields(experiments.ProcField("/proc/cpuinfo", "flags")), "avx512f")
}

// operators are the profiles of all networks, in each the slowest first.
func (r report) operators() listing {
	l := listing{key: "operators", title: "Time by operator", columns: []column{{"network", "network", false}, {"operator", "operator", false},
		{"implementation", "implementation", false}, {"shape", "shape", false}, {"count", "count", true}, {"seconds", "ms", true},
		{"share", "share", true}, {"flops", "FLOP", true}, {"flops_per_second", "FLOP/s", true}, {"fault", "", false}}}
	if r.profile != byShape {
		l.columns[3].head = ""
	}
	for _, result := range r.results {
		total := profileSeconds(result.Timings)
		for _, o := range bench.Operators(result.Timings, r.profile == byShape, wideVectors()) {
			work, speed := cell{nil, missing}, cell{nil, missing}
			if o.FLOPs > 0 {
				work, speed = cell{o.FLOPs, magnitude(o.FLOPs)}, cell{o.FLOPs / o.Seconds, magnitude(o.FLOPs / o.Seconds)}
			}
			l.rows = append(l.rows, []cell{text(result.Case.Name), text(o.Name), text(o.Implementation), text(o.Shape),
				counted(int64(o.Count)), milliseconds(o.Seconds), percent(o.Seconds / total), work, speed, {o.Fault, ""}})
		}
	}
	return l
}

func milliseconds(s float64) cell { return cell{s, decimal(1000*s, digitsFor(10*s))} }

func percent(share float64) cell {
	if math.IsNaN(share) || math.IsInf(share, 0) {
		return cell{nil, missing}
	}
	return cell{share, decimal(100*share, 0) + " %"}
}

func times(ratio float64, digits int) cell { return cell{ratio, decimal(ratio, digits)} }

func memoryCell(bytes int64) cell {
	if bytes == 0 {
		return cell{nil, missing}
	}
	return cell{bytes, bytesOf(bytes)}
}

// speedOf is how many images a second pass.
func speedOf(c bench.Case, step float64) cell {
	speed := float64(c.Batch) / step
	if speed >= 100 {
		return cell{speed, count(int64(math.Round(speed)))}
	}
	return cell{speed, decimal(speed, 1)}
}
