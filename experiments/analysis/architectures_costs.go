package analysis

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/metric"
	"workbench/experiments/stats"
	"workbench/nn/option"
)

// Cost of an architecture: an axis on which there is a Pareto front.
type Cost struct {
	Key   string // in exports and addresses
	Title string
	Unit  string // of its numbers; "": a count
	of    func(Architecture) float64
}

// Costs of an architecture.
var Costs = []Cost{
	{"parameters", "parameters", "", func(a Architecture) float64 { return stated(a.Params) }},
	{"macs", "multiply-adds", "", func(a Architecture) float64 { return stated(a.MACs) }},
	{"image_seconds", "training time an image", "s", func(a Architecture) float64 { return a.ImageSeconds }},
	{"latency", "latency", "s", func(a Architecture) float64 { return middle(a.Latency) }},
	{"latency_batch", "latency of a batch, an image", "s", func(a Architecture) float64 { return eachImage(a.Batch) }},
	{"bytes", "memory in training", "B", func(a Architecture) float64 { return stated(a.Bytes) }},
	{"seconds", "training time a run", "s", func(a Architecture) float64 { return a.Seconds }},
}

// Of is what the architecture costs; NaN if that is not known.
func (c Cost) Of(a Architecture) float64 { return c.of(a) }

// stated is a count as a number; a count that no run states is none.
func stated(n int64) float64 {
	if n == 0 {
		return math.NaN()
	}
	return float64(n)
}

func middle(l *experiments.Latency) float64 {
	if l == nil {
		return math.NaN()
	}
	return l.Median
}

func eachImage(l *experiments.Latency) float64 {
	if l == nil {
		return math.NaN()
	}
	return l.Median / float64(l.Batch)
}

// speed is the median time that a training image took over the runs of a row, and the most memory that one of them had.
func speed(row AblationRow, runs map[string]experiments.RunInfo) (seconds float64, bytes int64) {
	var all []float64
	for _, one := range row.Values {
		r := runs[one.Run]
		if rate := r.Last[r.Recorded(metric.TrainSpeed)]; rate > 0 {
			all = append(all, 1/rate)
		}
		if n, err := strconv.ParseInt(r.Environment["plan_bytes"], 10, 64); err == nil {
			bytes = max(bytes, n)
		}
	}
	return stats.Median(all), bytes
}

// protocol says on what images, and how long, a cell trains. With a limit all train as long as that lets them.
func protocol(c experiments.Config, l Limit) string {
	parts := []string{c.Dataset.Name}
	if set, err := data.Lookup(c.Dataset.Name); err == nil {
		for _, o := range set.All() {
			if value, given := c.Dataset.Options[o.Name]; given && !option.Equal(value, o.Default) {
				parts = append(parts, o.Name+"="+option.Label(value))
			}
		}
	}
	switch {
	case l != (Limit{}):
	case c.Length != "":
		parts = append(parts, c.Length)
	case c.Epochs == 1:
		parts = append(parts, "1 epoch")
	default:
		parts = append(parts, fmt.Sprintf("%d epochs", c.Epochs))
	}
	return strings.Join(parts, ", ")
}

// fronts marks the architectures on the Pareto fronts of each protocol.
func (c *Compared) fronts() {
	for i := range c.Rows {
		c.Rows[i].Front = map[string]bool{}
	}
	for _, protocol := range c.Protocols {
		var rows []int
		var quality []float64
		for i, r := range c.Rows {
			if r.Protocol != protocol {
				continue
			}
			mean := r.Mean
			if !c.Higher {
				mean = -mean
			}
			rows, quality = append(rows, i), append(quality, mean)
		}
		for _, cost := range Costs {
			costs := make([]float64, len(rows))
			for k, i := range rows {
				costs[k] = cost.Of(c.Rows[i])
			}
			for k, on := range Front(costs, quality) {
				c.Rows[rows[k]].Front[cost.Key] = on
			}
		}
	}
}

// Front tells of each of several things, by its cost and its quality, whether it is on the Pareto front: whether no
// other has at most its cost and at least its quality, and is better in one of them. What has no number is not on it
// and takes nobody off it.
func Front(cost, quality []float64) []bool {
	front := make([]bool, len(cost))
	for i := range cost {
		front[i] = !math.IsNaN(cost[i]) && !math.IsNaN(quality[i])
		for j := range cost {
			if cost[j] <= cost[i] && quality[j] >= quality[i] && (cost[j] < cost[i] || quality[j] > quality[i]) {
				front[i] = false
			}
		}
	}
	return front
}

// MarshalJSON writes what is not known as null. The fields of the row stand among the others.
func (a Architecture) MarshalJSON() ([]byte, error) {
	row, err := json.Marshal(a.AblationRow)
	if err != nil {
		return nil, err
	}
	own, err := json.Marshal(struct {
		Network      string               `json:"network"`
		Protocol     string               `json:"protocol"`
		ImageSeconds statistic            `json:"image_seconds"`
		Bytes        int64                `json:"bytes"`
		Latency      *experiments.Latency `json:"latency"`
		Batch        *experiments.Latency `json:"latency_batch"`
		Front        map[string]bool      `json:"front"`
	}{a.Network, a.Protocol, statistic(a.ImageSeconds), a.Bytes, a.Latency, a.Batch, a.Front})
	return slices.Concat(row[:len(row)-1], []byte(","), own[1:]), err
}
