//go:build !race

package train

import (
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/metric"
)

func sharpJob(t *testing.T, radius float64) experiments.Job {
	t.Helper()
	job := strategyJob(t, "supervised")
	job.Run.Config.Optim.Options["sam"] = radius
	return job
}

// The weights beside the weights are of one step alone, so no checkpoint has them, and a training that is interrupted
// anywhere goes on bit for bit; also with averages, and where a batch comes in parts.
func TestSharpnessAwareTrainingsResumeBitForBit(t *testing.T) {
	computesLong(t)
	job := sharpJob(t, 0.1)
	job.Run.Config.Optim.Options["sam_adaptive"], job.Run.Config.Optim.Options["ema"] = true, 0.9
	job.Run.Config.MicroBatch = 4
	resumesAnywhere(t, job)
	records, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, tensor := range lastCheckpoint(t, records).Tensors {
		if strings.Contains(tensor.Name, "near") {
			t.Errorf("the checkpoint has %s", tensor.Name)
		}
	}
}

// A step passes twice, which costs twice as much but for the optimizer's slots. Losses are those of the first pass,
// whose weights in the first step are those of a training without it; as the radius vanishes, so does the difference.
func TestSharpnessIsOfTheRadius(t *testing.T) {
	losses := func(radius float64) []float64 {
		records, err := record(t, sharpJob(t, radius), 0)
		if err != nil {
			t.Fatal(err)
		}
		return values(records)[metric.StepLoss]
	}
	plain, close, far := losses(0), losses(1e-7), losses(0.5)
	if len(plain) != 6 || len(far) != 6 || far[0] != plain[0] || slices.Equal(far[1:], plain[1:]) {
		t.Errorf("steps lose %v, without %v; want the first alike and no other", far, plain)
	}
	for i := range plain {
		if !(math.Abs(close[i]-plain[i]) <= 1e-4) {
			t.Errorf("step %d loses %v with a tiny radius, %v without", i+1, close[i], plain[i])
		}
	}
}

func TestSharpnessCostsASecondPass(t *testing.T) {
	job := sharpJob(t, 0.05)
	set, err := data.Open(t.Context(), "shapes", "", job.Run.Config.Dataset.Options)
	if err != nil {
		t.Fatal(err)
	}
	sharp, err := WorkOf(job.Run.Config, set)
	if err != nil {
		t.Fatal(err)
	}
	job.Run.Config.Optim.Options["sam"] = 0.0
	plain, err := WorkOf(job.Run.Config, set)
	if err != nil || sharp.Training != 2*plain.Training || sharp.Evaluation != plain.Evaluation {
		t.Errorf("%+v (%v), want twice the training of %+v", sharp, err, plain)
	}
}

// A batch norm sees the images once: its statistics are those of the first pass.
func TestStatisticsMoveInTheFirstPass(t *testing.T) {
	statistics := func(radius float64) (found []float32) {
		job := sharpJob(t, radius)
		job.Run.Config.Length = "1 steps"
		records, err := record(t, job, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, tensor := range lastCheckpoint(t, records).Tensors {
			if strings.Contains(tensor.Name, "running_") {
				found = append(found, tensor.Data...)
			}
		}
		return found
	}
	if plain, sharp := statistics(0), statistics(0.5); len(plain) == 0 || !slices.Equal(plain, sharp) {
		t.Errorf("after a step they are %v, without %v", sharp, plain)
	}
}

// Copies follow once a step. A state that each pass would change is refused, such as a table that the loss reads.
func TestWhatSharpnessIsRefusedTo(t *testing.T) {
	for name, want := range map[string]string{
		"mean_teacher": "", "fixmatch": "", "co_teaching": "", "byol": "", "pseudo_label": "", "pi_model": "", "mixmatch": "",
		"flexmatch": "optim.sam: the loss of flexmatch reads memory.",
		"freematch": "optim.sam: the loss of freematch reads memory.",
		"elr":       "optim.sam: the loss of elr reads memory.targets, which each pass would change; want 0",
		"moco_v2":   "optim.sam: the loss of moco_v2 reads pretrain.queue.keys, which each pass would change; want 0",
		"jocor":     "",
		"pico":      "optim.sam: the loss of pico reads memory.",
		"proden":    "optim.sam: the loss of proden reads memory.targets, which each pass would change; want 0",
	} {
		job := strategyJob(t, name)
		job.Run.Config.Optim.Options["sam"] = 0.05
		set, err := data.Open(t.Context(), "shapes", "", job.Run.Config.Dataset.Options)
		if err != nil {
			t.Fatal(err)
		}
		if err := Check(job.Run.Config, set, 1); !strings.Contains(errorText(err), want) || want == "" && err != nil {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}
