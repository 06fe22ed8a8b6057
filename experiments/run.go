package experiments

import (
	"fmt"
	"time"

	"workbench/experiments/start"
)

// Run is one training: a cell of a study with a seed.
type Run struct {
	ID         string            `json:"id"`    // first 16 hex digits of the SHA-256 of what decides its result; see Run.identity
	Study      string            `json:"study"` // name of the study it was made for; a run may serve several
	Cell       string            `json:"cell"`  // Cell.Key
	Levels     map[string]string `json:"levels"`
	Seed       uint64            `json:"seed"`
	Config     Config            `json:"config"`
	DataDigest string            `json:"data_digest"` // SHA-256 of the data set as the run sees it

	// Needs are the ids of runs that must be done before this one can begin, such as the pretraining that several runs
	// start from. Each of them is a run of its own, with its own lease, identity and curves.
	Needs []string `json:"needs,omitempty"`

	// Shared says that no cell of the study asks for the run: it is there because others begin with it. Study.Runs says
	// so; it is not recorded, because another study may ask for the run.
	Shared bool `json:"-"`
}

// Status is where a run stands.
type Status string

const (
	Queued      Status = "queued"      // never started
	Running     Status = "running"     // an attempt holds its lease
	Interrupted Status = "interrupted" // stopped on request or its process is gone; continues from its checkpoint
	Done        Status = "done"
	Failed      Status = "failed"   // ended with an error that a repetition would meet again
	Diverged    Status = "diverged" // its loss became a value that is no number; a repetition would meet the same
	// Blocked is a run that is not done and needs one that failed, diverged or is blocked: nothing begins it until that
	// one is tried again. No attempt ends so; it follows from the states of the runs that it needs.
	Blocked Status = "blocked"
)

// Lost says why a run that is needed will not be done unless it is tried again: "needs run X, which diverged". It is ""
// in the other states.
func Lost(needed string, s Status) string {
	words, lost := map[Status]string{Failed: "failed", Diverged: "diverged", Blocked: "cannot begin"}[s]
	if !lost {
		return ""
	}
	return "needs run " + needed + ", which " + words
}

// Attempt is one process working at a run. Every write of it carries Number and Fence; a write whose fence is not the
// run's current one is refused, so a run has one accepted writer.
type Attempt struct {
	Run    string `json:"run"`
	Number int    `json:"number"` // 1, 2, …
	Fence  int64  `json:"fence"`
	Resume bool   `json:"resume"` // a checkpoint exists to continue from
}

// Job is one attempt to be made: everything a trainer needs, whichever process it runs in.
type Job struct {
	Run     Run         `json:"run"`
	Attempt Attempt     `json:"attempt"`
	DataDir string      `json:"data_dir"` // where data sets with files are found
	Threads int         `json:"threads"`  // for the numeric kernels
	Resume  *Checkpoint `json:"-"`        // continue from here; nil: from the start

	// Start is the run whose weights this one begins with; nil: it begins with no run's, or continues.
	Start *Beginning `json:"start,omitempty"`
	// Teacher is the run whose network teaches; nil: no run's does, or this one continues.
	Teacher *Beginning `json:"teacher,omitempty"`
}

// Beginning is a run whose weights others begin with.
type Beginning struct {
	Config Config     `json:"config"`
	Last   Checkpoint `json:"-"` // its last state
}

// Point is one measured value. Value may be NaN or infinite.
type Point struct {
	Metric string    `json:"metric"` // see metric.Name
	Step   int64     `json:"step"`   // optimizer steps done when it was measured
	Epoch  float64   `json:"epoch"`  // passes over the training split done
	Value  float64   `json:"value"`
	Time   time.Time `json:"time"`
}

// Tensor is named state in a checkpoint, float32 in row-major logical order.
type Tensor struct {
	Name  string    `json:"name"` // "model/…" for parameters and running statistics, "optim/<slot>/…" for optimizer state
	Shape []int     `json:"shape"`
	Data  []float32 `json:"-"`
}

// Checkpoint is all that is needed to continue a run bit for bit.
type Checkpoint struct {
	Run     string   `json:"run"`
	Attempt int      `json:"attempt"`
	Step    int64    `json:"step"`  // optimizer steps done
	State   []byte   `json:"state"` // JSON of the trainer: epoch, cursor, running sums, threads; opaque to the store
	Tensors []Tensor `json:"tensors"`
	Final   bool     `json:"final"` // the run is complete
}

// Progress is what a live display needs; it is shown, kept as the latest only, and never compared.
type Progress struct {
	Run          string        `json:"run"`
	Phase        string        `json:"phase,omitempty"` // name of the running phase
	Epoch        int           `json:"epoch"`           // running epoch, from 1
	Epochs       int           `json:"epochs"`
	Step         int64         `json:"step"`
	Steps        int64         `json:"steps"` // of the whole run
	Loss         float64       `json:"loss"`  // running mean of the epoch
	Top1         float64       `json:"top1"`
	ImagesPerSec float64       `json:"images_per_second"`
	Left         time.Duration `json:"left"`     // estimate
	Interval     time.Duration `json:"interval"` // promised time to the next report; silence beyond a few of these is a stall
	Time         time.Time     `json:"time"`
}

// Record is one message of a running attempt, in the order it happened. Exactly one field is set.
type Record struct {
	// Environment comes first: what computes, "cpu", "threads", "backend", "go", "onednn", "revision", "host",
	// "steps_per_epoch", "parameters", "macs".
	Environment map[string]string
	Points      []Point
	Progress    *Progress
	Checkpoint  *Checkpoint
	Phase       *Phase // a phase begins, or goes on in an attempt that resumes
	Artefact    *Artefact
	Log         string // a line for the run's log
}

// DataFact is the fact of a run's environment that says of the files of its data set what a reader of its results must
// know; a run on the published files has none.
const DataFact = "data"

// StartFact is the fact of a run's environment that says how the weights that it began with fit the images of its
// training, where they do not.
const StartFact = "start_statistics"

// Phase is a stretch of a run with its own length, such as pretraining or the training of a probe. Steps count on over
// the phases, so a point belongs to the last phase that began before it.
type Phase struct {
	Name  string `json:"name"`  // prefix of its metrics; empty for a run of one phase
	Index int    `json:"index"` // from 0
	Count int    `json:"count"` // phases of the run
	First int64  `json:"first"` // optimizer steps of the run done before it
	Steps int64  `json:"steps"` // optimizer steps it has

	// What it costs if it is trained to its end. All are 0 where an earlier program recorded the phase.
	Epochs       float64 `json:"epochs,omitempty"`        // passes over the images that set its pace
	Images       int64   `json:"images,omitempty"`        // that networks are given in training; see strategy.Graph.Passes
	MultiplyAdds float64 `json:"multiply_adds,omitempty"` // of its training: forward, backward and updates
}

// Artefact is something a run made that is no metric and no checkpoint: a picture, a matrix, an array, a text.
type Artefact struct {
	ArtefactInfo
	Data []byte `json:"-"`
}

// ArtefactInfo describes an artefact. A run has one artefact of a name at a step. Attempt, Bytes and Digest are said by
// whoever stores it; in a record they mean nothing.
type ArtefactInfo struct {
	Name    string    `json:"name"`  // "test/confusion"
	Kind    string    `json:"kind"`  // one of ArtefactKinds
	Media   string    `json:"media"` // media type of the data: "image/png", "application/json"
	Step    int64     `json:"step"`  // optimizer steps done when it was made
	Attempt int       `json:"attempt"`
	Bytes   int64     `json:"bytes"`
	Digest  string    `json:"digest"` // SHA-256 of the data
	Time    time.Time `json:"time"`
}

// ArtefactKinds are what an artefact can be.
var ArtefactKinds = []string{"picture", "matrix", "array", "text"}

// Bounds on artefacts: what a run stores beside its checkpoints stays small beside them.
const (
	MaxArtefactBytes = 16 << 20  // of one artefact
	MaxArtefacts     = 1000      // of a run
	MaxArtefactTotal = 256 << 20 // bytes of all artefacts of a run
)

// Continues says what the run's configuration continues: "5 epochs"; "" if it begins by itself.
func (r Run) Continues() string {
	all := start.Of(r.Config.Start).Continues
	if len(all) == 0 {
		return ""
	}
	if last := all[len(all)-1]; last > 1 {
		return fmt.Sprintf("%d epochs", last)
	}
	return "1 epoch"
}

// continued are the runs that the run continues, the first of them first: each is the same run with fewer epochs.
func (r Run) continued() ([]Run, error) {
	if r.Continues() == "" {
		return nil, nil
	}
	b := r
	b.Config = r.Config.Clone()
	b.Config.Start, b.Config.Epochs = start.Parent(r.Config.Start)
	all, err := b.continued()
	if err != nil {
		return nil, err
	}
	if b.Needs = nil; len(all) > 0 {
		b.Needs = []string{all[len(all)-1].ID}
	}
	if b.ID, err = b.identity(); err != nil {
		return nil, err
	}
	b.Cell, b.Levels, b.Shared = fmt.Sprintf("epochs=%d %s", b.Config.Epochs, b.ID[:8]), nil, true
	return append(all, b), nil
}

// share adds the runs that others begin with: where several runs of a study are the same up to a phase, one run ends
// there, and they need it. It stands before the first of them.
func share(runs []Run) ([]Run, error) {
	var all []Run
	begins := make([][]Run, len(runs)) // what each run could begin with, the longest first
	wanted := map[string]int{}
	for i, r := range runs {
		var err error
		if begins[i], err = r.beginnings(); err != nil {
			return nil, err
		}
		for _, b := range begins[i] {
			wanted[b.ID]++
		}
	}
	made := map[string]bool{} // a study may have a cell that ends with a phase
	for _, r := range runs {
		made[r.ID] = true
	}
	for i, r := range runs {
		chain, err := r.continued()
		if err != nil {
			return nil, err
		}
		for _, b := range chain {
			if r.Needs = []string{b.ID}; !made[b.ID] {
				made[b.ID] = true
				all = append(all, b)
			}
		}
		for _, b := range begins[i] {
			if wanted[b.ID] < 2 && !made[b.ID] {
				continue
			}
			if r.Needs = []string{b.ID}; !made[b.ID] {
				made[b.ID], b.Shared = true, true
				all = append(all, b)
			}
			break
		}
		all = append(all, r)
	}
	return all, nil
}
