package supervise

import (
	"context"
	"fmt"
	"sync"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// memoryStore is a Ledger and a Recorder in memory that fences attempts as the real one does.
type memoryStore struct {
	mu       sync.Mutex
	status   map[string]experiments.Status
	reason   map[string]string
	attempts map[string]int
	fences   map[string]int64
	held     map[string]bool     // by another process
	needs    map[string][]string // of a run, as the ledger knows them
	saved    map[string]experiments.Checkpoint
	configs  map[string]experiments.Config
	records  map[string][]experiments.Record
	begun    []string
	renewed  int

	recordErr error                                         // given to every Record
	renewErr  error                                         // given to every Renew
	onRecord  func(experiments.Attempt, experiments.Record) // called before a record is taken
}

func newMemoryStore() *memoryStore {
	return &memoryStore{
		status: map[string]experiments.Status{}, reason: map[string]string{},
		attempts: map[string]int{}, fences: map[string]int64{},
		held: map[string]bool{}, needs: map[string][]string{},
		saved: map[string]experiments.Checkpoint{}, configs: map[string]experiments.Config{}, records: map[string][]experiments.Record{},
	}
}

func (m *memoryStore) Enlist(context.Context, experiments.Study, []experiments.Run) error { return nil }

func (m *memoryStore) Statuses(_ context.Context, ids []string) (map[string]experiments.Status, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := map[string]experiments.Status{}
	for _, id := range ids {
		if s, ok := m.status[id]; ok {
			all[id] = s
		}
	}
	return all, nil
}

func (m *memoryStore) Begin(_ context.Context, run string) (experiments.Attempt, error) {
	return m.begin(run, true)
}

func (m *memoryStore) BeginAfresh(_ context.Context, run string) (experiments.Attempt, error) {
	return m.begin(run, false)
}

func (m *memoryStore) begin(run string, resume bool) (experiments.Attempt, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.status[run] == experiments.Done && resume {
		return experiments.Attempt{}, fmt.Errorf("run %s is done", run)
	}
	if m.held[run] {
		return experiments.Attempt{}, fmt.Errorf("run %s: %w", run, experiments.ErrHeld)
	}
	by := map[string]experiments.Status{}
	for _, id := range m.needs[run] {
		if m.status[id] != experiments.Done {
			by[id] = m.status[id]
		}
	}
	if len(by) > 0 {
		return experiments.Attempt{}, &experiments.BlockedError{Run: run, By: by}
	}
	m.attempts[run]++
	m.fences[run]++
	m.status[run] = experiments.Running
	m.begun = append(m.begun, run)
	_, saved := m.saved[run]
	return experiments.Attempt{Run: run, Number: m.attempts[run], Fence: m.fences[run], Resume: saved && resume}, nil
}

func (m *memoryStore) current(a experiments.Attempt) error {
	if m.fences[a.Run] != a.Fence {
		return fmt.Errorf("run %s: %w", a.Run, experiments.ErrFenced)
	}
	return nil
}

func (m *memoryStore) Renew(_ context.Context, a experiments.Attempt) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.renewed++
	if m.renewErr != nil {
		return m.renewErr
	}
	return m.current(a)
}

func (m *memoryStore) End(_ context.Context, a experiments.Attempt, status experiments.Status, reason string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.current(a); err != nil {
		return err
	}
	m.status[a.Run], m.reason[a.Run] = status, reason
	return nil
}

func (m *memoryStore) Restore(_ context.Context, run string) (experiments.Checkpoint, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.saved[run]
	if !ok {
		return c, experiments.ErrNoCheckpoint
	}
	return c, nil
}

func (m *memoryStore) Config(_ context.Context, run string) (experiments.Config, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.configs[run]
	if !ok {
		return c, experiments.ErrNotFound
	}
	return c, nil
}

func (m *memoryStore) Record(_ context.Context, a experiments.Attempt, r experiments.Record) error {
	if m.onRecord != nil {
		m.onRecord(a, r)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.recordErr != nil {
		return m.recordErr
	}
	if err := m.current(a); err != nil {
		return err
	}
	m.records[a.Run] = append(m.records[a.Run], r)
	if r.Checkpoint != nil {
		m.saved[a.Run] = *r.Checkpoint
	}
	return nil
}

// points returns the points of a run in the order in which they were recorded.
func (m *memoryStore) points(run string) []experiments.Point {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []experiments.Point
	for _, r := range m.records[run] {
		all = append(all, r.Points...)
	}
	return all
}

// counting is a training that only counts: each of its steps is a point, and a checkpoint holds how far it came.
func counting(steps int64) TrainFunc {
	return func(ctx context.Context, job experiments.Job, emit func(experiments.Record) error) error {
		step := int64(0)
		if job.Resume != nil {
			step = job.Resume.Step
		}
		save := func(final bool) error {
			return emit(experiments.Record{Checkpoint: &experiments.Checkpoint{Run: job.Run.ID, Step: step, Final: final,
				Tensors: []experiments.Tensor{{Name: "model/count", Shape: []int{1}, Data: []float32{float32(step)}}}}})
		}
		for step < steps {
			if err := ctx.Err(); err != nil {
				if lost := save(false); lost != nil {
					return lost
				}
				return err
			}
			step++
			point := experiments.Point{Metric: metric.TrainLoss, Step: step, Value: float64(step)}
			if err := emit(experiments.Record{Points: []experiments.Point{point}}); err != nil {
				return err
			}
		}
		return save(true)
	}
}

// grid returns the runs of a study in the order of Study.Runs, which is cell by cell.
func grid(cells, seeds int) []experiments.Run {
	var runs []experiments.Run
	for c := range cells {
		for s := range seeds {
			runs = append(runs, experiments.Run{ID: fmt.Sprintf("c%ds%d", c, s), Cell: fmt.Sprintf("cell=%d", c), Seed: uint64(s + 1)})
		}
	}
	return runs
}
