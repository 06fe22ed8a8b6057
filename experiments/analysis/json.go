package analysis

import (
	"encoding/json"
	"math"

	"workbench/experiments"
)

// statistic is a computed number. In JSON it is null where it is not defined (NaN), as the interval of two runs is not.
// A measured value is a Number instead, which tells a NaN that was measured from a value that is missing.
type statistic float64

func (s statistic) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(s)) {
		return []byte("null"), nil
	}
	return experiments.Number(s).MarshalJSON()
}

// MarshalJSON writes bounds that are not defined as null.
func (i Interval) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Low  statistic `json:"low"`
		High statistic `json:"high"`
	}{statistic(i.Low), statistic(i.High)})
}

// MarshalJSON writes values that are not defined as null.
func (r AblationRow) MarshalJSON() ([]byte, error) {
	type plain AblationRow
	return json.Marshal(struct { // the outer fields hide the inner ones of the same name
		plain
		Mean    statistic `json:"mean"`
		SD      statistic `json:"sd"`
		Train   statistic `json:"train"`
		Seconds statistic `json:"seconds"`
	}{plain(r), statistic(r.Mean), statistic(r.SD), statistic(r.Train), statistic(r.Seconds)})
}

// pairedJSON is Paired with null for values that are not defined.
type pairedJSON struct {
	plainPaired
	Mean   statistic `json:"mean"`
	Effect statistic `json:"effect"`
	P      statistic `json:"p"`
	Holm   statistic `json:"holm"`
}

type plainPaired Paired

func (p Paired) json() pairedJSON {
	return pairedJSON{plainPaired(p), statistic(p.Mean), statistic(p.Effect), statistic(p.P), statistic(p.Holm)}
}

// MarshalJSON writes values that are not defined as null.
func (p Paired) MarshalJSON() ([]byte, error) { return json.Marshal(p.json()) }

// MarshalJSON writes values that are not defined as null.
func (e Effect) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Factor string `json:"factor"`
		Level  string `json:"level"`
		Versus string `json:"versus"`
		Cells  int    `json:"cells"`
		pairedJSON
		PerCost []PerCost `json:"per_cost"`
	}{e.Factor, e.Level, e.Versus, e.Cells, e.json(), e.PerCost})
}

// MarshalJSON writes values that are not defined as null.
func (i Interaction) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Factor     string `json:"factor"`
		Level      string `json:"level"`
		Versus     string `json:"versus"`
		With       string `json:"with"`
		WithLevel  string `json:"with_level"`
		WithVersus string `json:"with_versus"`
		Cells      int    `json:"cells"`
		pairedJSON
	}{i.Factor, i.Level, i.Versus, i.With, i.WithLevel, i.WithVersus, i.Cells, i.json()})
}

// MarshalJSON writes values that are not defined as null.
func (c PerCost) MarshalJSON() ([]byte, error) {
	type plain PerCost
	return json.Marshal(struct {
		plain
		Added statistic `json:"added"`
		Value statistic `json:"value"`
	}{plain(c), statistic(c.Added), statistic(c.Value)})
}

// MarshalJSON writes what is not known as null.
func (b Budget) MarshalJSON() ([]byte, error) {
	type plain Budget
	return json.Marshal(struct {
		plain
		Images       statistic `json:"images"`
		MultiplyAdds statistic `json:"multiply_adds"`
		Seconds      statistic `json:"seconds"`
	}{plain(b), statistic(b.Images), statistic(b.MultiplyAdds), statistic(b.Seconds)})
}
