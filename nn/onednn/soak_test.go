//go:build !noonednn

package onednn_test

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/onednn"
	"workbench/nn/optim"
	"workbench/nn/plan"
	"workbench/nn/zoo"
)

// soakVariable is the number of training steps that must leave no trace; `make soak` makes it 10000.
const soakVariable = "WORKBENCH_SOAK_STEPS"

// A plan is rebuilt after soakBuild steps. Before the first measurement every network is built with every
// number of threads, and a quarter of the steps is made. Until then the allocator's pools and the library's
// cache of primitives grow; the cache keeps 1024.
const (
	soakBuild = 25
	soakWarm  = 300
)

// The growth that is allowed over any number of steps: half a megabyte of Go heap, some scatter of the allocator, and
// the threads that Go keeps for C calls that wait.
const (
	soakHeap     = 1 << 19
	soakResident = 6 << 20
	soakThreads  = 10
)

// usage is what a process holds of memory and threads.
type usage struct{ heap, resident, threads int64 }

func measureUsage(t *testing.T) usage {
	t.Helper()
	debug.FreeOSMemory() // collects first
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{heap: int64(m.HeapAlloc), resident: status(t, "VmRSS:") << 10, threads: status(t, "Threads:")}
}

// status is a number of /proc/self/status.
func status(t *testing.T, key string) int64 {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, key); ok {
			n, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("/proc/self/status has no %s", key)
	return 0
}

// Training, evaluating and rebuilding plans must not take more and more memory or threads, however long it goes on.
func TestNothingLeaks(t *testing.T) {
	steps := 150
	if s := os.Getenv(soakVariable); s != "" {
		var err error
		if steps, err = strconv.Atoi(s); err != nil {
			t.Fatalf("%s: %v", soakVariable, err)
		}
	}
	names := []string{"resnet_mini", "shufflenet_mini", "vgg_mini"}
	rebuild := func(from, to int) {
		for i := from; i < to; i += soakBuild {
			n := i / soakBuild
			soak(t, names[n%len(names)], 1+n%4/3, min(soakBuild, to-i)) // every fourth with two threads
		}
	}
	rebuild(0, soakWarm)
	var quarters [4]usage
	for i := range quarters {
		rebuild(0, steps/4)
		quarters[i] = measureUsage(t)
		t.Logf("%d quarters: Go heap %d, resident %d, threads %d", i+1, quarters[i].heap, quarters[i].resident, quarters[i].threads)
	}
	before, after := quarters[0], quarters[3]
	grown := usage{after.heap - before.heap, after.resident - before.resident, after.threads - before.threads}
	t.Logf("in the last three quarters of %d steps and %d rebuilds: Go heap %+d bytes, resident %+d, threads %+d", steps,
		steps/soakBuild, grown.heap, grown.resident, grown.threads)
	if grown.heap > soakHeap || grown.resident > soakResident || grown.threads > soakThreads {
		t.Errorf("grown by %+v, want at most %d bytes of Go heap, %d resident and %d threads", grown, soakHeap, soakResident, soakThreads)
	}
}

// soak builds a network for training and for inference over one memory, makes the steps, and closes everything.
func soak(t *testing.T, name string, threads, steps int) {
	t.Helper()
	memory := onednn.Backend{Threads: threads}.NewMemory()
	train, infer := soakPlan(t, name, nn.Train, memory), soakPlan(t, name, nn.Infer, memory)
	train.Floats("lr")[0] = 1e-3
	for i := range steps {
		train.Ints("step")[0] = int32(i)
		if err := train.RunAll(); err != nil {
			t.Fatal(err)
		}
		if i%10 == 0 {
			if err := infer.RunAll(); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []interface{ Close() error }{train, infer, memory} {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func soakPlan(t *testing.T, name string, mode nn.Mode, memory plan.Memory) plan.Executable {
	t.Helper()
	v, err := zoo.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := v.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := nn.NewBuilder(mode, false)
	logits := v.Build(b, b.Input("image", 2, v.Input[0], v.Input[1], v.Input[2]), v.Classes, settings)
	var program *plan.Program
	if mode == nn.Train {
		program, err = plan.LowerTraining(b, nil, plan.Training{Loss: b.ClassifierLoss(logits, b.Labels("label", 2), 0),
			Optimizer: optim.SGD{Momentum: 0.9}})
	} else {
		program, err = plan.Lower(b, map[string]nn.Tensor{"logits": logits})
	}
	if err != nil {
		t.Fatal(err)
	}
	exe, err := onednn.Backend{}.Compile(program, memory)
	if err != nil {
		t.Fatal(err)
	}
	return exe
}

// A step makes no garbage. Thousands of steps a minute would otherwise keep the
// collector busy on the cores that compute.
func TestRunsAllocateNothing(t *testing.T) {
	for _, mode := range []nn.Mode{nn.Train, nn.Infer} {
		t.Run(fmt.Sprint("mode ", mode), func(t *testing.T) {
			memory := onednn.Backend{Threads: 1}.NewMemory()
			defer memory.Close()
			exe := soakPlan(t, "resnet_mini", mode, memory)
			defer exe.Close()
			if n := testing.AllocsPerRun(20, func() {
				if err := exe.RunAll(); err != nil {
					t.Fatal(err)
				}
			}); n != 0 {
				t.Errorf("a run allocates %v times, want none", n)
			}
		})
	}
}
