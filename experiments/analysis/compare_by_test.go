package analysis

import (
	"fmt"
	"testing"
)

// Cells are compared with another than the baseline, or each with the one that differs in one factor alone. The numbers
// are those of the rows: a difference of means where both have all seeds.
func TestCellsAreComparedWithOthers(t *testing.T) {
	s := ablated()
	runs := trained(t, s, map[string][]float64{onLow: {0.50, 0.52, 0.51}, onHigh: {0.60, 0.61, 0.63}, offLow: {0.71, 0.70, 0.73},
		offHigh: {0.40, 0.42, 0.45}})
	for _, c := range []struct {
		against Against
		want    string
	}{
		{Against{}, onLow + "*; " + onHigh + ":" + onLow + "; " + offLow + ":" + onLow + "; " + offHigh + ":" + onLow},
		{Against{Cell: map[string]string{"lr": "0.2"}}, onLow + ":" + onHigh + "; " + onHigh + "*; " + offLow + ":" + onHigh + "; " +
			offHigh + ":" + onHigh},
		{Against{By: "decay"}, onLow + "*; " + onHigh + "*; " + offLow + ":" + onLow + "; " + offHigh + ":" + onHigh},
		{Against{By: "lr", Cell: map[string]string{"lr": "0.2"}}, onLow + ":" + onHigh + "; " + onHigh + "*; " + offLow + ":" + offHigh +
			"; " + offHigh + "*"},
	} {
		a, err := AblateAgainst(s, runs, c.against)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for i, r := range a.Rows {
			if got != "" {
				got += "; "
			}
			if got += r.Cell; r.Baseline {
				got += "*"
				continue
			}
			found := ""
			for k, other := range a.Rows {
				if k != i && r.Diff != nil && abs(r.Mean-other.Mean-r.Diff.Mean) < 1e-12 {
					found = other.Cell
				}
			}
			if got += ":" + found; r.Against != "" && r.Against != found {
				t.Errorf("%s says that it is compared with %s", r.Cell, r.Against)
			}
			if improvement := a.Robust(i).Improvement; (improvement > 0.5) != (r.Diff.Mean > 0) {
				t.Errorf("%s: the probability of improvement %v is of another comparison", r.Cell, improvement)
			}
		}
		if got != c.want {
			t.Errorf("%+v:\n got %s\nwant %s", c.against, got, c.want)
		}
	}
	for _, c := range []struct {
		against Against
		want    string
	}{
		{Against{By: "decays"}, `study ablated: no factor "decays" to compare by: did you mean decay?`},
		{Against{Cell: map[string]string{"lrs": "0.1"}}, `study ablated: no factor "lrs": did you mean lr?`},
	} {
		if _, err := AblateAgainst(s, runs, c.against); fmt.Sprint(err) != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

func abs(v float64) float64 { return max(v, -v) }
