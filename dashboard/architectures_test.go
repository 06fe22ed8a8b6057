package dashboard

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// side is an architecture as the API tells it.
type side struct {
	Cell, Network, Protocol string
	N                       int
	Mean                    *float64
	Interval                struct{ Low, High *float64 }
	Parameters, MACs        int64
	Latency                 *struct{ Median, Slow float64 }
	Front                   map[string]bool
}

func sidesAt(t *testing.T, s *Server, path string) []side {
	t.Helper()
	var answer struct{ Architectures struct{ Rows []side } }
	if err := json.Unmarshal([]byte(wantPage(t, s, path, 200)), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Architectures.Rows
}

// t975 is the 97.5 % quantile of Student's t with two degrees of freedom, from tables.
const t975 = 4.302652729911275

// What the page shows is what the runs measured: means and intervals computed here from their points, and the front by
// trying all others.
func TestArchitecturesAreWhatRunsMeasured(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	for i := range m.runs {
		m.runs[i].Environment["macs"] = fmt.Sprint(41_000_000 * (1 + i/3%2*2))
	}
	s := serverOf(t, m)
	for query, epoch := range map[string]float64{"": 12, "?epochs=5": 5, "?epochs=5.5": 5} {
		rows := sidesAt(t, s, "/api/v1/studies/demo/architectures"+query)
		if len(rows) != 4 {
			t.Fatalf("%d rows", len(rows))
		}
		for _, r := range rows {
			var values []float64
			for _, run := range m.runs {
				for _, p := range m.points[run.ID] {
					if run.Cell == r.Cell && p.Metric == metric.TestTop1 && p.Epoch == epoch {
						values = append(values, p.Value)
					}
				}
			}
			mean := (values[0] + values[1] + values[2]) / 3
			sum := 0.0
			for _, v := range values {
				sum += (v - mean) * (v - mean)
			}
			half := t975 * math.Sqrt(sum/2) / math.Sqrt(3)
			if len(values) != 3 || r.N != 3 || math.Abs(*r.Mean-mean) > 1e-12 || math.Abs(*r.Interval.High-mean-half) > 1e-9 ||
				math.Abs(mean-half-*r.Interval.Low) > 1e-9 {
				t.Errorf("%s, %s: %+v, want %v ± %v", query, r.Cell, r, mean, half)
			}
			front := !slices.ContainsFunc(rows, func(o side) bool {
				return o.MACs <= r.MACs && *o.Mean >= *r.Mean && (o.MACs < r.MACs || *o.Mean > *r.Mean)
			})
			if r.Front["macs"] != front {
				t.Errorf("%s, %s: on the front %v, want %v", query, r.Cell, r.Front["macs"], front)
			}
		}
	}
	page := wantPage(t, s, "/studies/demo/architectures?epochs=5", 200, "within 5 epochs", "shapes", "compare --study demo --epochs 5",
		"No latency was measured yet", "compare --study demo --latency")
	last := sidesAt(t, s, "/api/v1/studies/demo/architectures?epochs=5")[3]
	if want := fmt.Sprintf(">%.2f<", 100**last.Mean); !strings.Contains(page, want) {
		t.Errorf("the page lacks %s", want)
	}
}

// The chart draws one protocol, joins its front and leaves out what has no such cost.
func TestChartOfArchitectures(t *testing.T) {
	m := everyKind()
	study := m.studies["demo"]
	deep := &study.Factors[1].Levels[1]
	deep.Set = append(slices.Clone(deep.Set), experiments.Assignment{Path: "epochs", Value: 3})
	m.studies["demo"] = study
	s := serverOf(t, m)
	bubbles := func(query string) int {
		return strings.Count(wantPage(t, s, "/studies/demo/architectures.svg?"+query, 200), `class="bubble`)
	}
	one, other := url.QueryEscape("shapes, 12 epochs"), url.QueryEscape("shapes, 3 epochs")
	if n := bubbles("protocol=" + one); n != 2 {
		t.Errorf("%d bubbles of 12 epochs, want 2", n)
	}
	if n := bubbles("x=latency&protocol=" + other); n != 0 {
		t.Errorf("%d bubbles of 3 epochs with a latency, want none", n)
	}
	if n := bubbles("x=latency"); n != 2 {
		t.Errorf("%d bubbles with a latency, want 2", n)
	}
	wantPage(t, s, "/studies/demo/architectures", 200, "2 protocols, each with fronts of its own", "Trained by", "shapes, 3 epochs</a>",
		"Latencies of laboratory (onednn, 2 threads)")
	wantPage(t, s, "/studies/demo/architectures?epochs=3", 200, "within 3 epochs, shapes<")
}

func TestArchitecturesWithoutRunsAndOfOne(t *testing.T) {
	s := serverOf(t, everyKind())
	wantPage(t, s, "/studies/young/architectures", 200, "has a result and a cost", ">shortcut=none depth=20</a>")
	wantPage(t, serverOf(t, &memory{}), "/studies/demo/architectures", 404)
	m := degradation("demo", 0, 1, 2)
	study := m.studies["demo"]
	study.Factors[0].Levels, study.Factors[1].Levels = study.Factors[0].Levels[:1], study.Factors[1].Levels[:1]
	m.studies["demo"] = study
	one := serverOf(t, m)
	if rows := sidesAt(t, one, "/api/v1/studies/demo/architectures"); len(rows) != 1 || !rows[0].Front["macs"] {
		t.Errorf("of one: %+v", rows)
	}
	svg := wantPage(t, one, "/studies/demo/architectures.svg", 200, `class="bubble`)
	if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
		t.Errorf("a chart of one network:\n%s", svg)
	}
}

func TestWrongArchitectures(t *testing.T) {
	s := serverOf(t, everyKind())
	for query, want := range map[string]string{
		"models=resnet57_cifar":               "models: no cell has the network &#34;resnet57_cifar&#34;: did you mean ",
		"models=" + strings.Repeat("a,", 201): "models: want at most 200 networks, got 201",
		"epochs=0":                            "epochs: want a number above 0, got &#34;0&#34;",
		"minutes=NaN":                         "minutes: want a number above 0, got &#34;NaN&#34;",
		"multiply_adds=1e999":                 "multiply_adds: want a number above 0",
		"epochs=1&minutes=2":                  "want one budget, got epochs and minutes",
		"machine=nowhere":                     "machine: no latency was measured on &#34;nowhere&#34;",
		"x=parametres":                        "x: unknown cost &#34;parametres&#34;: did you mean parameters?",
		"protocol=cifar10":                    "protocol: want one of shapes, 12 epochs, got &#34;cifar10&#34;",
		"format=pdf":                          "format: want one of",
	} {
		wantPage(t, s, "/studies/demo/architectures?"+query, 400, want)
	}
}

// Hundreds of networks make a page with a bound, within the time that an answer may take, and exports have all.
func TestHundredsOfArchitectures(t *testing.T) {
	m := degradation("demo", 0)
	first := m.runs[0]
	study := m.studies["demo"]
	study.Factors = []experiments.Factor{{Name: "net"}}
	m.runs = nil
	for i := range 600 {
		label := fmt.Sprint("net", i)
		study.Factors[0].Levels = append(study.Factors[0].Levels, experiments.Level{Label: label,
			Set: []experiments.Assignment{{Path: "model.drop_path", Value: float64(i) / 1000}}})
		r := first
		r.ID, r.Cell, r.Levels = fmt.Sprintf("%016x", i), "net="+label, map[string]string{"net": label}
		r.Config.Model = experiments.Choice{Name: "resnet20_cifar", Options: map[string]any{"drop_path": float64(i) / 1000}}
		r.Environment = map[string]string{"parameters": fmt.Sprint(1000 + i), "macs": fmt.Sprint(1_000_000 + i)}
		m.runs, m.points[r.ID] = append(m.runs, r), m.points[first.ID]
		m.timed("a", i, 1, 0.001)
	}
	m.studies["demo"] = study
	s := serverOf(t, m)
	page := wantPage(t, s, "/studies/demo/architectures?epochs=6", 200, "400 more networks are not shown", "200 not drawn")
	if n := len(regexp.MustCompile(`<th scope="row"`).FindAllString(page, -1)); n != architecturesAtOnce {
		t.Errorf("%d rows, want %d", n, architecturesAtOnce)
	}
	if csv := wantPage(t, s, "/studies/demo/architectures?format=csv", 200); strings.Count(csv, "\n") != 601 {
		t.Errorf("%d lines of CSV, want 601", strings.Count(csv, "\n"))
	}
	if len(page) > 400_000 {
		t.Errorf("the page has %d bytes", len(page))
	}
}
