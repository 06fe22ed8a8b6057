package store

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
)

// everything is a database in which a run has all that a run can have, each in its own second of the clock: two
// attempts, phases, needs, progress, points and checkpoints. It returns when that began.
func everything(t *testing.T) (*DB, time.Time) {
	t.Helper()
	db, c := fresh(t, 0)
	began := c.now
	pass := func() { c.now = c.now.Add(time.Second) }
	runs := needing(3, "r2 r1 r0")
	runs[1].Cell, runs[1].Levels, runs[1].DataDigest = "lr=1 depth=20", map[string]string{"lr": "1", "depth": "20"}, "other"
	check(t, db.Enlist(ctx, study("depth"), runs)) // 0
	pass()
	finish(t, db, begin(t, db, "r0"), 3) // 1
	pass()
	finish(t, db, begin(t, db, "r1"), 4) // 2
	pass()
	a := begin(t, db, "r2") // 3
	pass()
	record(t, db, a, experiments.Record{Environment: map[string]string{"cpu": "a"}, Phase: &pretraining}) // 4
	pass()
	record(t, db, a, experiments.Record{Points: points("loss", 1, 4), Checkpoint: checkpoint(a, 2)}) // 5
	pass()
	check(t, db.End(ctx, a, experiments.Failed, "out of memory")) // 6
	pass()
	b := begin(t, db, "r2") // 7
	pass()
	record(t, db, b, experiments.Record{Environment: map[string]string{"cpu": "b"}, Phase: &probing}) // 8
	pass()
	odd := experiments.Point{Metric: "loss", Step: 5, Epoch: 0.5, Value: math.Inf(-1), Time: time.Unix(5, 6000)}
	record(t, db, b, experiments.Record{Points: append(points("loss", 3, 3), odd), Checkpoint: checkpoint(b, 6)}) // 9
	pass()
	record(t, db, b, experiments.Record{Progress: &experiments.Progress{Run: "r2", Phase: "probe", Epoch: 1, Epochs: 2, Step: 3, Steps: 4,
		Loss: 5, Top1: 6, ImagesPerSec: 7, Left: 8 * time.Microsecond, Interval: 9 * time.Microsecond, Time: began}})
	record(t, db, b, experiments.Record{Log: "written with it"}) // 10
	return db, began
}

// A run is told whole, every part from its own column.
func TestARunIsToldWhole(t *testing.T) {
	db, began := everything(t)
	at := func(s int) time.Time { return began.Add(time.Duration(s) * time.Second) }
	db.Now = func() time.Time { return at(12) }
	run := runsOf("depth", 3)[2]
	run.Needs = []string{"r1", "r0"}
	cpu := func(name string) map[string]string { return map[string]string{"cpu": name} }
	got := info(t, db, "r2")
	if got.Checkpoint == nil || len(got.Checkpoint.Digest) != 64 {
		t.Fatalf("checkpoint %+v", got.Checkpoint)
	}
	want := experiments.RunInfo{
		Run: run, Version: 1, Status: experiments.Running, Attempt: 2, Created: at(0), Started: at(3), Updated: at(10),
		Seconds: 2 + 4, Environment: cpu("b"),
		Progress: &experiments.Progress{Run: "r2", Phase: "probe", Epoch: 1, Epochs: 2, Step: 3, Steps: 4, Loss: 5, Top1: 6, ImagesPerSec: 7,
			Left: 8 * time.Microsecond, Interval: 9 * time.Microsecond, Time: at(0)},
		Last: map[string]float64{"loss": math.Inf(-1)}, Max: map[string]float64{"loss": 3}, Min: map[string]float64{"loss": 1},
		Checkpoint: &experiments.CheckpointInfo{Step: 6, Attempt: 2, Bytes: 4*(chunkFloats+7+4+1) + 10,
			Digest: got.Checkpoint.Digest, Time: at(9)},
		Phases: []experiments.PhaseInfo{{Phase: pretraining, Seconds: 2}, {Phase: probing, Seconds: 4}},
		Attempts: []experiments.AttemptInfo{
			{Number: 1, Resumed: -1, Began: at(3), Trained: at(4), Ended: at(6), Status: experiments.Failed, Environment: cpu("a")},
			{Number: 2, Resumed: 2, Began: at(7), Trained: at(8), Ended: at(12), Status: experiments.Running, Environment: cpu("b")},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
		for i := range reflect.TypeOf(want).NumField() {
			g, w := reflect.ValueOf(got).Field(i).Interface(), reflect.ValueOf(want).Field(i).Interface()
			if !reflect.DeepEqual(g, w) {
				t.Errorf("%s: got %+v, want %+v", reflect.TypeOf(want).Field(i).Name, g, w)
			}
		}
	}
	series := must[[]experiments.Series](t)(db.Series(ctx, []string{"r2"}, nil, 0))
	points := append(points("loss", 1, 2), points("loss", 3, 3)...)
	points = append(points, experiments.Point{Metric: "loss", Step: 5, Epoch: 0.5, Value: math.Inf(-1), Time: time.Unix(5, 6000).UTC()})
	if want := []experiments.Series{{Run: "r2", Metric: "loss", Points: points, Total: 4}}; !reflect.DeepEqual(series, want) {
		t.Errorf("got  %+v\nwant %+v", series, want)
	}
	if r := info(t, db, "r1"); r.Cell != "lr=1 depth=20" || r.Levels["lr"] != "1" || r.DataDigest != "other" || r.Seconds != 0 {
		t.Errorf("another run of the study: %+v", r)
	}
}

// What is kept of attempts, checkpoints and summaries, column by column.
func TestRowsOfARun(t *testing.T) {
	db, began := everything(t)
	host := must[string](t)(os.Hostname())
	second := func(n int64) int64 { return began.UnixMicro() + n*1_000_000 }
	for _, c := range []struct{ columns, from, want string }{
		{"number, fence, resumed, kept, host, pid, started, ended, status, reason, environment", "attempts WHERE run = 3 ORDER BY number",
			fmt.Sprintf(`[[1,1,-1,2,%[1]q,%[2]d,%[3]d,%[4]d,"failed","out of memory","{\"cpu\":\"a\"}"],`+
				`[2,3,2,9007199254740991,%[1]q,%[2]d,%[5]d,null,"running","","{\"cpu\":\"b\"}"]]`,
				host, os.Getpid(), second(3), second(6), second(7))},
		{"hash, study, data_digest, status, reason, attempt, fence, lease, created, started, updated", "runs WHERE id = 3",
			fmt.Sprintf(`[["r2","depth","abc","running","",2,3,%d,%d,%d,%d]]`,
				second(7)+Lease.Microseconds(), second(0), second(3), second(10))},
		{"hash, status, reason, attempt, fence, lease, updated", "runs WHERE id = 1", fmt.Sprintf(`[["r0","done","",1,2,null,%d]]`, second(1))},
		{"attempt, step, final, damage, created, bytes", "checkpoints WHERE run = 3 ORDER BY id",
			fmt.Sprintf(`[[1,2,0,"",%[1]d,%[3]d],[2,6,0,"",%[2]d,%[3]d]]`, second(5), second(9), 4*(chunkFloats+7+4+1)+10)},
		{"points, last_step, last_kind, last_value, least, greatest", "summaries WHERE run = 3", `[[4,5,3,null,1.0,3.0]]`},
		{"attempt, step, kind, value, epoch, time", "metrics WHERE run = 3 ORDER BY attempt, step",
			`[[1,1,0,1.0,0.1,1000000],[1,2,0,2.0,0.2,2000000],[1,3,0,3.0,0.3,3000000],[1,4,0,4.0,0.4,4000000],` +
				`[2,3,0,3.0,0.3,3000000],[2,5,3,null,0.5,5000006]]`},
		{"attempt, idx, name, count, first, steps, started", "run_phases ORDER BY attempt",
			fmt.Sprintf(`[[1,0,"pretrain",2,0,10,%d],[2,1,"probe",2,10,5,%d]]`, second(4), second(8))},
		{"run, needs, position", "run_needs ORDER BY position", "[[3,2,0],[3,1,1]]"},
		{"study, version, run, position, planned, cell", "study_runs ORDER BY run",
			`[["depth",1,1,0,1,"depth=20"],["depth",1,2,1,1,"lr=1 depth=20"],["depth",1,3,2,1,"depth=20"]]`},
		{"attempt, seq, time, line", "run_log", fmt.Sprintf(`[[2,1,%d,"written with it"]]`, second(10))},
		{"name, position, shape", "checkpoint_tensors WHERE checkpoint = (SELECT max(id) FROM checkpoints) ORDER BY position",
			`[["model/frozen",0,"[262151]"],["model/conv1.weight",1,"[2,2]"],["optim/momentum/conv1.weight",2,"[1]"],["model/empty",3,"[0,3]"]]`},
	} {
		got := value[string](t, db, "SELECT json_group_array(json_array("+c.columns+")) FROM (SELECT * FROM "+c.from+")")
		if got != c.want {
			t.Errorf("%s of %s:\n got %s\nwant %s", c.columns, c.from, got, c.want)
		}
	}
	sound(t, db)
}

// A study is told whole, and every version of it.
func TestAStudyIsToldWhole(t *testing.T) {
	db, c := fresh(t, 1)
	began := c.now
	at := func(s int) time.Time { return began.Add(time.Duration(s) * time.Second) }
	moment := func(s int) { c.now = at(s) }
	moment(1)
	first, runs := edited(3, "a", 1, 2)
	enlist(t, db, first, runs)
	moment(2)
	finish(t, db, begin(t, db, "a1"), 1)
	moment(3)
	second, runs := edited(9, "b", 1)
	enlist(t, db, second, runs)
	moment(4)
	check(t, db.End(ctx, begin(t, db, "b1"), experiments.Failed, "broken"))
	moment(5)
	third, runs := edited(30, "c", 1)
	enlist(t, db, third, runs)
	count := func(pairs ...any) map[experiments.Status]int {
		m := map[experiments.Status]int{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i].(experiments.Status)] = pairs[i+1].(int)
		}
		return m
	}
	versions := []experiments.StudyVersion{
		{Number: 1, Counts: count(experiments.Done, 1, experiments.Queued, 1), Created: at(1), Updated: at(2)},
		{Number: 2, Label: "epochs=9", Counts: count(experiments.Failed, 1), Created: at(3), Updated: at(4)},
		{Number: 3, Current: true, Label: "epochs=30", Counts: count(experiments.Queued, 1), Created: at(5), Updated: at(5)},
	}
	want := experiments.StudyInfo{Version: 3, Counts: versions[2].Counts, Created: at(1), Updated: at(5), Versions: versions,
		All: count(experiments.Done, 1, experiments.Failed, 1, experiments.Queued, 2)}
	tell := func(s experiments.StudyInfo) string {
		s.Study = experiments.Study{Base: s.Study.Base}
		text, err := json.Marshal(s)
		check(t, err)
		return string(text)
	}
	for ref, version := range map[string]int{"tiny": 3, "tiny@3": 3, "tiny@2": 2, "tiny@1": 1} {
		got := must[experiments.StudyInfo](t)(db.Study(ctx, ref))
		w := want
		v := versions[version-1]
		w.Version, w.Counts, w.Updated = v.Number, v.Counts, v.Updated
		w.Study.Base = []experiments.Study{first, second, third}[version-1].Base
		if tell(got) != tell(w) {
			t.Errorf("%s:\n got %s\nwant %s", ref, tell(got), tell(w))
		}
	}
	var names []string
	for _, s := range must[[]experiments.StudyInfo](t)(db.Studies(ctx)) {
		names = append(names, fmt.Sprint(s.Study.Name, " ", s.Version, " ", s.All))
	}
	if got := strings.Join(names, "; "); got != "tiny 3 map[done:1 failed:1 queued:2]; depth 1 map[queued:1]" {
		t.Errorf("studies %s", got)
	}
}
