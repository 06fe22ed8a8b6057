package dashboard

import (
	"fmt"
	"html/template"
	"net/url"

	"workbench/dashboard/portrait"
	"workbench/experiments"
)

// portraitSections are the cards of the page, in the order of a story: how it answers, how sure it is, what it gets
// wrong, what it looks at, what is inside, how it got there.
func portraitSections(d portraitData, u *url.URL) []portraitSection {
	var all []portraitSection
	add := func(sections ...portraitSection) {
		for _, s := range sections {
			if len(s.Panels)+len(s.Galleries)+len(s.Tables) > 0 {
				all = append(all, s)
			}
		}
	}
	classes := portraitSection{ID: "classes", Title: "Class by class", Read: []string{readClasses}, Panels: d.panels(u, "classes")}
	if d.beside != nil && d.beside.Confusion != nil {
		classes.Read = append(classes.Read, readBeside)
	}
	confusion := portraitSection{ID: "confusion", Title: "What it answers", Read: []string{readConfusion}, Panels: d.panels(u, "confusion")}
	confusion.Tables = d.pairTables()
	add(confusion, classes, d.differenceSection(u))
	add(portraitSection{ID: "calibration", Title: "How sure it is", Read: []string{readCalibration}, Panels: d.panels(u, "calibration")})
	add(portraitSection{ID: "mistakes", Title: "Surest mistakes", Read: []string{readMistakes},
		Galleries: d.galleries(mistakeGallery)})
	samples := portraitSection{ID: "samples", Title: "What it looks at", Read: []string{readSamples}, Galleries: d.galleries(sampleGallery)}
	samples.Tables = d.overTables()
	if len(samples.Tables) > 0 {
		samples.Read = append(samples.Read, readOver)
	}
	add(samples)
	add(portraitSection{ID: "maps", Title: "Maps of features", Read: []string{readMaps}, Galleries: d.galleries(mapGallery)})
	add(portraitSection{ID: "filters", Title: "First filters", Read: []string{readFilters}, Galleries: d.galleries(filterGallery)})
	add(portraitSection{ID: "embedding", Title: "How it orders images", Read: []string{readEmbedding}, Panels: d.panels(u, "embedding")})
	add(d.layerSection(u))
	return all
}

// panels are a figure of the run and, if there is one, of the run beside it.
func (d portraitData) panels(u *url.URL, name string) []panel {
	q := u.Query()
	q.Del("beside")
	var list []panel
	one := func(d portraitData) {
		svg, note := portraitFigures[name](d, runName(d.run))
		if svg == "" && note == "" {
			return
		}
		p := panel{Figure: template.HTML(svg), Note: note} // package figure escapes
		if d.beside != nil {
			p.Name, p.Href = runName(d.run), portraitPath(d.run.ID)
			q.Set("beside", d.other.ID)
		}
		if svg != "" {
			p.SVG = portraitPath(d.run.ID) + "/" + name + ".svg"
			if len(q) > 0 {
				p.SVG += "?" + q.Encode()
			}
		}
		p.Step = "step " + grouped(d.madeAt(name)) + epochAt(d.run, d.madeAt(name))
		if name == "layers" {
			p.Step = ""
		}
		list = append(list, p)
	}
	one(d)
	if d.beside != nil && name != "difference" && name != "gains" {
		one(d.swapped())
	}
	return list
}

// madeAt is the step of what a figure shows.
func (d portraitData) madeAt(name string) int64 {
	p := d.mine
	switch {
	case name == "calibration" && p.Calibration != nil:
		return p.Calibration.Step
	case name == "embedding" && p.Embedding != nil:
		return p.Embedding.Step
	case p.Confusion != nil:
		return p.Confusion.Step
	}
	return p.Step
}

// differenceSection compares the answers of both runs.
func (d portraitData) differenceSection(u *url.URL) portraitSection {
	s := portraitSection{ID: "difference", Title: "What the run beside it answers otherwise"}
	if d.difference == nil {
		return s
	}
	s.Read = []string{readDifference, readGains}
	s.Panels = append(d.panels(u, "difference"), d.panels(u, "gains")...)
	for i := range s.Panels {
		s.Panels[i].Name, s.Panels[i].Step = "", ""
	}
	pairs := func(name, caption string, list []portrait.PairDifference) {
		t := table{Name: name, Caption: caption, Columns: []column{{Key: "label", Title: "Label"}, {Key: "said", Title: "Answer"},
			{Key: "first", Title: "Here", Class: "number"}, {Key: "second", Title: "Beside", Class: "number"},
			{Key: "difference", Title: "Points", Class: "number"}}}
		for _, p := range list {
			t.Rows = append(t.Rows, row{Cells: []cell{text(p.Label), text(p.Said), numeric(fmt.Sprint(p.First), p.First),
				numeric(fmt.Sprint(p.Second), p.Second), numeric(fmt.Sprintf("%+.1f", 100*p.Difference), p.Difference)}})
		}
		if len(t.Rows) > 0 {
			s.Tables = append(s.Tables, t)
		}
	}
	pairs("fewer", "Confusions that the run beside it makes less often", d.difference.Fixed)
	pairs("more", "Confusions that it makes more often", d.difference.Added)
	return s
}

// layerSection shows a measure of layers over training, in both runs on one scale.
func (d portraitData) layerSection(u *url.URL) portraitSection {
	m, _ := portrait.MeasureOf(d.asked.Measure)
	s := portraitSection{ID: "layers", Title: "How its layers learn", Read: []string{readLayers[m.Name]}, Panels: d.panels(u, "layers")}
	var measures, params []levelLink
	for i, one := range portrait.Measures {
		value := one.Name
		if i == 0 {
			value = ""
		}
		measures = append(measures, levelLink{one.Title, withQuery(u, "measure", value) + "#layers", one.Name == m.Name})
	}
	if m.Name != "dead" {
		params = []levelLink{{"convolutions and linear layers", withQuery(u, "params", "") + "#layers", !d.asked.All},
			{"all parameters", withQuery(u, "params", "all") + "#layers", d.asked.All}}
	}
	s.Controls = [][]levelLink{measures, params}
	if d.beside != nil && d.beside.Layers != nil {
		s.Read = append(s.Read, "Both runs have one scale of colours.")
	}
	return s
}

// pairTables are the classes that are confused most, in each run.
func (d portraitData) pairTables() []table {
	var tables []table
	one := func(run experiments.RunInfo, c *portrait.Confusion) {
		if c == nil || len(c.Pairs) == 0 {
			return
		}
		t := table{Name: "pairs-" + short(run.ID), Caption: "Most confused", Columns: []column{{Key: "label", Title: "Label"},
			{Key: "said", Title: "Answer"}, {Key: "images", Title: "Images", Class: "number"},
			{Key: "share", Title: "Share of the label", Class: "number"}}}
		if d.beside != nil {
			t.Caption += " by " + runName(run)
		}
		most := 8
		if len(c.Classes) > portrait.MostDrawn {
			most = len(c.Pairs)
		}
		for _, p := range c.Pairs[:min(len(c.Pairs), most)] {
			t.Rows = append(t.Rows, row{Cells: []cell{text(p.Label), text(p.Said), numeric(fmt.Sprint(p.Images), p.Images),
				numeric(fmt.Sprintf("%.1f %%", 100*p.Share), p.Share)}})
		}
		tables = append(tables, t)
	}
	one(d.run, d.mine.Confusion)
	if d.beside != nil {
		one(d.other, d.beside.Confusion)
	}
	return tables
}
