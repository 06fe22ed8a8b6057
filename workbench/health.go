package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"workbench/experiments/escape"
)

func (a *app) healthCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "health [URL]", Short: "Ask a dashboard whether it is well: exit status 0 if it is",
		Args: wantArgs(0, 1, "at most one URL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			target := "http://" + setting("WORKBENCH_ADDR", defaultAddr)
			if len(args) == 1 {
				target = args[0]
			}
			u, err := url.Parse(target)
			if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
				return usagef("want a URL such as http://%s, got %q", defaultAddr, target)
			}
			if u.Path == "" || u.Path == "/" {
				u.Path = "/healthz"
			}
			return a.health(cmd.Context(), u.String())
		},
	}
	return cmd
}

func (a *app) health(ctx context.Context, target string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return usageError{err}
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("no answer: %w", err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 200))
	if err != nil {
		return fmt.Errorf("%s: %w", target, err)
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: status %s: %s", target, answer.Status, escape.Text(string(body)))
	}
	fmt.Fprintf(a.out, "%s: well\n", target)
	return nil
}
