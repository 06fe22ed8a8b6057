// Package dashboard serves the studies as live web pages, a JSON API and Prometheus metrics. It reads through
// experiments.Source, describes the networks of nn/zoo, and changes nothing. The framework stays in routes.go:
// everything behind it is parse → call → render on net/http types.
package dashboard

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"workbench/experiments"
)

// Options of a Server. Only Source is required.
type Options struct {
	Source  experiments.Source
	Addr    string            // host:port it is served at; its host is among the allowed ones
	Hosts   []string          // further host names a browser may use for it
	Version map[string]string // "version", "go", "onednn", "sqlite": shown and exported as workbench_build_info
	Store   StoreStats        // optional
	Log     *slog.Logger      // nil: slog.Default()
	Now     func() time.Time  // nil: time.Now
	Poll    time.Duration     // between looks at Source.Changes while somebody watches; 0: 500 ms
}

// StoreStats says how large the database is, for metrics.
type StoreStats interface {
	// Sizes in bytes of the database file, its write-ahead log and the free space of their disk.
	Sizes(ctx context.Context) (database, wal, free int64, err error)
}

// Server is the dashboard.
type Server struct {
	Options
	assets    *assets
	pages     pages
	hub       *hub
	catalogue *catalogue
	flat      flatConfigs
	metrics   *metrics
	handler   http.Handler
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
	s := &Server{Options: o, hub: newHub(o.Source, o.Poll, o.Log), catalogue: newCatalogue()}
	var err error
	if s.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	if s.pages, err = parsePages(s.assets); err != nil {
		return nil, err
	}
	s.metrics = newMetrics(s)
	s.handler = s.routes()
	return s, nil
}

// Handler serves everything; it can be mounted in any server.
func (s *Server) Handler() http.Handler { return s.handler }

// Serve answers on ln until ctx ends, then closes event streams, lets requests finish for up to five seconds, and
// returns nil. It closes ln.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	server := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelWarn),
		// No WriteTimeout: it would end event streams. Every write to one carries its own deadline.
	}
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
