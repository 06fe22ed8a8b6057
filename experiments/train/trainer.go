package train

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/machine"
	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/plan"
	"workbench/nn/plan/algorithms"
)

// trainer makes one attempt. It holds the phases of the run, and of the running one a training and an inference program
// over one memory, and where the run stands.
type trainer struct {
	job       experiments.Job
	backend   plan.Backend
	emit      func(experiments.Record) error
	set       data.Set
	classes   int
	stages    []stage
	stage     *stage  // the running phase
	cost      nn.Cost // of the network that the main phase evaluates
	params    []*nn.Param
	turns     []turn
	cached    []kept // features that the phase learns from, of what it trains on first
	listener  *turn  // of the phase's online classifier; nil: it has none
	memory    plan.Memory
	eval      plan.Executable
	renewal   *renewal                      // of the averages that the phase is evaluated by; nil: they need none
	names     []string                      // of the states of the running phase, in checkpoint order
	kept      map[string]experiments.Tensor // states of earlier phases by name, which the running one may go on with
	schedules schedules
	state     cursor
	speed     meter
	portrait  portraits
	toTell    []string // lines for the run's log that wait until the environment was told
}

// turn is a compiled program that trains, with what it reads and what it tells.
type turn struct {
	plan.Executable
	inputs    []strategy.Input
	objective strategy.Objective
	pass      plan.Pass
	moves     []string // paths of the parameters that it moves
}

// cursor says where a run stands. A resume that is exact to the bit needs the cursor and the tensors, and nothing else.
type cursor struct {
	Phase   int     `json:"phase,omitempty"` // index of the running phase
	Epoch   int     `json:"epoch"`           // epochs done of the phase
	Step    int     `json:"step"`            // steps done of the running epoch
	Seen    int     `json:"seen"`            // images of the running epoch
	Correct int     `json:"correct"`         // of them classified right
	Loss    float64 `json:"loss"`            // sum of the steps' losses of the running epoch

	Recorded map[string]float64 `json:"recorded,omitempty"` // sums of what else the objective records in the running epoch
	Ratios   map[string]ratio   `json:"ratios,omitempty"`   // of what it records as quotients
	Waiting  *waiting           `json:"waiting,omitempty"`  // of a phase that stops early
	Prepared bool               `json:"prepared,omitempty"` // the phase has done what it does before the running epoch

	Threads int    `json:"threads"`
	Backend string `json:"backend"`

	// Rules are those with which the run began, if its algorithms are auto. They stay the same for the whole run.
	Rules *algorithms.Table `json:"rules,omitempty"`
}

func newTrainer(ctx context.Context, job experiments.Job, backend plan.Backend, emit func(experiments.Record) error) (*trainer, error) {
	c := job.Run.Config
	set, err := data.Open(ctx, c.Dataset.Name, job.DataDir, c.Dataset.Options)
	if err != nil {
		return nil, err
	}
	if d := set.Digest(); job.Run.DataDigest != "" && d != job.Run.DataDigest {
		return nil, fmt.Errorf("data set %s has digest %s, the run was made for %s: the data have changed", c.Dataset.Name, d, job.Run.DataDigest)
	}
	t := &trainer{job: job, backend: backend, emit: emit, set: set, classes: len(set.Info().Classes), kept: map[string]experiments.Tensor{}}
	t.state = cursor{Threads: job.Threads, Backend: backend.Name()}
	if t.stages, err = stages(c, set, job.Run.Seed); err != nil {
		return nil, err
	}
	for _, s := range t.stages {
		for i := range s.streams {
			s.streams[i].Workers = t.workers()
		}
	}
	if err := t.chooseRules(); err != nil {
		return nil, err
	}
	phase, epoch, err := t.resumedPhase()
	if err != nil {
		return nil, err
	}
	if err := t.enter(phase, epoch); err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

// workers is how many goroutines load batches: decoding pictures is work for all processors, copying them is not.
func (t *trainer) workers() int {
	if _, decodes := data.As[data.Originals](t.set); decodes {
		return max(t.job.Threads, 1)
	}
	return 1
}

// enter makes the programs of a phase as they are in an epoch of it.
func (t *trainer) enter(phase, epoch int) error {
	t.stage = &t.stages[phase]
	t.stage.unfrozen = t.stage.unfrozenIn(epoch)
	t.state.Phase = phase
	var err error
	if t.schedules, err = t.stage.schedules(); err != nil {
		return err
	}
	began := time.Now()
	if err := t.compile(); err != nil {
		return fmt.Errorf("%s: %w", t.stage.config.Network(), err)
	}
	t.portrait.pace.compiled = time.Since(began)
	return nil
}

// leave ends the programs of a phase that is complete. What they have learnt is kept for those that follow, and the
// state of the optimizer for the next if that goes on with it. Where a moving average was kept, the phase was evaluated
// by it, so those that follow begin with the average.
func (t *trainer) leave(next int) error {
	for _, name := range t.names {
		if strings.HasPrefix(name, optimizers) && !t.stages[next].Keep {
			continue
		}
		tensor, err := t.tensor(name)
		if err != nil {
			return err
		}
		if state, averaged := strings.CutPrefix(name, plan.AverageName("")); averaged {
			name, tensor.Name = state, checkpointName(state)
		}
		t.kept[name] = tensor // averages come last
	}
	t.close()
	t.names = nil
	return nil
}

// compile builds the training and the inference program over one memory.
func (t *trainer) compile() error {
	shape := t.stage.shape()
	programs, err := t.stage.training(shape, t.schedules.momentum != nil)
	if err != nil {
		return err
	}
	t.memory = t.backend.NewMemory()
	listening, err := t.stage.listening(shape, programs, t.schedules.momentum != nil)
	if err != nil {
		return err
	}
	if t.stage.perStep, err = t.stage.costs(shape, programs, listening); err != nil {
		return err
	}
	t.keep(append(slices.Clone(programs), listening...))
	for _, p := range programs {
		exe, err := t.translate(p.Program)
		if err != nil {
			return err
		}
		t.turns = append(t.turns, turn{exe, p.graph.Inputs(), p.objective, p.pass, p.moves()})
	}
	for _, p := range listening {
		exe, err := t.translate(p.Program)
		if err != nil {
			return err
		}
		t.listener = &turn{exe, p.graph.Inputs(), p.objective, p.pass, p.moves()}
	}
	evaluation, err := t.stage.evaluation(shape)
	if err != nil {
		return err
	}
	if t.cost = evaluation.cost; len(programs[0].graph.Auxiliaries()) > 0 {
		t.cost = programs[0].graph.Cost() // they are counted with the network that has them
	}
	if t.stage.index > 0 { // an attempt that begins in a later phase states what the others do
		first, err := t.stages[0].inference(t.stages[0].shape())
		if err != nil {
			return err
		}
		t.cost = first.cost
	}
	evaluation.ReadAverages(t.memory)
	if t.eval, err = t.translate(evaluation.Program); err != nil {
		return err
	}
	t.forgetUnused()
	for _, in := range evaluation.graph.Inputs() { // constants: no step passes in an evaluation
		t.compute(turn{Executable: t.eval}, in)
	}
	return t.renewable(shape)
}

// translate compiles a program with the precision, algorithms and recomputation of the configuration.
func (t *trainer) translate(p *plan.Program) (plan.Executable, error) {
	return t.translateTo(p, t.memory)
}

func (t *trainer) translateTo(p *plan.Program, memory plan.Memory) (plan.Executable, error) {
	p.BFloat16 = t.job.Run.Config.Precision == bfloat16
	p.Rules = t.state.Rules
	p.Recompute = plan.Recomputation(t.job.Run.Config.Recompute)
	return t.backend.Compile(p, memory)
}

// bfloat16 is the precision of that name in configurations.
const bfloat16 = "bf16"

// keep lists the states that a checkpoint holds: parameters, those of the optimizer, and averages. Sums of gradients
// are not among them, because a checkpoint is made between steps.
func (t *trainer) keep(programs []trained) {
	t.params = nil
	known := map[string]bool{}
	add := func(name string) bool {
		if known[name] {
			return false
		}
		known[name], t.names = true, append(t.names, name)
		return true
	}
	for _, program := range programs {
		for _, p := range program.graph.Params() {
			if add(p.Path) {
				t.params = append(t.params, p)
			}
		}
	}
	for _, program := range programs {
		if program.pass == plan.Ascend {
			continue // what it keeps is for the pass behind it
		}
		for _, m := range program.Moves {
			for _, slot := range m.Slots {
				add(slot.Name)
			}
		}
	}
	for _, program := range programs {
		for _, a := range program.Averages {
			add(a.Average.Name) // but for copies, which are among the parameters
		}
	}
}

func (t *trainer) close() {
	for _, e := range t.turns {
		e.Close()
	}
	if t.listener != nil {
		t.listener.Close()
	}
	if t.eval != nil {
		t.eval.Close()
	}
	if t.renewal != nil {
		t.renewal.exe.Close()
	}
	if t.memory != nil {
		t.memory.Close()
	}
	t.turns, t.listener, t.eval, t.renewal, t.memory, t.cached = nil, nil, nil, nil, nil, nil
}

// start fills the memory from the checkpoint, or at the beginning of a phase.
func (t *trainer) start() error {
	if t.job.Resume != nil {
		return t.restore(*t.job.Resume)
	}
	if err := t.begun(); err != nil {
		return err
	}
	if err := t.taught(); err != nil {
		return err
	}
	return t.begin()
}

// begin fills the memory at the beginning of a phase. A parameter goes on with what an earlier phase made of it; else
// it gets its initial value. Copies start as their originals, and averages as what they are of.
func (t *trainer) begin() error {
	for _, copies := range []bool{false, true} {
		for _, p := range t.params {
			if (p.Original != "") != copies {
				continue
			}
			start, err := t.first(p)
			if err != nil {
				return err
			}
			if err := t.memory.Write(p.Path, start); err != nil {
				return err
			}
			if _, averaged := t.memory.Shape(plan.AverageName(p.Path)); !averaged {
				continue
			}
			if err := t.memory.Write(plan.AverageName(p.Path), start); err != nil {
				return err
			}
		}
	}
	return t.beginOptimizer()
}

// optimizers begins the names of the states of optimizers.
const optimizers = "optim/"

// beginOptimizer gives the optimizer what the phase before kept for it, and nothing else keeps that.
func (t *trainer) beginOptimizer() error {
	for _, name := range t.names {
		if before, kept := t.kept[name]; kept && strings.HasPrefix(name, optimizers) {
			if err := t.memory.Write(name, before.Data); err != nil {
				return err
			}
		}
	}
	maps.DeleteFunc(t.kept, func(name string, _ experiments.Tensor) bool { return strings.HasPrefix(name, optimizers) })
	return nil
}

// first is the value with which a parameter starts a phase.
func (t *trainer) first(p *nn.Param) ([]float32, error) {
	start := make([]float32, p.Shape.Size())
	before, known := t.kept[p.Path]
	switch {
	case p.Original != "":
		return start, t.memory.Read(p.Original, start)
	case known && p.Shape.Equal(before.Shape):
		return before.Data, nil
	case known:
		return nil, fmt.Errorf("%s is %v in this phase, an earlier one left %v", p.Path, p.Shape, before.Shape)
	}
	p.Fill(start, t.job.Run.Seed)
	return start, nil
}

func (t *trainer) environment() map[string]string {
	e := machine.Facts()
	e["backend"] = t.backend.Name()
	e["threads"] = strconv.Itoa(t.job.Threads)
	e["steps_per_epoch"] = strconv.Itoa(t.stage.steps())
	e["parameters"] = strconv.FormatInt(t.cost.Params, 10)
	e["macs"] = strconv.FormatInt(t.cost.MACs, 10)
	e["plan_bytes"] = strconv.FormatInt(t.planBytes(), 10)
	if chosen := t.stages[0].chosen(); chosen != "" {
		e["parts"] = chosen
	}
	if from, known := data.OriginOf(t.set); known && from.Remark() != "" {
		e[experiments.DataFact] = from.Remark()
	}
	if f, ok := t.backend.(interface{ Facts() map[string]string }); ok {
		for k, v := range f.Facts() {
			e[k] = v
		}
	}
	if set, told := data.As[data.Told](t.set); told {
		maps.Copy(e, set.Facts())
	}
	if t.chooses() {
		e["rules"] = t.state.Rules.String()
	}
	return e
}

// globalStep is the number of steps that the run has made.
func (t *trainer) globalStep() int64 {
	return t.stage.first + min(int64(t.state.Epoch)*int64(t.stage.steps())+int64(t.state.Step), t.stage.total)
}

// epochs is the number of epochs that the run has made.
func (t *trainer) epochs() float64 {
	return t.stage.before + float64(t.state.Epoch) + float64(t.state.Step)/float64(t.stage.steps())
}

// point is a value of a metric of the running phase, now.
func (t *trainer) point(metric string, value float64) experiments.Point {
	return experiments.Point{Metric: t.stage.metric(metric), Step: t.globalStep(), Epoch: t.epochs(), Value: value, Time: time.Now()}
}
