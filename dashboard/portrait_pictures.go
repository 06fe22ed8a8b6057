package dashboard

import (
	"fmt"
	"html/template"
	"slices"

	"workbench/dashboard/portrait"
	"workbench/experiments"
)

// galleries are the pictures of one kind of the run and of the run beside it.
func (d portraitData) galleries(of func(experiments.RunInfo, portrait.Portrait) []pictureGroup) []pictureGroup {
	all := of(d.run, d.mine)
	if d.beside != nil {
		for i := range all {
			all[i].Name, all[i].Href = runName(d.run), portraitPath(d.run.ID)
		}
		for _, g := range of(d.other, *d.beside) {
			g.Name, g.Href = runName(d.other), portraitPath(d.other.ID)
			all = append(all, g)
		}
	}
	return all
}

func sheetPath(run string, s *portrait.Sheet) string {
	return artefactPath(run, experiments.ArtefactInfo{Name: s.Name, Step: s.Step})
}

func stepText(run experiments.RunInfo, step int64) string {
	return "step " + grouped(step) + epochAt(run, step)
}

// percentage of a probability.
func percentage(v float64) string { return fmt.Sprintf("%.1f %%", 100*v) }

func mistakeGallery(run experiments.RunInfo, p portrait.Portrait) []pictureGroup {
	m := p.Mistakes
	if m == nil {
		return nil
	}
	g := pictureGroup{Note: fmt.Sprintf("%d of %s, %s; maps of %s", len(m.Shown), plural(m.Of, "wrong answer", "wrong answers"),
		stepText(run, m.Step), m.Place), Heads: []string{"image", "for the answer", "for the label"}}
	if m.Sheet != nil {
		g.PNG = sheetPath(run.ID, m.Sheet)
	} else {
		g.Heads = nil
	}
	for i, one := range m.Shown {
		c := captioned{State: "wrong", Lines: []string{fmt.Sprintf("answer: %s, %s sure", one.Said, percentage(one.SaidShare)),
			fmt.Sprintf("label: %s, %s", one.Label, percentage(one.LabelShare)), fmt.Sprintf("image %d", one.Image)}}
		if m.Sheet != nil {
			alt := fmt.Sprintf("Image %d, answered %s: the image, what speaks for %s, what for %s", one.Image, one.Said, one.Said, one.Label)
			c.Picture = template.HTML(m.Sheet.Row(g.PNG, alt, i))
		}
		g.Pictures = append(g.Pictures, c)
	}
	return []pictureGroup{g}
}

func sampleGallery(run experiments.RunInfo, p portrait.Portrait) []pictureGroup {
	s := p.Samples
	if s == nil {
		return nil
	}
	g := pictureGroup{Note: stepText(run, s.Step) + "; maps of " + s.Place, Heads: []string{"image", "for the label"}}
	if s.Sheet != nil {
		g.PNG = sheetPath(run.ID, s.Sheet)
	} else {
		g.Heads = nil
	}
	for i, one := range s.Shown {
		c := captioned{State: "right", Lines: []string{fmt.Sprintf("label: %s, %s", one.Label, percentage(one.LabelShare)),
			fmt.Sprintf("image %d", one.Image)}}
		if one.Said != one.Label {
			c.State, c.Lines = "wrong", slices.Insert(c.Lines, 0, fmt.Sprintf("answer: %s, %s sure", one.Said, percentage(one.SaidShare)))
		}
		if s.Sheet != nil {
			alt := fmt.Sprintf("Image %d, a %s: the image, and what speaks for its label", one.Image, one.Label)
			c.Picture = template.HTML(s.Sheet.Row(g.PNG, alt, i))
		}
		g.Pictures = append(g.Pictures, c)
	}
	return []pictureGroup{g}
}

func mapGallery(run experiments.RunInfo, p portrait.Portrait) []pictureGroup {
	if p.Maps == nil {
		return nil
	}
	g := pictureGroup{Note: stepText(run, p.Maps.Step), PNG: sheetPath(run.ID, p.Maps)}
	for i := range p.Maps.Rows {
		layer := ""
		if p.Samples != nil && p.Samples.Step == p.Maps.Step && i < len(p.Samples.Maps) {
			layer = p.Samples.Maps[i]
		}
		c := captioned{Picture: template.HTML(p.Maps.Row(g.PNG, "Maps of "+layer, i))}
		if layer != "" {
			c.Lines = []string{layer}
		}
		g.Pictures = append(g.Pictures, c)
	}
	return []pictureGroup{g}
}

func filterGallery(run experiments.RunInfo, p portrait.Portrait) (list []pictureGroup) {
	for _, s := range p.Filters {
		path := sheetPath(run.ID, s)
		list = append(list, pictureGroup{Note: stepText(run, s.Step), PNG: path, Pictures: []captioned{
			{Picture: template.HTML(s.Row(path, "Filters of the first convolution, "+stepText(run, s.Step), 0))}}})
	}
	return list
}

// overTables have the samples as rows and steps as columns, a table a run: the map of each image as it was.
func (d portraitData) overTables() []table {
	var tables []table
	one := func(run experiments.RunInfo, p *portrait.Portrait) {
		if len(p.Over) < 2 {
			return
		}
		t := table{Name: "over-" + short(run.ID), Caption: "The same images at several steps", Columns: []column{{Key: "image", Title: "Image"}}}
		if d.beside != nil {
			t.Caption += ": " + runName(run)
		}
		last := p.Over[len(p.Over)-1]
		for _, s := range p.Over {
			t.Columns = append(t.Columns, column{Key: fmt.Sprint(s.Step), Title: stepText(run, s.Step)})
		}
		for i, sample := range last.Shown {
			alt := fmt.Sprintf("Image %d, a %s", sample.Image, sample.Label)
			line := row{Cells: []cell{{Figure: template.HTML(last.Sheet.Crop(sheetPath(run.ID, last.Sheet), alt, i, 0, 2)), Title: sample.Label}}}
			for _, s := range p.Over {
				line.Cells = append(line.Cells, overCell(run, s, sample.Image))
			}
			t.Rows = append(t.Rows, line)
		}
		tables = append(tables, t)
	}
	one(d.run, &d.mine)
	if d.beside != nil {
		one(d.other, d.beside)
	}
	return tables
}

// overCell is the map of an image at a step, with the answer that it got.
func overCell(run experiments.RunInfo, s *portrait.Samples, image int) cell {
	for i, one := range s.Shown {
		if one.Image != image {
			continue
		}
		alt := fmt.Sprintf("What speaks for %s in image %d at step %d; the answer is %s, %s sure", one.Label, image, s.Step, one.Said,
			percentage(one.SaidShare))
		c := cell{Figure: template.HTML(s.Sheet.Crop(sheetPath(run.ID, s.Sheet), alt, i, 1, 2)), Title: alt}
		if one.Said != one.Label {
			c.Class = "wrong"
		}
		return c
	}
	return cell{Text: "–", Class: "quiet"}
}
