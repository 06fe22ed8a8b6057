package dashboard

import (
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strconv"

	"workbench/dashboard/figure"
	"workbench/nn"
	"workbench/nn/zoo"
)

type modelsCompareView struct {
	Names    []string
	A, B     string // as the address has them
	Problem  string
	Sides    []modelSide // two, or none yet
	Swap     string
	Totals   table
	Blocks   table
	Levels   []levelLink
	Cut      int
	Whole    string
	Commands []string
}

// modelSide is one of the two networks.
type modelSide struct {
	chosen
	Name    string
	Href    string
	Changes []string // "shortcut=none"
	Costs   template.HTML
	Diagram template.HTML
	summary nn.Summary
	blocks  []nn.Layer
}

func (s *Server) side(r request, letter string) (modelSide, error) {
	q := r.URL.Query()
	c, err := choose(q.Get(letter), q, letter+".")
	if err != nil {
		return modelSide{}, err
	}
	side := modelSide{chosen: c, Name: c.Variant.Name, Href: c.href("", nil)}
	for _, f := range c.Fields {
		if f.Changed() {
			side.Changes = append(side.Changes, f.Name+"="+f.Value)
		}
	}
	_, side.summary, err = s.described(r, c)
	return side, err
}

func (s *Server) modelsComparePage(r request) (response, error) {
	q := r.URL.Query()
	v := modelsCompareView{Names: zoo.Names(), A: q.Get("a"), B: q.Get("b")}
	if picked := q["model"]; len(picked) == 2 { // from the check boxes of the zoo's table
		return redirection("/models/compare?" + url.Values{"a": picked[:1], "b": picked[1:]}.Encode()), nil
	} else if len(picked) > 0 {
		v.Problem = fmt.Sprintf("Two networks stand side by side, got %d. Choose them here:", len(picked))
	}
	if v.A == "" || v.B == "" {
		return s.page("models_compare", "Two models", v).within("models"), nil
	}
	a, err := s.side(r, "a")
	if err != nil {
		return nil, err
	}
	b, err := s.side(r, "b")
	if err != nil {
		return nil, err
	}
	if err := v.fill(a, b, r.URL); err != nil {
		return nil, err
	}
	if answer, err := v.Blocks.exports().answer(q); answer != nil || err != nil {
		return answer, err
	}
	if words := diffWords(a.chosen, b.chosen); words != nil {
		v.Commands = []string{s.Program.Command(words...)}
	}
	if n := len(v.Blocks.Rows); n > layersAtOnce && q.Get("rows") != "all" {
		v.Blocks.Rows, v.Cut, v.Whole = v.Blocks.Rows[:layersAtOnce], n-layersAtOnce, withQuery(r.URL, "rows", "all")
	}
	return s.page("models_compare", a.Name+" and "+b.Name, v).within("models"), nil
}

func (v *modelsCompareView) fill(a, b modelSide, u *url.URL) error {
	text := u.Query().Get("level")
	level, err := levelOf(a.summary, text)
	if err != nil {
		return err
	}
	if other, _ := levelOf(b.summary, text); text == "" {
		level = min(level, other)
	}
	v.Sides = []modelSide{a, b}
	var costs [2][]figure.Cost
	for i := range v.Sides {
		v.Sides[i].blocks = v.Sides[i].summary.Blocks(level).Layers
		costs[i] = costsOf(v.Sides[i].blocks)
	}
	most := figure.Most(len(costColumns), costs[:]...)
	for i := range v.Sides {
		side := &v.Sides[i]
		side.Costs = template.HTML(costFigure(side.chosen, side.blocks, most))           // package figure escapes
		side.Diagram = template.HTML(diagram(side.chosen, side.summary, diagramWidth/2)) // likewise
	}
	v.Totals = totalsTable(a, b)
	v.Blocks = sideBySide(v.Sides[0], v.Sides[1])
	v.Blocks.Exports = exportLinks(u)
	v.Levels = compareLevels(a.summary, b.summary, u, level)
	v.Swap = swapped(u)
	return nil
}

// diffWords are the command that compares the same networks; nil if there is none, because their images or classes are
// not the same.
func diffWords(a, b chosen) []string {
	one, flags := a.words()
	other, same := b.words()
	if !slices.Equal(flags, same) {
		return nil
	}
	return slices.Concat([]string{"describe"}, one, []string{"--diff"}, other, flags)
}

// swapped is the page with the two networks in each other's place.
func swapped(u *url.URL) string {
	q := url.Values{}
	for key, values := range u.Query() {
		switch {
		case key == "a" || len(key) > 2 && key[:2] == "a.":
			key = "b" + key[1:]
		case key == "b" || len(key) > 2 && key[:2] == "b.":
			key = "a" + key[1:]
		}
		q[key] = values
	}
	return u.EscapedPath() + "?" + q.Encode()
}

func compareLevels(a, b nn.Summary, u *url.URL, current int) []levelLink {
	var links []levelLink
	for level := 1; level <= deepest; level++ {
		n, m := len(a.Blocks(level).Layers), len(b.Blocks(level).Layers)
		links = append(links, levelLink{fmt.Sprintf("level %d (%d, %d)", level, n, m),
			withQuery(u, "level", strconv.Itoa(level)), level == current})
		if n == len(a.Layers) && m == len(b.Layers) {
			break
		}
	}
	return append(links, levelLink{fmt.Sprintf("all layers (%d, %d)", len(a.Layers), len(b.Layers)),
		withQuery(u, "level", "all"), current == 0})
}

// totalsTable has a row a cost, with how many times the second network's is the first's.
func totalsTable(a, b modelSide) table {
	t := table{Name: "totals", Columns: []column{{Key: "what", Title: ""}, {Key: "a", Title: a.Name, Class: "number"},
		{Key: "b", Title: b.Name, Class: "number"}, {Key: "ratio", Title: "Ratio", Class: "number", Hint: "of the second to the first"}}}
	add := func(what string, shown func(int64) cell, of func(nn.Summary) int64) {
		x, y := of(a.summary), of(b.summary)
		ratio := cell{Text: "", Value: "", Class: "number"}
		if x > 0 && y > 0 {
			r := float64(y) / float64(x)
			ratio = numeric(digits(r, 3), r)
		}
		t.Rows = append(t.Rows, row{Key: what, Cells: []cell{text(what), shown(x), shown(y), ratio}})
	}
	add("parameters", costCell, func(s nn.Summary) int64 { return totalsOf(s).Params })
	add("multiply-adds an image", costCell, func(s nn.Summary) int64 { return totalsOf(s).MACs })
	add("weight layers", costCell, func(s nn.Summary) int64 { return int64(s.WeightLayers) })
	add("activations in training, an image", sizeCell, func(s nn.Summary) int64 { return s.KeptBytes })
	add("activations in inference, at most", sizeCell, func(s nn.Summary) int64 { return s.PeakBytes })
	about := func(what, x, y string) {
		t.Rows = append(t.Rows, row{Key: what, Cells: []cell{text(what), {Text: x, Class: "number"},
			{Text: y, Class: "number"}, {Class: "number"}}})
	}
	headline := func(v zoo.Variant) string {
		if p, found := v.Headline(); found && p.Top1 > 0 {
			return fixed(100-p.Top1, 2) + " % on " + p.Data + ", " + protocolOf(v, p)
		}
		return "–"
	}
	about("published top-1", headline(a.Variant), headline(b.Variant))
	about("images", shape(a.Input[:], "×"), shape(b.Input[:], "×"))
	about("classes", strconv.Itoa(a.Classes), strconv.Itoa(b.Classes))
	about("year", strconv.Itoa(a.Variant.Year), strconv.Itoa(b.Variant.Year))
	return t
}

// sideBySide has the blocks of both networks; those stand in one row whose pixels are as far apart in the image.
func sideBySide(a, b modelSide) table {
	t := table{Name: safeName(a.Name + "-" + b.Name)}
	for i, side := range []modelSide{a, b} {
		letter := string(rune('a' + i))
		t.Columns = append(t.Columns, column{Key: letter + "_path", Title: side.Name},
			column{Key: letter + "_output", Title: "Output", Class: "number"},
			column{Key: letter + "_parameters", Title: "Parameters", Class: "number"},
			column{Key: letter + "_macs", Title: "Multiply-adds", Class: "number"},
			column{Key: letter + "_kept_bytes", Title: "Kept in training", Class: "number"})
	}
	var stride [2]int
	for i, pair := range align(a.blocks, b.blocks) {
		line := row{Key: strconv.Itoa(i)}
		at := stride
		for _, l := range pair {
			if l != nil {
				at = l.Jump
			}
			line.Cells = append(line.Cells, sideCells(l)...)
		}
		if at != stride {
			line.Class, stride = "group", at
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

func sideCells(l *nn.Layer) []cell {
	if l == nil {
		return make([]cell, 5)
	}
	return []cell{{Text: nameOf(*l), Class: "mono", Title: kindOf(*l)}, numeric(shape(l.Out, "×"), shape(l.Out, "x")),
		costCell(l.Params), costCell(l.MACs), sizeCell(l.KeptBytes)}
}
