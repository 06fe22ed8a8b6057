package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"workbench/nn/bench"
	"workbench/nn/nearest"
	"workbench/nn/plan"
	"workbench/nn/zoo"
)

// benching is what `workbench bench` was asked for.
type benching struct {
	like    bench.Case // what all cases share; zero sizes: each its own
	side    int
	rounds  int
	turn    time.Duration
	peer    string
	pythons []string
	profile string
	tune    bool
	rules   string // file that tuning writes

	strategy string // whose steps; "": those of supervised training
}

// Whom to compare with.
const (
	peerAuto    = "auto"
	peerPyTorch = "pytorch"
	peerNone    = "none"
)

// How to sum up a profile.
const (
	byOperator = "operator"
	byShape    = "shape"
)

var (
	peers    = []string{peerAuto, peerPyTorch, peerNone}
	profiles = []string{byOperator, byShape}
)

// ownBatch is the batch of a network that is not in the standard set.
const ownBatch = 32

// profiledSteps are averaged in a profile.
const profiledSteps = 5

const aboutBench = `Measure how fast networks train (or infer) on this machine, and beside PyTorch if a Python here has it.

Each network is measured in a process of its own. The workbench and PyTorch, in both of its memory layouts, take turns in
rounds: all stay warm, never two work at once. Before that the networks are proved to be the same: equal numbers of parameters,
and with equal weights equal losses that fall equally. Times are medians; the share of the peak refers to the fastest dense
layer that is measured on this machine at the start.

Without MODEL the standard set is measured. OPTION=VALUE belongs to the MODEL before it. A MODEL of the standard set has its
batch and images from there unless they are given; another has its own images and a batch of 32.

With --strategy a step is one of self-supervised training: two views of every image that lie ready, the loss and the moving average,
beside lightly's (in the same Python as PyTorch). Without MODEL that is of ResNet-20 and of ResNet-18 with a small stem, batch 128.

With --tune the algorithms that oneDNN and the workbench have for the convolutions of these networks are timed instead, and the
rules by which algorithms: auto chooses among them are written to a file. Runs follow the rules that are built in for the processor,
or those of the file that WORKBENCH_RULES names; they are recorded with each run, and a run keeps the ones it began with.`

func (a *app) benchCommand() *cobra.Command {
	var b benching
	cmd := &cobra.Command{
		Use: "bench [MODEL [OPTION=VALUE...]]...", Short: "Measure the speed of networks on this machine, beside PyTorch", Long: aboutBench,
		Example: `  workbench bench
  workbench bench resnet20_cifar --profile
  workbench bench resnet18 stem=small vgg16_bn --side 32 --batch 64 --peer none
  workbench bench --precision bf16 --peer pytorch --python python3,venv/bin/python
  workbench bench --inference --algorithms auto --format markdown
  workbench bench --strategy simclr
  workbench bench --tune --rules rules.yaml`,
		ValidArgsFunction: names(zoo.Names),
		RunE: func(cmd *cobra.Command, args []string) error {
			cases, missing, err := b.cases(args)
			if err != nil {
				return usageError{err}
			}
			if b.tune {
				return a.tune(cmd.Context(), b, cases)
			}
			return a.bench(cmd.Context(), b, cases, missing)
		},
	}
	f := cmd.Flags()
	f.IntVar(&b.like.Batch, "batch", 0, "images in a step (default: the standard set's)")
	f.IntVar(&b.side, "side", 0, "height and width of the images (default: the standard set's)")
	f.IntVar(&b.like.Classes, "classes", 0, "classes (default: the network's own)")
	f.IntVar(&b.like.Threads, "threads", runtime.NumCPU(), "threads of the numeric kernels, here and in the peer")
	f.BoolVar(&b.like.Inference, "inference", false, "measure the forward pass alone, with running statistics")
	f.StringVar(&b.like.Precision, "precision", bench.Float32,
		"of the arithmetic: "+strings.Join(bench.Precisions(), ", ")+" (PyTorch: its autocast)")
	f.StringVar(&b.like.Recompute, "recompute", string(plan.RecomputeNone),
		"activations computed again in the backward pass, for less memory: "+strings.Join(plan.Recomputations(), ", "))
	f.StringVar(&b.like.Algorithms, "algorithms", bench.Auto,
		"of convolutions: direct, or auto by the rules for this machine, Winograd's among them")
	f.IntVar(&b.rounds, "rounds", 5, "rounds in which all take turns")
	f.DurationVar(&b.turn, "turn", time.Second, "length of a turn, at least three steps")
	f.StringVar(&b.peer, "peer", peerAuto, "compare with: "+strings.Join(peers, ", "))
	f.StringSliceVar(&b.pythons, "python", nil,
		"`PROGRAM` that has torch and torchvision; several, by comma or repeated, all take part "+
			"(default: the first python3 in PATH that has them)")
	f.StringVar(&b.profile, "profile", "", "time every operator, summed up by: "+strings.Join(profiles, ", "))
	f.Lookup("profile").NoOptDefVal = byOperator
	f.BoolVar(&b.tune, "tune", false, "time every algorithm for these networks' convolutions and write rules")
	f.StringVar(&b.rules, "rules", defaultRules, "the `FILE` that --tune writes; tables of other processors in it stay")
	f.StringVar(&b.strategy, "strategy", "",
		"measure training steps of a `STRATEGY` on views that lie ready, beside lightly: "+strings.Join(benchedStrategies(), ", "))
	complete(cmd, "strategy", benchedStrategies)
	complete(cmd, "peer", func() []string { return peers })
	complete(cmd, "profile", func() []string { return profiles })
	complete(cmd, "precision", bench.Precisions)
	complete(cmd, "algorithms", bench.Algorithms)
	complete(cmd, "recompute", plan.Recomputations)
	a.formatFlag(cmd)
	return cmd
}

// cases are what the arguments name, and the models of the standard set that are not there.
func (b *benching) cases(args []string) (cases []bench.Case, missing []string, err error) {
	if err := b.check(); err != nil {
		return nil, nil, err
	}
	if i := slices.IndexFunc(args, func(s string) bool { return slices.Contains(profiles, s) }); i >= 0 {
		return nil, nil, fmt.Errorf("%q is no model: did you mean --profile=%s?", args[i], args[i])
	}
	b.like.Input = [3]int{0, b.side, b.side}
	if len(args) == 0 && b.strategy != "" {
		args = strategyNetworks
	}
	if len(args) == 0 {
		return bench.Standards(b.like)
	}
	for len(args) > 0 {
		end := slices.IndexFunc(args[1:], func(s string) bool { return !strings.Contains(s, "=") }) + 1
		if end == 0 {
			end = len(args)
		}
		some, err := b.named(args[0], args[1:end])
		if err != nil {
			return nil, nil, err
		}
		cases, args = append(cases, some...), args[end:]
	}
	if b.strategy != "" {
		err = b.train(cases)
	}
	return cases, nil, err
}

// named are the cases of one model with the options.
func (b *benching) named(model string, options []string) ([]bench.Case, error) {
	v, err := variantOf(model)
	if err != nil {
		return nil, err
	}
	settings, err := modelOptions(v, options)
	if err != nil {
		return nil, err
	}
	if len(options) == 0 {
		if cases, err := bench.StandardsOf(model, b.like); err != nil || len(cases) > 0 {
			return cases, err
		}
	}
	c := b.like
	c.Model, c.Options = v.Known(), settings
	if c.Batch == 0 {
		c.Batch = ownBatch
	}
	c, err = bench.NewCase(c)
	return []bench.Case{c}, err
}

// check refuses flags that no case can have.
func (b *benching) check() error {
	for _, n := range []struct {
		flag     string
		n, least int
	}{{"batch", b.like.Batch, 0}, {"side", b.side, 0}, {"classes", b.like.Classes, 0},
		{"threads", b.like.Threads, 1}, {"rounds", b.rounds, 1}} {
		if n.n < n.least {
			return fmt.Errorf("--%s: want a number of at least %d, got %d", n.flag, n.least, n.n)
		}
	}
	if b.turn < 0 {
		return fmt.Errorf("--turn: want a duration of at least 0, got %v", b.turn)
	}
	if err := bench.CheckPrecision(b.like.Precision); err != nil {
		return fmt.Errorf("--precision: %w", err)
	}
	if err := plan.Recomputation(b.like.Recompute).Check(); err != nil {
		return fmt.Errorf("--recompute: %w", err)
	}
	if err := bench.CheckAlgorithms(b.like.Algorithms); err != nil {
		return fmt.Errorf("--algorithms: %w", err)
	}
	if b.tune && (b.like.Inference || b.like.Precision != bench.Float32) {
		return fmt.Errorf("--tune measures training in %s alone", bench.Float32)
	}
	if !slices.Contains(peers, b.peer) {
		return fmt.Errorf("unknown --peer %q%s", b.peer, nearest.Hint(b.peer, peers))
	}
	if err := b.checkStrategy(); err != nil {
		return err
	}
	if b.profile != "" && !slices.Contains(profiles, b.profile) {
		return fmt.Errorf("unknown --profile %q%s", b.profile, nearest.Hint(b.profile, profiles))
	}
	return nil
}

// bench measures the cases and shows what came out. A case that fails does not keep the others from being measured.
func (a *app) bench(ctx context.Context, b benching, cases []bench.Case, missing []string) error {
	if err := checkRules(); err != nil {
		return err
	}
	r := timings{benching: b, missing: missing}
	s := bench.Session{Start: startBenchChild, Race: bench.Race{Rounds: b.rounds, Turn: b.turn}}
	if b.profile != "" {
		s.Profile = profiledSteps
	}
	if err := bench.Supports(backend(1), b.like.Precision); err != nil { // before a peer is started
		return err
	}
	if err := a.findPeers(ctx, &s, &r); err != nil {
		return err
	}
	if slowBackend != "" {
		a.log.Warn(slowBackend)
	}
	a.log.Info("measuring the peak of this machine", "threads", b.like.Threads)
	var err error
	if r.peak, err = s.Peak(ctx, b.like.Precision, b.like.Threads); err != nil {
		return err
	}
	for i, c := range cases {
		a.log.Info("measuring", "network", c.Name, "batch", c.Batch, "images", shape(c.Input[:]), "number",
			fmt.Sprintf("%d of %d", i+1, len(cases)))
		result, err := s.Measure(ctx, c)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			a.log.Error("not measured", "network", c.Name, "error", err)
			r.failed = append(r.failed, c.Name)
			continue
		}
		r.results = append(r.results, result)
	}
	if len(r.results) == 0 {
		return errors.New("nothing was measured")
	}
	if err := a.show(r.document()); err != nil {
		return err
	}
	if len(r.failed) > 0 {
		return reported{exitFailed}
	}
	return nil
}

// findPeers asks every Python whether it can take part.
func (a *app) findPeers(ctx context.Context, s *bench.Session, r *timings) error {
	if r.peer == peerNone {
		return nil
	}
	pythons := r.pythons
	if len(pythons) == 0 {
		pythons = []string{""}
	}
	for _, python := range pythons {
		p, err := bench.FindPeer(ctx, python)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			s.Peers = append(s.Peers, p)
		case r.peer == peerPyTorch:
			return err
		default:
			r.alone = append(r.alone, "no comparison with PyTorch: "+strings.ReplaceAll(err.Error(), "\n", "; "))
		}
	}
	r.pytorch = s.Peers
	return nil
}

// startBenchChild starts this program as the process that measures.
func startBenchChild(ctx context.Context) (*bench.Contestant, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return bench.StartContestant("workbench", "", exec.CommandContext(ctx, self, benchChildName))
}

// benchChildName is the hidden command that measures one network for another process.
const benchChildName = "bench-child"

func (a *app) benchChildCommand() *cobra.Command {
	return &cobra.Command{
		Use: benchChildName, Hidden: true, Args: usage(cobra.NoArgs),
		Short: "Measure one network for the process that started this one",
		RunE: func(*cobra.Command, []string) error {
			s := bench.Server{Backend: backend, Versions: backendVersions(), Strategies: benchStrategies}
			return s.Serve(os.Stdin, os.Stdout)
		},
	}
}
