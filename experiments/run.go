package experiments

import "time"

// Run is one training: a cell of a study with a seed.
type Run struct {
	ID         string            `json:"id"`    // first 16 hex digits of the SHA-256 of what decides its result; see Config
	Study      string            `json:"study"` // name of the study it was made for; a run may serve several
	Cell       string            `json:"cell"`  // Cell.Key
	Levels     map[string]string `json:"levels"`
	Seed       uint64            `json:"seed"`
	Config     Config            `json:"config"`
	DataDigest string            `json:"data_digest"` // SHA-256 of the data set as the run sees it
}

// Status is where a run stands.
type Status string

const (
	Queued      Status = "queued"      // never started
	Running     Status = "running"     // an attempt holds its lease
	Interrupted Status = "interrupted" // stopped on request or its process is gone; continues from its checkpoint
	Done        Status = "done"
	Failed      Status = "failed" // ended with an error that a repetition would meet again
)

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
	Epoch        int           `json:"epoch"` // running epoch, from 1
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
	Environment map[string]string // first: what computes, "cpu", "threads", "backend", "go", "onednn", "revision", "host", "steps_per_epoch", "parameters", "macs"
	Points      []Point
	Progress    *Progress
	Checkpoint  *Checkpoint
	Log         string // a line for the run's log
}
