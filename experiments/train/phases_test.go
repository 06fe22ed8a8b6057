//go:build !race

package train

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/option"
)

func init() {
	for name, apart := range map[string]bool{"together": false, "in_turn": true} {
		strategy.Register(strategy.Strategy{Name: name, Phases: func(option.Settings, strategy.About) ([]strategy.Phase, error) {
			return []strategy.Phase{twins(apart)}, nil
		}})
		strategyJobs[name] = nil
	}
	strategy.Register(strategy.Strategy{Name: "relabelled", Main: "pretrain", Later: []string{"probe"}, Phases: relabelled,
		Set: map[string]map[string]any{"probe": {"epochs": 1, "optim.lr": 0.5, "batch": 12}}})
	strategyJobs["relabelled"] = nil
}

// twins are two networks that have nothing to do with one another, trained by one program or by two in turn.
func twins(apart bool) strategy.Phase {
	one := func(second bool) func(*strategy.Graph) strategy.Objective {
		return func(g *strategy.Graph) strategy.Objective {
			b := g.Shared()
			if second {
				b = g.Twin("second")
			}
			logits := g.Network(b, g.View("", 0))
			return strategy.Objective{Loss: g.CrossEntropy(logits, g.Labels(""), 0), Logits: logits}
		}
	}
	p := strategy.Phase{Streams: []strategy.Stream{{Split: data.Train}}, Objective: one(false)}
	if apart {
		p.Turns = []func(*strategy.Graph) strategy.Objective{one(true)}
		return p
	}
	p.Objective = func(g *strategy.Graph) strategy.Objective {
		first, second := one(false)(g), one(true)(g)
		return strategy.Objective{Loss: g.Add(first.Loss, second.Loss), Logits: first.Logits}
	}
	return p
}

// Two programs over one memory that take turns train what one program of both losses does.
func TestProgramsTakeTurns(t *testing.T) {
	both := map[string]experiments.Checkpoint{}
	losses := map[string][]float64{}
	for _, name := range []string{"together", "in_turn"} {
		records, err := record(t, strategyJob(t, name), 0)
		if err != nil {
			t.Fatal(err)
		}
		both[name], losses[name] = lastCheckpoint(t, records), values(records)["train/loss"]
	}
	want := map[string][]float32{}
	for _, tensor := range both["together"].Tensors {
		want[tensor.Name] = tensor.Data
	}
	for _, tensor := range both["in_turn"].Tensors {
		if fmt.Sprint(tensor.Data) != fmt.Sprint(want[tensor.Name]) {
			t.Errorf("%s differs from that of one program", tensor.Name)
		}
	}
	if n := len(both["in_turn"].Tensors); n != len(want) || n < 40 {
		t.Errorf("%d states, want %d", n, len(want))
	}
	for i, loss := range losses["in_turn"] {
		if math.Abs(loss-losses["together"][i]) > 1e-6 {
			t.Errorf("losses %v, want %v", losses["in_turn"], losses["together"])
		}
	}
}

// relabelled trains on targets that are changed before each epoch, in such a way that a second change for one epoch
// would show, and then a head on the frozen network.
func relabelled(option.Settings, strategy.About) ([]strategy.Phase, error) {
	probe := func(g *strategy.Graph, x nn.Tensor) nn.Tensor {
		return g.Head("fc").Linear(g.Backbone(g.Builder, x), g.Classes())
	}
	return []strategy.Phase{
		{
			Name: "pretrain", Streams: []strategy.Stream{{Split: data.Train}},
			Objective: func(g *strategy.Graph) strategy.Objective {
				logits := g.Network(g.Builder, g.View("", 0))
				targets := g.Head("targets").State("rows", nn.Init{Constant: 0.25}, g.Images(""), g.Classes())
				return strategy.Objective{Loss: g.Mean(g.RowSoftCrossEntropy(logits, g.GatherRows(targets, g.Rows("")))), Logits: logits}
			},
			Between: func(ctx context.Context, b strategy.Between) error {
				const path = "pretrain.targets.rows"
				targets, err := b.Read(path)
				if err != nil {
					return err
				}
				err = b.Look(ctx, "", func(seen strategy.Seen) error {
					classes := len(seen.Logits) / len(seen.Rows)
					for i, row := range seen.Rows {
						for k := range classes {
							t := &targets[int(row)*classes+k]
							*t = 0.5*(*t) + 0.01*seen.Logits[i*classes+k]
						}
						targets[int(row)*classes+int(seen.Labels[i])] += 0.5
					}
					return nil
				})
				if err != nil {
					return err
				}
				return b.Write(path, targets)
			},
		},
		{
			Name: "probe", Streams: []strategy.Stream{{Split: data.Train, Views: []strategy.View{{Plain: true}}}},
			Trainable: []string{"probe.**"}, Still: []string{"**"},
			Objective: func(g *strategy.Graph) strategy.Objective {
				logits := probe(g, g.View("", 0))
				return strategy.Objective{Loss: g.CrossEntropy(logits, g.Labels(""), 0), Logits: logits}
			},
			Answers: func(g *strategy.Graph, x nn.Tensor) strategy.Answers {
				return strategy.Answers{Logits: probe(g, x), Read: func() nn.Tensor { return g.Backbone(g.Shared(), x) }}
			},
		},
	}, nil
}

// Phases follow one another with their own lengths, names and settings; steps count on. What the first has learnt is
// what the second begins with, and what it does not train stays as it is, running statistics included.
func TestPhasesFollowOneAnother(t *testing.T) {
	job := strategyJob(t, "relabelled")
	records, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	var phases []string
	var checkpoints []experiments.Checkpoint
	steps, sum := map[string]string{}, 0.0
	for _, r := range records {
		if r.Phase != nil {
			sum += r.Phase.MultiplyAdds
			phases = append(phases, strings.Replace(fmt.Sprintf("%+v", *r.Phase), fmt.Sprintf(" MultiplyAdds:%v", r.Phase.MultiplyAdds), "", 1))
		}
		if r.Checkpoint != nil {
			checkpoints = append(checkpoints, *r.Checkpoint)
		}
		for _, p := range r.Points {
			steps[p.Metric] += fmt.Sprintf(" %d@%g", p.Step, p.Epoch)
		}
	}
	want := "{Name:pretrain Index:0 Count:2 First:0 Steps:6 Epochs:2 Images:48} " +
		"{Name:probe Index:1 Count:2 First:6 Steps:2 Epochs:1 Images:24}"
	if work, err := WorkOf(job.Run.Config, opened(t, job)); err != nil || sum != work.Training || sum == 0 {
		t.Errorf("phases of %v multiply-adds, counted are %v (%v)", sum, work.Training, err)
	}
	if got := strings.Join(phases, " "); got != want {
		t.Errorf("phases %s, want %s", got, want)
	}
	for metric, want := range map[string]string{
		"pretrain/train/loss": " 3@1 6@2", "pretrain/test/top1": " 3@1 6@2", "probe/train/loss": " 8@3", "probe/test/top1": " 8@3",
		"train/loss": "", "test/top1": "",
	} {
		if steps[metric] != want {
			t.Errorf("%s is recorded at%s, want%s", metric, steps[metric], want)
		}
	}
	between, last := checkpoints[len(checkpoints)-2], checkpoints[len(checkpoints)-1]
	if between.Step != 6 || between.Final || last.Step != 8 || !last.Final {
		t.Fatalf("checkpoints of steps %d (final %v) and %d (%v), want 6 and, finally, 8", between.Step, between.Final, last.Step, last.Final)
	}
	before := map[string]string{}
	for _, tensor := range between.Tensors {
		before[tensor.Name] = fmt.Sprint(tensor.Data)
	}
	changed := 0
	for _, tensor := range last.Tensors {
		ofHead := strings.Contains(tensor.Name, "probe")
		if same := fmt.Sprint(tensor.Data) == before[tensor.Name]; same == ofHead {
			t.Errorf("%s changed: %v, want %v", tensor.Name, !same, ofHead)
		}
		if ofHead {
			changed++
		}
	}
	if changed != 4 { // weight, bias, and a momentum of each
		t.Errorf("%d states of the probe, want 4", changed)
	}
	if last.Tensors[0].Name != "model/conv1.weight" || before["model/pretrain.targets.rows"] == "" || before["model/fc.weight"] == "" {
		t.Errorf("the checkpoint lacks what the first phase made: %v", before)
	}
}

// A length ends a run in the midst of an epoch; the schedule ends with it, and the run continues from anywhere.
func TestLengths(t *testing.T) {
	job := smallJob() // 3 steps an epoch, of 16 images
	job.Run.Config.Epochs = 0
	job.Run.Config.Schedule.Name = "cosine"
	set, err := data.Open(t.Context(), job.Run.Config.Dataset.Name, "", job.Run.Config.Dataset.Options)
	if err != nil {
		t.Fatal(err)
	}
	job.Run.Config.Length = "1 steps"
	one, err := WorkOf(job.Run.Config, set)
	if err != nil {
		t.Fatal(err)
	}
	for length, want := range map[string]int64{"4 steps": 4, "3 steps": 3, "1 steps": 1, "49 images": 4, "96 images": 6,
		fmt.Sprintf("%g multiply-adds", 4.5*one.Training): 5} {
		job.Run.Config.Length = length
		records, err := record(t, job, 0)
		if err != nil {
			t.Fatalf("%s: %v", length, err)
		}
		c := lastCheckpoint(t, records)
		rates := values(records)["train/lr"]
		epochs := float64(want) / 3
		var last float64
		for _, r := range records {
			for _, p := range r.Points {
				if p.Metric == "test/top1" {
					last = p.Epoch
				}
			}
		}
		if c.Step != want || !c.Final || math.Abs(last-epochs) > 1e-9 || records[1].Phase.Steps != want || len(rates) != int(want+2)/3 {
			t.Errorf("%s: ended at step %d (final %v) and epoch %v of a phase of %d steps with %d epochs; want %d steps", length, c.Step,
				c.Final, last, records[1].Phase.Steps, len(rates), want)
		}
		if want > 2 && rates[len(rates)-1] > 0.3*job.Run.Config.Optim.Options["lr"].(float64) {
			t.Errorf("%s: the last rate is %v, want one of the schedule's end", length, rates)
		}
	}
	job.Run.Config.Length = "4 steps"
	resumesAnywhere(t, job)
}

// Where a moving average was kept, the next phase begins with it: that is the network that was evaluated.
func TestAveragesAreHandedOn(t *testing.T) {
	job := strategyJob(t, "relabelled")
	job.Run.Config.Optim.Options["ema"] = 0.5
	records, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]string // of each checkpoint, its tensors
	for _, r := range records {
		if r.Checkpoint == nil {
			continue
		}
		tensors := map[string]string{}
		for _, tensor := range r.Checkpoint.Tensors {
			tensors[tensor.Name] = fmt.Sprint(tensor.Data)
		}
		all = append(all, tensors)
	}
	trained, begun := all[0], all[1] // after an epoch of the first phase, and at the beginning of the second
	if trained["ema/conv1.weight"] == "" || trained["ema/conv1.weight"] == trained["model/conv1.weight"] {
		t.Fatal("the first phase keeps no average")
	}
	if begun["ema/conv1.weight"] != "" || begun["model/conv1.weight"] == trained["model/conv1.weight"] {
		t.Error("the second phase does not begin with the average")
	}
	resumesAnywhere(t, job)
}
