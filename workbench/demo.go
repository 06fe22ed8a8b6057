package main

import (
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// demoStudy is trained by `workbench demo`.
const demoStudy = "quickstart"

func (a *app) demoCommand() *cobra.Command {
	var t training
	var site site
	cmd := &cobra.Command{
		Use: "demo", Short: "Train a small study, print its table, serve its curves",
		Long: `Train the study quickstart on pictures that the program draws itself, print the ablation table, and serve the
dashboard until Ctrl-C. Without a terminal it ends after the table.`,
		Args: wantArgs(0, 0, "no argument"),
		RunE: func(cmd *cobra.Command, args []string) error {
			t.study = demoStudy
			interactive := term.IsTerminal(int(os.Stdout.Fd())) && term.IsTerminal(int(os.Stderr.Fd()))
			if interactive { // a port in use is better known before two minutes of training
				ln, err := listen(a.addr)
				if err != nil {
					return err
				}
				if err := ln.Close(); err != nil {
					return err
				}
			}
			if err := a.resumable(cmd, args, a.runStudy(cmd.Context(), t)); err != nil || !interactive {
				return err
			}
			return a.serve(cmd.Context(), site, "/studies/"+demoStudy)
		},
	}
	a.trainingFlags(cmd, &t)
	a.formatFlag(cmd)
	a.serveFlags(cmd, &site)
	return cmd
}
