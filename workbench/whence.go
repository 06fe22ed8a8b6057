package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"workbench/experiments"
	"workbench/experiments/whence"
	"workbench/store"
)

// Bounds on what whence reads and says.
const (
	mostWritten   = 1000    // numbers of a call
	mostMatches   = 1000    // of a number
	mostLineBytes = 1 << 20 // of a line of a file
)

func (a *app) whenceCommand() *cobra.Command {
	var study string
	most := 5
	cmd := &cobra.Command{
		Use: "whence NUMBER|FILE:LINE...", Short: "Find which recorded results a number is, or every number of a line of a text",
		Long: `Find what a number stands for among all that is recorded: the mean of a cell over its seeds, a difference from the baseline or
the effect of a level, a p value, an interval or a standard deviation, the last or the best value of a run. It counts as found if
the result is written so at the number's rounding: 91.25 is 0.91254 where people read percent, and so is 0.9125. With %, only
ratios are looked at; a sign that is written must be right. In place of a number can stand a line of a text file, such as
table.tex:14; then every number on it is looked up, but for digits in words (resnet20, 3x3). Behind -- a number may begin with -.

Of many results the more telling come first, and --most of them are shown. Each is named with its study, version and cell, seeds,
runs, the digest of their data, the revision of the program that trained them, and the command that shows it. The runs'
configuration is shown by workbench show RUN.`,
		Example: "  workbench whence 91.25\n  workbench whence table.tex:14\n  workbench whence --study quickstart -- -1.20",
		Args:    wantArgs(1, -1, "a number, or a line of a file (table.tex:14)"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if most < 1 || most > mostMatches {
				return usagef("--most: want a number from 1 to %d, got %d", mostMatches, most)
			}
			var numbers []whence.Number
			for _, arg := range args {
				found, err := numbersOf(arg)
				if err != nil {
					return err
				}
				numbers = append(numbers, found...)
			}
			if len(numbers) > mostWritten {
				return usagef("these are %d numbers; want at most %d", len(numbers), mostWritten)
			}
			return a.whence(cmd.Context(), whence.NewFinder(numbers, most), study)
		},
	}
	cmd.Flags().StringVar(&study, "study", "", "look only at this study, at all its versions unless one is named (tiny@2)")
	cmd.Flags().IntVar(&most, "most", most, "results to show of a number")
	complete(cmd, "study", a.recordedStudies)
	a.formatFlag(cmd)
	return cmd
}

// numbersOf are those that an argument means: itself, or those of a line of a file.
func numbersOf(arg string) ([]whence.Number, error) {
	n, err := whence.Parse(arg)
	if err == nil {
		return []whence.Number{n}, nil
	}
	colon := strings.LastIndexByte(arg, ':')
	if colon <= 0 {
		return nil, usagef("%w; or a line of a file (table.tex:14)", err)
	}
	path := arg[:colon]
	line, err := strconv.Atoi(arg[colon+1:])
	if err != nil || line < 1 {
		return nil, usagef("%s: want the number of a line behind the colon, from 1, got %q", arg, arg[colon+1:])
	}
	text, err := lineOf(path, line)
	if err != nil {
		return nil, err
	}
	found := whence.Numbers(text)
	if len(found) == 0 {
		return nil, usagef("%s: no number is on that line: %q", arg, shortened(text, 100))
	}
	return found, nil
}

// lineOf reads one line of a text file, counted from 1.
func lineOf(path string, number int) (line string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", usagef("%s is no regular file; want a text", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, mostLineBytes)
	at := 0
	for lines.Scan() {
		if at++; at == number {
			return lines.Text(), nil
		}
	}
	if err := lines.Err(); err != nil {
		return "", fmt.Errorf("%s, line %d: %w", path, at+1, err)
	}
	return "", usagef("%s has %d line%s, want number %d", path, at, plural(at), number)
}

// whence looks at one version of a study after another.
func (a *app) whence(ctx context.Context, f *whence.Finder, only string) error {
	db, err := a.read()
	if err != nil {
		return err
	}
	defer db.Close()
	var studies []experiments.StudyInfo
	if only == "" {
		studies, err = db.Studies(ctx)
	} else {
		var info experiments.StudyInfo
		info, err = db.Study(ctx, only)
		studies = []experiments.StudyInfo{info}
	}
	if err != nil {
		return err
	}
	looked := 0
	for _, info := range studies {
		for _, v := range info.Versions {
			ref := experiments.Version(info.Study.Name, v.Number)
			if _, _, one := experiments.SplitVersion(only); one && only != info.Study.Name && only != ref {
				continue
			}
			runs, err := a.lookInto(ctx, db, f, ref)
			if err != nil {
				return err
			}
			looked += runs
		}
	}
	return a.showWhence(f.Answers(), looked)
}

// lookInto looks at a version of a study, and returns how many runs it has.
func (a *app) lookInto(ctx context.Context, db *store.DB, f *whence.Finder, ref string) (int, error) {
	runs, err := db.Runs(ctx, experiments.RunFilter{Study: ref})
	if err != nil {
		return 0, err
	}
	info, err := db.Study(ctx, ref)
	if errors.Is(err, experiments.ErrNotFound) { // it stands for definitions that were not kept
		f.Study(ref, nil, runs)
		return len(runs), nil
	}
	if err != nil {
		return 0, err
	}
	f.Study(ref, &info.Study, runs)
	return len(runs), nil
}
