//go:build ignore

// This program made schema_5.db.gz; see README.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log"
	"math"
	"os"
	"path/filepath"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
	"workbench/store"
)

const (
	finished    = "d000000000000001"
	failed      = "f000000000000002"
	interrupted = "1000000000000003"
	lost        = "a000000000000004" // its loss is no number
	queued      = "0000000000000005"
)

var ctx = context.Background()

func main() {
	log.SetFlags(0)
	folder, err := os.MkdirTemp("", "schema")
	must(err)
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "runs.db")
	db, err := store.Open(path)
	must(err)
	tell(&story{DB: db})
	must(db.Close())
	tidy(path)
	file, err := os.ReadFile(path)
	must(err)
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	must(err)
	_, err = w.Write(file)
	must(err)
	must(w.Close())
	must(os.WriteFile(os.Args[1], packed.Bytes(), 0o644))
	fmt.Println(len(file), "bytes, packed", packed.Len())
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// tidy makes the file say nothing about where it was made, and leaves one file without unused pages.
func tidy(path string) {
	db, err := sql.Open("sqlite3", path) // the driver that the store brings
	must(err)
	db.SetMaxOpenConns(1)
	for _, statement := range []string{
		"UPDATE attempts SET host = 'laboratory', pid = 4242", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)",
	} {
		_, err := db.Exec(statement)
		must(err)
	}
	must(db.Close())
}

type story struct {
	*store.DB
	now time.Time
}

func tell(s *story) {
	s.now = time.Unix(1_700_000_000, 0)
	s.Now = func() time.Time { return s.now }
	must(s.Enlist(ctx, study("depth"), []experiments.Run{
		run(finished, 0), run(failed, 1), run(interrupted, 2), run(lost, 3), run(queued, 4)}))
	must(s.Enlist(ctx, study("other"), []experiments.Run{run(finished, 0), run(failed, 1)}))
	must(s.Enlist(ctx, study("other"), []experiments.Run{run(finished, 0)})) // it no longer plans the second one

	a := s.begin(finished)
	s.record(a, experiments.Record{Points: curve("train/loss", 10, 4, 3, 2, 1)})
	s.record(a, experiments.Record{Points: curve("test/top1", 20, 0.25, 0.5)})
	s.save(a, 20, false)
	s.end(a, experiments.Interrupted, "stopped")
	a = s.begin(finished) // from step 20
	s.record(a, experiments.Record{Points: curve("train/loss", 30, math.NaN(), 1.5, 0.125)})
	s.record(a, experiments.Record{Points: curve("train/loss_scale", 30, math.NaN())})
	s.record(a, experiments.Record{Log: "a line, ü and \"quotes\""})
	s.save(a, 40, false)
	s.save(a, 50, true)
	s.end(a, experiments.Done, "")

	a = s.begin(failed)
	s.record(a, experiments.Record{Points: curve("train/loss", 10, 4, math.NaN())})
	s.end(a, experiments.Failed, "out of memory")

	a = s.begin(interrupted)
	odd := []float64{math.Inf(1), math.Inf(-1), math.NaN(), math.Copysign(0, -1), 0.1}
	s.record(a, experiments.Record{Points: curve("grad/norm", 1, odd...)})
	s.save(a, 4, false)
	s.record(a, experiments.Record{Progress: &experiments.Progress{Run: interrupted, Epoch: 1, Epochs: 10, Step: 5, Steps: 50,
		Loss: 2.5, Top1: math.NaN(), ImagesPerSec: 100, Left: time.Minute, Interval: time.Second, Time: s.now}})
	s.record(a, experiments.Record{Log: "after the progress"})
	s.end(a, experiments.Interrupted, "stopped")

	a = s.begin(lost)
	s.record(a, experiments.Record{Points: curve("train/loss", 10, 4, 5, math.NaN())})
	s.record(a, experiments.Record{Points: curve("test/loss", 40, math.Inf(1))})
	s.save(a, 40, true)
	s.end(a, experiments.Diverged, "the last train/loss, at step 30, is NaN")
}

func study(name string) experiments.Study {
	return experiments.Study{Name: name, Title: "Of an earlier version", Design: "factorial", Seeds: []uint64{1, math.MaxUint64},
		Metric: metric.TestTop1, Report: "last", Factors: []experiments.Factor{{Name: "depth", Levels: []experiments.Level{
			{Label: "20", Set: []experiments.Assignment{{Path: "model.name", Value: "resnet20_cifar"}}}}}}}
}

// config is as schema version 1 had it.
const config = `{"dataset":{"name":"shapes",
	"options":{"noise":0.1,"train":160}},
	"augment":{"pad":4,"flip":true},
	"model":{"name":"resnet20_cifar",
	"options":{"shortcut":"none"}},
	"strategy":{"name":"supervised",
	"label_smoothing":0.1},
	"optim":{"name":"sgd",
	"lr":0.1,"momentum":0.9,"nesterov":true,"weight_decay":0.0001,"decay_all":false,"ema":0.99,"groups":[{"match":"fc.*",
	"lr_scale":2}]},
	"schedule":{"name":"step",
	"warmup_epochs":1,"milestones":[5,8],"gamma":0.1},
	"batch":32,"epochs":10,"micro_batch":16,"precision":"float32",
	"algorithms":"direct",
	"recompute":"cheap",
	"evaluate":{"every":4},
	"checkpoint":{"every":2}}`

func run(id string, seed uint64) experiments.Run {
	var c experiments.Config
	must(json.Unmarshal([]byte(config), &c))
	return experiments.Run{ID: id, Study: "depth", Cell: "depth=20", Levels: map[string]string{"depth": "20"},
		Seed: math.MaxUint64 - seed, Config: c, DataDigest: "abc"}
}

func (s *story) begin(run string) experiments.Attempt {
	a, err := s.Begin(ctx, run)
	must(err)
	s.record(a, experiments.Record{Phase: &experiments.Phase{Count: 1, Steps: 50, Epochs: 10, Images: 1600, MultiplyAdds: 1.5e9}})
	s.now = s.now.Add(time.Second)
	s.record(a, experiments.Record{Environment: map[string]string{"cpu": "a processor", "threads": "2"}})
	return a
}

func (s *story) record(a experiments.Attempt, r experiments.Record) { must(s.Record(ctx, a, r)) }

func (s *story) end(a experiments.Attempt, status experiments.Status, reason string) {
	s.now = s.now.Add(10 * time.Second)
	must(s.End(ctx, a, status, reason))
}

// curve has a value every so many steps, from the first one on; the time of a point is its step in seconds.
func curve(metric string, step int64, values ...float64) []experiments.Point {
	var points []experiments.Point
	every := min(step, 10)
	for i, v := range values {
		at := step + int64(i)*every
		points = append(points,
			experiments.Point{Metric: metric, Step: at, Epoch: float64(at) / 5, Value: v, Time: time.Unix(at, 0)})
	}
	return points
}

// save stores weights with bits that a careless reader would lose.
func (s *story) save(a experiments.Attempt, step int64, final bool) {
	s.record(a, experiments.Record{Checkpoint: &experiments.Checkpoint{
		Run: a.Run, Attempt: a.Number, Step: step, State: fmt.Appendf(nil, `{"step":%d}`, step), Final: final,
		Tensors: []experiments.Tensor{
			{Name: "model/conv1.weight", Shape: []int{2, 2}, Data: []float32{float32(step), float32(math.Copysign(0, -1)),
				float32(math.Inf(1)), math.Float32frombits(0x7fc12345)}},
			{Name: "model/frozen", Shape: []int{3}, Data: []float32{1, 2, 3}},
			{Name: "model/empty", Shape: []int{0, 3}, Data: []float32{}},
		},
	}})
}
