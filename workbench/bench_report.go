package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"workbench/experiments/iec"
	"workbench/experiments/machine"
	"workbench/nn/bench"
	"workbench/nn/plan"
	"workbench/nn/zoo"
)

// timings are what was measured, to be shown.
type timings struct {
	benching
	results []bench.Result
	peak    bench.Peak
	pytorch []bench.Peer
	missing []string // models of the standard set that the zoo lacks
	failed  []string // networks that could not be measured
	alone   []string // why there are no peers
}

func (r timings) document() document {
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
func (r timings) speeds() listing {
	what := "Training"
	if r.like.Inference {
		what = "Inference"
	}
	if r.strategy != "" {
		what = "Steps of " + r.strategy
	}
	l := listing{key: "networks", title: fmt.Sprintf("%s, %s, algorithms %s, %d thread%s", what, r.like.Precision,
		r.like.Algorithms, r.like.Threads, plural(r.like.Threads)), columns: []column{
		{"network", "network", false}, {"model", "", false}, {"options", "", false}, {"batch", "batch", true}, {"images", "images", true},
		{"seconds_per_step", "ms/step", true}, {"spread", "spread", true}, {"images_per_second", "images/s", true},
		{"share_of_peak", "of peak", true},
		{"peak_memory_bytes", "memory", true}, {"plan_bytes", "plan", true}, {"steps", "", true}, {"parameters", "", true}, {"macs", "", true}}}
	for _, result := range r.results {
		l.rows = append(l.rows, r.speed(result))
	}
	objects := l.table().Objects()
	for i, result := range r.results {
		objects[i]["measured"] = result // every single step, for those who want other statistics
	}
	l.data = objects
	return l
}

func (r timings) speed(result bench.Result) []cell {
	c, ours := result.Case, result.Ours
	step := ours.Steps.Median()
	return []cell{text(c.Name), text(zoo.Short(c.Model)), {c.Options, fmt.Sprint(c.Options)}, counted(int64(c.Batch)), text(shape(c.Input[:])),
		milliseconds(step), percent(ours.Steps.Spread()), speedOf(c, step), percent(result.FLOPs() / step / r.peak.FLOPS),
		measured(ours.PeakMemory, iec.Bytes), measured(result.Opened.PlanBytes, iec.Bytes),
		counted(int64(ours.Steps.Steps())), counted(result.Opened.Parameters), counted(result.Opened.MACs)}
}

func (r timings) compared() bool { return len(r.pytorch) > 0 }

func (r timings) summary() listing {
	facts := [][]cell{
		{text("peak"), {r.peak.FLOPS, magnitude(r.peak.FLOPS) + "FLOP/s"}},
		{text("peak_of"), text(r.peak.Shape)},
	}
	var shares []float64
	for _, result := range r.results {
		shares = append(shares, result.FLOPs()/result.Ours.Steps.Median()/r.peak.FLOPS)
	}
	facts = append(facts, []cell{text("share_of_peak_geometric_mean"), percent(bench.GeometricMean(shares))})
	if medians, fastest := r.ratios(); len(medians) > 0 {
		target := bench.TrainingTarget
		if r.like.Inference {
			target = bench.InferenceTarget
		}
		if r.strategy != "" {
			target = strategyTarget
		}
		facts = append(facts, [][]cell{
			{text("compared"), counted(int64(len(medians)))},
			{text("ratio_geometric_mean"), times(bench.GeometricMean(medians), 2)},
			{text("ratio_of_fastest_steps_geometric_mean"), times(bench.GeometricMean(fastest), 2)},
			{text("ratio_target"), times(target, 1)},
			{text("memory_ratio_highest"), percent(r.mostMemory())},
		}...)
	}
	return factsOf("summary", "Sum", facts)
}

func (r timings) environment() listing {
	var facts [][]cell
	if cpu := machine.Field("/proc/cpuinfo", "model name"); cpu != "" {
		facts = append(facts, []cell{text("cpu"), text(cpu)})
	}
	facts = append(facts, []cell{text("threads"), counted(int64(r.like.Threads))}, []cell{text("precision"), text(r.like.Precision)},
		[]cell{text("algorithms"), text(r.like.Algorithms)}, []cell{text("workbench"), text(version)})
	if rules, err := chosenRules(); err == nil && r.like.Algorithms == bench.Auto {
		facts = append(facts, []cell{text("rules"), text(rules.String())})
	}
	all := backendVersions()
	for _, p := range r.pytorch {
		for name, v := range p.Versions {
			if all[name] != "" {
				v = all[name] + " and " + v
			}
			all[name] = v
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		facts = append(facts, []cell{text(name), text(all[name])})
	}
	return factsOf("environment", "Measured with", facts)
}

// remarks are what a reader of the numbers must know.
func (r timings) remarks() []string {
	var all []string
	all = append(all, r.alone...)
	if len(r.missing) > 0 {
		all = append(all, "left out, not in the zoo: "+strings.Join(r.missing, ", "))
	}
	if slow := slowBFloat16(); slow != "" && r.like.Precision == bench.BFloat16 {
		all = append(all, slow)
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
	all = append(all, fmt.Sprintf("noise: median steps are %s to %s longer than the fastest ones (in the middle %s); "+
		"a difference below its rows' spreads may be none",
		percent(spreads[0]).text, percent(spreads[len(spreads)-1]).text, percent(spreads[len(spreads)/2]).text))
	if r.compared() {
		all = append(all, "times as fast as the faster of PyTorch's layouts, by median steps; "+
			"lowest and highest are of single rounds; memory is the most that each process had resident, and of PyTorch that layout's")
	}
	return all
}

// profileRemarks say what in a profile is not as it should be.
func profileRemarks(result bench.Result) []string {
	if len(result.Timings) == 0 {
		return nil
	}
	var all []string
	instead, own, between := bench.Outside(result.Timings, result.ProfiledStep)
	all = append(all, fmt.Sprintf("%s: %s %% of a step is in kernels of the workbench that take the place of the "+
		"library's; %s %% is outside of both, %s %% in its other kernels and %s %% between instructions",
		result.Case.Name, decimal(100*instead, 1), decimal(100*(own+between), 1), decimal(100*own, 1), decimal(100*between, 1)))
	for _, o := range bench.Operators(result.Timings, false, wideVectors()) {
		if o.Fault {
			all = append(all, fmt.Sprintf("%s: %d × %s by %s (%s) is slow for this class of machine", result.Case.Name, o.Count,
				o.Name, o.Implementation, milliseconds(o.Seconds).text+" ms"))
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
	return slices.Contains(strings.Fields(machine.Field("/proc/cpuinfo", "flags")), "avx512f")
}

// operators are the profiles of all networks, in each the slowest first.
func (r timings) operators() listing {
	l := listing{key: "operators", title: "Time by operator", columns: []column{{"network", "network", false}, {"operator", "operator", false},
		{"implementation", "implementation", false}, {"shape", "shape", false}, {"count", "count", true}, {"seconds", "ms", true},
		{"share", "share", true}, {"flops", "FLOP", true}, {"flops_per_second", "FLOP/s", true}, {"fault", "fault", false}}}
	if r.profile != byShape {
		l.columns[3].head = ""
	}
	for _, result := range r.results {
		total := profileSeconds(result.Timings)
		for _, o := range bench.Operators(result.Timings, r.profile == byShape, wideVectors()) {
			work, speed, fault := cell{nil, missing}, cell{nil, missing}, cell{o.Fault, ""}
			if o.Fault {
				fault.text = "slow"
			}
			if o.FLOPs > 0 {
				work, speed = cell{o.FLOPs, magnitude(o.FLOPs)}, cell{o.FLOPs / o.Seconds, magnitude(o.FLOPs / o.Seconds)}
			}
			l.rows = append(l.rows, []cell{text(result.Case.Name), text(o.Name), text(o.Implementation), text(o.Shape),
				counted(int64(o.Count)), milliseconds(o.Seconds), percent(o.Seconds / total), work, speed, fault})
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

// speedOf is how many images a second pass.
func speedOf(c bench.Case, step float64) cell {
	speed := float64(c.Batch) / step
	if speed >= 100 {
		return cell{speed, count(int64(math.Round(speed)))}
	}
	return cell{speed, decimal(speed, 1)}
}
