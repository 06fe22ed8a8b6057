package experiments

import (
	"context"
	"fmt"
	"sync"
)

// memoryStore is a Ledger and a Recorder in memory, with the fencing of the real one.
type memoryStore struct {
	mu       sync.Mutex
	status   map[string]Status
	reason   map[string]string
	attempts map[string]int
	fences   map[string]int64
	held     map[string]bool // by another process
	saved    map[string]Checkpoint
	records  map[string][]Record
	begun    []string
	renewed  int

	recordErr error                 // given to every Record
	onRecord  func(Attempt, Record) // called before a record is taken
}

func newMemoryStore() *memoryStore {
	return &memoryStore{status: map[string]Status{}, reason: map[string]string{}, attempts: map[string]int{}, fences: map[string]int64{},
		held: map[string]bool{}, saved: map[string]Checkpoint{}, records: map[string][]Record{}}
}

func (m *memoryStore) Enlist(context.Context, Study, []Run) error { return nil }

func (m *memoryStore) Statuses(_ context.Context, ids []string) (map[string]Status, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := map[string]Status{}
	for _, id := range ids {
		if s, ok := m.status[id]; ok {
			all[id] = s
		}
	}
	return all, nil
}

func (m *memoryStore) Begin(_ context.Context, run string) (Attempt, error) {
	return m.begin(run, true)
}

func (m *memoryStore) BeginAfresh(_ context.Context, run string) (Attempt, error) {
	return m.begin(run, false)
}

func (m *memoryStore) begin(run string, resume bool) (Attempt, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.status[run] == Done && resume {
		return Attempt{}, fmt.Errorf("run %s is done", run)
	}
	if m.held[run] {
		return Attempt{}, fmt.Errorf("run %s: %w", run, ErrHeld)
	}
	m.attempts[run]++
	m.fences[run]++
	m.status[run] = Running
	m.begun = append(m.begun, run)
	_, saved := m.saved[run]
	return Attempt{Run: run, Number: m.attempts[run], Fence: m.fences[run], Resume: saved && resume}, nil
}

func (m *memoryStore) current(a Attempt) error {
	if m.fences[a.Run] != a.Fence {
		return fmt.Errorf("run %s: %w", a.Run, ErrFenced)
	}
	return nil
}

func (m *memoryStore) Renew(_ context.Context, a Attempt) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.renewed++
	return m.current(a)
}

func (m *memoryStore) End(_ context.Context, a Attempt, status Status, reason string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.current(a); err != nil {
		return err
	}
	m.status[a.Run], m.reason[a.Run] = status, reason
	return nil
}

func (m *memoryStore) Restore(_ context.Context, run string) (Checkpoint, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.saved[run]
	if !ok {
		return c, ErrNoCheckpoint
	}
	return c, nil
}

func (m *memoryStore) Record(_ context.Context, a Attempt, r Record) error {
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

// points of a run in the order they were recorded.
func (m *memoryStore) points(run string) []Point {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []Point
	for _, r := range m.records[run] {
		all = append(all, r.Points...)
	}
	return all
}

// counting is training that counts: each of its steps is a point, and a checkpoint holds how far it came.
func counting(steps int64) TrainFunc {
	return func(ctx context.Context, job Job, emit func(Record) error) error {
		step := int64(0)
		if job.Resume != nil {
			step = job.Resume.Step
		}
		save := func(final bool) error {
			return emit(Record{Checkpoint: &Checkpoint{Run: job.Run.ID, Step: step, Final: final,
				Tensors: []Tensor{{Name: "model/count", Shape: []int{1}, Data: []float32{float32(step)}}}}})
		}
		for step < steps {
			if err := ctx.Err(); err != nil {
				if lost := save(false); lost != nil {
					return lost
				}
				return err
			}
			step++
			if err := emit(Record{Points: []Point{{Metric: TrainLoss, Step: step, Value: float64(step)}}}); err != nil {
				return err
			}
		}
		return save(true)
	}
}

// grid is a study's runs as Study.Runs gives them: cell by cell.
func grid(cells, seeds int) []Run {
	var runs []Run
	for c := range cells {
		for s := range seeds {
			runs = append(runs, Run{ID: fmt.Sprintf("c%ds%d", c, s), Cell: fmt.Sprintf("cell=%d", c), Seed: uint64(s + 1)})
		}
	}
	return runs
}
