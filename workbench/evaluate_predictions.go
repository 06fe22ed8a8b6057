package main

import (
	"context"
	"fmt"
	"io"

	"workbench/experiments/data"
	"workbench/experiments/export"
	"workbench/nn/weights"
)

// predicted are the columns of --predictions, with what they hold.
var predicted = []struct{ name, doc string }{
	{"network", "as the command line names it, or the run's id; ensemble: all together"},
	{"image", "number in its split of the set"},
	{"file", "of a photograph, relative to the set's folder; else empty"},
	{"label", "number of the class, from 0"}, {"label_name", "its name"},
	{"predicted", "number of the most probable class"}, {"predicted_name", "its name"},
	{"right", "true or false"},
	{"probability", "of the answer, from 0 to 1"}, {"probability_of_label", "that of the label"},
}

// aboutPredictions explains the columns, for help.
func aboutPredictions() string {
	text := ""
	for _, c := range predicted {
		text += fmt.Sprintf("  %-22s%s\n", c.name, c.doc)
	}
	return text
}

// writePredictions writes the answers of all networks to all images as a table: a row for each network and image.
func writePredictions(ctx context.Context, path string, all []examined, split string) error {
	t := export.Table{Name: "predictions"}
	for _, c := range predicted {
		t.Columns = append(t.Columns, c.name)
	}
	for _, m := range all {
		parts, err := m.parts(split)
		if err != nil {
			return err
		}
		p, classes := parts.Test, m.set.Info().Classes
		for i := range m.answers.Len() {
			label, best := int(m.answers.Labels[i]), m.answers.Predicted(i)
			t.Rows = append(t.Rows, []any{m.name, p.Sample(i), data.FileOf(p.Set, p.Split, p.Sample(i)), label, classes[label], best,
				classes[best], m.answers.Right(i), m.answers.Probability(i, best), m.answers.Probability(i, label)})
		}
	}
	_, err := weights.Create(ctx, path, func(w io.Writer) error { return t.WriteCSV(w) })
	return err
}
