package main

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/gallery"
	"workbench/experiments/portrait"
	"workbench/store"
)

//go:embed label_issues.html
var issuesPageText string

var issuesTemplate = template.Must(template.New("issues").Parse(issuesPageText))

// Bounds of what people see at once: rows of the table, and pictures of the page.
const (
	shownIssues    = 20
	picturedIssues = 120
)

// labelIssues is what label-issues is asked for.
type labelIssues struct {
	html  string
	force bool
}

func (a *app) labelIssuesCommand() *cobra.Command {
	var o labelIssues
	cmd := &cobra.Command{
		Use: "label-issues RUN", Short: "List the labels that a run of confident learning takes to be wrong",
		Long: `List the training images whose labels a run takes to be wrong, the least believed first, as cleanlab ranks them (Northcutt et al.
2021, arXiv 1911.00068): quality is the probability that the label has by a network which was not trained on the image. RUN has
the strategy confident_learning, which trains once more without what it found. The table shows the first; CSV and JSON have all.
Where a study made labels wrong itself, the own label stands beside them, and how many of the issues are wrong indeed.`,
		Example: "  workbench label-issues latest\n" +
			"  workbench label-issues 3f2a --html issues.html --data ~/datasets\n" +
			"  workbench label-issues 3f2a --format csv > issues.csv",
		Args:              wantArgs(1, 1, "a run (the beginning of its name, or latest)"),
		ValidArgsFunction: names(a.recordedRuns),
		RunE:              func(cmd *cobra.Command, args []string) error { return a.labelIssues(cmd.Context(), args[0], o) },
	}
	cmd.Flags().StringVar(&o.html, "html", "", "write a page with the images to this `FILE`")
	cmd.Flags().BoolVarP(&o.force, "force", "f", false, "replace a file that is there")
	a.dataFlag(cmd)
	a.formatFlag(cmd)
	return cmd
}

func (a *app) labelIssues(ctx context.Context, name string, o labelIssues) error {
	if namesStandardOutput(o.html) {
		return usagef("--html: want a file, the issues go to standard output; got %q", o.html)
	}
	if o.html != "" {
		if err := a.vacant(o.html, o.force); err != nil {
			return err
		}
	}
	db, err := a.read()
	if err != nil {
		return err
	}
	defer db.Close()
	run, err := db.Run(ctx, name)
	if err != nil {
		return err
	}
	found, err := issuesOf(ctx, db, run)
	if err != nil {
		return err
	}
	set, err := data.Open(ctx, run.Config.Dataset.Name, a.data, run.Config.Dataset.Options)
	if err != nil {
		return err
	}
	d := document{name: run.ID, listings: []listing{issueRows(found, set.Info().Classes, a.people())}, remarks: issueRemarks(run, found)}
	if a.people() && len(found.Shown) > shownIssues {
		d.remarks = append(d.remarks, fmt.Sprintf("the first %d are shown; --format csv lists all, --html FILE shows the pictures", shownIssues))
	}
	if o.html != "" {
		if err := writeIssues(o.html, run, set, found); err != nil {
			return err
		}
	}
	return a.show(d)
}

// issuesOf are the newest label issues of a run.
func issuesOf(ctx context.Context, db *store.DB, run experiments.RunInfo) (found portrait.LabelIssues, err error) {
	made, err := db.Artefacts(ctx, run.ID)
	if err != nil {
		return found, err
	}
	for i := len(made) - 1; i >= 0; i-- {
		if made[i].Name != portrait.LabelIssuesName && !strings.HasSuffix(made[i].Name, "/"+portrait.LabelIssuesName) {
			continue
		}
		a, err := db.Artefact(ctx, run.ID, made[i].Name, made[i].Step)
		if err != nil {
			return found, err
		}
		if found, err = portrait.Decode[portrait.LabelIssues](a.Data); err != nil {
			return found, fmt.Errorf("run %s: %s: %w", run.ID, made[i].Name, err)
		}
		return found, nil
	}
	return found, usagef("run %s keeps no label issues: want one with strategy.name=confident_learning that has passed its folds, got %s, %s",
		run.ID, run.Config.Strategy.Name, run.Status)
}

func issueRows(found portrait.LabelIssues, classes []string, people bool) listing {
	l := listing{key: "issues", title: "Labels that are taken to be wrong, the least believed first", columns: []column{
		{"image", "image", true}, {"label", "label", false},
		{"suggested", "rather", false}, {"quality", "quality", true}, {"own", "own label", false}}}
	shown := found.Shown
	if people {
		shown = shown[:min(len(shown), shownIssues)]
	}
	for _, one := range shown {
		l.rows = append(l.rows, []cell{counted(int64(one.Image)), text(className(classes, one.Label)), text(className(classes, one.Suggested)),
			statistic(one.Quality, decimal(one.Quality, 4)), text(className(classes, one.True))})
	}
	return l
}

// className is that of an index, which a damaged file may have anything of.
func className(classes []string, index int) string {
	if index < 0 || index >= len(classes) {
		return fmt.Sprint(index)
	}
	return classes[index]
}

// issueRemarks say how many were found, and how many of them are wrong if the run knows it.
func issueRemarks(run experiments.RunInfo, found portrait.LabelIssues) []string {
	remarks := []string{fmt.Sprintf("%s of %s labels are taken to be wrong, by the filter %s", count(int64(found.Found)),
		count(int64(found.Images)), found.Filter)}
	wrong := 0
	for _, one := range found.Shown {
		if one.True != one.Label {
			wrong++
		}
	}
	if wrong > 0 {
		text := fmt.Sprintf("%.1f %% of those found are not the set's own (precision)", 100*float64(wrong)/float64(len(found.Shown)))
		if recall, known := run.Last["retrain/train/found_recall"]; known {
			text += fmt.Sprintf("; of all that are not, %.1f %% were found (recall)", 100*recall)
		}
		remarks = append(remarks, text)
	}
	return remarks
}

// issuesPage is what label-issues --html writes: a page that needs no other file.
type issuesPage struct {
	Run, Set string
	Remarks  []string
	Issues   []pictureOfIssue
}

type pictureOfIssue struct {
	Image                          int
	Label, Suggested, Own, Quality string // Own is empty where it is the label
	Picture                        template.URL
}

func writeIssues(path string, run experiments.RunInfo, set data.Set, found portrait.LabelIssues) error {
	info := set.Info()
	p := issuesPage{Run: run.ID, Set: info.Name, Remarks: issueRemarks(run, found)}
	pixels := make([]uint8, info.Size())
	for _, one := range found.Shown[:min(len(found.Shown), picturedIssues)] {
		if one.Image < 0 || one.Image >= set.Len(data.Train) {
			return fmt.Errorf("image %d of run %s: the set has %d training images", one.Image, p.Run, set.Len(data.Train))
		}
		if err := set.Pixels(data.Train, one.Image, pixels); err != nil {
			return err
		}
		picture, err := painted(gallery.Picture(info, pixels), nil)
		if err != nil {
			return err
		}
		shown := pictureOfIssue{Image: one.Image, Label: className(info.Classes, one.Label), Suggested: className(info.Classes, one.Suggested),
			Quality: fmt.Sprintf("%.1f %%", 100*one.Quality), Picture: picture}
		if one.True != one.Label {
			shown.Own = className(info.Classes, one.True)
		}
		p.Issues = append(p.Issues, shown)
	}
	if len(found.Shown) > picturedIssues {
		p.Remarks = append(p.Remarks, fmt.Sprintf("the first %d are shown; workbench label-issues %s --format csv lists all",
			picturedIssues, p.Run))
	}
	var text bytes.Buffer
	if err := issuesTemplate.Execute(&text, p); err != nil {
		return fmt.Errorf("page of %s: %w", run.ID, err)
	}
	return os.WriteFile(path, text.Bytes(), 0o644)
}
