package evaluate

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/nn/option"
)

// declared are all evaluators: what they read, which bank they have, what they give, and their options.
var declared = []string{
	"calibration of logits, bank \"\", gives [nll ece brier]: ",
	"classification of logits, bank \"\", gives [loss top1 top5], also of what diverged: ",
	"collapse of features, bank \"\", gives [feature_spread effective_rank collapsed least_feature_spread " +
		"least_effective_rank], without labels: ",
	"collapse_embeddings of embeddings, bank \"\", gives [embedding_spread embedding_rank embeddings_collapsed least_embedding_spread " +
		"least_embedding_rank], without labels: ",
	"confusion of logits, bank \"\", gives [mean_class_top1 worst_class_top1]: ",
	"knn of features, bank \"train\", gives [knn_top1 knn_top5]: k=200 int 1..10000, temperature=0.1 float64 above 0..0",
	"online of online answers, bank \"\", gives [online_top1], also of what diverged: ",
	"probe of features, bank \"train\", gives [probe_top1 probe_top5 probe_loss]: l2=0.0001 float64 0..0, standardize=true bool 0..0, " +
		"tolerance=0.0001 float64 above 0..0, iterations=1000 int 1..1e+06",
	"temperature of logits, bank \"val\", gives [temperature scaled_nll scaled_ece scaled_brier]: ",
}

func TestEveryEvaluatorDeclaresWhatItIs(t *testing.T) {
	var got []string
	for _, name := range Names() {
		e, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf("%s of %s, bank %q, gives %v", e.Name, e.Reads, e.Bank, e.Quantities)
		if e.Unlabelled {
			text += ", without labels"
		}
		if e.diverged {
			text += ", also of what diverged"
		}
		var all []string
		for _, o := range e.Options {
			above := ""
			if o.Above {
				above = "above "
			}
			if all = append(all, fmt.Sprintf("%s=%v %T %s%v..%v", o.Name, o.Default, o.Default, above, o.Min, o.Max)); o.Doc == "" || o.Below {
				t.Errorf("%s: option %+v", name, o)
			}
		}
		got = append(got, text+": "+strings.Join(all, ", "))
		if older := name == "classification" || name == "confusion"; e.Doc == "" || (e.Paper == "") != older {
			t.Errorf("%s says %q and comes from %q", name, e.Doc, e.Paper)
		}
	}
	got = slices.DeleteFunc(got, func(line string) bool { // one file adds an evaluator
		return !slices.ContainsFunc(declared, func(known string) bool { return strings.Fields(known)[0] == strings.Fields(line)[0] })
	})
	if !slices.Equal(got, declared) {
		t.Errorf("declared are\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(declared, "\n"))
	}
}

func TestRegisterRefusesWhatIsIncomplete(t *testing.T) {
	start := func(option.Settings, Shape) (measure, error) { return nil, nil }
	one := []string{"one"}
	for what, e := range map[string]Evaluator{
		"twice": {Name: "knn", Doc: "x", Quantities: one, start: start}, "without a name": {Doc: "x", Quantities: one, start: start},
		"without words": {Name: "x", Quantities: one, start: start}, "without a start": {Name: "x", Doc: "x", Quantities: one},
		"that gives nothing": {Name: "x", Doc: "x", start: start},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("an evaluator %s was registered", what)
				}
			}()
			register(e)
		}()
	}
}

// resultOf measures rows by an evaluator.
func resultOf(t *testing.T, name string, classes int, rows []float32, labels []int32) Result {
	t.Helper()
	m, err := Use{Name: name}.New(Shape{Classes: classes, Features: classes})
	if err == nil {
		err = m.Add(rows, labels)
	}
	if err != nil {
		t.Fatal(err)
	}
	r, err := m.Result(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Three images of two classes: two of the first, one of them taken for the second, and one of the second.
func TestTablesByHand(t *testing.T) {
	logit := float32(math.Log(3)) // probabilities 3/4 and 1/4
	rows, labels := []float32{logit, 0, 0, logit, 0, logit}, []int32{0, 0, 1}
	r := resultOf(t, "confusion", 2, rows, labels)
	if got, want := fmt.Sprintf("%+v", r), "{Values:[{Quantity:mean_class_top1 Value:0.75} {Quantity:worst_class_top1 Value:0.5}] "+
		"Tables:[{Name:confusion Doc:images by label (rows) and answer (columns) Columns:[0 1] Rows:[[1 1] [0 1]]} "+
		"{Name:classes Doc:a row for each label Columns:[class images right top1] Rows:[[0 2 1 0.5] [1 1 1 1]]}] Notes:[]}"; got != want {
		t.Errorf("confusion is %s, want %s", got, want)
	}
	r = resultOf(t, "calibration", 2, rows, labels)
	table := r.Tables[0]
	if got := fmt.Sprint(table.Name, "; ", table.Doc, "; ", table.Columns); got !=
		"reliability; a row for each range of confidence: more than from, up to to; [from to images confidence top1]" {
		t.Errorf("the table is %s", got)
	}
	if len(table.Rows) != 15 {
		t.Fatalf("%d rows", len(table.Rows))
	}
	for i, row := range table.Rows {
		images, confidence, right := 0.0, math.NaN(), math.NaN()
		if i == 11 { // 11/15 < 3/4 ≤ 12/15
			images, confidence, right = 3, 0.75, 2.0/3
		}
		for k, want := range []float64{float64(i) / 15, float64(i+1) / 15, images, confidence, right} {
			if !(math.Abs(row[k]-want) < 1e-6) && !(math.IsNaN(row[k]) && math.IsNaN(want)) {
				t.Errorf("row %d: %s is %v, want %v", i, table.Columns[k], row[k], want)
			}
		}
	}
}

// A bin has its upper bound and not its lower one; the first has all from 0 on.
func TestBinsHaveTheirUpperBounds(t *testing.T) {
	for b := range bins {
		upper := float64(b+1) / bins
		for confidence, want := range map[float64]int{upper: b, math.Nextafter(upper, 2): min(b+1, bins-1), upper - 0.5/bins: b} {
			if got := binOf(confidence); got != want {
				t.Errorf("a confidence of %v is in bin %d, want %d", confidence, got, want)
			}
		}
	}
	if got := binOf(math.SmallestNonzeroFloat64); got != 0 {
		t.Errorf("the smallest confidence is in bin %d", got)
	}
}

// The best five count where there are more than five classes.
func TestTheBestFiveOfMoreThanFive(t *testing.T) {
	for classes, want := range map[int]string{4: "[loss top1]", 5: "[loss top1]", 6: "[loss top1 top5]", 7: "[loss top1 top5]"} {
		row := make([]float32, classes)
		for k := range row {
			row[k] = float32(-k)
		}
		rows, labels := slices.Concat(row, row, row), []int32{0, int32(min(4, classes-1)), int32(min(5, classes-1))}
		var names []string
		values := map[string]float64{}
		for _, v := range resultOf(t, "classification", classes, rows, labels).Values {
			names, values[v.Quantity] = append(names, v.Quantity), v.Value
		}
		if fmt.Sprint(names) != want || values["top1"] != 1.0/3 || classes > 5 && values["top5"] != 2.0/3 {
			t.Errorf("of %d classes measured are %v, want %s", classes, values, want)
		}
	}
}

// The slope and the curvature of the likelihood by the inverse temperature are those of differences.
func TestSlopesAreDerivatives(t *testing.T) {
	l := labelled{rows: newRows(3)}
	var rows []float32
	var labels []int32
	for i := range 2*blockRows + 9 {
		rows = append(rows, float32(i%7)-3, float32(i%5)/2, float32(i%3))
		labels = append(labels, int32(i%3))
	}
	l.add(rows, labels)
	likelihood := func(b float64) (sum float64) {
		for i, label := range labels {
			row := l.row(i)
			total := 0.0
			for _, v := range row {
				total += math.Exp(b * float64(v))
			}
			sum += (math.Log(total) - b*float64(row[label])) / float64(len(labels))
		}
		return sum
	}
	const step = 1e-4
	for _, b := range []float64{0.1, 0.7, 2} {
		first, second := slopes(l, b)
		low, at, high := likelihood(b-step), likelihood(b), likelihood(b+step)
		if wantFirst, wantSecond := (high-low)/(2*step), (high-2*at+low)/(step*step); math.Abs(first-wantFirst) > 1e-6 ||
			math.Abs(second-wantSecond) > 1e-5 {
			t.Errorf("at %v: slope %v and curvature %v, want %v and %v", b, first, second, wantFirst, wantSecond)
		}
	}
}
