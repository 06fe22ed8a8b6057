package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"workbench/experiments/data"
	"workbench/experiments/iec"
	"workbench/experiments/machine"
	"workbench/nn/optim"
)

// finding is one thing that doctor looked at.
type finding struct {
	what   string
	state  string // good, note, bad
	found  string
	advice string
}

const (
	good = "good"
	note = "note" // works, but worth knowing
	bad  = "bad"  // something will fail
)

func (a *app) doctorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "doctor", Short: "Say what this machine offers and lacks, and what to do about it", Args: wantArgs(0, 0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.doctor(cmd.Context()) },
	}
	a.formatFlag(cmd)
	a.dataFlag(cmd)
	return cmd
}

func (a *app) doctor(ctx context.Context) error {
	findings := []finding{processor(), vectors(), memory(), kernels(), optimizerFinding(), algorithmFinding(),
		a.databaseFinding(ctx), a.disk()}
	findings = append(findings, a.dataFindings()...)
	l := listing{key: "checks", columns: []column{{"check", "check", false}, {"state", "state", false},
		{"found", "found", false}, {"advice", "advice", false}}}
	failed := false
	for _, f := range findings {
		failed = failed || f.state == bad
		advice := cell{nil, ""}
		if f.advice != "" {
			advice = text(f.advice)
		}
		l.rows = append(l.rows, []cell{text(f.what), text(f.state), text(f.found), advice})
	}
	if err := a.show(document{listings: []listing{l}}); err != nil {
		return err
	}
	if failed {
		return reported{exitFailed}
	}
	return nil
}

func processor() finding {
	name := machine.Field("/proc/cpuinfo", "model name")
	if name == "" {
		name = runtime.GOARCH
	}
	return finding{"processor", good, fmt.Sprintf("%s, %d cores for this process", name, runtime.NumCPU()), ""}
}

// vectors looks for the instructions that make oneDNN fast.
func vectors() finding {
	return vectorsOf(runtime.GOARCH, machine.Field("/proc/cpuinfo", "flags"))
}

// vectorsOf judges a processor by its architecture and the flags of /proc/cpuinfo.
func vectorsOf(architecture, has string) finding {
	if architecture != "amd64" {
		return finding{"vector instructions", note, architecture, "speed was measured on amd64 only"}
	}
	flags := strings.Fields(has)
	var have []string
	for _, f := range []string{"avx2", "fma", "avx512f", "avx512_bf16", "amx_bf16"} {
		if slices.Contains(flags, f) {
			have = append(have, f)
		}
	}
	if !slices.Contains(have, "avx2") {
		return finding{"vector instructions", note, "no avx2", "training will be several times slower than on a processor with AVX2"}
	}
	f := finding{"vector instructions", good, strings.Join(have, ", "), ""}
	if slow := bfloat16Advice(has); slow != "" {
		f.state, f.advice = note, slow
	}
	return f
}

func memory() finding {
	var kib int64
	_, _ = fmt.Sscan(machine.Field("/proc/meminfo", "MemAvailable"), &kib) // 0 where the kernel does not say
	return memoryOf(kib)
}

// memoryOf judges so many KiB that are free, 0 if that is not known.
func memoryOf(kib int64) finding {
	f := finding{"memory", good, iec.Bytes(kib<<10) + " free", ""}
	switch {
	case kib == 0:
		f.state, f.found = note, "unknown"
	case kib < 1<<20:
		f.state, f.advice = note, "below 1 GiB: train with --jobs 1"
	}
	return f
}

func kernels() finding {
	if slowBackend != "" {
		return finding{"kernels", note, backend(1).Name(), slowBackend}
	}
	found := backend(1).Name()
	for name, v := range backendVersions() {
		found = name + " " + v
	}
	if spins, said := os.LookupEnv(spinVariable); said {
		found += ", threads spin " + spins + " times before they sleep"
	}
	return finding{"kernels", good, found, ""}
}

// optimizerFinding names optimizers that the kernels do not have.
func optimizerFinding() finding {
	if slowBackend != "" {
		return finding{"optimizers", note, fmt.Sprintf("%d, run by their definitions", len(optim.Names())), ""}
	}
	defined := definedOptimizers()
	if len(defined) == 0 {
		return finding{"optimizers", good, fmt.Sprintf("%d, each with kernels of its own", len(optim.Names())), ""}
	}
	return finding{"optimizers", note, "without kernels: " + strings.Join(defined, ", "),
		"they run by their definitions in Go, which takes longer (bench --profile shows them as go)"}
}

func (a *app) databaseFinding(ctx context.Context) finding {
	f := finding{"database", good, a.db, ""}
	db, err := a.read()
	switch {
	case isMissing(err):
		f.found += " (not there yet, the first run makes it)"
		if err := writable(filepath.Dir(a.db)); err != nil {
			f.state, f.advice = bad, err.Error()
		}
		return f
	case err != nil:
		f.state, f.advice = bad, err.Error()
		return f
	}
	defer db.Close()
	studies, err := db.Studies(ctx)
	if err != nil {
		f.state, f.advice = bad, err.Error()
		return f
	}
	f.found += fmt.Sprintf(", %d studies", len(studies))
	return f
}

// writable tries to make a file in the folder.
func writable(folder string) error {
	f, err := os.CreateTemp(folder, ".workbench-doctor-*")
	if err != nil {
		return fmt.Errorf("no file can be made in %s: %w", folder, err)
	}
	_ = f.Close()
	return os.Remove(f.Name())
}

// networkDisks are file systems on which SQLite's locks cannot be relied on, by the magic number of statfs(2).
var networkDisks = map[int64]string{0x6969: "NFS", 0xff534d42: "CIFS", 0xfe534d42: "SMB2", 0x517b: "SMB"}

func (a *app) disk() finding {
	var s syscall.Statfs_t
	folder := filepath.Dir(a.db)
	if err := syscall.Statfs(folder, &s); err != nil {
		return finding{"disk", bad, folder, err.Error()}
	}
	return diskOf(folder, int64(s.Bavail)*s.Bsize, int64(uint32(s.Type)))
}

// diskOf judges a file system by the bytes that are free on it and its magic number.
func diskOf(folder string, free, magic int64) finding {
	f := finding{"disk", good, iec.Bytes(free) + " free at " + folder, ""}
	if name, network := networkDisks[magic]; network {
		f.state, f.advice = bad, "the database is on "+name+", whose locks cannot be relied on: choose a local disk with --db"
	} else if free < 1<<30 {
		f.state, f.advice = note, "below 1 GiB: checkpoints of large networks may not fit"
	}
	return f
}

// dataFindings says for each data set with files whether its folder is there. Contents are checked by `data check`.
func (a *app) dataFindings() []finding {
	var all []finding
	for _, s := range data.Sources() {
		f := finding{"data set " + s.Name, good, "needs no files", ""}
		if s.Files != "" {
			where, err := s.Where(a.data)
			switch f.found = where; {
			case err != nil:
				f.state, f.found, f.advice = bad, a.data, err.Error()
			case where == "":
				f.state, f.found, f.advice = note, "not in "+a.data, fmt.Sprintf("studies of %s need the folder %s there "+
					"(--data, WORKBENCH_DATA)", s.Name, s.Files)
				if len(s.Bundles) > 0 {
					f.advice += "; workbench data fetch " + s.Bundles[0].Name + " gets it"
				}
			}
		}
		all = append(all, f)
	}
	return all
}
