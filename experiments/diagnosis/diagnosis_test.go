package diagnosis

import (
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/portrait"
)

// sound are the signs of a run that learns.
func sound() Signs {
	return Signs{Epochs: 8, Guessing: math.Log(10), First: 2.1, Half: 0.4, Last: 0.1, Highest: 1.2, TrainTop1: 0.99, TestTop1: 0.96,
		BestTop1: 0.97, TestLoss: 0.12, LeastLoss: 0.1, Memorised: math.NaN(), Wait: 0.01, Ratio: 0.015, Dead: 0, Moving: 1, Drawn: true,
		Pixels: 4, Settled: 1}
}

// unknown are the signs of a run that recorded nothing.
func unknown() Signs { return signsOf(experiments.RunInfo{}, nil, nil) }

func told(s Signs) (names []string) {
	for _, r := range rules {
		if f, is := r.finds(s); is {
			names = append(names, r.name)
			if f.Says == "" || len(f.Evidence) == 0 || r.try == "" {
				names = append(names, "without words or numbers")
			}
		}
	}
	return names
}

// A sound run and one that recorded nothing have no finding; a change of signs has those that it should have, alone.
func TestFindings(t *testing.T) {
	for _, s := range []Signs{sound(), unknown()} {
		if got := told(s); len(got) > 0 {
			t.Errorf("%+v: got %v", s, got)
		}
	}
	named := map[string]bool{}
	for want, change := range map[string]func(*Signs){
		"divergence":                          func(s *Signs) { s.Diverged = true },
		"divergence ":                         func(s *Signs) { s.First = 5 },
		"normalisation":                       func(s *Signs) { s.Pixels = 255 },
		"normalisation ":                      func(s *Signs) { s.Pixels = 0.01 },
		"batch statistics":                    func(s *Signs) { s.Settled = 0.1 },
		"frozen layers":                       func(s *Signs) { s.Moving = 0.1 },
		"large steps":                         func(s *Signs) { s.Ratio = 0.2 },
		"small steps, under-fitting, plateau": func(s *Signs) { s.Ratio, s.Half, s.Last = 1e-5, 2.3, 2.3 },
		"dead units":                          func(s *Signs) { s.Dead, s.DeadLayer = 0.6, "bn1" },
		"collapse":                            func(s *Signs) { s.collapsed, s.collapse = true, analysis.Collapse{Spread: 1e-4} },
		"no signal":                           func(s *Signs) { s.BestTop1, s.TrainTop1 = 0.11, 0.5 },
		"memorised labels":                    func(s *Signs) { s.Memorised, s.noisy = 0.5, true },
		"over-fitting":                        func(s *Signs) { s.TestTop1 = 0.6 },
		"under-fitting":                       func(s *Signs) { s.Half, s.Last, s.TrainTop1 = 2.2, 2, 0.3 },
		"plateau":                             func(s *Signs) { s.Half, s.Last, s.TrainTop1 = 1.41, 1.4, 0.5 },
		"data starvation":                     func(s *Signs) { s.Wait = 0.6 },
		"divergence, under-fitting":           func(s *Signs) { s.Last = math.Inf(1) },
		"no signal, over-fitting":             func(s *Signs) { s.BestTop1, s.TestTop1 = 0.1, 0.1 },
		"dead units, under-fitting, plateau":  func(s *Signs) { s.Dead, s.Last, s.Half, s.BestTop1, s.TrainTop1 = 1, 2.3, 2.3, 0.1, 0.1 },
		"":                                    func(s *Signs) { s.Drawn, s.Moving = false, 0.01 }, // a fine-tuning
		" ":                                   func(s *Signs) { s.noisy, s.Last, s.Half, s.TrainTop1 = true, 2, 2.2, 0.3 },
		"large steps, dead units, data starvation": func(s *Signs) { s.Ratio, s.Dead, s.Wait = 0.5, 1, 0.9 },
	} {
		s := sound()
		change(&s)
		got := told(s)
		for _, name := range got {
			named[name] = true
		}
		if strings.Join(got, ", ") != strings.TrimSpace(want) {
			t.Errorf("%q: got %v", want, got)
		}
	}
	for _, name := range Names() {
		if !named[name] {
			t.Errorf("nothing was found to be %s", name)
		}
	}
}

// A finding is of the newest phase, of the values in the order of steps, and of the portraits' own numbers.
func TestOfARun(t *testing.T) {
	series := func(name string, values ...float64) experiments.Series {
		s := experiments.Series{Metric: name}
		for i, v := range slices.Backward(values) {
			s.Points = append(s.Points, experiments.Point{Metric: name, Step: int64(i), Value: v})
		}
		return s
	}
	run := experiments.RunInfo{Environment: map[string]string{"parameters": "1000"}}
	run.Config = experiments.Defaults()
	run.Config.Dataset.Name = "shapes"
	run.Phases = []experiments.PhaseInfo{{Phase: experiments.Phase{Name: "a"}}, {Phase: experiments.Phase{Name: "b"}}}
	all := []experiments.Series{series("b/train/loss", 2.2, 1.5, 1, 0.1), series("b/train/top1", 0.2, 0.99), series("b/test/top1", 0.5, 0.4),
		series("a/train/loss", 9, 9), series("train/loss", 9, 9), series("b/train/data_wait", 0.9, 0.1, 0.2)}
	layers := []Layers{
		{1, portrait.Layers{Params: []portrait.Param{{Elements: 300, Weight: 3, Update: 0.3}, {Elements: 600, Weight: 4, Update: 0.4}},
			Units: []portrait.Units{{Path: "x", Units: 4, Dead: 4}}}},
		{2, portrait.Layers{Params: []portrait.Param{{Elements: 900, Weight: 5, Update: 0.1}}, Units: []portrait.Units{
			{Path: "y", Units: 4, Dead: 1}, {Path: "z", Units: 8, Dead: 1}}}},
	}
	s := signsOf(run, all, layers)
	if s.First != 2.2 || s.Half != 1.5 || s.Last != 0.1 || s.Highest != 1.5 || s.TrainTop1 != 0.99 || s.TestTop1 != 0.4 || s.BestTop1 != 0.5 ||
		s.Wait != 0.2 || math.Abs(s.Ratio-0.1) > 1e-12 || s.Moving != 0.9 || s.Dead != 0.25 || s.DeadLayer != "y" || s.Drawn ||
		math.Abs(s.guess()-0.1) > 1e-12 {
		t.Errorf("signs %+v", s)
	}
	found := Of(run, all, layers)
	if len(found) != 1 || found[0].Name != OverFitting || found[0].Try == "" || found[0].Evidence[1].Value.Finite() == false {
		t.Errorf("found %+v", found)
	}
	layers[1].Params[0].Update = portrait.Number(math.NaN())
	if s := signsOf(run, all, layers); !math.IsNaN(s.Ratio) {
		t.Errorf("with a norm that is no number the ratio is %v", s.Ratio)
	}
}

// Settings say what pixels span, and whether running statistics can be those of the training.
func TestSignsOfAConfiguration(t *testing.T) {
	run := experiments.RunInfo{Whole: &experiments.PhaseInfo{Phase: experiments.Phase{Steps: 100}}}
	run.Config = experiments.Defaults()
	run.Config.Dataset = experiments.Choice{Name: "shapes", Options: map[string]any{
		"std": []any{0.25, 0.5, 0.5}, "label_noise": "symmetric", "label_noise_rate": 0.1}}
	run.Config.Model = experiments.Choice{Name: "resnet_mini", Options: map[string]any{"bn_momentum": 0.001}}
	s := signsOf(run, nil, nil)
	if s.Pixels != 4 || !s.noisy || !s.Drawn || math.Abs(s.Settled-(1-math.Pow(0.999, 100))) > 1e-12 || s.Guessing != math.Log(10) {
		t.Errorf("signs %+v", s)
	}
	run.Config.Dataset.Options["classes"] = "0 1"
	if s := signsOf(run, nil, nil); !math.IsNaN(s.Guessing) {
		t.Errorf("of some classes guessing loses %v", s.Guessing)
	}
}

// Of many portraits of layers the newest are read, and no more bytes than there is room for.
func TestWhatIsReadOfPortraits(t *testing.T) {
	var made []experiments.ArtefactInfo
	for step := range int64(300) {
		made = append(made, experiments.ArtefactInfo{Name: "layers", Step: step, Bytes: 1000},
			experiments.ArtefactInfo{Name: "filters", Step: step})
	}
	if steps := readable(made, "layers"); len(steps) != mostPortraits || steps[0] != 100 || steps[199] != 299 {
		t.Errorf("%d steps are read, from %v", len(steps), steps[0])
	}
	for i := range made {
		made[i].Bytes = mostBytes / 3
	}
	if steps := readable(made, "layers"); !slices.Equal(steps, []int64{297, 298, 299}) {
		t.Errorf("of large ones %v are read", steps)
	}
}

// Losses of other scales are not measured by that of guessing: two networks' sum is twice as large when nothing is
// wrong.
func TestOtherLosses(t *testing.T) {
	for _, c := range []struct {
		name, loss, phase string
		entropy           bool
	}{
		{"supervised", "", "", true}, {"supervised", "cross_entropy", "", true}, {"supervised", "focal", "", false},
		{"co_teaching", "", "", false}, {"pico", "", "", false}, {"dividemix", "", "divide", false},
		{"confident_learning", "", "folds", false}, {"confident_learning", "", "retrain", true},
		{"simclr", "", "pretrain", false}, {"simclr", "", "probe", true},
	} {
		config := experiments.Config{Strategy: experiments.Choice{Name: c.name, Options: map[string]any{}}}
		if c.loss != "" {
			config.Strategy.Options["loss"] = c.loss
		}
		var run experiments.RunInfo
		run.Config = config
		if c.phase != "" {
			run.Phases = make([]experiments.PhaseInfo, 1)
			run.Phases[0].Name = c.phase
		}
		if got := !signsOf(run, nil, nil).otherLoss; got != c.entropy {
			t.Errorf("%v: got %v", c, got)
		}
	}
	s := sound()
	s.First, s.Half, s.Last, s.TrainTop1, s.otherLoss = 5, 4.6, 4.6, 0.5, true
	if got := told(s); len(got) > 0 {
		t.Errorf("a sum of two losses: got %v", got)
	}
}
