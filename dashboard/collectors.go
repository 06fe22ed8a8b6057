package dashboard

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"workbench/experiments"
	"workbench/experiments/metric"
)

const (
	scrapeTimeout = 5 * time.Second
	runLimit      = 64  // active runs with gauges of their own
	labelLimit    = 128 // bytes of a study's name in a label
)

func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("workbench_"+name, help, labels, nil)
}

var (
	sourceUp     = gauge("source_up", "1 if the database could be read for this scrape.")
	runsByState  = gauge("runs", "Runs by state.", "state")
	runsLeftOut  = gauge("runs_left_out", fmt.Sprintf("Active runs without gauges of their own, because there are more than %d.", runLimit))
	runEpoch     = gauge("run_epoch", "Epoch an active run is in, from 1.", "study", "run")
	runEpochs    = gauge("run_epochs", "Epochs an active run will have.", "study", "run")
	runSpeed     = gauge("run_images_per_second", "Training speed of an active run.", "study", "run")
	runLastStep  = gauge("run_last_step_timestamp_seconds", "When an active run last reported, in Unix time.", "study", "run")
	runInterval  = gauge("run_step_interval_seconds", "Promised time between reports of an active run.", "study", "run")
	eventClients = gauge("event_clients", "Event streams open.")
	eventDropped = prometheus.NewDesc("workbench_events_dropped_total", "Event streams closed because their client was too slow.", nil, nil)
	databaseSize = gauge("store_database_size_bytes", "Size of the database file.")
	walSize      = gauge("store_wal_size_bytes", "Size of the write-ahead log.")
	diskFree     = gauge("store_disk_free_bytes", "Free space on the disk of the database.")
)

// runCollector reads the runs at each scrape: a run that has ended leaves no series behind.
type runCollector struct {
	source   experiments.Source
	log      *slog.Logger
	now      func() time.Time
	measured map[string]*prometheus.Desc // by quantity, of those that the table of metrics gives a gauge
}

func newRunCollector(s *Server) *runCollector {
	c := &runCollector{s.Source, s.Log, s.Now, map[string]*prometheus.Desc{}}
	for _, q := range metric.Quantities() {
		if q.Gauge.Name != "" {
			c.measured[q.Name] = gauge(q.Gauge.Name, q.Gauge.Help, gaugeLabels(q)...)
		}
	}
	return c
}

// gaugeLabels name the split where a quantity has several.
func gaugeLabels(q metric.Quantity) []string {
	if len(q.Splits) > 1 {
		return []string{"study", "run", "split"}
	}
	return []string{"study", "run"}
}

func (c *runCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		sourceUp, runsByState, runsLeftOut, runEpoch, runEpochs, runSpeed, runLastStep, runInterval,
	} {
		ch <- d
	}
	for _, d := range c.measured {
		ch <- d
	}
}

func (c *runCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	studies, err := c.source.Studies(ctx)
	var active []experiments.RunInfo
	if err == nil {
		active, err = c.source.Runs(ctx, experiments.RunFilter{Status: []experiments.Status{experiments.Running}})
	}
	if err != nil {
		c.log.Warn("metrics without runs", "error", err)
		send(ch, sourceUp, 0)
		return
	}
	send(ch, sourceUp, 1)
	counts := map[experiments.Status]int{}
	for _, s := range studies {
		for state, n := range s.All {
			counts[state] += n
		}
	}
	for _, state := range statuses {
		send(ch, runsByState, float64(counts[state]), string(state))
	}
	shown, left := c.followed(active)
	send(ch, runsLeftOut, float64(left))
	for _, r := range shown {
		c.collectRun(ch, studyLabel(r.Study), r)
	}
}

// followed are the active runs that get gauges: those that have fallen silent first, for they are what an alert is
// about, then those that began first.
func (c *runCollector) followed(active []experiments.RunInfo) (shown []experiments.RunInfo, left int) {
	silent := func(r experiments.RunInfo) int {
		if _, _, yes := stalled(r, c.now()); yes {
			return 0
		}
		return 1
	}
	sort.SliceStable(active, func(i, j int) bool {
		a, b := active[i], active[j]
		return cmp.Or(cmp.Compare(silent(a), silent(b)), a.Started.Compare(b.Started), cmp.Compare(a.ID, b.ID)) < 0
	})
	shown = active[:min(len(active), runLimit)]
	return shown, len(active) - len(shown)
}

// studyLabel is the name, cut if it is long.
func studyLabel(name string) string {
	if len(name) > labelLimit {
		name = name[:labelLimit] + "…"
	}
	return strings.ToValidUTF8(name, "")
}

func (c *runCollector) collectRun(ch chan<- prometheus.Metric, study string, r experiments.RunInfo) {
	for name, v := range r.Last {
		n, q := metric.Parse(name), metric.Of(name)
		desc, exported := c.measured[n.Quantity]
		// A run's labels are bounded: no phases, no single steps, and only the splits that the quantity is declared on.
		if !exported || n.Phase != "" || n.Split == metric.Step || !slices.Contains(q.Splits, n.Split) {
			continue
		}
		labels := []string{study, r.ID}
		if len(gaugeLabels(q)) > len(labels) {
			labels = append(labels, n.Split)
		}
		send(ch, desc, v, labels...)
	}
	if p := r.Progress; p != nil {
		send(ch, runEpoch, float64(p.Epoch), study, r.ID)
		send(ch, runEpochs, float64(p.Epochs), study, r.ID)
		send(ch, runSpeed, p.ImagesPerSec, study, r.ID)
		send(ch, runLastStep, float64(p.Time.UnixMilli())/1000, study, r.ID)
		send(ch, runInterval, p.Interval.Seconds(), study, r.ID)
	}
}

func send(ch chan<- prometheus.Metric, d *prometheus.Desc, v float64, labels ...string) {
	m, err := prometheus.NewConstMetric(d, prometheus.GaugeValue, v, labels...)
	if err != nil { // a name that is no UTF-8
		m = prometheus.NewInvalidMetric(d, err)
	}
	ch <- m
}

type hubCollector struct{ hub *hub }

func (c *hubCollector) Describe(ch chan<- *prometheus.Desc) { ch <- eventClients; ch <- eventDropped }

func (c *hubCollector) Collect(ch chan<- prometheus.Metric) {
	clients, dropped := c.hub.counts()
	send(ch, eventClients, float64(clients))
	ch <- prometheus.MustNewConstMetric(eventDropped, prometheus.CounterValue, float64(dropped))
}

type storeCollector struct {
	stats StoreStats
	log   *slog.Logger
}

func (c *storeCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- databaseSize
	ch <- walSize
	ch <- diskFree
}

func (c *storeCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	database, wal, free, err := c.stats.Sizes(ctx)
	if err != nil {
		c.log.Warn("metrics without store sizes", "error", err)
		return
	}
	send(ch, databaseSize, float64(database))
	send(ch, walSize, float64(wal))
	send(ch, diskFree, float64(free))
}
