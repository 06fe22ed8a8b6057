package train

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"workbench/experiments"
)

// A run on files that are not the published ones says so.
func TestARunRecordsThatItsFilesAreNotThePublishedOnes(t *testing.T) {
	dir := t.TempDir()
	for name, records := range map[string]int{"train.bin": 24, "test.bin": 10} {
		var raw []byte
		for i := range records {
			raw = append(append(raw, byte(i%20), byte(i)), bytes.Repeat([]byte{byte(9 * i)}, 3072)...)
		}
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	job := strategyJob(t, "supervised")
	job.DataDir = dir
	job.Run.Config.Dataset = experiments.Choice{Name: "cifar100"}
	job.Run.Config.Epochs = 1
	records, err := record(t, job, 0)
	if want := "files other than the published ones: train.bin, test.bin"; err != nil || records[0].Environment[experiments.DataFact] != want {
		t.Errorf("recorded %q (%v), want %q", records[0].Environment, err, want)
	}
}
