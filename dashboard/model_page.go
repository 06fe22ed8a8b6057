package dashboard

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"

	"workbench/dashboard/figure"
	"workbench/dashboard/outline"
	"workbench/experiments/iec"
	"workbench/experiments/metric"
	"workbench/nn"
	"workbench/nn/zoo"
)

type modelView struct {
	chosen
	Level       string // as the address has it
	Problem     string // why there is no such network
	Facts       []fact
	Layers      table
	Cut         int // rows that the page leaves out
	Whole       string
	Levels      []levelLink
	Shares      table
	Accuracies  table // published ones
	Costs       template.HTML
	CostsHref   string
	Diagram     template.HTML
	DiagramHref string
	Names       []string
	Compare     url.Values // what the form for a comparison carries
	Changed     int        // switches that differ from the published network
	Published   string
	Commands    []string
}

// diagramWidth is what a page has room for.
const diagramWidth = 1200

// model reads the address of a network and describes it.
func (s *Server) model(r request) (chosen, nn.Summary, error) {
	c, err := choose(r.Param("model"), r.URL.Query(), "")
	if err != nil {
		return c, nn.Summary{}, err
	}
	return s.described(r, c)
}

// described says what the chosen network costs; an impossible one is the reader's mistake.
func (s *Server) described(r request, c chosen) (chosen, nn.Summary, error) {
	summary, err := s.catalogue.describe(r.Context(), c.design)
	if err != nil && r.Context().Err() == nil {
		err = &failure{Status: http.StatusBadRequest, What: err.Error()}
	}
	return c, summary, err
}

func (s *Server) modelPage(r request) (response, error) {
	c, summary, err := s.model(r)
	q := r.URL.Query()
	var wrong *failure
	if errors.As(err, &wrong) && c.Fields != nil && q.Get("format") == "" {
		v := modelView{chosen: c, Level: q.Get("level"), Problem: wrong.What, Published: modelPath(c.Variant.Name)}
		return s.page("model", c.Variant.Name, v).within("models").withStatus(wrong.Status), nil
	}
	if err != nil {
		return nil, err
	}
	if c.spare { // the address without what says nothing new
		kept := url.Values{}
		for _, name := range reserved {
			if q.Get(name) != "" {
				kept.Set(name, q.Get(name))
			}
		}
		return redirection(c.href("", kept)), nil
	}
	level, err := levelOf(summary, q.Get("level"))
	if err != nil {
		return nil, err
	}
	blocks := summary.Blocks(level).Layers
	v := modelView{chosen: c, Level: q.Get("level"), Layers: layerTable(c.Variant.Name, blocks), Levels: c.levels(summary, level),
		Shares: shareTable(c.Variant.Name, summary), Names: zoo.Names(), Published: modelPath(c.Variant.Name)}
	v.Layers.Exports = exportLinks(r.URL)
	if answer, err := v.Layers.exports().answer(q); answer != nil || err != nil {
		return answer, err
	}
	if n := len(v.Layers.Rows); n > layersAtOnce && q.Get("rows") != "all" {
		v.Layers.Rows, v.Cut, v.Whole = v.Layers.Rows[:layersAtOnce], n-layersAtOnce, withQuery(r.URL, "rows", "all")
	}
	here, err := s.trainedModels(r.Context())
	if err != nil {
		return nil, err
	}
	v.Accuracies = accuracyTable(c.Variant)
	v.Facts = modelFacts(c, summary, here[c.Variant.Name])
	v.Costs = template.HTML(costFigure(c, blocks, nil)) // package figure escapes, here and below
	v.Diagram = template.HTML(diagram(c, summary, diagramWidth))
	v.CostsHref, v.DiagramHref = c.href("/costs.svg", levelQuery(v.Level)), c.href("/diagram.svg", nil)
	v.Compare = c.query("a.")
	v.Changed = len(c.changes())
	words, flags := c.words()
	v.Commands = []string{s.Program.Command(slices.Concat([]string{"describe"}, words, flags)...)}
	return s.page("model", c.Variant.Name, v).within("models"), nil
}

func levelQuery(level string) url.Values {
	if level == "" {
		return nil
	}
	return url.Values{"level": {level}}
}

// words name the network on a command line, and the flags that set its images and classes.
func (c chosen) words() (words, flags []string) {
	words = []string{c.Variant.Name}
	changes := c.changes()
	for _, f := range c.Fields {
		switch value := changes.Get(f.Name); {
		case !changes.Has(f.Name):
		case f.Name == "input", f.Name == "classes":
			flags = append(flags, "--"+f.Name, value)
		default:
			words = append(words, f.Name+"="+value)
		}
	}
	return words, flags
}

func modelFacts(c chosen, s nn.Summary, here *trained) []fact {
	t := totalsOf(s)
	facts := []fact{
		{Name: "Family", Value: c.Variant.Family}, {Name: "Images", Value: shape(c.Input[:], "×")},
		{Name: "Classes", Value: fmt.Sprint(c.Classes)},
		{Name: "Parameters", Value: grouped(t.Params)}, {Name: "Multiply-adds an image", Value: grouped(t.MACs)},
		{Name: "Weight layers", Value: fmt.Sprint(t.WeightLayers)},
		{Name: "Activations in training, an image", Value: iec.Bytes(s.KeptBytes)},
		{Name: "Activations in inference, at most", Value: iec.Bytes(s.PeakBytes)},
	}
	if s.TrainingParams > 0 {
		facts = append(facts, fact{Name: "In training alone", Value: grouped(s.TrainingParams) + " parameters"})
	}
	if here != nil {
		text := plural(here.runs, "run is", "runs are") + " done"
		if here.on != "" {
			text += fmt.Sprintf(", at best %s %s on %s", shown(metric.TestTop1, here.top1), unit(metric.TestTop1), here.on)
		}
		facts = append(facts, fact{Name: "In this database", Value: text})
	}
	return facts
}

func costFigure(c chosen, blocks []nn.Layer, most []float64) string {
	return figure.Costs{Title: "What the blocks of " + c.Variant.Name + " cost", Columns: costColumns, Most: most}.Draw(costsOf(blocks))
}

func diagram(c chosen, s nn.Summary, width float64) string {
	return figure.Network{Title: "Blocks of " + c.Variant.Name, Image: shape(c.Input[:], "×"), Width: width}.Draw(outline.Of(s))
}

func (s *Server) modelCosts(r request) (response, error) {
	c, summary, err := s.model(r)
	if err != nil {
		return nil, err
	}
	level, err := levelOf(summary, r.URL.Query().Get("level"))
	if err != nil {
		return nil, err
	}
	return svgBody(costFigure(c, summary.Blocks(level).Layers, nil)), nil
}

func (s *Server) modelDiagram(r request) (response, error) {
	c, summary, err := s.model(r)
	if err != nil {
		return nil, err
	}
	return svgBody(diagram(c, summary, diagramWidth)), nil
}

// apiModelInfo is a network of the zoo in JSON.
type apiModelInfo struct {
	Name    string `json:"name"`
	Family  string `json:"family"`
	Paper   string `json:"paper"`
	Year    int    `json:"year"`
	Input   [3]int `json:"input"`
	Classes int    `json:"classes"`
	totals
	Published []zoo.Published `json:"published"`
}

func infoOf(d design, t totals) apiModelInfo {
	v := d.Variant
	return apiModelInfo{v.Name, v.Family, v.Paper, v.Year, d.Input, d.Classes, t, v.Published()}
}

func (s *Server) apiModels(r request) (response, error) {
	rows, err := s.modelRows(r)
	if err != nil {
		return nil, err
	}
	list := make([]apiModelInfo, len(rows))
	for i, m := range rows {
		list[i] = infoOf(design{Variant: m.Variant, Input: m.Variant.Input, Classes: m.Variant.Classes}, m.totals)
	}
	return answer("models", list), nil
}

// apiModel answers with one network, its settings, its layers (or blocks with ?level=) and its shares.
func (s *Server) apiModel(r request) (response, error) {
	c, summary, err := s.model(r)
	if err != nil {
		return nil, err
	}
	text := r.URL.Query().Get("level")
	if text == "" {
		text = "all"
	}
	level, err := levelOf(summary, text)
	if err != nil {
		return nil, err
	}
	return answer("model", struct {
		apiModelInfo
		Settings zoo.Settings `json:"settings"`
		Shares   []nn.Share   `json:"shares"`
		Summary  nn.Summary   `json:"summary"`
	}{infoOf(c.design, totalsOf(summary)), c.Settings, summary.Shares(), summary.Blocks(level)}), nil
}
