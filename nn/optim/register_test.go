package optim

import (
	"fmt"
	"testing"

	"workbench/nn/option"
	"workbench/nn/plan"
)

// What is registered twice, without a name or without what it makes stops the program at its start.
func TestRegisteringTwiceOrHalfPanics(t *testing.T) {
	makes := func(option.Settings) plan.Optimizer { return SGD{} }
	rate := func(option.Settings, Length) Factor { return Constant() }
	for want, register := range map[string]func(){
		`optim: register("sgd"): registered twice or incomplete`:            func() { register(Optimizer{Name: "sgd", New: makes}) },
		`optim: register(""): registered twice or incomplete`:               func() { register(Optimizer{New: makes}) },
		`optim: register("newton"): registered twice or incomplete`:         func() { register(Optimizer{Name: "newton"}) },
		`optim: registerSchedule("cosine"): registered twice or incomplete`: func() { registerSchedule(Schedule{Name: "cosine", Rate: rate}) },
		`optim: registerSchedule(""): registered twice or incomplete`:       func() { registerSchedule(Schedule{Rate: rate}) },
		`optim: registerSchedule("newton"): registered twice or incomplete`: func() { registerSchedule(Schedule{Name: "newton"}) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}()
			register()
		}()
	}
}
