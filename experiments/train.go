package experiments

// Job is one attempt to be made: everything a trainer needs, whichever process it runs in.
type Job struct {
	Run     Run         `json:"run"`
	Attempt Attempt     `json:"attempt"`
	DataDir string      `json:"data_dir"` // where data sets with files are found
	Threads int         `json:"threads"`  // for the numeric kernels
	Resume  *Checkpoint `json:"-"`        // continue from here; nil: from the start
}
