package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"workbench/experiments"
	"workbench/experiments/supervise"
	"workbench/experiments/train"
)

// childName is the hidden command that trains one run for a supervisor.
const childName = "train-child"

// recordsFile is the descriptor on which the supervisor listens.
const recordsFile = 3

func (a *app) childCommand() *cobra.Command {
	return &cobra.Command{
		Use: childName, Hidden: true, Args: usage(cobra.NoArgs),
		Short: "Train one run for the process that started this one",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return supervise.ServeChild(cmd.Context(), os.Stdin, os.NewFile(recordsFile, "records"), trainRun)
		},
	}
}

// trainRun makes an attempt with the backend that this program was built with.
func trainRun(ctx context.Context, job experiments.Job, emit func(experiments.Record) error) error {
	return train.Run(ctx, job, backend(job.Threads), emit)
}
