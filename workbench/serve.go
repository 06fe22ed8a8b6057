package main

import (
	"context"
	"errors"
	"io/fs"
	"net"

	"github.com/spf13/cobra"

	"workbench/dashboard"
	"workbench/store"
)

func (a *app) serveCommand() *cobra.Command {
	var readOnly bool
	var site site
	cmd := &cobra.Command{
		Use: "serve", Short: "Serve the dashboard, the JSON API and Prometheus metrics",
		Long: `Serve the dashboard, the JSON API and Prometheus metrics of a database, also while runs are being trained into it.
Only this machine can reach it unless --addr says otherwise. There is no login: whoever reaches it can read everything.
A browser must name it as --addr does, as localhost, or by a --host: under other names other sites could read it.

Behind a reverse proxy that shows it below a path, --base-path says which; whether the proxy takes the path off is all
the same. With nginx, for --base-path /wb:
  location /wb/ { proxy_pass http://127.0.0.1:8080; proxy_buffering off; }
With jupyter-server-proxy: --base-path /proxy/8080 (a hub puts /user/NAME before it), and --host with the hub's name.`,
		Args: wantArgs(0, 0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.ensureDatabase(readOnly); err != nil {
				return err
			}
			return a.serve(cmd.Context(), site, "/")
		},
	}
	a.serveFlags(cmd, &site)
	cmd.Flags().BoolVar(&readOnly, "read-only", false, "make no database if there is none")
	return cmd
}

// site is under which names and where browsers find the dashboard.
type site struct {
	hosts []string
	base  string
}

func (a *app) serveFlags(cmd *cobra.Command, s *site) {
	cmd.Flags().StringVar(&a.addr, "addr", setting("WORKBENCH_ADDR", defaultAddr), "`HOST:PORT` to serve at")
	cmd.Flags().StringSliceVar(&s.hosts, "host", nil, "a further host `NAME` under which browsers may reach it, with a port or for any")
	cmd.Flags().StringVar(&s.base, "base-path", "", "the `PATH` below which a reverse proxy shows it, such as /wb")
}

// ensureDatabase makes an empty database if there is none, so that the dashboard can wait for the first run.
func (a *app) ensureDatabase(readOnly bool) error {
	db, err := a.read()
	if err == nil || !isMissing(err) || readOnly {
		if err == nil {
			err = db.Close()
		}
		return err
	}
	made, err := store.Open(a.db)
	if errors.Is(err, store.ErrLocked) { // somebody is just making it
		made, err = a.read()
	}
	if err != nil {
		return err
	}
	return made.Close()
}

// isMissing tells whether there is no database yet: no file, or one in which nothing was ever written.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, store.ErrEmpty)
}

// serve answers until ctx ends, which is its ordinary end. Page is where the browser should begin.
func (a *app) serve(ctx context.Context, site site, page string) error {
	ln, err := listen(a.addr)
	if err != nil {
		return err
	}
	db, err := a.read()
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	defer db.Close()
	program := a.program()
	if _, _, open := openable(a.addr, ln.Addr(), net.InterfaceAddrs); open || len(site.hosts) > 0 || site.base != "" {
		program = program.Abroad()
	}
	server, err := dashboard.New(dashboard.Options{Source: db, Addr: ln.Addr().String(), Hosts: append(site.hosts, nameIn(a.addr)...),
		Base: site.base, Program: program, Version: versions(), Store: db, Health: db, Log: a.log})
	if err != nil {
		return errors.Join(usageError{err}, ln.Close())
	}
	a.serving.Store(true)
	a.announce(a.addr, ln.Addr(), server.At(page))
	return server.Serve(ctx, ln)
}
