package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"workbench/experiments/iec"
	"workbench/store"
)

// archiveOptions say what is archived besides the studies, and where.
type archiveOptions struct {
	out         string
	checkpoints bool
}

func (a *app) archiveCommand() *cobra.Command {
	var o archiveOptions
	cmd := &cobra.Command{
		Use: "archive STUDY[@VERSION]...", Short: "Write studies with their runs to a file that another database can take in",
		Long: `Write studies, of all versions unless one is named, with their runs and all that is recorded of these (values, attempts,
environment, phases, log, artefacts, looks at images) to a new file. Runs that these begin with come along. Checkpoints, and with
them the weights, come with --checkpoints alone.

The file is a database of the workbench with these studies and no others: workbench --db FILE looks at it, and
workbench merge FILE brings it into another database. Its table about says what is in it. A run of the program may go on
meanwhile; what it is training is written as it was at one moment.`,
		Example:           "  workbench archive quickstart -o quickstart.db\n  workbench archive quickstart@1 vgg -o two.db --checkpoints",
		Args:              wantArgs(1, -1, "the names of recorded studies"),
		ValidArgsFunction: names(a.recordedStudies),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.out == "" {
				return usagef("want --output FILE, the archive to write")
			}
			return a.archive(cmd.Context(), args, o)
		},
	}
	cmd.Flags().StringVarP(&o.out, "output", "o", "", "the new `FILE` to write")
	cmd.Flags().BoolVar(&o.checkpoints, "checkpoints", false, "with the checkpoints of the runs")
	a.formatFlag(cmd)
	return cmd
}

func (a *app) archive(ctx context.Context, studies []string, o archiveOptions) (err error) {
	if _, err := os.Lstat(o.out); err == nil {
		return usagef("%s is there already; want the name of a new file for the archive", o.out)
	}
	db, err := a.read() // which says what to do about a database that is missing or of an older program
	if err != nil {
		return err
	}
	if err := db.Close(); err != nil {
		return err
	}
	from, err := store.OpenOther(ctx, a.db, filepath.Dir(o.out), o.checkpoints)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	note := fmt.Sprintf("\nWritten by %s. With checkpoints: %t.\n", version, o.checkpoints)
	m, err := from.Archive(ctx, o.out, note, studies)
	if err != nil {
		return err
	}
	info, err := os.Stat(o.out)
	if err != nil {
		return err
	}
	d := a.merged(m)
	facts := [][]cell{{text("file"), text(o.out)}, {text("bytes"), {info.Size(), iec.Bytes(info.Size())}}}
	d.listings = append(d.listings, factsOf("file", "File", facts))
	if m.Bare > 0 && !o.checkpoints {
		d.remarks = []string{"without checkpoints, and so without weights; --checkpoints writes them too"}
	}
	return a.show(d)
}
