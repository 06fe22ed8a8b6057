package train

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/machine"
	"workbench/nn"
	"workbench/nn/plan"
	"workbench/nn/plan/algorithms"
)

// trainer makes one attempt. It holds a training and an inference program over one memory, the loaders, and where the
// run stands.
type trainer struct {
	job         experiments.Job
	backend     plan.Backend
	emit        func(experiments.Record) error
	set         data.Set
	classes     int
	train, test data.Loader
	summary     nn.Summary
	params      []*nn.Param
	memory      plan.Memory
	exe, eval   plan.Executable
	names       []string // of all states, in checkpoint order
	schedules   schedules
	state       cursor
	speed       meter
}

// cursor says where a run stands. A resume that is exact to the bit needs the cursor and the tensors, and nothing else.
type cursor struct {
	Epoch   int     `json:"epoch"`   // epochs done
	Step    int     `json:"step"`    // steps done of the running epoch
	Seen    int     `json:"seen"`    // images of the running epoch
	Correct int     `json:"correct"` // of them classified right
	Loss    float64 `json:"loss"`    // sum of the steps' losses of the running epoch
	Threads int     `json:"threads"`
	Backend string  `json:"backend"`

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
	t := &trainer{job: job, backend: backend, emit: emit, set: set, classes: len(set.Info().Classes)}
	t.state = cursor{Threads: job.Threads, Backend: backend.Name()}
	t.train = data.Loader{Part: data.Part{Set: set, Split: data.Train}, Batch: c.Batch, Seed: job.Run.Seed, Shuffle: true, Workers: 1,
		Views: []data.View{{Augment: c.Augment}}}
	t.test = data.Loader{Part: data.Part{Set: set, Split: data.Test}, Batch: c.Batch / c.MicroBatches(), Workers: 1, KeepLast: true}
	if t.train.Steps() == 0 {
		return nil, fmt.Errorf("batch %d is larger than the %d training images of %s", c.Batch, set.Len(data.Train), c.Dataset.Name)
	}
	if t.schedules, err = schedulesOf(c, t.train.Steps()); err != nil {
		return nil, err
	}
	if err := t.chooseRules(); err != nil {
		return nil, err
	}
	if err := t.compile(); err != nil {
		return nil, fmt.Errorf("%s: %w", c.Model.Name, err)
	}
	return t, nil
}

// compile builds the training and the inference program over one memory.
func (t *trainer) compile() error {
	c := t.job.Run.Config
	info, batch := t.set.Info(), c.Batch/c.MicroBatches()
	program, b, err := lowerTraining(c, info, batch, t.schedules.momentum != nil)
	if err != nil {
		return err
	}
	t.summary, t.params, t.memory = b.Summary(), b.Params(), t.backend.NewMemory()
	t.keep(program)
	if t.exe, err = t.translate(program); err != nil {
		return err
	}
	if program, err = lowerInference(c, info, batch); err != nil {
		return err
	}
	program.ReadAverages(t.memory)
	t.eval, err = t.translate(program)
	return err
}

// translate compiles a program with the precision, algorithms and recomputation of the configuration.
func (t *trainer) translate(p *plan.Program) (plan.Executable, error) {
	p.BFloat16 = t.job.Run.Config.Precision == "bf16"
	p.Rules = t.state.Rules
	p.Recompute = plan.Recomputation(t.job.Run.Config.Recompute)
	return t.backend.Compile(p, t.memory)
}

// keep lists the states that a checkpoint holds: parameters, those of the optimizer, and averages. Sums of gradients
// are not among them, because a checkpoint is made between steps.
func (t *trainer) keep(program *plan.Program) {
	for _, p := range t.params {
		t.names = append(t.names, p.Path)
	}
	for _, m := range program.Moves {
		for _, slot := range m.Slots {
			t.names = append(t.names, slot.Name)
		}
	}
	for _, a := range program.Averages {
		t.names = append(t.names, a.Average.Name)
	}
}

func (t *trainer) close() {
	for _, e := range []plan.Executable{t.exe, t.eval} {
		if e != nil {
			e.Close()
		}
	}
	t.memory.Close()
}

// start fills the memory from the checkpoint. Without one, every parameter gets its initial values, and so do the
// averages.
func (t *trainer) start() error {
	if t.job.Resume != nil {
		return t.restore(*t.job.Resume)
	}
	for _, p := range t.params {
		start := make([]float32, p.Shape.Size())
		p.Fill(start, t.job.Run.Seed)
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
	return nil
}

func (t *trainer) restore(c experiments.Checkpoint) error {
	now := t.state
	if err := json.Unmarshal(c.State, &t.state); err != nil {
		return fmt.Errorf("checkpoint of step %d: %w", c.Step, err)
	}
	if t.state.Threads != now.Threads || t.state.Backend != now.Backend {
		line := fmt.Sprintf("continues, but not bit for bit: the checkpoint was made with %s on %d threads, this attempt uses %s on %d",
			t.state.Backend, t.state.Threads, now.Backend, now.Threads)
		if err := t.emit(experiments.Record{Log: line}); err != nil {
			return err
		}
		t.state.Threads, t.state.Backend = now.Threads, now.Backend
	}
	held := map[string]experiments.Tensor{}
	for _, tensor := range c.Tensors {
		held[tensor.Name] = tensor
	}
	for _, name := range t.names {
		tensor, ok := held[checkpointName(name)]
		if !ok {
			return fmt.Errorf("checkpoint of step %d lacks %s", c.Step, checkpointName(name))
		}
		if err := t.memory.Write(name, tensor.Data); err != nil {
			return fmt.Errorf("checkpoint of step %d: %w", c.Step, err)
		}
	}
	if len(held) != len(t.names) {
		return fmt.Errorf("checkpoint of step %d has %d tensors, the network %d", c.Step, len(held), len(t.names))
	}
	return nil
}

// checkpointName returns the name that a state has in a checkpoint: "model/…" for parameters, "optim/…" for the state
// of the optimizer, "ema/…" for averages.
func checkpointName(state string) string {
	if strings.HasPrefix(state, "optim/") || strings.HasPrefix(state, "ema/") {
		return state
	}
	return "model/" + state
}

// checkpoint reports the whole state.
func (t *trainer) checkpoint(final bool) error {
	state, err := json.Marshal(t.state)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	c := &experiments.Checkpoint{Run: t.job.Run.ID, Attempt: t.job.Attempt.Number, Step: t.globalStep(), State: state, Final: final}
	for _, name := range t.names {
		shape, _ := t.memory.Shape(name)
		tensor := experiments.Tensor{Name: checkpointName(name), Shape: shape, Data: make([]float32, shape.Size())}
		if err := t.memory.Read(name, tensor.Data); err != nil {
			return fmt.Errorf("checkpoint: %w", err)
		}
		c.Tensors = append(c.Tensors, tensor)
	}
	return t.emit(experiments.Record{Checkpoint: c})
}

func (t *trainer) environment() map[string]string {
	e := machine.Facts()
	e["backend"] = t.backend.Name()
	e["threads"] = strconv.Itoa(t.job.Threads)
	e["steps_per_epoch"] = strconv.Itoa(t.train.Steps())
	e["parameters"] = strconv.FormatInt(t.summary.Params, 10)
	e["macs"] = strconv.FormatInt(t.summary.MACs, 10)
	e["plan_bytes"] = strconv.FormatInt(t.exe.Bytes()+t.eval.Bytes(), 10)
	if f, ok := t.backend.(interface{ Facts() map[string]string }); ok {
		for k, v := range f.Facts() {
			e[k] = v
		}
	}
	if t.chooses() {
		e["rules"] = t.state.Rules.String()
	}
	return e
}

func (t *trainer) globalStep() int64 {
	return int64(t.state.Epoch)*int64(t.train.Steps()) + int64(t.state.Step)
}

func (t *trainer) epochs() float64 {
	return float64(t.state.Epoch) + float64(t.state.Step)/float64(t.train.Steps())
}

func (t *trainer) point(metric string, value float64) experiments.Point {
	return experiments.Point{Metric: metric, Step: t.globalStep(), Epoch: t.epochs(), Value: value, Time: time.Now()}
}
