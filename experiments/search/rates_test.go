package search

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"
)

// What a range test suggests is what fastai's own functions say of the same losses (testdata/rates.py).
func TestRatesAreThoseOfFastai(t *testing.T) {
	file, err := os.Open("testdata/rates.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	type test struct {
		rates, losses, smoothed []float64
		want                    Rates
	}
	tests := map[string]*test{}
	for _, row := range rows[1:] {
		var v [6]float64
		for i := range v {
			if v[i], err = strconv.ParseFloat(row[i+1], 64); err != nil {
				t.Fatal(err)
			}
		}
		if tests[row[0]] == nil {
			tests[row[0]] = &test{}
		}
		one := tests[row[0]]
		one.rates, one.losses, one.smoothed = append(one.rates, v[0]), append(one.losses, v[1]), append(one.smoothed, v[2])
		one.want = Rates{v[3], v[4], v[5]}
	}
	if len(tests) != 3 {
		t.Fatalf("%d tests, want 3", len(tests))
	}
	for name, one := range tests {
		smoothed := Smoothed(one.losses)
		for i, want := range one.smoothed {
			if !(math.Abs(smoothed[i]-want) <= 1e-12) {
				t.Fatalf("test %s: smoothed loss %d is %v, want %v", name, i, smoothed[i], want)
			}
		}
		got := SuggestRates(one.rates, smoothed, len(one.rates))
		for i, pair := range [][2]float64{{got.Valley, one.want.Valley}, {got.Steep, one.want.Steep}, {got.Minimum, one.want.Minimum}} {
			if !(math.Abs(pair[0]/pair[1]-1) <= 1e-12) {
				t.Errorf("test %s: suggestion %d is %v, want %v", name, i, pair[0], pair[1])
			}
		}
	}
}

func TestTooFewStepsSuggestNothing(t *testing.T) {
	r := SuggestRates([]float64{1, 2, 3, 4, 5, 6, 7}, make([]float64, 7), 7)
	if !math.IsNaN(r.Valley) || !math.IsNaN(r.Steep) || !math.IsNaN(r.Minimum) {
		t.Errorf("seven steps suggest %+v", r)
	}
	falling := make([]float64, 20) // as many steps, each better: no place before the first is taken
	rates := make([]float64, 20)
	for i := range falling {
		falling[i], rates[i] = float64(-i), math.Pow(2, float64(i))
	}
	if r := SuggestRates(rates, falling, 20); r.Valley < rates[2] || r.Valley > rates[14] {
		t.Errorf("a descent suggests %+v", r)
	}
}
