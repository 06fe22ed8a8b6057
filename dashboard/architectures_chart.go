package dashboard

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"net/url"
	"slices"
	"strings"

	"workbench/dashboard/figure"
	"workbench/experiments/analysis"
	"workbench/experiments/iec"
	"workbench/experiments/metric"
	"workbench/nn/nearest"
)

// architectureChart has a bubble a network of one protocol.
type architectureChart struct {
	Figure    template.HTML // "" if nothing can be drawn
	Costs     []levelLink   // what x may be
	Protocols []levelLink   // if there are several
	Protocol  string
	Cost      string
	Drawn     int
	LeftOut   int // of the protocol, without a value or a cost, or beyond what is drawn
	Href      string
}

// chartOfArchitectures draws those of ?protocol= against ?x=. links makes the bubbles lead to the runs of their cells.
func chartOfArchitectures(d architectureData, u *url.URL, links bool) (architectureChart, error) {
	q, found := u.Query(), d.found
	c := architectureChart{Protocol: q.Get("protocol"), Href: address(u.EscapedPath()+".svg", q)}
	if len(found.Protocols) == 0 {
		return c, nil
	}
	if c.Protocol == "" {
		c.Protocol = found.Protocols[0]
	}
	if !slices.Contains(found.Protocols, c.Protocol) {
		return c, badRequest("protocol: want one of %s, got %q", strings.Join(found.Protocols, "; "), c.Protocol)
	}
	for _, p := range found.Protocols {
		c.Protocols = append(c.Protocols, levelLink{p, withQuery(u, "protocol", p), p == c.Protocol})
	}
	x, err := c.axis(found, u)
	if err != nil {
		return c, err
	}
	var bubbles []figure.Bubble
	styles := stylesOf(d.info.Study)
	for _, r := range found.Rows {
		if r.Protocol != c.Protocol {
			continue
		}
		cost := x.Of(r)
		if !(cost > 0) || math.IsNaN(r.Mean) || math.IsInf(r.Mean, 0) || len(bubbles) == mostDrawnNetworks {
			c.LeftOut++
			continue
		}
		bubbles = append(bubbles, bubbleOf(d, r, cost, styles[r.Cell], links))
	}
	if c.Drawn = len(bubbles); c.Drawn == 0 {
		return c, nil
	}
	on := c.Protocol
	if found.Limit != (analysis.Limit{}).String() {
		on += ", within " + found.Limit
	}
	chart := figure.BubbleChart{Title: "Architectures: " + metric.Title(found.Metric) + " and " + x.Title, X: x.Title, Size: "parameters",
		Y: withUnit(found.Metric, unit(found.Metric)) + " on " + on, Lower: !found.Higher,
		Unit: func(v float64) string { return scale(v, "") }, UnitX: costUnits[x.Unit]}
	c.Figure = template.HTML(chart.Draw(bubbles)) // package figure escapes
	return c, nil
}

// axis is the cost that the address names, else multiply-adds; links are to those that any network has.
func (c *architectureChart) axis(found analysis.Compared, u *url.URL) (analysis.Cost, error) {
	key := cmp.Or(u.Query().Get("x"), "macs")
	var keys []string
	for _, cost := range analysis.Costs {
		keys = append(keys, cost.Key)
		if slices.ContainsFunc(found.Rows, func(r analysis.Architecture) bool { return cost.Of(r) > 0 }) {
			c.Costs = append(c.Costs, levelLink{cost.Title, withQuery(u, "x", cost.Key), cost.Key == key})
		}
	}
	i := slices.Index(keys, key)
	if i < 0 {
		return analysis.Cost{}, badRequest("x: unknown cost %q%s", key, nearest.Hint(key, keys))
	}
	c.Cost = analysis.Costs[i].Title
	return analysis.Costs[i], nil
}

// costUnits write numbers of a unit.
var costUnits = map[string]func(float64) string{
	"":  func(v float64) string { return scale(v, "") },
	"s": briefly,
	"B": func(v float64) string { return iec.Bytes(int64(v)) },
}

// briefly is a time that may be far below a second.
func briefly(seconds float64) string {
	switch {
	case math.IsNaN(seconds):
		return "–"
	case seconds < 1e-3:
		return digits(1e6*seconds, 3) + " µs"
	case seconds < 1:
		return digits(1e3*seconds, 3) + " ms"
	case seconds < 60:
		return digits(seconds, 3) + " s"
	}
	return lasting(seconds)
}

// bubbleOf a network that leads to the runs of its cell.
func bubbleOf(d architectureData, r analysis.Architecture, cost float64, style figure.Style, links bool) figure.Bubble {
	name := d.found.Metric
	b := figure.Bubble{Label: r.Cell, Style: style, X: cost, Y: scaled(name, r.Mean), Size: float64(r.Params),
		Note: fmt.Sprintf("%s, %s; %s parameters, %s multiply-adds", r.Network, reached(name, r), scale(float64(r.Params), ""),
			scale(float64(r.MACs), ""))}
	if low, high := scaled(name, r.Interval.Low), scaled(name, r.Interval.High); high > low {
		b.Low, b.High = low, high
		if metric.Of(name).Percent { // an interval of few runs reaches beyond what can be
			b.Low, b.High = max(low, 0), min(high, scaled(name, 1))
		}
	}
	if links {
		b.Href = runsLink(runsRef(d.info), r.Cell)
	}
	return b
}

// reached is the mean with its interval, in words.
func reached(name string, r analysis.Architecture) string {
	text := strings.TrimSpace(shown(name, r.Mean) + " " + unit(name))
	if half := (r.Interval.High - r.Interval.Low) / 2; half > 0 {
		text = strings.TrimSpace(shown(name, r.Mean) + " ± " + shown(name, half) + " " + unit(name))
	}
	return fmt.Sprintf("%s over %s", text, plural(r.N, "seed", "seeds"))
}
