package main

import (
	"cmp"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"workbench/dashboard"
	"workbench/dashboard/report"
	"workbench/experiments"
	"workbench/store"
)

func (a *app) reportCommand() *cobra.Command {
	var out, as string
	var force bool
	cmd := &cobra.Command{
		Use:   "report STUDY[@VERSION]",
		Short: "Write all of a study to one file: what was asked and how, what came of it, how to do it again",
		Long: `Write a recorded study to one HTML file, which needs no server and no other file: its configuration, what is compared and by
which test, tables and figures, the value of every run, the runs with their ids, weights and data by digest, the environment, the
costs, and the file of the study with the commands that do it again. The page asks nobody for anything.

A file that ends in .md is written as Markdown, one that ends in .tex as LaTeX to \input into a paper (the packages that it needs
stand in its first line); --as says so where no ending does. Both have all but the figures.

--output - writes to standard output. A file that is there stays unless --force replaces it; a report is written whole or not
at all.`,
		Example: `  workbench report quickstart
  workbench report quickstart@1 -o first.html
  workbench report quickstart -o appendix.tex`,
		Args:              wantArgs(1, 1, "the name of a recorded study"),
		ValidArgsFunction: names(a.recordedStudies),
		RunE: func(cmd *cobra.Command, args []string) error {
			form, err := reportForm("--output", out, as, report.HTML)
			if err != nil {
				return err
			}
			return a.ofStudy(cmd.Context(), args[0], func(db *store.DB, info experiments.StudyInfo, _ []experiments.RunInfo) error {
				server, err := dashboard.New(dashboard.Options{Source: db, Version: versions(), Log: a.log, Now: a.now})
				if err != nil {
					return err
				}
				page, err := server.Report(cmd.Context(), info.Ref())
				if err != nil {
					return err
				}
				out := cmp.Or(out, strings.ReplaceAll(info.ShortRef(), "@", "-")+"."+report.Forms[form])
				digest, err := a.write(cmd.Context(), out, force, func(w io.Writer) error { return page.Write(w, form) })
				if err != nil {
					return err
				}
				return a.show(document{listings: []listing{factsOf("report", "", [][]cell{{text("file"), text(out)}, {text("study"), text(info.Ref())},
					{text("sha256"), text(digest)}})}})
			})
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "the `FILE` to write, or - for standard output (default: the study's name with .html)")
	cmd.Flags().StringVar(&as, "as", "", "the `FORM` of the report: "+strings.Join(reportForms(), ", ")+
		" (default: by the file's ending, else html)")
	complete(cmd, "as", reportForms)
	cmd.Flags().BoolVarP(&force, "force", "f", false, "replace a file that is there")
	a.formatFlag(cmd)
	return cmd
}
