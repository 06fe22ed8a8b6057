package supervise

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
)

const childMode = "WORKBENCH_TEST_CHILD"

// TestChildProcess is the training process of the tests below: they start this test binary again.
func TestChildProcess(t *testing.T) {
	mode := os.Getenv(childMode)
	if mode == "" {
		return
	}
	train := counting(1 << 60)
	switch mode {
	case "count":
		train = counting(50)
	case "fail":
		train = func(context.Context, experiments.Job, func(experiments.Record) error) error {
			return errors.New("epoch 1: out of memory")
		}
	case "diverge":
		train = func(context.Context, experiments.Job, func(experiments.Record) error) error {
			return &experiments.DivergedError{Metric: metric.TrainLoss, Value: math.NaN(), Step: 7, Epoch: 2}
		}
	case "panic":
		train = func(_ context.Context, _ experiments.Job, emit func(experiments.Record) error) error {
			_ = emit(experiments.Record{Log: "alive"})
			go func() { panic("kernel lost its way") }()
			select {}
		}
	case "exit":
		train = func(context.Context, experiments.Job, func(experiments.Record) error) error {
			fmt.Fprintln(os.Stderr, "libdnnl.so: cannot open shared object file")
			os.Exit(127)
			return nil
		}
	case "group":
		train = func(context.Context, experiments.Job, func(experiments.Record) error) error {
			return fmt.Errorf("group %d", syscall.Getpgrp())
		}
	case "cut":
		_ = writeJSON(os.NewFile(3, "records"), frameArtefact, wireArtefact{Size: 10})
		os.Exit(4)
	case "quiet":
		os.Exit(3)
	case "fault", "abort":
		signal := map[string]syscall.Signal{"fault": syscall.SIGSEGV, "abort": syscall.SIGABRT}[mode]
		train = func(context.Context, experiments.Job, func(experiments.Record) error) error {
			if err := syscall.Kill(os.Getpid(), signal); err != nil { // as a library does that uses a bad address or calls abort()
				return err
			}
			time.Sleep(time.Minute) // a thread gets the signal a little later
			return errors.New("the signal did not end the process")
		}
	case "garbage":
		_, _ = os.NewFile(3, "records").WriteString("this is no frame at all, but long enough to be one")
		os.Exit(0)
	case "deaf":
		train = func(_ context.Context, _ experiments.Job, emit func(experiments.Record) error) error {
			_ = emit(experiments.Record{Log: "alive"})
			select {}
		}
		go func() {
			for {
				time.Sleep(time.Hour) // keeps the runtime from calling it a deadlock
			}
		}()
	}
	if err := ServeChild(context.Background(), os.Stdin, os.NewFile(3, "records"), train); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func processes(mode string) ProcessLauncher {
	return ProcessLauncher{Args: []string{"-test.run=^TestChildProcess$"}, Env: []string{childMode + "=" + mode}}
}

func TestProcessTrains(t *testing.T) {
	store := newMemoryStore()
	store.saved["c0s0"] = experiments.Checkpoint{Run: "c0s0", Step: 20}
	summary, err := scheduler(store, processes("count")).Run(t.Context(), grid(2, 1))
	if err != nil || len(summary.Only(Trained)) != 2 {
		t.Fatalf("got %v, %v, want two trained", results(summary), err)
	}
	for id, want := range map[string]int{"c0s0": 30, "c1s0": 50} {
		if got := store.points(id); len(got) != want {
			t.Errorf("%s: %d points, want %d", id, len(got), want)
		}
	}
	if c := store.saved["c1s0"]; !c.Final || len(c.Tensors) != 1 || c.Tensors[0].Data[0] != 50 {
		t.Errorf("final checkpoint %+v", c)
	}
}

func TestWhyAProcessEnded(t *testing.T) {
	tests := []struct {
		mode, want string
		gone       bool
	}{
		{"fail", "epoch 1: out of memory", false},
		{"diverge", "train/loss is NaN at step 7 (epoch 2)", false},
		{"panic", "exit status 2: panic: kernel lost its way", false},
		{"fault", "exit status 2: SIGSEGV: segmentation violation", false},
		{"abort", "exit status 2: SIGABRT: abort", false},
		{"exit", "exit status 127: libdnnl.so: cannot open shared object file", false},
		{"garbage", "want at most 1048576", false},
		{"cut", "its process ended with exit status 4", false},
	}
	for _, test := range tests {
		t.Run(test.mode, func(t *testing.T) {
			err := processes(test.mode).Launch(t.Context(), experiments.Job{}, func(experiments.Record) error { return nil })
			if err == nil || !strings.Contains(err.Error(), test.want) || errors.Is(err, ErrGone) != test.gone {
				t.Errorf("got %v (gone: %v), want %q (gone: %v)", err, errors.Is(err, ErrGone), test.want, test.gone)
			}
			if got, want := errors.Is(err, experiments.ErrDiverged), test.mode == "diverge"; got != want {
				t.Errorf("%v: diverged is %v, want %v", err, got, want)
			}
		})
	}
}

// A job that is larger than a message fails the run at once: nobody will ever answer it.
func TestJobThatCannotBeSent(t *testing.T) {
	job := experiments.Job{Run: experiments.Run{ID: "r", Cell: strings.Repeat("x", maxFrame)}}
	err := processes("count").Launch(t.Context(), job, func(experiments.Record) error { return nil })
	if err == nil || errors.Is(err, ErrGone) || !strings.Contains(err.Error(),
		"the job cannot be sent to the training process: message 'J' has") {
		t.Errorf("got %v, want that the job cannot be sent", err)
	}
}

// A process that the kernel killed because memory ran out failed by its own needs, so it is not tried again as it is.
func TestProcessKilledForMemory(t *testing.T) {
	counts := filepath.Join(t.TempDir(), "vmstat")
	count := func(kills string) {
		if err := os.WriteFile(counts, []byte("nr_free_pages 1\noom_kill "+kills+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	count("7")
	defer func(was string) { kernelCounts = was }(kernelCounts)
	kernelCounts = counts
	err := processes("endless").Launch(t.Context(), experiments.Job{}, func(r experiments.Record) error {
		count("8")
		killChildren(t)
		return nil
	})
	if err == nil || errors.Is(err, ErrGone) || !strings.Contains(err.Error(), "memory ran out") {
		t.Errorf("got %v, want that memory ran out", err)
	}
}

// killChildren kills the processes that this one has started.
func killChildren(t *testing.T) {
	t.Helper()
	signalChildren(t, syscall.SIGKILL)
}

func signalChildren(t *testing.T, sent syscall.Signal) {
	t.Helper()
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		list, err := os.ReadFile("/proc/self/task/" + task.Name() + "/children")
		if err != nil {
			continue // the thread has ended
		}
		for pid := range strings.FieldsSeq(string(list)) {
			var n int
			if _, err := fmt.Sscan(pid, &n); err == nil {
				_ = syscall.Kill(n, sent)
			}
		}
	}
}

func TestStoppedProcessSavesItsCheckpoint(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	var saved *experiments.Checkpoint
	err := processes("endless").Launch(ctx, experiments.Job{}, func(r experiments.Record) error {
		stop()
		if r.Checkpoint != nil {
			saved = r.Checkpoint
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || saved == nil || saved.Step == 0 {
		t.Errorf("got %v, checkpoint %+v, want context.Canceled and a checkpoint", err, saved)
	}
}

// Ctrl-C at the terminal must reach the supervisor alone, so a child has a process group of its own.
func TestChildIsApart(t *testing.T) {
	err := processes("group").Launch(t.Context(), experiments.Job{}, func(experiments.Record) error { return nil })
	if own := fmt.Sprintf("group %d", syscall.Getpgrp()); err == nil || !strings.HasPrefix(err.Error(), "group ") || err.Error() == own {
		t.Errorf("the child is in %v, this process in %s", err, own)
	}
}

// A child whose records nobody takes is ended, whatever it would still write.
func TestRecordsThatNobodyTakesEndTheChild(t *testing.T) {
	full := errors.New("disk is full")
	if err := processes("endless").Launch(t.Context(), experiments.Job{}, func(experiments.Record) error { return full }); err != full {
		t.Errorf("got %v, want %v", err, full)
	}
}

func TestDeafProcessIsKilled(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	l := processes("deaf")
	l.Grace = 10 * time.Millisecond
	err := l.Launch(ctx, experiments.Job{}, func(experiments.Record) error { stop(); return nil })
	if !errors.Is(err, ErrGone) || err.Error() != "its process is gone: it did not stop within 10ms and was killed: context canceled" {
		t.Errorf("got %v, want it killed after its grace", err)
	}
}

func TestChildStopsWhenItsSupervisorIsGone(t *testing.T) {
	in, orders := io.Pipe()
	records, out := io.Pipe()
	go func() {
		if err := writeJob(orders, experiments.Job{Run: experiments.Run{ID: "r"}}); err != nil {
			t.Error(err)
		}
		_ = orders.Close() // the supervisor dies
	}()
	served := make(chan error, 1)
	go func() {
		served <- ServeChild(context.Background(), in, out, counting(1<<60))
		_ = out.Close()
	}()
	var last frameType
	for frames := (&frameReader{r: records}); ; {
		f, err := frames.next()
		if err != nil {
			break
		}
		last = f.kind
	}
	if err := <-served; err != nil || last != frameStopped {
		t.Errorf("got %v, last message %q, want a clean stop", err, last)
	}
}
