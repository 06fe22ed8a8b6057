package dashboard

import (
	"context"
	"log/slog"
	"slices"
	"sort"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"workbench/experiments"
	"workbench/experiments/metric"
)

const (
	scrapeTimeout = 5 * time.Second
	studyLimit    = 50 // active studies with a label of their own; the others share "other"
)

func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("workbench_"+name, help, labels, nil)
}

var (
	sourceUp     = gauge("source_up", "1 if the database could be read for this scrape.")
	runsByState  = gauge("runs", "Runs by state.", "state")
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
	measured map[string]*prometheus.Desc // by quantity, of those that the table of metrics gives a gauge
}

func newRunCollector(source experiments.Source, log *slog.Logger) *runCollector {
	c := &runCollector{source, log, map[string]*prometheus.Desc{}}
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
		sourceUp, runsByState, runEpoch, runEpochs, runSpeed, runLastStep, runInterval,
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
	label := studyLabels(active)
	for _, r := range active {
		c.collectRun(ch, label[r.Study], r)
	}
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

// studyLabels gives the first studyLimit studies their name.
func studyLabels(runs []experiments.RunInfo) map[string]string {
	labels := map[string]string{}
	var names []string
	for _, r := range runs {
		if _, seen := labels[r.Study]; !seen {
			labels[r.Study] = "other"
			names = append(names, r.Study)
		}
	}
	sort.Strings(names)
	for _, n := range names[:min(len(names), studyLimit)] {
		labels[n] = n
	}
	return labels
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
