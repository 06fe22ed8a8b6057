// The tests of this file compare bits that one goroutine computes. The race detector has nothing to see there, and
// makes that arithmetic ten times as slow.

//go:build !race

package train

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/metric"
	"workbench/experiments/studyfile"
	"workbench/nn/plan"
)

// pinnedTraining is a study whose training takes a moment on the reference kernels.
const pinnedTraining = `
base:
  dataset: {name: shapes, train: 18, test: 5}
  augment: {pad: 2, flip: true}
  model: {name: resnet_mini, depth: 8, width: 2}
  optim: {lr: 0.01, weight_decay: 0.001}
  batch: 6
  epochs: 2
seeds: [3]`

// trainingDigest returns the first 16 hex digits of the SHA-256 of all that a run records, except times and speeds.
func trainingDigest(t *testing.T, overrides string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tiny.yaml")
	if err := os.WriteFile(file, []byte(pinnedTraining), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := studyfile.Load(file, strings.Fields(overrides))
	if err != nil {
		t.Fatal(err)
	}
	runs, err := s.Runs(func(experiments.Choice) (string, error) { return "", nil })
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	err = Run(t.Context(), experiments.Job{Run: runs[0], Threads: 1}, plan.Reference{}, func(r experiments.Record) error {
		for _, p := range r.Points {
			if !metric.Of(p.Metric).Timed {
				fmt.Fprintln(h, p.Metric, p.Step, p.Epoch, math.Float64bits(p.Value))
			}
		}
		if r.Checkpoint == nil {
			return nil
		}
		fmt.Fprintln(h, r.Checkpoint.Step, r.Checkpoint.Final)
		for _, tensor := range r.Checkpoint.Tensors {
			fmt.Fprintln(h, tensor.Name, tensor.Shape)
			if err := binary.Write(h, binary.LittleEndian, tensor.Data); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", h.Sum(nil))[:16]
}

// What a run computes is a function of its configuration: the reference kernels give the same bits on every processor
// of an architecture. If a line fails, undo the change or raise identityVersion.
func TestTrainingsStay(t *testing.T) {
	text, err := os.ReadFile("testdata/trainings.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if line[0] == '#' {
			continue
		}
		want, overrides, _ := strings.Cut(strings.TrimSpace(line), " ")
		t.Run(overrides, func(t *testing.T) {
			t.Parallel()
			if got := trainingDigest(t, overrides); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}
