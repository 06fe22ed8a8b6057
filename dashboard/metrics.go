package dashboard

import (
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics is the server's own registry: nothing global, nothing with unbounded labels.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	refused  *prometheus.CounterVec
	log      *slog.Logger
}

func newMetrics(s *Server) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "workbench_http_requests_total", Help: "HTTP requests answered.",
		}, []string{"route", "method", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "workbench_http_request_duration_seconds", Help: "Time to answer an HTTP request; event streams are not counted.",
			Buckets: []float64{.005, .025, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "workbench_http_requests_refused_total",
			Help: "HTTP requests refused before their route was looked at, for their host name, another site's asking or their address.",
		}, []string{"reason"}),
		log: s.Log,
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "workbench_build_info", Help: "Always 1; the labels are versions.",
		ConstLabels: prometheus.Labels{
			"version": s.Version["version"], "go_version": s.Version["go"],
			"onednn_version": s.Version["onednn"], "sqlite_version": s.Version["sqlite"],
		},
	})
	build.Set(1)
	m.registry.MustRegister(build, m.requests, m.duration, m.refused,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		newRunCollector(s),
		&hubCollector{s.hub})
	if s.Store != nil {
		m.registry.MustRegister(&storeCollector{s.Store, s.Log})
	}
	return m
}

// request records one answer. route is a pattern of the route table, never a path.
func (m *metrics) request(method, route string, code int, took time.Duration) {
	method = methodLabel(method)
	m.requests.WithLabelValues(route, method, strconv.Itoa(code)).Inc()
	if route != "/events" {
		m.duration.WithLabelValues(route).Observe(took.Seconds())
	}
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog:      slog.NewLogLogger(m.log.Handler(), slog.LevelWarn),
		ErrorHandling: promhttp.ContinueOnError,
		Timeout:       10 * time.Second,
		// As many at once as a few Prometheus servers need: each gathers anew.
		MaxRequestsInFlight: 8,
	})
}
