// Package dashboard serves the studies as live web pages, a JSON API and Prometheus metrics. It reads through
// experiments.Source, describes the networks of nn/zoo, and changes nothing. The framework stays in routes.go:
// everything behind it is parse → call → render on net/http types.
package dashboard

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"time"

	"golang.org/x/net/netutil"

	"workbench/dashboard/guard"
	"workbench/experiments"
	"workbench/experiments/suggest"
)

// Options of a Server. Only Source is required.
type Options struct {
	Source  experiments.Source
	Addr    string            // host:port it is served at; "": any port of this machine. Serve adds its listener's
	Hosts   []string          // further host names, with or without a port, that a browser may use for it
	Base    string            // path below which a reverse proxy shows it, such as /workbench; "" for none
	Program suggest.Program   // how the commands that pages show call it
	Version map[string]string // "version", "go", "onednn", "sqlite": shown and exported as workbench_build_info
	Store   StoreStats        // optional
	Health  Health            // optional; without it, a Source that answers is well
	Log     *slog.Logger      // nil: slog.Default()
	Now     func() time.Time  // nil: time.Now
	Poll    time.Duration     // between looks at Source.Changes while somebody watches; 0: 500 ms
}

// StoreStats says how large the database is, for metrics.
type StoreStats interface {
	// Sizes in bytes of the database file, its write-ahead log and the free space of their disk.
	Sizes(ctx context.Context) (database, wal, free int64, err error)
}

// Health says whether the database is in its place and sound.
type Health interface {
	// Healthy must be cheap: anybody may ask at any time. ErrMissing, ErrReplaced and ErrDamaged are told to who asks.
	Healthy(ctx context.Context) error
}

// Server is the dashboard.
type Server struct {
	Options
	base      basePath
	hosts     guard.Hosts
	kitchen   *guard.Kitchen
	assets    *assets
	pages     pages
	hub       *hub
	catalogue *catalogue
	flat      flatConfigs
	metrics   *metrics
	handler   http.Handler
}

// Bounds of what readers together can cost, so that no number of them takes the memory that training needs.
const (
	mostConnections = 512      // the next ones wait until one ends
	mostStreams     = 200      // of them, event streams
	largestAnswer   = 32 << 20 // bytes as sent, and of a page before it is compressed
	unreadAnswers   = 64 << 20 // bytes of all answers that wait for their readers
	patience        = 10 * time.Second
)

// newKitchen makes few answers at once: more would take as long together.
func newKitchen() *guard.Kitchen {
	return guard.NewKitchen(min(max(2, runtime.GOMAXPROCS(0)), 8), largestAnswer, unreadAnswers, patience)
}

// New prepares a server; it fails if Options lack the Source or the embedded pages do not parse.
func New(o Options) (*Server, error) {
	if o.Source == nil {
		return nil, errors.New("dashboard: Options.Source is nil")
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Poll == 0 {
		o.Poll = 500 * time.Millisecond
	}
	base, err := newBasePath(o.Base)
	if err != nil {
		return nil, err
	}
	s := &Server{Options: o, base: base, kitchen: newKitchen(), hub: newHub(o.Source, o.Poll, o.Log), catalogue: newCatalogue()}
	s.hosts = guard.Hosts{Addrs: []string{cmp.Or(o.Addr, "localhost")}, Names: o.Hosts}
	if s.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	if s.pages, err = parsePages(s.assets); err != nil {
		return nil, err
	}
	s.metrics = newMetrics(s)
	s.handler = s.secured(s.routes())
	return s, nil
}

// At is the path of a page, which begins with a slash, for browsers.
func (s *Server) At(page string) string { return string(s.base) + page }

// Handler serves everything; it can be mounted in any server.
func (s *Server) Handler() http.Handler { return s.handler }

// Serve answers on ln until ctx ends, then closes event streams, lets requests finish for up to five seconds, and
// returns nil. It closes ln.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	s.hosts.Addrs = append(s.hosts.Addrs, ln.Addr().String())
	server := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      time.Minute, // to the first byte; every write prolongs it, see guard.Timed
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelWarn),
	}
	ln = netutil.LimitListener(ln, mostConnections)
	server.RegisterOnShutdown(s.hub.close)
	go s.countModels(ctx)
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(ln) }()
	select {
	case err := <-stopped:
		return err
	case <-ctx.Done():
	}
	s.hub.close()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := server.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	<-stopped
	return err
}

// countModels counts the zoo's parameters and multiply-adds before somebody asks for them: all in all it takes seconds.
// The first pages of a reader who has just started the server come before it.
func (s *Server) countModels(ctx context.Context) {
	select {
	case <-ctx.Done():
		return
	case <-time.After(time.Second):
	}
	if _, err := s.catalogue.all(ctx); err != nil && ctx.Err() == nil {
		s.Log.Error("counting the models", "error", err)
	}
}
