package claim

import (
	"fmt"
	"regexp"
	"slices"

	"workbench/experiments/studyfile"
	"workbench/nn/option"
)

// Bounds of a file of claims.
const (
	mostClaims = 500
	mostValues = 100
	mostSlips  = 10
)

// kind is what messages call a file of claims.
const kind = "file of claims"

// Parse reads a file of claims strictly; file is what messages call it. Everything that is wrong is told at once.
func Parse(file string, text []byte) ([]Claim, error) {
	doc, root := studyfile.ReadDocument(kind, file, text)
	var claims []Claim
	if root.There() {
		claims = decodeFile(file, root)
	}
	return claims, doc.Err()
}

func decodeFile(file string, root studyfile.Node) []Claim {
	keys := root.Keys("family", "claims")
	family := keys["family"].Text()
	if family == "" {
		root.Fail("want the key family: what the networks of these claims are called")
	}
	var claims []Claim
	items := keys["claims"].List(mostClaims)
	if len(items) == 0 {
		root.Fail("want a list of claims")
	}
	seen := map[string]int{}
	for _, item := range items {
		c := Claim{Family: family, File: file}
		c.decode(item)
		if line, twice := seen[c.ID]; twice && c.ID != "" {
			item.Fail("id %s is taken by the claim at line %d", c.ID, line)
		}
		seen[c.ID] = c.Place.Line
		claims = append(claims, c)
	}
	return claims
}

var idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (c *Claim) decode(n studyfile.Node) {
	keys := n.Keys("id", "statement", "source", "conditions", "decision", "direction", "delta", "tolerance", "unit",
		"verification", "values", "compare", "lecture", "slips")
	c.Place = n.Place()
	c.ID, c.Statement = keys["id"].Text(), keys["statement"].Text()
	c.Conditions, c.Verification = keys["conditions"].Text(), keys["verification"].Text()
	switch {
	case !idForm.MatchString(c.ID):
		n.Fail("want an id of small letters, digits and hyphens, got %q", c.ID)
	case c.Statement == "":
		n.Fail("%s: want a statement", c.ID)
	}
	source := keys["source"].Keys("paper", "where", "quote")
	c.Source = Source{source["paper"].Text(), source["where"].Text(), source["quote"].Text()}
	if c.Source.Paper == "" {
		n.Fail("%s: want source: {paper: …, where: …}", c.ID)
	}
	c.Decision = Decision(keys["decision"].Choice(Decisions...))
	c.Direction, c.Delta = keys["direction"].Choice(Rising, Falling), keys["delta"].Number()
	c.lecture(keys["lecture"])
	c.compare(keys["compare"])
	c.values(keys["values"], valueDefaults(keys))
	c.slips(keys["slips"])
	if problem := c.inconsistent(); problem != "" && (c.Decision != "" || !keys["decision"].There()) {
		n.Fail("%s: %s", c.ID, problem)
	}
}

// defaults are what a claim says for all its values.
type defaults struct {
	tolerance Tolerance
	unit      string
}

func valueDefaults(keys map[string]studyfile.Node) defaults {
	return defaults{toleranceOf(keys["tolerance"]), keys["unit"].Text()}
}

func toleranceOf(n studyfile.Node) Tolerance {
	v := n.Value()
	if v == nil {
		return Tolerance{}
	}
	t, err := parseTolerance(v)
	if err != nil {
		n.Fail("%v", err)
	}
	return t
}

func (c *Claim) values(n studyfile.Node, usual defaults) {
	published := map[string]float64{}
	var parts []map[string]studyfile.Node
	for _, item := range n.List(mostValues) {
		keys := item.Keys("name", "published", "measured", "tolerance", "unit", "bound")
		v := Value{Name: nameOf(keys["name"]), Tolerance: usual.tolerance, Unit: usual.unit, Bound: keys["bound"].Choice(Bounds...),
			Place: item.Place()}
		if v.Name == "" || slices.ContainsFunc(c.Values, func(o Value) bool { return o.Name == v.Name }) {
			item.Fail("want a name that no other value of the claim has, got %q", v.Name)
		}
		if keys["tolerance"].There() {
			v.Tolerance = toleranceOf(keys["tolerance"])
		}
		if keys["unit"].There() {
			v.Unit = keys["unit"].Text()
		}
		if keys["published"].There() {
			var err error
			if v.Published, err = plain(keys["published"].Value()); err != nil || !isMeasurement(v.Published) {
				keys["published"].Fail("want a finite number, a text or a list of these")
			}
		}
		if number, is := v.Published.(float64); is {
			published[v.Name] = number
		}
		c.Values, parts = append(c.Values, v), append(parts, keys)
	}
	for i := range c.Values {
		if at := parts[i]["measured"]; at.There() {
			c.Values[i].Measured, c.Values[i].Place = expression(at, published), at.Place()
		}
		if v := c.Values[i]; v.Published == nil && v.Measured == nil {
			n.Fail("value %s has neither a published value nor an expression", v.Name)
		}
	}
}

// nameOf is a name that may look like a number.
func nameOf(n studyfile.Node) string {
	if v := n.Value(); v != nil {
		return option.Label(v)
	}
	return ""
}

func expression(n studyfile.Node, published map[string]float64) *Expression {
	text := n.Text()
	e, wrong := parseExpression(text, published)
	if _, is := n.Value().(string); wrong != nil && is { // what is no text has been told of
		n.FailAt(wrong.character, "%s", wrong.message)
	}
	if wrong != nil {
		return &Expression{Text: text}
	}
	return e
}

func (c *Claim) lecture(n studyfile.Node) {
	keys := n.Keys("where", "sentence", "verdict", "fact")
	c.Lecture = Lecture{nameOf(keys["where"]), keys["sentence"].Text(), keys["verdict"].Choice(LectureVerdicts...), keys["fact"].Text()}
	if n.There() && c.Lecture.Verdict != "correct" && c.Lecture.Fact == "" {
		n.Fail("want the right fact beside a sentence that is %s", c.Lecture.Verdict)
	}
}

func (c *Claim) slips(n studyfile.Node) {
	for _, item := range n.List(mostSlips) {
		keys := item.Keys("printed", "value", "measured", "unit")
		s := Slip{Printed: keys["printed"].Text(), Value: keys["value"].Number(), Unit: keys["unit"].Text(), Place: item.Place()}
		if s.Printed == "" || !keys["value"].There() || !keys["measured"].There() {
			item.Fail("want printed, value and measured")
			continue
		}
		s.Measured, s.Place = expression(keys["measured"], nil), keys["measured"].Place()
		c.Slips = append(c.Slips, s)
	}
}

// inconsistent says what of a claim does not go with its kind of decision, "" if all does.
func (c *Claim) inconsistent() string {
	measured := c.measured()
	tolerant := func(v Value) bool { return v.Tolerance != Tolerance{} }
	unbounded := func(v Value) bool { return v.Bound == "" }
	unpublished := func(v Value) bool { return v.Published == nil }
	switch c.Decision {
	case "":
		return "want a decision, one of exact, equivalent, greater, ordered, threshold, citation"
	case Citation:
		if c.Compare != nil || len(measured) > 0 {
			return "a citation has neither expressions nor a comparison"
		}
		return ""
	}
	switch {
	case c.Compare != nil && len(measured) > 0:
		return "want expressions or a comparison, got both"
	case c.Compare != nil:
		return c.Compare.inconsistent(*c)
	case len(measured) == 0:
		return fmt.Sprintf("decision %s needs a value with an expression, or a comparison; what nothing can measure is a citation", c.Decision)
	case c.Decision == Exact && slices.ContainsFunc(measured, tolerant):
		return "decision exact allows no tolerance: want equivalent"
	case c.Decision == Equivalent && !slices.ContainsFunc(measured, tolerant):
		return "decision equivalent needs a tolerance: want exact"
	case c.Decision == Threshold && slices.ContainsFunc(measured, unbounded):
		return "decision threshold needs a bound of every value that is measured"
	case c.Decision == Greater && (len(measured) != 2 || !(c.Delta > 0)):
		return fmt.Sprintf("decision greater needs two values with expressions and a delta above 0, got %d values and a delta of %v",
			len(measured), c.Delta)
	case c.Decision == Ordered && (len(measured) < 2 || c.Direction == ""):
		return "decision ordered needs two values or more with expressions, and a direction"
	case c.Decision != Threshold && !all(c.Values, unbounded):
		return "a bound is of decision threshold"
	case c.Decision != Greater && c.Decision != Ordered && slices.ContainsFunc(measured, unpublished):
		return "every value needs a published one"
	}
	return ""
}

func all(values []Value, is func(Value) bool) bool {
	return !slices.ContainsFunc(values, func(v Value) bool { return !is(v) })
}
