package dashboard

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// epoch0 is when the studies of these tests began.
var epoch0 = time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)

// memory is a Source that lives in a map.
type memory struct {
	mu      sync.Mutex
	studies map[string]experiments.Study
	runs    []experiments.RunInfo // oldest first
	points  map[string][]experiments.Point
	changes []experiments.Change
	made    map[string][]experiments.Artefact // by run, in the order of step and name
	late    []experiments.Latency
	broken  error // every reader fails with it
}

var _ experiments.Source = (*memory)(nil)

func (m *memory) Studies(context.Context) ([]experiments.StudyInfo, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []experiments.StudyInfo
	for _, name := range sortedKeys(m.studies) {
		list = append(list, m.info(name))
	}
	return list, m.broken
}

func (m *memory) info(name string) experiments.StudyInfo {
	info := experiments.StudyInfo{Study: m.studies[name], Version: 1, Counts: map[experiments.Status]int{}, Created: epoch0, Updated: epoch0}
	for _, r := range m.runs {
		if r.Study == name {
			info.Counts[r.Status]++
			if r.Updated.After(info.Updated) {
				info.Updated = r.Updated
			}
		}
	}
	info.All = info.Counts
	info.Versions = []experiments.StudyVersion{{Number: 1, Current: true, Counts: info.Counts, Created: epoch0, Updated: info.Updated}}
	return info
}

func (m *memory) Study(_ context.Context, name string) (experiments.StudyInfo, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return experiments.StudyInfo{}, m.broken
	}
	if _, ok := m.studies[name]; !ok {
		return experiments.StudyInfo{}, fmt.Errorf("study %q: %w", name, experiments.ErrNotFound)
	}
	return m.info(name), nil
}

func (m *memory) Runs(_ context.Context, f experiments.RunFilter) ([]experiments.RunInfo, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []experiments.RunInfo
	f.Study, _, _ = experiments.SplitVersion(f.Study)
	for _, r := range slices.Backward(m.runs) {
		if (f.Study == "" || r.Study == f.Study) && (len(f.Status) == 0 || slices.Contains(f.Status, r.Status)) &&
			(len(f.IDs) == 0 || slices.Contains(f.IDs, r.ID)) {
			list = append(list, r)
		}
	}
	return list, m.broken
}

func (m *memory) Run(_ context.Context, id string) (experiments.RunInfo, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return experiments.RunInfo{}, m.broken
	}
	var found []experiments.RunInfo
	for _, r := range m.runs {
		if strings.HasPrefix(r.ID, id) || id == "latest" {
			found = append(found, r)
		}
	}
	switch {
	case len(found) == 0:
		return experiments.RunInfo{}, fmt.Errorf("run %q: %w", id, experiments.ErrNotFound)
	case len(found) > 1 && id != "latest":
		return experiments.RunInfo{}, fmt.Errorf("run %q: %w", id, experiments.ErrAmbiguous)
	}
	return found[len(found)-1], nil
}

func (m *memory) Series(ctx context.Context, runs, metrics []string, most int) ([]experiments.Series, error) {
	if len(metrics) == 0 {
		metrics, _ = m.Metrics(ctx, runs)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []experiments.Series
	for _, run := range runs {
		for _, metric := range metrics {
			s := experiments.Series{Run: run, Metric: metric}
			for _, p := range m.points[run] {
				if p.Metric == metric {
					s.Points = append(s.Points, p)
				}
			}
			s.Total = len(s.Points)
			if most > 0 && s.Total > most {
				s.Points = append(slices.Clone(s.Points[:most-1]), s.Points[s.Total-1])
			}
			list = append(list, s)
		}
	}
	return list, m.broken
}

func (m *memory) Metrics(_ context.Context, runs []string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	seen := map[string]bool{}
	for _, run := range runs {
		for _, p := range m.points[run] {
			seen[p.Metric] = true
		}
	}
	return sortedKeys(seen), m.broken
}

func (m *memory) Log(_ context.Context, run string, most int) ([]string, error) {
	return []string{"epoch 1 of 12", "a line with <b>markup</b>"}, m.broken
}

func (m *memory) Artefacts(_ context.Context, run string) ([]experiments.ArtefactInfo, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []experiments.ArtefactInfo
	for _, a := range m.made[run] {
		list = append(list, a.ArtefactInfo)
	}
	return list, m.broken
}

func (m *memory) Artefact(_ context.Context, run, name string, step int64) (experiments.Artefact, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return experiments.Artefact{}, m.broken
	}
	for _, a := range m.made[run] {
		if a.Name == name && a.Step == step {
			return a, nil
		}
	}
	return experiments.Artefact{}, fmt.Errorf("artefact %q of step %d: %w", name, step, experiments.ErrNotFound)
}

func (m *memory) Latencies(_ context.Context, runs []string) ([]experiments.Latency, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []experiments.Latency
	for _, l := range m.late {
		if slices.Contains(runs, l.Run) {
			list = append(list, l)
		}
	}
	return list, m.broken
}

func (m *memory) Changes(_ context.Context, after int64, most int) ([]experiments.Change, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := sort.Search(len(m.changes), func(i int) bool { return m.changes[i].Seq > after })
	return slices.Clone(m.changes[i:min(len(m.changes), i+most)]), m.broken
}

func (m *memory) LastChange(context.Context) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return int64(len(m.changes)), m.broken
}

// change notes that something is new; the caller holds the lock.
func (m *memory) change(run, study, kind string) {
	m.changes = append(m.changes, experiments.Change{Seq: int64(len(m.changes)) + 1, Run: run, Study: study, Kind: kind})
}

// measure adds the points of one epoch to a run.
func (m *memory) measure(i, epoch int, values map[string]float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := &m.runs[i]
	at := epoch0.Add(time.Duration(epoch) * 900 * time.Millisecond)
	for metric, v := range values {
		m.points[r.ID] = append(m.points[r.ID],
			experiments.Point{Metric: metric, Step: int64(epoch) * 40, Epoch: float64(epoch), Value: v, Time: at})
		r.Last[metric] = v
		if old, ok := r.Max[metric]; !math.IsNaN(v) && (!ok || v > old) {
			r.Max[metric] = v
		}
		if old, ok := r.Min[metric]; !math.IsNaN(v) && (!ok || v < old) {
			r.Min[metric] = v
		}
	}
	r.Updated = at
	m.change(r.ID, r.Study, "points")
}

// degradation is the study of these tests: plain or residual × depth 20 and 56 × seeds, with curves as they come out.
// name stands wherever a user's text can.
func degradation(name string, seeds ...uint64) *memory {
	study := experiments.Study{
		Name: name, Title: "Plain and residual networks of depth 20 and 56", Source: "He et al. 2015, Fig. 6",
		Expect: "plain-56 is worse than plain-20, residual-56 is not", Design: "factorial", Seeds: seeds,
		Metric: metric.TestTop1, Report: "last",
		Factors: []experiments.Factor{
			{Name: "shortcut", Levels: []experiments.Level{
				{Label: "none", Set: []experiments.Assignment{{Path: "model.shortcut", Value: "none"}}},
				{Label: "identity", Set: []experiments.Assignment{{Path: "model.shortcut", Value: "identity"}}}}},
			{Name: "depth", Levels: []experiments.Level{
				{Label: "20", Set: []experiments.Assignment{{Path: "model.name", Value: "resnet20_cifar"}}},
				{Label: "56", Set: []experiments.Assignment{{Path: "model.name", Value: "resnet56_cifar"}}}}},
		},
	}
	study.Base = experiments.Config{Dataset: experiments.Choice{Name: "shapes"},
		Model: experiments.Choice{Name: "resnet20_cifar"}, Batch: 64, Epochs: 12,
		Strategy: experiments.Choice{Name: "supervised"}, Schedule: experiments.Choice{Name: "constant"},
		Optim: experiments.Choice{Name: "sgd", Options: map[string]any{"lr": 0.1, "momentum": 0.9, "nesterov": true}}}
	m := &memory{studies: map[string]experiments.Study{name: study}, points: map[string][]experiments.Point{}}
	for _, shortcut := range []string{"none", "identity"} {
		for _, depth := range []string{"20", "56"} {
			for _, seed := range seeds {
				m.enlist(study, shortcut, depth, seed)
			}
		}
	}
	for i := range m.runs {
		m.train(i, 12)
	}
	return m
}

func (m *memory) enlist(s experiments.Study, shortcut, depth string, seed uint64) {
	c := s.Base
	c.Model = experiments.Choice{Name: "resnet" + depth + "_cifar", Options: map[string]any{"shortcut": shortcut}}
	id := fmt.Sprintf("%08x%08x", 0x5eed0000+len(m.runs)*7919, 0xc0ffee)
	m.runs = append(m.runs, experiments.RunInfo{
		Run: experiments.Run{ID: id, Study: s.Name, Cell: "shortcut=" + shortcut + " depth=" + depth,
			Levels: map[string]string{"shortcut": shortcut, "depth": depth}, Seed: seed, Config: c, DataDigest: "d1ce"},
		Status: experiments.Done, Attempt: 1, Created: epoch0, Started: epoch0, Updated: epoch0, Seconds: 10.8,
		Environment: map[string]string{"cpu": "a processor", "threads": "2", "backend": "onednn", "parameters": "272474", "macs": "41000000"},
		Last:        map[string]float64{}, Max: map[string]float64{}, Min: map[string]float64{},
		Attempts: []experiments.AttemptInfo{{Number: 1, Resumed: -1, Began: epoch0, Trained: epoch0, Ended: epoch0.Add(3 * time.Hour)}},
	})
}

// train gives a run its curves: deep plain networks learn slowly, the others well.
func (m *memory) train(i, epochs int) {
	r := m.runs[i]
	ceiling := 0.93 - map[string]float64{"none20": 0.08, "none56": 0.5, "identity20": 0.03}[r.Levels["shortcut"]+r.Levels["depth"]]
	random := rand.New(rand.NewPCG(r.Seed, uint64(i)))
	for e := 1; e <= epochs; e++ {
		top1 := ceiling*(1-math.Exp(-float64(e)/4)) + 0.012*random.NormFloat64()
		m.measure(i, e, map[string]float64{
			metric.TestTop1: top1, metric.TrainTop1: min(1, top1*1.05), metric.TestLoss: 2.2 * (1.02 - top1),
			metric.TrainLoss: 2.2 * (0.98 - top1*0.98),
			metric.TrainRate: 0.1 * (1 + math.Cos(math.Pi*float64(e)/12)) / 2, metric.TestTop5: math.Sqrt(max(0, top1)),
		})
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.runs[i].Progress = &experiments.Progress{Run: r.ID, Epoch: epochs, Epochs: 12, Step: int64(epochs) * 40, Steps: 480,
		Loss: 0.4, Top1: 0.8,
		ImagesPerSec: 3120, Left: 4 * time.Second, Interval: 300 * time.Millisecond, Time: epoch0.Add(11 * time.Second)}
	m.runs[i].Checkpoint = &experiments.CheckpointInfo{Step: int64(epochs) * 40, Attempt: 1, Bytes: 2_179_792,
		Digest: "9f86d081884c7d65", Final: epochs == 12, Time: epoch0.Add(11 * time.Second)}
}

// serverOf answers for a source, at a clock that stands at 20 s after the study began.
func serverOf(t testing.TB, source experiments.Source) *Server {
	t.Helper()
	s, err := New(Options{Source: source, Addr: "127.0.0.1:8080", Log: slog.New(slog.DiscardHandler), Poll: 5 * time.Millisecond,
		Version: map[string]string{"version": "1.2.3", "go": "go1.26"}, Now: func() time.Time { return epoch0.Add(20 * time.Second) }})
	if err != nil {
		t.Fatal(err)
	}
	s.catalogue = countedOnce()
	return s
}
