package optim_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode"

	"workbench/nn/optim"
	"workbench/nn/option"
)

// scheduled is what PyTorch's schedule, behind LinearLR as warm-up, makes of the rate 1 at the start of every step.
type scheduled struct {
	Name           string
	Epochs, Warmup float64
	Milestones     []float64
	Gamma          float64
	Factors        []float64
}

func TestSchedulesFollowPyTorch(t *testing.T) {
	f := recorded(t)
	for _, c := range f.Schedules {
		t.Run(fmt.Sprintf("%s of %v epochs, %v of warm-up, milestones %v", c.Name, c.Epochs, c.Warmup, c.Milestones), func(t *testing.T) {
			given := map[string]any{"warmup_epochs": c.Warmup, "milestones": c.Milestones, "gamma": c.Gamma}
			s := rates(t, c.Name, given, optim.Length{Epochs: c.Epochs})
			if want := int(c.Epochs)*f.StepsPerEpoch + 1; len(c.Factors) != want {
				t.Fatalf("%d factors were recorded, want %d", len(c.Factors), want)
			}
			for step, want := range c.Factors {
				epoch := float64(step) / float64(f.StepsPerEpoch)
				if got := s(epoch); !near(got, want, 1e-11) {
					t.Errorf("epoch %v: factor %v, PyTorch has %v", epoch, got, want)
				}
			}
		})
	}
}

func TestScheduleByHand(t *testing.T) {
	tests := []struct {
		name     string
		schedule optim.Factor
		epoch    float64
		want     float64
	}{
		{"cosine begins at 1", optim.Cosine(8), 0, 1},
		{"cosine halves in the middle", optim.Cosine(8), 4, 0.5},
		{"cosine stays at its end", optim.Cosine(8), 9, 0},
		{"a step happens at its milestone", optim.Step([]float64{3}, 0.1), 3, 0.1},
		{"not before", optim.Step([]float64{3}, 0.1), math.Nextafter(3, 0), 1},
		{"milestones in any order", optim.Step([]float64{6, 3}, 0.5), 5, 0.5},
		{"no warm-up", optim.Warmup(0, optim.Cosine(8)), 4, 0.5},
		{"warm-up ends where the schedule begins", optim.Warmup(2, optim.Cosine(8)), 2, 1},
		{"warm-up rises to the schedule's own start", optim.Warmup(2, optim.Step([]float64{0}, 0.5)), 1, 0.25},
		{"constant", optim.Constant(), 1000, 1},
	}
	for _, c := range tests {
		if got := c.schedule(c.epoch); !near(got, c.want, 1e-15) {
			t.Errorf("%s: epoch %v has factor %v, want %v", c.name, c.epoch, got, c.want)
		}
	}
}

// ratesAndMomenta are the learning rate and the momentum at the start of every step under one of PyTorch's schedules,
// from the rate 1 and the momentum 0.95.
type ratesAndMomenta struct {
	// Settings are the schedule's name, the run's epochs, the epochs that an update takes, and the schedule's options.
	// Their keys are spelled as Go's fields are.
	Settings         map[string]any `json:"timetable"`
	Factors, Momenta []float64
}

// optionOf returns the name of the option that a recording calls by a Go name: pct_start for PctStart.
func optionOf(recorded string) string {
	var name strings.Builder
	for i, r := range recorded {
		if i > 0 && unicode.IsUpper(r) {
			name.WriteByte('_')
		}
		name.WriteRune(unicode.ToLower(r))
	}
	return name.String()
}

func TestRatesAndMomentaFollowPyTorch(t *testing.T) {
	f := recorded(t)
	for _, c := range f.RatesAndMomenta {
		t.Run(fmt.Sprint(c.Settings), func(t *testing.T) {
			given := map[string]any{}
			for key, value := range c.Settings {
				given[optionOf(key)] = value
			}
			name := given["name"].(string)
			length := optim.Length{Epochs: given["epochs"].(float64), Update: given["update"].(float64)}
			s := schedule(t, name)
			rate, momentum := rates(t, name, given, length), s.Momenta(s.Resolve(given), length, 0.95)
			if _, cycles := given["base_momentum"]; (momentum != nil) != cycles {
				t.Fatalf("momentum there: %v, want %v", momentum != nil, cycles)
			}
			for step, want := range c.Factors {
				epoch := float64(step) / float64(f.StepsPerEpoch)
				if got := rate(epoch); !near(got, want, 1e-12) {
					t.Errorf("epoch %v: factor %v, PyTorch has %v", epoch, got, want)
				}
				if momentum != nil && !near(momentum(epoch), c.Momenta[step], 1e-12) {
					t.Errorf("epoch %v: momentum %v, PyTorch has %v", epoch, momentum(epoch), c.Momenta[step])
				}
			}
		})
	}
}

func schedule(t *testing.T, name string) optim.Schedule {
	t.Helper()
	s, err := optim.LookupSchedule(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func rates(t *testing.T, name string, given map[string]any, l optim.Length) optim.Factor {
	t.Helper()
	s := schedule(t, name)
	f, err := s.Rates(s.Resolve(given), l)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// ten is a run of ten epochs with four updates in each.
var ten = optim.Length{Epochs: 10, Update: 0.25}

// good are settings with which a schedule works: what it needs has a value in the range of its kind.
func good(t *testing.T, name string) map[string]any {
	given := map[string]any{}
	for _, o := range option.Missing(schedule(t, name).Options, nil) {
		switch o.Default.(type) {
		case []float64:
			given[o.Name] = []float64{4, 7}
		case float64:
			given[o.Name] = 0.9
		default:
			t.Fatalf("%s needs %s of type %T: say here what works", name, o.Name, o.Default)
		}
	}
	return given
}

// Whatever is registered must work and stay between 0 and 1.
func TestEverySchedule(t *testing.T) {
	for _, name := range optim.ScheduleNames() {
		if schedule(t, name).Doc == "" {
			t.Errorf("%s says nothing of what it does", name)
		}
		for _, warmup := range []float64{0, 1, 2.5} {
			given := good(t, name)
			given["warmup_epochs"] = warmup
			s := rates(t, name, given, ten)
			for epoch := 0.0; epoch <= 10; epoch += 0.125 {
				if f := s(epoch); !(f >= 0 && f <= 1) {
					t.Errorf("%s with %v epochs of warm-up: factor %v at epoch %v", name, warmup, f, epoch)
				}
			}
			if warmup > 0 && s(0) != 0 {
				t.Errorf("%s: warm-up begins at %v, want 0", name, s(0))
			}
		}
	}
}

// Each option that a schedule declares changes how the rate or the momentum goes.
func TestOptionsOfSchedulesHaveAnEffect(t *testing.T) {
	for _, name := range optim.ScheduleNames() {
		s := schedule(t, name)
		for _, o := range s.Options {
			if o.Doc == "" {
				t.Errorf("%s: option %s says nothing of what it is for", name, o.Name)
			}
			given := good(t, name)
			if _, others := option.Find(s.Options, "period"); others && name == "restarts" {
				given["period"] = 2.4 // more than one period, so that growth shows
			}
			before := overTenEpochs(t, name, given)
			given[o.Name] = map[bool]any{true: 0.4, false: true}[o.Default != false]
			if o.Min >= 1 {
				given[o.Name] = 1.7
			}
			if _, list := o.Default.([]float64); list {
				given[o.Name] = []float64{2}
			}
			if slices.Equal(overTenEpochs(t, name, given), before) {
				t.Errorf("%s: %s=%v changes nothing", name, o.Name, given[o.Name])
			}
		}
	}
}

// overTenEpochs returns the learning rate, and after each rate the momentum if the schedule changes it, at every
// quarter of an epoch over ten epochs.
func overTenEpochs(t *testing.T, name string, given map[string]any) (all []float64) {
	t.Helper()
	s := schedule(t, name)
	rate, momentum := rates(t, name, given, ten), s.Momenta(s.Resolve(given), ten, 0.95)
	for epoch := 0.0; epoch < 10; epoch += 0.25 {
		all = append(all, rate(epoch))
		if momentum != nil {
			all = append(all, momentum(epoch))
		}
	}
	return all
}

// The rate falls with the update that ends a period, though quotients of epochs are rounded: 4.2/1.4 is below 3.
func TestStaircaseFallsAtWholePeriods(t *testing.T) {
	for period := 1; period < 40; period++ { // updates, 10 of which are an epoch
		f := optim.Exponential(0.97, float64(period)/10, true)
		for update := range 200 {
			want := math.Pow(0.97, float64(update/period))
			for _, epoch := range []float64{float64(update) / 10, float64(update/period) * (float64(period) / 10)} {
				if got := f(epoch); got != want {
					t.Errorf("period of %d updates: the factor at epoch %v is %v, want %v", period, epoch, got, want)
				}
			}
		}
	}
}

// A cosine begins anew with the update at which the one before it ends, though sums of periods are rounded: 0.6 − 0.2 −
// 0.2 is 0.19999999999999996.
func TestRestartsComeWithTheirUpdate(t *testing.T) {
	for _, period := range []int{1, 2, 3, 7} { // updates, 10 of which are an epoch
		f := optim.Restarts(float64(period)/10, 1)
		for update := range 100 {
			want := (1 + math.Cos(math.Pi*float64(update%period)/float64(period))) / 2
			if got := f(float64(update/10) + float64(update%10)/10); !near(got, want, 1e-6) {
				t.Errorf("period of %d updates: the factor of update %d is %v, want %v", period, update, got, want)
			}
		}
	}
}

func TestWrongSchedules(t *testing.T) {
	for name, want := range map[string]string{
		"cosin":   `unknown schedule "cosin": did you mean cosine?`,
		"hexagon": `unknown schedule "hexagon": want one of bit, constant, cosine, exponential, `,
	} {
		if _, err := optim.LookupSchedule(name); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
	for name, want := range map[string]string{"restarts": "period", "exponential": "gamma", "step": "milestones"} {
		s := schedule(t, name)
		_, err := s.Rates(s.Resolve(nil), optim.Length{Epochs: 3})
		if err == nil || err.Error() != "schedule "+name+" needs "+want {
			t.Errorf("%s without settings: got error %v, want that it needs %s", name, err, want)
		}
	}
}
