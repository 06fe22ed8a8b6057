package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"workbench/experiments"
	"workbench/experiments/escape"
)

// sayVersion tells that a study of this name has trained something else before, which stays.
func (a *app) sayVersion(ctx context.Context, study experiments.Study) error {
	db, err := a.read()
	if isMissing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer db.Close()
	info, err := db.Study(ctx, study.Name)
	if errors.Is(err, experiments.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	now, err := study.Trains()
	if err != nil {
		return err
	}
	if before, err := info.Study.Trains(); err == nil && before == now || begun(info.Counts) == 0 {
		return nil
	}
	for _, v := range info.Versions {
		ref := experiments.Version(study.Name, v.Number)
		known, err := db.Study(ctx, ref)
		if errors.Is(err, experiments.ErrNotFound) { // it stands for definitions that were not kept
			continue
		}
		if err != nil {
			return err
		}
		if sum, err := known.Study.Trains(); err == nil && sum == now {
			fmt.Fprintf(os.Stderr, "%s is %s again, in place of %s: %s\n", study.Name, ref, info.Ref(), escape.Text(study.Since(info.Study)))
			return nil
		}
	}
	differs := study.Since(info.Study)
	if differs == "" {
		differs = "names of cells"
	}
	fmt.Fprintf(os.Stderr, "%s differs from what was trained under this name before (%s): %s\n"+
		"  what was trained stays as %s\n", study.Name, info.Ref(), escape.Text(differs), info.Ref())
	return nil
}

// begun counts the runs that were not only planned.
func begun(counts map[experiments.Status]int) int {
	n := 0
	for status, count := range counts {
		if status != experiments.Queued && status != experiments.Blocked {
			n += count
		}
	}
	return n
}

// versionRemark says below a table of one version which others there are.
func versionRemark(info experiments.StudyInfo) string {
	var others []string
	for _, v := range info.Versions {
		if v.Number != info.Version {
			others = append(others, labelled(experiments.Version(info.Study.Name, v.Number), v.Label))
		}
	}
	if len(others) == 0 {
		return ""
	}
	return fmt.Sprintf("this is %s; the study has other versions: %s", labelled(info.Ref(), info.Label()), strings.Join(others, ", "))
}

// labelled is a version with what it changed of the first.
func labelled(ref, label string) string {
	if label == "" {
		return ref
	}
	return ref + " (" + label + ")"
}
