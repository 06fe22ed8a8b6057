package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"workbench/dashboard"
	"workbench/store"
)

func (a *app) serveCommand() *cobra.Command {
	var readOnly bool
	var hosts []string
	cmd := &cobra.Command{
		Use: "serve", Short: "Serve the dashboard, the JSON API and Prometheus metrics",
		Long: `Serve the dashboard, the JSON API and Prometheus metrics of a database, also while runs are being trained into it.
Only this machine can reach it unless --addr says otherwise. There is no login: whoever reaches it can read everything.`,
		Args: wantArgs(0, 0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.ensureDatabase(readOnly); err != nil {
				return err
			}
			return a.serve(cmd.Context(), hosts, "/")
		},
	}
	a.serveFlags(cmd, &hosts)
	cmd.Flags().BoolVar(&readOnly, "read-only", false, "make no database if there is none")
	return cmd
}

func (a *app) serveFlags(cmd *cobra.Command, hosts *[]string) {
	cmd.Flags().StringVar(&a.addr, "addr", setting("WORKBENCH_ADDR", defaultAddr), "`HOST:PORT` to serve at")
	cmd.Flags().StringSliceVar(hosts, "host", nil, "a further host `NAME` under which browsers may reach it")
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
func (a *app) serve(ctx context.Context, hosts []string, page string) error {
	ln, err := listen(a.addr)
	if err != nil {
		return err
	}
	db, err := a.read()
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	defer db.Close()
	server, err := dashboard.New(dashboard.Options{Source: db, Addr: ln.Addr().String(), Hosts: hosts, Version: versions(),
		Store: db, Health: db, Log: a.log})
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	a.serving.Store(true)
	fmt.Fprintf(a.errors(), "Dashboard: http://%s%s   (Ctrl-C stops)\n", ln.Addr(), page)
	return server.Serve(ctx, ln)
}

func listen(addr string) (net.Listener, error) {
	if _, _, err := net.SplitHostPort(addr); err != nil {
		return nil, usagef("--addr: want HOST:PORT such as %s, got %q", defaultAddr, addr)
	}
	ln, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		host, _, _ := net.SplitHostPort(addr)
		return nil, fmt.Errorf("%s is in use by another program (perhaps another workbench serve); "+
			"--addr %s:0 takes a free port: %w", addr, host, err)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%s: no permission for that port; ports from 1024 on need none: %w", addr, err)
	case err != nil:
		return nil, fmt.Errorf("cannot serve at %s: %s: %w", addr, strings.TrimSpace("want an address of this machine"), err)
	}
	return ln, nil
}
