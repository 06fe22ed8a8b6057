package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// longClaims need a study whose runs cannot end within a moment.
const longClaims = `family: own
claims:
  - id: own-rate
    statement: A rate of nearly nothing learns nothing.
    source: {paper: nobody}
    decision: greater
    delta: 0.01
    compare: {study: ./long.yaml, metric: train/loss, cell: {lr: 0.05}, than: {lr: 0.0001}, direction: lower, alpha: 0.05,
      planned: 5, selection: last epoch, protocol: six epochs, deviations: [pictures are drawn]}
`

// endings are how many runs have ended in each state and after how many attempts: "done 1".
func endings(t *testing.T, dir string) map[string]int {
	t.Helper()
	out, err := workbenchIn(dir, "runs", "--format", "json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Runs []struct {
			Status  string
			Attempt int
		}
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, r := range answer.Runs {
		counts[fmt.Sprint(r.Status, " ", r.Attempt)]++
	}
	return counts
}

// Ctrl-C while the runs of a claim are trained keeps what is done, and the next call goes on where that was: a run that
// is done is not trained again, one that was stopped has a second attempt, and the claim is judged.
func TestStoppedReproductionsGoOn(t *testing.T) {
	dir := t.TempDir()
	study := strings.NewReplacer("seeds: 1", "name: long\nseeds: 5", "train: 256", "train: 64", "width: 2", "width: 1",
		"epochs: 12", "epochs: 6").Replace(long) + "factors:\n  - {key: optim.lr, levels: [0.0001, 0.05]}\n"
	for name, text := range map[string]string{"long.yaml": study, "claims.yaml": longClaims} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	first := workbenchIn(dir, "reproduce", "claims.yaml", "--run", "--threads", "1", "--jobs", "1")
	stopped := false
	status, said := watched(t, first, []string{"seed 2  epoch 1/"}, func() {
		if err := first.Process.Signal(syscall.SIGINT); err != nil && !stopped {
			t.Error(err)
		}
		stopped = true
	})
	counts := endings(t, dir)
	if !stopped || status != exitInterrupted || counts["done 1"] == 0 || counts["interrupted 1"] != 1 {
		t.Fatalf("exit status %d, want %d, with a run that is done and one that was interrupted, got %v\n%s", status, exitInterrupted,
			counts, said)
	}
	again := workbenchIn(dir, "reproduce", "claims.yaml", "--run", "--threads", "1", "--jobs", "1")
	out, err := again.CombinedOutput()
	if err != nil || !strings.Contains(string(out), fmt.Sprintf("%d done before", counts["done 1"])) ||
		!strings.Contains(string(out), "1 claim: 1 holds") {
		t.Fatalf("the second call: %v\n%s", err, out)
	}
	if after := endings(t, dir); after["done 1"] != 9 || after["done 2"] != 1 {
		t.Errorf("runs by state and attempt: %v, want 9 done at once and 1 in two attempts", after)
	}
}
