package experiments

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"workbench/experiments/metric"
)

// Errors that callers distinguish with errors.Is.
var (
	ErrNotFound     = errors.New("not found")
	ErrAmbiguous    = errors.New("ambiguous")
	ErrHeld         = errors.New("another process is working at it")
	ErrFenced       = errors.New("a newer attempt has taken over")
	ErrBlocked      = errors.New("it needs a run that is not done")
	ErrDiverged     = errors.New("it diverged")
	ErrNoCheckpoint = errors.New("no checkpoint")

	// What may befall a database while it is in use. The texts are for readers of pages, so they name no path.
	ErrMissing  = errors.New("the file of the database was deleted or moved")
	ErrReplaced = errors.New("another file has taken the place of the database")
	ErrDamaged  = errors.New("the file of the database is damaged")
)

// DivergedError says what of a run became a value that is no number, NaN or infinite. It is ErrDiverged.
type DivergedError struct {
	Metric string  `json:"metric"` // or the name of a tensor
	Value  float64 `json:"value"`
	Step   int64   `json:"step"`  // optimizer steps done
	Epoch  int     `json:"epoch"` // the running one, from 1
}

func (e *DivergedError) Error() string {
	return fmt.Sprintf("%s is %v at step %d (epoch %d)", e.Metric, e.Value, e.Step, e.Epoch)
}

func (e *DivergedError) Unwrap() error { return ErrDiverged }

// BlockedError says which of the runs that a run needs are not done. It is ErrBlocked.
type BlockedError struct {
	Run string
	By  map[string]Status // the runs that it waits for
}

func (e *BlockedError) Error() string {
	var waits []string
	for _, id := range slices.Sorted(maps.Keys(e.By)) {
		waits = append(waits, fmt.Sprintf("%s (%s)", id, e.By[id]))
	}
	return fmt.Sprintf("run %s: %v: %s", e.Run, ErrBlocked, strings.Join(waits, ", "))
}

func (e *BlockedError) Unwrap() error { return ErrBlocked }

// Ledger is what the scheduler needs of the database: which runs there are and who works at them.
type Ledger interface {
	// Enlist records the study and its runs. Runs that are known keep their state. A definition that trains something
	// else than those before becomes a version of the study of its own.
	Enlist(ctx context.Context, s Study, runs []Run) error
	// Statuses of the runs with the given ids; unknown ids are absent.
	Statuses(ctx context.Context, ids []string) (map[string]Status, error)
	// Begin starts the next attempt of a run and takes its lease. A run whose lease is alive is ErrHeld; one that needs
	// a run that is not done is a BlockedError, which is ErrBlocked.
	Begin(ctx context.Context, run string) (Attempt, error)
	// Renew prolongs the lease; it fails with ErrFenced if another attempt has begun.
	Renew(ctx context.Context, a Attempt) error
	// End closes the attempt with Done, Interrupted, Failed or Diverged and the reason ("" when done).
	End(ctx context.Context, a Attempt, status Status, reason string) error
	// Restore loads the newest checkpoint of the run that passes its digests; ErrNoCheckpoint if there is none.
	Restore(ctx context.Context, run string) (Checkpoint, error)
	// Config of a run, by its whole id; ErrNotFound.
	Config(ctx context.Context, run string) (Config, error)
}

// Recorder is where the records of an attempt go. When Record returns nil, what it was given survives a crash
// (progress alone may be lost). A stale attempt gets ErrFenced.
type Recorder interface {
	Record(ctx context.Context, a Attempt, r Record) error
}

// Looks say how often labelled images were measured. What is chosen by looking at test images is no longer tested by
// them.
type Looks struct {
	Runs     int   `json:"runs"`     // that measured them while they trained
	Training int64 `json:"training"` // times that these did
	Outside  int64 `json:"outside"`  // times outside of training
}

// All are the looks together.
func (l Looks) All() int64 { return l.Training + l.Outside }

// Latency is how long a forward pass of a run's network takes in inference, on one machine.
type Latency struct {
	Run       string    `json:"run"`
	Host      string    `json:"host"` // name of the machine; "": it has none
	CPU       string    `json:"cpu"`
	Backend   string    `json:"backend"`
	Threads   int       `json:"threads"`
	Precision string    `json:"precision"`
	Batch     int       `json:"batch"`  // images of a pass
	Passes    int       `json:"passes"` // that were timed, after others that were not
	Median    float64   `json:"median"` // seconds of a pass
	Slow      float64   `json:"slow"`   // seconds that nine of ten passes do not exceed: the 90 % quantile
	Time      time.Time `json:"time"`
}

// StudyInfo is a version of a study with how far it is.
type StudyInfo struct {
	Study    Study          `json:"study"`
	Version  int            `json:"version"` // of Versions; the one trained last unless another was asked for
	Counts   map[Status]int `json:"counts"`  // runs of the version
	All      map[Status]int `json:"all"`     // runs of all versions, each once
	Created  time.Time      `json:"created"` // of the study
	Updated  time.Time      `json:"updated"` // latest activity of the version
	Versions []StudyVersion `json:"versions"`
}

// StudyVersion is one of the definitions that a study has had. Each that trained something is kept.
type StudyVersion struct {
	Number  int            `json:"number"`
	Current bool           `json:"current"` // trained last: what the study's bare name means
	Label   string         `json:"label"`   // what it changed of the first version: "epochs=30"
	Counts  map[Status]int `json:"counts"`
	Created time.Time      `json:"created"`
	Updated time.Time      `json:"updated"`
}

// Ref names the version among all of the database: "tiny@2".
func (i StudyInfo) Ref() string { return Version(i.Study.Name, i.Version) }

// ShortRef names the version as short as it can be: "tiny" for the current one.
func (i StudyInfo) ShortRef() string {
	if i.Current() {
		return i.Study.Name
	}
	return i.Ref()
}

// Current tells whether the version is what the study's bare name means.
func (i StudyInfo) Current() bool {
	return !slices.ContainsFunc(i.Versions, func(v StudyVersion) bool { return v.Number == i.Version && !v.Current })
}

// Label is what the version changed of the study's first one.
func (i StudyInfo) Label() string {
	for _, v := range i.Versions {
		if v.Number == i.Version {
			return v.Label
		}
	}
	return ""
}

// RunInfo is a run with its state and its newest values.
type RunInfo struct {
	Run
	Version     int                `json:"version"`           // of the study that has the run
	Earlier     bool               `json:"earlier,omitempty"` // that version is not the study's current one
	Status      Status             `json:"status"`
	Reason      string             `json:"reason,omitempty"`
	Attempt     int                `json:"attempt"`
	Created     time.Time          `json:"created"`
	Started     time.Time          `json:"started"` // first attempt; zero if none
	Updated     time.Time          `json:"updated"`
	Seconds     float64            `json:"seconds"` // of training in all attempts, in its own phases; see AttemptInfo and Begins
	Environment map[string]string  `json:"environment,omitempty"`
	Progress    *Progress          `json:"progress,omitempty"`
	Last        map[string]float64 `json:"-"` // newest value of every metric (may be NaN or infinite)
	Max         map[string]float64 `json:"-"` // over finite values
	Min         map[string]float64 `json:"-"`
	Checkpoint  *CheckpointInfo    `json:"checkpoint,omitempty"`
	Phases      []PhaseInfo        `json:"phases,omitempty"`     // that have begun, in order; none for runs without named phases
	Whole       *PhaseInfo         `json:"whole,omitempty"`      // the phase of a run without named ones, once it has begun
	BlockedBy   []string           `json:"blocked_by,omitempty"` // of Needs, the runs that are not done
	Attempts    []AttemptInfo      `json:"attempts,omitempty"`
}

// AttemptInfo is an attempt with what it cost.
type AttemptInfo struct {
	Number  int       `json:"number"`
	Resumed int64     `json:"resumed"` // step of the checkpoint from which it continued; -1: it began at the start
	Began   time.Time `json:"began"`
	// Trained is when the first step could begin: the data were read, the network was built. It is Began where that was
	// not recorded, and zero for an attempt that did not come so far.
	Trained     time.Time         `json:"trained,omitzero"`
	Ended       time.Time         `json:"ended"` // of a running attempt, now; of one that does not answer, when it was last heard of
	Status      Status            `json:"status"`
	Environment map[string]string `json:"environment,omitempty"`
}

// Seconds is how long the attempt has trained. Work that a later attempt had to repeat is in it.
func (a AttemptInfo) Seconds() float64 {
	if a.Trained.IsZero() {
		return 0
	}
	return max(0, a.Ended.Sub(a.Trained).Seconds())
}

// Elapsed is how many seconds the run had trained at a time. Time before training and between attempts does not count.
func (r RunInfo) Elapsed(t time.Time) float64 {
	sum := 0.0
	for _, a := range r.Attempts {
		if a.Trained.IsZero() || t.Before(a.Trained) {
			continue
		}
		if a.Ended.After(t) {
			a.Ended = t
		}
		sum += a.Seconds()
	}
	return sum
}

// PhaseInfo is a phase of a run with what it cost.
type PhaseInfo struct {
	Phase
	Seconds float64 `json:"seconds"` // time that all attempts spent in it
}

// Begins is the run whose last state this one began with, and whose time is not in Seconds; "" if it has made all its
// phases itself, as runs do that were trained before anything shared their beginning.
func (r RunInfo) Begins() string {
	if len(r.Needs) == 0 || r.Continues() == "" && (len(r.Phases) == 0 || r.Phases[0].Index == 0) {
		return ""
	}
	return r.Needs[0]
}

// Usual is the metric of a run that stands where others have one of the main phase: that one if the run has it, or else
// the same quantity, or one of the kind, of its last phase that has one; the usual one if none has.
func (r RunInfo) Usual(name string) string {
	if _, has := r.Last[name]; has {
		return name
	}
	recorded := slices.Collect(maps.Keys(r.Last))
	for _, phase := range slices.Backward(r.Phases) {
		if kin := metric.Kin(name, phase.Name, recorded); kin != "" {
			return kin
		}
	}
	return name
}

// Recorded is the metric of the run that a name stands for: of metric.Final that of the run's last phase which has it.
// A name that stands for no other is itself, and so is one for which the run has none.
func (r RunInfo) Recorded(name string) string {
	n := metric.Parse(name)
	if n.Phase != metric.Final {
		return name
	}
	phases := []string{""} // of a run without phases
	for _, p := range r.Phases {
		phases = append(phases, p.Name)
	}
	for _, phase := range slices.Backward(phases) {
		n.Phase = phase
		if _, has := r.Last[n.String()]; has {
			return n.String()
		}
	}
	return name
}

// PhaseAt is the phase that a step belongs to: the last that began before it. ok is false for a run without phases.
func (r RunInfo) PhaseAt(step int64) (p PhaseInfo, ok bool) {
	for _, next := range r.Phases {
		if ok && next.First >= step {
			break
		}
		p, ok = next, true
	}
	return p, ok
}

// CheckpointInfo describes a stored checkpoint.
type CheckpointInfo struct {
	Step    int64     `json:"step"`
	Attempt int       `json:"attempt"`
	Bytes   int64     `json:"bytes"`
	Digest  string    `json:"digest"` // SHA-256 of names, shapes and contents of its "model/" tensors: equal weights, equal digest
	Final   bool      `json:"final"`
	Time    time.Time `json:"time"`
}

// Series is one metric of one run in step order, without points that a later attempt superseded.
type Series struct {
	Run    string  `json:"run"`
	Metric string  `json:"metric"`
	Points []Point `json:"points"`
	Total  int     `json:"total"` // points there are; more than len(Points) if downsampled (see Source.Series)
}

// StudyRef names the version of the study that has the run, as short as it can be: "tiny" for the current one.
func (r RunInfo) StudyRef() string {
	if r.Earlier {
		return Version(r.Study, r.Version)
	}
	return r.Study
}

// RunFilter selects runs; zero fields select all.
type RunFilter struct {
	Study  string // "tiny": runs of all versions, each once; "tiny@2": runs of that version
	Status []Status
	IDs    []string
}

// Change says that something about a run or a study is new; Seq grows by one a change.
type Change struct {
	Seq   int64  `json:"seq"`
	Run   string `json:"run,omitempty"`
	Study string `json:"study"`
	Kind  string `json:"kind"` // "study", "status", "points" (and artefacts), "progress"
}

// Source is what readers (terminal, dashboard) need of the database. Slices are never nil-versus-empty significant.
type Source interface {
	Studies(ctx context.Context) ([]StudyInfo, error)
	// Study finds the current version of a study by its name, another as "tiny@2"; ErrNotFound.
	Study(ctx context.Context, ref string) (StudyInfo, error)
	// Runs and studies are listed by their last activity, newest first.
	Runs(ctx context.Context, f RunFilter) ([]RunInfo, error)
	Run(ctx context.Context, id string) (RunInfo, error) // a unique prefix or "latest", the last active; ErrNotFound, ErrAmbiguous
	// Series returns the metrics of the runs (without metrics: all that they have), at most max points of each (0:
	// all of them). Of a longer series the first and the last point, the minima and the maxima remain.
	Series(ctx context.Context, runs, metrics []string, max int) ([]Series, error)
	Metrics(ctx context.Context, runs []string) ([]string, error) // names recorded by any of the runs, sorted
	Log(ctx context.Context, run string, max int) ([]string, error)
	// Artefacts of a run in the order of step and name, without those that a later attempt superseded.
	Artefacts(ctx context.Context, run string) ([]ArtefactInfo, error)
	// Artefact loads one and checks its digest; ErrNotFound.
	Artefact(ctx context.Context, run, name string, step int64) (Artefact, error)
	// Latencies that were measured of the networks of the runs, by run and then newest first.
	Latencies(ctx context.Context, runs []string) ([]Latency, error)
	Changes(ctx context.Context, after int64, max int) ([]Change, error)
	LastChange(ctx context.Context) (int64, error)
}
