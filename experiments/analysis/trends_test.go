package analysis

import (
	"encoding/json"
	"fmt"
	"testing"

	"workbench/experiments"
)

func drawn(all []Trend) string {
	text := ""
	for _, t := range all {
		text += fmt.Sprintf("%s log %v", t.Factor, t.Log)
		for _, l := range t.Levels {
			text += fmt.Sprintf(" %s=%g", l.Level, l.X)
		}
		for _, l := range t.Lines {
			text += fmt.Sprintf(" [%s]", l.Others)
			for i, r := range l.Rows {
				text += fmt.Sprintf(" %g:%s", l.X[i], r.Cell)
			}
		}
		text += "\n"
	}
	return text
}

// Every factor whose levels are numbers is an axis; the combinations of the other factors are its lines.
func TestTrendsOverNumbers(t *testing.T) {
	s := ablated()
	got := drawn(mustAblate(t, s, nil).Trends)
	want := "decay log false off=0 on=0.0001 [lr=0.1] 0:" + offLow + " 0.0001:" + onLow + " [lr=0.2] 0:" + offHigh + " 0.0001:" + onHigh +
		"\nlr log false 0.1=0.1 0.2=0.2 [decay=on] 0.1:" + onLow + " 0.2:" + onHigh + " [decay=off] 0.1:" + offLow + " 0.2:" + offHigh + "\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	s.Design = experiments.OneAtATime
	got = drawn(mustAblate(t, s, nil).Trends)
	want = "decay log false off=0 on=0.0001 [lr=0.1] 0:" + offLow + " 0.0001:" + onLow +
		"\nlr log false 0.1=0.1 0.2=0.2 [decay=on] 0.1:" + onLow + " 0.2:" + onHigh + "\n"
	if got != want {
		t.Errorf("one at a time: got\n%swant\n%s", got, want)
	}
	l, err := json.Marshal(TrendLine{Others: "a=b", X: []float64{1, 2}, Rows: []AblationRow{{Cell: "c"}, {Cell: "d"}}})
	if want := `{"others":"a=b","x":[1,2],"cells":["c","d"]}`; err != nil || string(l) != want {
		t.Errorf("%s (%v), want %s", l, err, want)
	}
}

// A level's number is its name or what it sets, as the database gives it back.
func TestNumbersOfLevels(t *testing.T) {
	level := func(label string, values ...any) experiments.Level {
		l := experiments.Level{Label: label}
		for i, v := range values {
			l.Set = append(l.Set, experiments.Assignment{Path: fmt.Sprint("p", i), Value: v})
		}
		return l
	}
	for _, c := range []struct {
		levels []experiments.Level
		want   string
	}{
		{[]experiments.Level{level("0.01", "x"), level("1e1", "y")}, "[0.01 10] true"},
		{[]experiments.Level{level("few", 1), level("all", uint64(50000))}, "[1 50000] true"},
		{[]experiments.Level{level("few", "x", json.Number("0.1")), level("all", 2, 1.0)}, "[0.1 1] true"},
		{[]experiments.Level{level("few", 0.1), level("all", 0.1)}, "[] false"},
		{[]experiments.Level{level("few", 0.1), level("all")}, "[] false"},
		{[]experiments.Level{level("on", true), level("off", false)}, "[] false"},
		{[]experiments.Level{level("a", "1"), level("b", "2")}, "[] false"}, // words
		{[]experiments.Level{level("NaN"), level("1")}, "[] false"},
		{[]experiments.Level{level("1"), level("1.0")}, "[] false"},
		{[]experiments.Level{level("1")}, "[] false"},
		{nil, "[] false"},
	} {
		numbers, ok := numbered(experiments.Factor{Levels: c.levels})
		if got := fmt.Sprint(numbers, ok); got != c.want {
			t.Errorf("%v: %s, want %s", c.levels, got, c.want)
		}
	}
	f := experiments.Factor{Name: "share", Levels: []experiments.Level{level("1"), level("0.1"), level("0.125")}}
	for least, want := range map[string]bool{"0.125": true, "0.13": false, "-1": false, "0": false} {
		f.Levels[1].Label, f.Levels[2].Label = least, "0.5"
		rows := []AblationRow{{Cell: "a", Levels: map[string]string{"share": "1"}}, {Cell: "b", Levels: map[string]string{"share": least}}}
		if all := trends(experiments.Study{Factors: []experiments.Factor{f}}, rows); len(all) != 1 || all[0].Log != want {
			t.Errorf("from %s to 1: %+v, want logarithmic %v", least, all, want)
		}
	}
}
