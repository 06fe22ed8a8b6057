package dashboard

import (
	"fmt"
	"math"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// everyKind is a source with a run in every state, each with values of its own, and a study that has not begun. No
// value needs a function whose last digit depends on the processor.
func everyKind() *memory {
	m := degradation("demo", 0, 1, 2, 3)
	m.points = map[string][]experiments.Point{}
	for i := range m.runs {
		r := &m.runs[i]
		r.Last, r.Max, r.Min = map[string]float64{}, map[string]float64{}, map[string]float64{}
		for epoch := 1; epoch <= 3; epoch++ {
			m.measure(i, epoch, measurements(i, epoch))
		}
		minute := time.Duration(i) * time.Minute
		r.Version, r.Attempt, r.Seconds = 1, 1+i%3, 600.25+75*float64(i)
		r.Created, r.Started, r.Updated = epoch0.Add(-minute), epoch0.Add(minute), epoch0.Add(time.Hour+7*minute)
		r.Environment["parameters"], r.Environment["threads"] = fmt.Sprint(272474+1000*i), fmt.Sprint(1+i%2)
		r.Progress.ImagesPerSec, r.Progress.Loss, r.Progress.Top1 = 1000+50*float64(i), 0.123456+float64(i), 0.654321
		r.Checkpoint.Bytes = int64(1_000_000 + 100_000*i)
	}
	m.runs[0].Environment["memory_bytes"], m.runs[9].Environment["gpu"] = "17179869184", "none"
	m.timed("laboratory", 0, 1, 0.001)
	m.timed("laboratory", 0, 32, 0.016)
	m.timed("laboratory", 8, 1, 0.0005)
	m.timed("elsewhere", 8, 1, 0.1)
	m.artefacts()
	m.states()
	m.runs = m.runs[:15] // one that is planned is missing
	young := m.studies["demo"]
	young.Name, young.Title, young.Source, young.Expect = "young", "", "", ""
	m.studies["young"] = young
	demo := m.studies["demo"]
	demo.Published = &experiments.Published{Columns: []string{"top-1 error, %", "top-5 error, %"}, Rows: []experiments.PublishedRow{
		{Levels: map[string]string{"depth": "20"}, Values: []any{8.75, "–"}, N: 5, SD: 0.25},
		{Name: "ensemble", Values: []any{6.43, 0.5}, Source: "He et al. 2016, table 6"}}}
	m.studies["demo"] = demo
	return m
}

// timed adds a latency of the network of a run: so many images, so many seconds.
func (m *memory) timed(host string, i, batch int, median float64) {
	m.late = append(m.late, experiments.Latency{Run: m.runs[i].ID, Host: host, CPU: "a processor", Backend: "onednn", Threads: 2,
		Precision: "float32", Batch: batch, Passes: 40, Median: median, Slow: 1.25 * median, Time: epoch0})
}

func measurements(i, epoch int) map[string]float64 {
	top1 := 0.25 + float64(i)/64 + float64((epoch*5+i*i*3)%11)/128
	if i/4 == 2 { // a cell that is worse than the baseline
		top1 -= 0.25
	}
	return map[string]float64{
		metric.TestTop1: top1, metric.TrainTop1: top1 + 0.0625, metric.TestTop5: (1 + top1) / 2,
		metric.TestLoss: 3 - 2*top1, metric.TrainLoss: 2.5 - 2*top1, metric.TrainRate: 0.1 / float64(epoch),
	}
}

// states gives five runs the states that a run can have; the others are done.
func (m *memory) states() {
	diverged, failed, running, queued, interrupted := &m.runs[3], &m.runs[4], &m.runs[5], &m.runs[6], &m.runs[7]
	diverged.Status, diverged.Reason = experiments.Diverged, "train/loss is NaN at step 137 (epoch 4)\nsecond line"
	diverged.Last[metric.TrainLoss] = math.NaN()
	m.points[diverged.ID] = append(m.points[diverged.ID], experiments.Point{Metric: metric.TrainLoss, Step: 137, Epoch: 3.425,
		Value: math.NaN(), Time: epoch0.Add(4 * time.Second)})
	failed.Status, failed.Reason = experiments.Failed, "reading the data: unexpected end of <file>\ngoroutine 1"
	failed.Checkpoint = nil

	running.Status = experiments.Running
	running.Progress.Epoch, running.Progress.Step, running.Progress.Time = 3, 111, epoch0.Add(12*time.Second)
	running.Checkpoint.Final, running.Checkpoint.Step = false, 80
	running.Attempts = []experiments.AttemptInfo{
		{Number: 1, Resumed: -1, Began: epoch0, Trained: epoch0.Add(3 * time.Second), Ended: epoch0.Add(65 * time.Second),
			Status: experiments.Interrupted, Environment: map[string]string{"cpu": "an older processor", "threads": "4"}},
		{Number: 2, Resumed: 80, Began: epoch0.Add(2 * time.Minute), Trained: epoch0.Add(121 * time.Second),
			Ended: epoch0.Add(4 * time.Minute), Status: experiments.Running, Environment: running.Environment},
	}
	queued.Status, queued.Progress, queued.Checkpoint, queued.Attempts, queued.Environment = experiments.Queued, nil, nil, nil, nil
	queued.Attempt, queued.Seconds, queued.Started = 0, 0, time.Time{}
	queued.Last, queued.Max, queued.Min = nil, nil, nil
	queued.Needs, queued.BlockedBy = []string{running.ID, m.runs[0].ID}, []string{running.ID}
	delete(m.points, queued.ID)
	interrupted.Status, interrupted.Reason = experiments.Interrupted, "stopped by a signal"
	interrupted.Progress.Epoch, interrupted.Progress.Step = 7, 260
	interrupted.Checkpoint.Final, interrupted.Checkpoint.Step = false, 240
}

// artefacts gives the first run phases and things that it made.
func (m *memory) artefacts() {
	r := &m.runs[0]
	r.Phases = []experiments.PhaseInfo{{Phase: experiments.Phase{Name: "pretext", Count: 2, Steps: 120, Epochs: 3, Images: 5120,
		MultiplyAdds: 2.5e9}, Seconds: 61.5},
		{Phase: experiments.Phase{Name: "probe", Index: 1, Count: 2, First: 120, Steps: 360, Epochs: 9, Images: 3600,
			MultiplyAdds: 1e8}, Seconds: 5.25}}
	r.Last["pretext/test/collapsed"], r.Last["pretext/test/feature_spread"], r.Last["pretext/test/effective_rank"] = 1, 0.001, 1.5
	r.Last["pretext/test/least_feature_spread"], r.Last["pretext/test/knn_top1"] = 0.0125, 0.1
	r.Progress.Phase = "probe"
	r.Checkpoint.Attempt = 2
	later := made("test/confusion", "picture", "image/png", "\x89PNG later")
	later.Step, later.Attempt, later.Time = 80, 2, epoch0.Add(time.Hour)
	m.made = map[string][]experiments.Artefact{r.ID: {
		made("matrix", "matrix", "application/json", "[[1]]"),
		made("test/confusion", "picture", "image/png", "\x89PNG"), later,
	}}
}
