//go:build !race

package train

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// An attempt that goes on with another number of threads, or by another backend, says so in the run's log; one that
// goes on as before says nothing.
func TestAResumeWithOtherThreadsIsLogged(t *testing.T) {
	job := smallJob()
	first, err := record(t, job, 3)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got error %v, want context.Canceled", err)
	}
	c := lastCheckpoint(t, first)
	job.Resume, job.Attempt.Number = &c, 2
	for threads, want := range map[int]string{
		1: "",
		3: "not bit for bit: the checkpoint was made with reference on 1 threads, this attempt uses reference on 3",
	} {
		job.Threads = threads
		records, err := record(t, job, 0)
		if err != nil {
			t.Fatal(err)
		}
		var log []string
		for _, r := range records {
			if line := logLine(r); line != "" {
				log = append(log, line)
			}
		}
		if said := strings.Join(log, "\n"); !strings.Contains(said, want) || want == "" && said != "" {
			t.Errorf("on %d threads the log says %q, want %q", threads, said, want)
		}
	}
}

// A run that begins with another's pretraining continues nothing: it says with what that was made.
func TestABeginningWithOtherThreadsIsLogged(t *testing.T) {
	pretraining := strategyJob(t, "byol")
	pretraining.Run.ID = "5eed"
	records, err := record(t, pretraining, 0)
	if err != nil {
		t.Fatal(err)
	}
	c := lastCheckpoint(t, records)
	job := strategyJob(t, "byol")
	job.Run.Config = job.Run.Config.Clone() // options are those of all tests
	job.Run.Config.Strategy.Options["then"] = "probe"
	job.Run.Config.Phases = map[string]any{"probe.epochs": 1}
	job.Resume, job.Threads = &c, 3
	if records, err = record(t, job, 0); err != nil {
		t.Fatal(err)
	}
	var said string
	for _, r := range records {
		said += logLine(r)
	}
	const want = "begins with run 5eed, which was trained with reference on 1 threads; what follows uses reference on 3"
	if said != want {
		t.Errorf("the log says %q, want %q", said, want)
	}
}
