package bench

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"workbench/nn/plan"
)

// What can be asked of a process that measures. Requests and replies are lines of JSON.
// Raw bytes follow where the comments say so.
const (
	askHello = "hello" // who are you: Versions
	askOpen  = "open"  // build Case in the Layout: Opened
	// Tensors are all parameters, then "image", its further views "image/1" and so on, and "label". Their float32
	// elements follow, little-endian and row-major.
	askWeights = "weights"
	askLoad    = "load"    // take Tensors, whose float32 follow, as parameters and batch
	askWitness = "witness" // compute what the network is known by, in Steps at the Rate: Values
	askSteps   = "steps"   // make one step that does not count, then Steps: Seconds of each
	askProfile = "profile" // time every instruction over Steps: Timings, and Seconds of a step
	askPeak    = "peak"    // the most arithmetic the machine gives in the Precision: Peak
)

type request struct {
	Do      string `json:"do"`
	Case    *Case  `json:"case,omitempty"`
	Layout  string `json:"layout,omitempty"`
	Threads int    `json:"threads,omitempty"`

	Precision string `json:"precision,omitempty"`

	Steps   int      `json:"steps,omitempty"`
	Rate    float64  `json:"rate,omitempty"`
	Tensors []tensor `json:"tensors,omitempty"`
}

// tensor announces the elements of one tensor.
type tensor struct {
	Name  string `json:"name"`
	Shape []int  `json:"shape"`
}

func (t tensor) size() int {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// bytes is how many bytes follow the announcement of the tensors.
func bytesOf(tensors []tensor) int64 {
	var n int64
	for _, t := range tensors {
		n += 4 * int64(t.size())
	}
	return n
}

type reply struct {
	Error    string            `json:"error,omitempty"`
	Memory   int64             `json:"memory"` // most bytes resident so far
	Versions map[string]string `json:"versions,omitempty"`
	Opened   *Opened           `json:"opened,omitempty"`
	Tensors  []tensor          `json:"tensors,omitempty"`
	Values   []float64         `json:"values,omitempty"`
	Seconds  []float64         `json:"seconds,omitempty"`
	Timings  []plan.Timing     `json:"timings,omitempty"`
	Peak     *Peak             `json:"peak,omitempty"`
}

// Opened is what a process says of the network that it built.
type Opened struct {
	Parameters int64 `json:"parameters"`     // trainable
	MACs       int64 `json:"macs,omitempty"` // of one image
	// StepMACs are the multiply-adds of a strategy's step: of all its passes over the batch and of its updates.
	StepMACs  float64 `json:"step_macs,omitempty"`
	PlanBytes int64   `json:"plan_bytes,omitempty"` // of the plan's arena
}

// line reads one line of JSON. The end of the input is an error of its own: the other side has ended.
func line(in *bufio.Reader, into any) error {
	text, err := in.ReadBytes('\n')
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("want a line of JSON, got %.80q: %w", text, err)
	}
	return nil
}

func send(out io.Writer, message any) error {
	text, err := json.Marshal(message)
	if err != nil {
		return err
	}
	_, err = out.Write(append(text, '\n'))
	return err
}
