package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/export"
)

// A run that was continued with other threads says so on show, with what each attempt had.
func TestShowTellsOfOtherThreads(t *testing.T) {
	begun := time.Unix(1_700_000_000, 0)
	attempt := func(number int, resumed int64, threads string) experiments.AttemptInfo {
		at := begun.Add(time.Duration(number) * time.Hour)
		return experiments.AttemptInfo{Number: number, Resumed: resumed, Began: at, Trained: at.Add(time.Second), Ended: at.Add(61 * time.Second),
			Status: experiments.Interrupted, Environment: map[string]string{"threads": threads, "backend": "onednn"}}
	}
	said := func(all ...experiments.AttemptInfo) string {
		var out bytes.Buffer
		a := newApp()
		a.out, a.format = &out, "table"
		if err := a.showRun(shownRun{RunInfo: experiments.RunInfo{Attempts: all}}, export.Document{}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	const remark = "attempt 2 continued with threads 4, attempt 1 had 2: not bit for bit"
	for _, c := range []struct {
		all          []experiments.AttemptInfo
		table, noted bool
	}{
		{[]experiments.AttemptInfo{attempt(1, -1, "2")}, false, false},
		{[]experiments.AttemptInfo{attempt(1, -1, "2"), attempt(2, 40, "2")}, true, false},
		{[]experiments.AttemptInfo{attempt(1, -1, "2"), attempt(2, 40, "4")}, true, true},
		{[]experiments.AttemptInfo{attempt(1, -1, "2"), attempt(2, -1, "4")}, true, false}, // from the start: nothing is mixed
	} {
		s := said(c.all...)
		if strings.Contains(s, "Attempts") != c.table || strings.Contains(s, remark) != c.noted {
			t.Errorf("of %+v: want a table %v and the remark %v in\n%s", c.all, c.table, c.noted, s)
		}
		if c.table && !strings.Contains(s, "1 m 00 s") {
			t.Errorf("no time of an attempt in\n%s", s)
		}
	}
}
