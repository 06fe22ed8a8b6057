package portrait

import (
	"math"
	"strings"

	"workbench/experiments"
	kept "workbench/experiments/portrait"
)

// Measure is what is shown of layers over training.
type Measure struct {
	Name  string // in addresses
	Title string
	Log   bool // shown by its decimal logarithm
	of    func(kept.Param) float64
}

// Measures are those of parameters and, the last, of units.
var Measures = []Measure{
	{"gradient", "norm of the gradient", true, func(p kept.Param) float64 { return float64(p.Gradient) }},
	{"weight", "norm of the weights", true, func(p kept.Param) float64 { return float64(p.Weight) }},
	{"update", "update-to-weight ratio", true, func(p kept.Param) float64 { return float64(p.Update / p.Weight) }},
	{"dead", "share of dead units", false, nil},
}

// MeasureOf a name; the first of "".
func MeasureOf(name string) (Measure, bool) {
	for _, m := range Measures {
		if m.Name == name || name == "" {
			return m, true
		}
	}
	return Measure{}, false
}

// History is a measure of layers, from the first to the last, over training steps.
type History struct {
	Measure string  `json:"measure"`
	Steps   []int64 `json:"steps"`
	OfSteps int     `json:"of_steps"` // in all, before the history was thinned
	OfRows  int     `json:"of_rows"`
	Rows    []Row   `json:"rows"`
}

// Row is a layer with a value a step: NaN where it has none at all, +Inf where what was recorded is no number.
type Row struct {
	Path   string    `json:"path"`
	Size   int       `json:"size"` // elements, or units
	Values []float64 `json:"values"`
}

// Bounds of a history.
const (
	mostSteps        = 100
	mostLayers       = 200
	mostHistoryBytes = 24 << 20
	mostNames        = 20_000 // parameters of a table
)

// historyOf reads the tables of all steps, or of as many as a page reads.
func historyOf(r *reader, list []experiments.ArtefactInfo, asked Asked) *History {
	m, _ := MeasureOf(asked.Measure)
	h := &History{Measure: m.Name, OfSteps: len(list)}
	most := mostSteps
	chosen := spread(list, most)
	for sizeOf(chosen) > mostHistoryBytes && most > 1 {
		most /= 2
		chosen = spread(list, most)
	}
	var tables []*kept.Layers
	for _, a := range chosen {
		if t := table(r, a, mostTableBytes, checkLayers); t != nil {
			tables, h.Steps = append(tables, t), append(h.Steps, a.Step)
		}
	}
	if len(tables) == 0 {
		return nil
	}
	rows := map[string]*Row{}
	var order []string
	for column, t := range tables {
		for _, one := range m.values(t, asked.All) {
			if rows[one.path] == nil && len(order) < mostNames {
				rows[one.path] = &Row{Path: one.path, Size: one.size, Values: nothing(len(tables))}
				order = append(order, one.path)
			}
			if row := rows[one.path]; row != nil {
				row.Values[column] = one.value
			}
		}
	}
	h.OfRows = len(order)
	for _, path := range spread(order, mostLayers) {
		h.Rows = append(h.Rows, *rows[path])
	}
	return h
}

func sizeOf(list []experiments.ArtefactInfo) (sum int64) {
	for _, a := range list {
		sum += a.Bytes
	}
	return sum
}

func nothing(n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = math.NaN()
	}
	return values
}

type valued struct {
	path  string
	size  int
	value float64
}

// values of a table in the order of its layers.
func (m Measure) values(t *kept.Layers, all bool) (list []valued) {
	if m.of == nil {
		for _, u := range t.Units {
			list = append(list, valued{u.Path, u.Units, float64(u.Dead) / float64(u.Units)})
		}
		return list
	}
	kernel := kernels(t.Params)
	for _, p := range t.Params {
		if !all && !kernel[p.Path] {
			continue
		}
		v := m.of(p)
		if math.IsNaN(v) {
			v = math.Inf(1)
		}
		list = append(list, valued{p.Path, p.Elements, v})
	}
	return list
}

// kernels are the weights of convolutions and linear layers. Those of a normalisation are as many as its biases. If
// there are none, as in networks of other names, all parameters count.
func kernels(params []kept.Param) map[string]bool {
	biases := map[string]int{}
	for _, p := range params {
		if layer, is := strings.CutSuffix(p.Path, ".bias"); is {
			biases[layer] = p.Elements
		}
	}
	found, all := map[string]bool{}, map[string]bool{}
	for _, p := range params {
		layer, is := strings.CutSuffix(p.Path, ".weight")
		if n, has := biases[layer]; is && (!has || n != p.Elements) {
			found[p.Path] = true
		}
		all[p.Path] = true
	}
	if len(found) == 0 {
		return all
	}
	return found
}

// decades is how far below the largest value colours tell smaller ones apart.
const decades = 12

// Range of the colours of histories, so that they can be compared: decimal logarithms, rounded out to whole ones, or
// shares.
func Range(histories ...*History) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, h := range histories {
		if h == nil {
			continue
		}
		if m, _ := MeasureOf(h.Measure); !m.Log {
			return 0, 1
		}
		for _, row := range h.Rows {
			for _, v := range row.Values {
				if v > 0 && finite(v) {
					low, high = min(low, math.Log10(v)), max(high, math.Log10(v))
				}
			}
		}
	}
	if low > high {
		return 0, 1
	}
	low, high = math.Floor(low), math.Ceil(high)
	if low == high {
		high++
	}
	return max(low, high-decades), high
}
