package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"workbench/dashboard"
	"workbench/dashboard/report"
	"workbench/experiments/claim"
)

// claimFiles are the files that reproduce writes beside its answer, "" for none.
type claimFiles struct {
	report, appendix         string
	reportForm, appendixForm string
	replace                  bool
}

// checkFiles refuses files that cannot be written before anything is judged or trained.
func (a *app) checkFiles(f *claimFiles) (err error) {
	switch {
	case f.replace && f.report+f.appendix == "":
		return usagef("--force replaces a file of --report or --appendix: want one of them with it")
	case f.report != "" && f.report == f.appendix:
		return usagef("--report and --appendix: want two files, got %s twice", f.report)
	}
	for _, one := range []struct {
		flag, path, usual string
		form              *string
	}{{"--report", f.report, report.HTML, &f.reportForm}, {"--appendix", f.appendix, report.LaTeX, &f.appendixForm}} {
		if one.path == "" {
			continue
		}
		if *one.form, err = reportForm(one.flag, one.path, "", one.usual); err != nil {
			return err
		}
		if namesStandardOutput(one.path) {
			continue
		}
		if err := a.vacant(one.path, f.replace); err != nil {
			return err
		}
	}
	return nil
}

// writeClaims writes the files that are asked for; took is how long the judging took.
func (a *app) writeClaims(ctx context.Context, f claimFiles, name string, all []claim.Judgement, took time.Duration) error {
	write := func(path, form string, page report.Page) error {
		digest, err := a.write(ctx, path, f.replace, func(w io.Writer) error { return page.Write(w, form) })
		if err == nil && path != toStandardOutput {
			fmt.Fprintf(a.errors(), "%s written, SHA-256 %s\n", path, digest)
		}
		return err
	}
	if f.report != "" {
		page, err := dashboard.ClaimsReport(name, versions()["version"], all)
		if err != nil {
			return err
		}
		if err := write(f.report, f.reportForm, page); err != nil {
			return err
		}
	}
	if f.appendix != "" {
		page, err := a.appendix(ctx, name, all, took)
		if err != nil {
			return err
		}
		return write(f.appendix, f.appendixForm, page)
	}
	return nil
}
