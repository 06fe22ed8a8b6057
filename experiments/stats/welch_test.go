package stats

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// Welch's test of summaries is scipy's of the values.
func TestWelch(t *testing.T) {
	text, err := os.ReadFile("testdata/welch.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		A, B     Summary
		T, P, DF float64
		Interval [2]float64
	}
	if err := json.Unmarshal(text, &cases); err != nil || len(cases) != 4 {
		t.Fatal(len(cases), err)
	}
	for _, c := range cases {
		u := Welch(c.A, c.B, 0.95)
		near(t, "t", u.T, c.T, 1e-10)
		near(t, "p", u.P, c.P, 1e-9)
		near(t, "df", u.DF, c.DF, 1e-10)
		near(t, "low", u.Interval.Low, c.Interval[0], 1e-9)
		near(t, "high", u.Interval.High, c.Interval[1], 1e-9)
	}
}

// What cannot be tested is a difference alone.
func TestWelchWithoutSpread(t *testing.T) {
	good := Summary{5, 0.9, 0.01}
	for name, b := range map[string]Summary{"two": {2, 0.8, 0.01}, "no n": {0, 0.8, 0.01}, "no sd": {5, 0.8, math.NaN()}} {
		u := Welch(good, b, 0.95)
		near(t, name, u.Mean, 0.9-0.8, 1e-12)
		isNaN(t, name, u.T, u.P, u.DF, u.Interval.Low, u.Interval.High)
	}
	equal := Welch(Summary{5, 0.9, 0}, Summary{5, 0.8, 1e-18}, 0.95)
	isNaN(t, "without spread", equal.T, equal.P, equal.DF)
	isNaN(t, "level", Welch(good, good, 1).P)
}
