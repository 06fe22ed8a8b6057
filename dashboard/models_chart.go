package dashboard

import (
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"

	"workbench/dashboard/figure"
	"workbench/nn/zoo"
)

// modelChart is the bubble chart of the networks in a table.
type modelChart struct {
	Figure  template.HTML
	On      string // the data whose published accuracies it shows
	By      string // the protocol by which all of them were measured
	Data    []levelLink
	Ways    []levelLink
	Drawn   int
	LeftOut int // networks of the table without such an accuracy
	Href    string
}

// publishedData are the data sets with published accuracies of several networks, the one with the most first.
func publishedData() []string {
	count := map[string]int{}
	for _, name := range zoo.Names() {
		v, err := zoo.Lookup(name)
		if err != nil {
			continue
		}
		for _, p := range v.Published() {
			count[p.Data]++
		}
	}
	var list []string
	for data, n := range count {
		if n > 1 {
			list = append(list, data)
		}
	}
	slices.SortFunc(list, func(a, b string) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return strings.Compare(a, b)
	})
	return list
}

// branch of a family: small networks have the colour of the large ones.
func branch(family string) string { return strings.TrimSuffix(family, "-CIFAR") }

// chartOfModels draws those that have an accuracy on ?on= by ?protocol=: what was measured in different ways is never
// in one chart. links makes the bubbles lead to the networks' pages.
func chartOfModels(rows []modelRow, u *url.URL, links bool) (modelChart, error) {
	all := publishedData()
	c := modelChart{On: u.Query().Get("on")}
	if c.On == "" {
		c.On = all[0]
	}
	if !slices.Contains(all, c.On) {
		return c, badRequest("on: want one of %s, got %q", strings.Join(all, ", "), c.On)
	}
	for _, data := range all {
		c.Data = append(c.Data, levelLink{data, withQuery(dropped(u, "protocol"), "on", data), data == c.On})
	}
	if err := c.choose(rows, u); err != nil {
		return c, err
	}
	styles := familyStyles()
	var bubbles []figure.Bubble
	var keys []figure.Key
	for _, m := range rows {
		p, found := publishedOn(m.Variant, c.On, c.By)
		if !found {
			c.LeftOut++
			continue
		}
		family := branch(m.Variant.Family)
		b := figure.Bubble{Label: m.Variant.Name, Style: styles[family], X: float64(m.MACs), Y: 100 - p.Top1, Size: float64(m.Params),
			Note: fmt.Sprintf("%s %% (%s; %s), %s parameters, %s multiply-adds", digits(100-p.Top1, 4), p.Evaluation, p.Source,
				scale(float64(m.Params), ""), scale(float64(m.MACs), ""))}
		if links {
			b.Href = modelPath(m.Variant.Name)
		}
		bubbles = append(bubbles, b)
		if key := (figure.Key{Label: family, Style: styles[family]}); !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b figure.Key) int { return strings.Compare(a.Label, b.Label) })
	c.Drawn = len(bubbles)
	chart := figure.BubbleChart{Title: "Published accuracy, multiply-adds and parameters of networks", X: "multiply-adds for one image",
		Y: "top-1 accuracy on " + c.On + ", " + c.By + " (%)", Size: "parameters",
		Unit: func(v float64) string { return scale(v, "") }, Keys: keys}
	c.Figure = template.HTML(chart.Draw(bubbles)) // package figure escapes
	c.Href = address("/models/bubbles.svg", u.Query())
	return c, nil
}

// choose the protocol that the address names, else the one by which most networks were measured.
func (c *modelChart) choose(rows []modelRow, u *url.URL) error {
	names, count := protocolsOn(rows, c.On)
	c.By = u.Query().Get("protocol")
	if c.By == "" && len(names) > 0 {
		c.By = names[0]
	}
	if len(names) > 0 && !slices.Contains(names, c.By) {
		return badRequest("protocol: want one of %s, got %q", strings.Join(names, "; "), c.By)
	}
	for _, name := range names {
		c.Ways = append(c.Ways, levelLink{fmt.Sprintf("%s (%d)", name, count[name]), withQuery(u, "protocol", name), name == c.By})
	}
	return nil
}

// familyStyles are one for each branch of the zoo, the same whatever is filtered.
func familyStyles() map[string]figure.Style {
	var names []string
	for _, family := range families() {
		names = append(names, branch(family))
	}
	return figure.Assign(names)
}

func (s *Server) modelBubbles(r request) (response, error) {
	rows, err := s.modelRows(r)
	if err != nil {
		return nil, err
	}
	c, err := chartOfModels(rows, r.URL, false)
	return svgBody(string(c.Figure)), err
}
