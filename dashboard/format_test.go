package dashboard

import (
	"math"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// Numbers are written in known ways at the edges where the way changes.
func TestNumbersAreWrittenTheKnownWay(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct{ got, want string }{
		{shown(metric.TestTop1, 0.123456), "12.35"}, {shown(metric.TestTop1, nan), "–"}, {shown(metric.TestTop1, -0.5), "−50.00"},
		{shown(metric.TestLoss, 0.123456), "0.1235"}, {shown(metric.TestLoss, inf), "+Inf"}, {shown(metric.TestLoss, -inf), "−Inf"},
		{shown(metric.TestLoss, -1.5), "−1.5"}, {shown(metric.TestLoss, 1e-7), "1e−07"}, {shown(metric.TestLoss, nan), "–"},
		{difference(metric.TestTop1, 0.01), "+1.00"}, {difference(metric.TestTop1, -0.01), "−1.00"}, {difference(metric.TestTop1, 0), "0.00"},
		{difference(metric.TestLoss, inf), "+Inf"}, {difference(metric.TestLoss, nan), "–"},
		{unit(metric.TestTop1), "%"}, {unit(metric.TestLoss), "nats"}, {unit(metric.TrainRate), ""},
		{digits(999.94, 4), "999.9"}, {digits(1000, 4), "1\u202f000"}, {digits(-1000, 2), "−1\u202f000"}, {digits(1e15, 3), "1e+15"},
		{digits(1e15-1, 3), "999\u202f999\u202f999\u202f999\u202f999"}, {digits(nan, 3), "–"},
		{grouped(0), "0"}, {grouped(999), "999"}, {grouped(1000), "1\u202f000"}, {grouped(-999), "-999"},
		{grouped(-1234567), "-1\u202f234\u202f567"},
		{scale(999, "B"), "999 B"}, {scale(1000, "B"), "1 kB"}, {scale(999_000, ""), "999 k"}, {scale(1e6, ""), "1 M"},
		{scale(4.1e9, ""), "4.1 G"},
		{scale(1e12, "B"), "1 TB"}, {scale(1e9, ""), "1 G"}, {scale(0, ""), "0"}, {scale(272474, ""), "272 k"},
		{lasting(nan), "–"}, {lasting(inf), "–"}, {lasting(0), "0 s"}, {lasting(9.94), "9.9 s"}, {lasting(10), "10 s"}, {lasting(59.4), "59 s"},
		{lasting(60), "1 m 00 s"}, {lasting(3599), "59 m 59 s"}, {lasting(3600), "1 h 00 m"}, {lasting(3661), "1 h 01 m"},
		{lasting(86399), "23 h 59 m"}, {lasting(86400), "1 d 00 h"}, {lasting(100 * 3600), "4 d 04 h"},
		{fixed(-0.25, 1), "−0.2"}, {at(time.Time{}).Text, "–"}, {at(time.Time{}).Machine, ""},
		{at(epoch0.In(time.FixedZone("", 3600))).Text, "2026-03-14 09:26:53"}, {at(epoch0.Add(5e8)).Machine, "2026-03-14T09:26:53.5Z"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

// Ten reports and five seconds must be missing, of a run that is running and has reported.
func TestStallsBeginAtTheirEdge(t *testing.T) {
	for _, c := range []struct {
		status           experiments.Status
		silent, interval time.Duration
		want             bool
	}{
		{experiments.Running, 5 * time.Second, 100 * time.Millisecond, false},
		{experiments.Running, 5*time.Second + 1, 100 * time.Millisecond, true},
		{experiments.Running, 20 * time.Second, 2 * time.Second, false},
		{experiments.Running, 20*time.Second + 1, 2 * time.Second, true},
		{experiments.Interrupted, time.Hour, time.Second, false},
		{experiments.Done, time.Hour, time.Second, false},
	} {
		r := experiments.RunInfo{Status: c.status, Progress: &experiments.Progress{Time: epoch0, Interval: c.interval}}
		silent, promised, yes := stalled(r, epoch0.Add(c.silent))
		if yes != c.want || yes && (silent != c.silent || promised != c.interval) {
			t.Errorf("%s, silent for %v of %v: %v, %v, %v", c.status, c.silent, c.interval, silent, promised, yes)
		}
	}
	if _, _, yes := stalled(experiments.RunInfo{Status: experiments.Running}, epoch0); yes {
		t.Error("a run that has not reported is called stalled")
	}
}

// Numbers come before texts, texts before what is missing, in either direction; equal rows keep their order.
func TestRowsAreSortedByWhatTheyAre(t *testing.T) {
	values := []any{"b", 10, nil, 9.5, "10a", math.NaN(), "a", uint64(2), "9", epoch0, epoch0.Add(-time.Hour)}
	rows := func() []runRow {
		var list []runRow
		for i, v := range values {
			r := runRow{fields: map[string]any{"k": v, "same": 1}, run: experiments.RunInfo{Run: experiments.Run{Seed: uint64(i)}}}
			if v == nil {
				delete(r.fields, "k")
			}
			list = append(list, r)
		}
		return list
	}
	for by, want := range map[string][]uint64{
		"":     {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
		"same": {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, "-same": {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
		"none": {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
		"k":    {7, 8, 3, 1, 4, 10, 9, 5, 6, 0, 2}, "-k": {0, 6, 5, 9, 10, 4, 1, 3, 8, 7, 2},
	} {
		list := rows()
		sortRows(list, by)
		for i, r := range list {
			if r.run.Seed != want[i] {
				t.Errorf("by %q: row %d is number %d (%v), want %d (%v)", by, i, r.run.Seed, values[r.run.Seed], want[i], values[want[i]])
			}
		}
	}
}
