package experiments

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"workbench/nn/nearest"
	"workbench/nn/optim"
	"workbench/nn/plan"
)

// Names of what a configuration can choose.
var (
	strategyNames  = []string{"supervised"}
	optimizerNames = optim.Names()
	scheduleNames  = optim.ScheduleNames()
	precisionNames = []string{"float32", "bf16"}
	algorithmNames = []string{"direct", "auto"}
	RecomputeNames = plan.Recomputations()
)

// rule says which values one path may have, apart from its type.
type rule struct {
	path   string
	want   string
	good   func(x float64) bool // for numbers
	choice []string             // for names
}

var rules = []rule{
	{path: "augment.pad", want: "a whole number of at least 0", good: atLeast(0)},
	{path: "strategy.name", choice: strategyNames},
	{path: "strategy.label_smoothing", want: "a number from 0 to below 1", good: fraction},
	{path: "optim.name", choice: optimizerNames},
	{path: "optim.lr", want: "a number > 0", good: positive},
	{path: "optim.momentum", want: "a number from 0 to below 1", good: fraction},
	{path: "optim.weight_decay", want: "a number of at least 0", good: atLeast(0)},
	{path: "optim.dampening", want: "a number from 0 to below 1", good: fraction},
	{path: "optim.beta2", want: "a number from 0 to below 1", good: fraction},
	{path: "optim.epsilon", want: "a number of at least 0", good: atLeast(0)},
	{path: "optim.trust", want: "a number of at least 0", good: atLeast(0)},
	{path: "optim.clip_norm", want: "a number of at least 0", good: atLeast(0)},
	{path: "optim.clip_value", want: "a number of at least 0", good: atLeast(0)},
	{path: "optim.ema", want: "a number from 0 to below 1", good: fraction},
	{path: "schedule.name", choice: scheduleNames},
	{path: "schedule.warmup_epochs", want: "a number of at least 0", good: atLeast(0)},
	{path: "schedule.gamma", want: "a number of at least 0", good: atLeast(0)},
	{path: "schedule.period", want: "a number of at least 0", good: atLeast(0)},
	{path: "schedule.growth", want: "a number of at least 1", good: zeroOr(atLeast(1))},
	{path: "schedule.power", want: "a number of at least 0", good: atLeast(0)},
	{path: "schedule.floor", want: "a number from 0 to below 1", good: fraction},
	{path: "schedule.pct_start", want: "a number from 0 to below 1", good: fraction},
	{path: "schedule.div_factor", want: "a number of at least 1", good: zeroOr(atLeast(1))},
	{path: "schedule.final_div_factor", want: "a number of at least 1", good: zeroOr(atLeast(1))},
	{path: "schedule.base_momentum", want: "a number from 0 to below 1", good: fraction},
	{path: "precision", choice: precisionNames},
	{path: "algorithms", choice: algorithmNames},
	{path: "recompute", choice: RecomputeNames},
	{path: "micro_batch", want: "a whole number of at least 0", good: atLeast(0)},
	{path: "batch", want: "a whole number of at least 1", good: atLeast(1)},
	{path: "epochs", want: "a whole number of at least 1", good: atLeast(1)},
	{path: "evaluate.every", want: "a whole number of at least 1", good: atLeast(1)},
	{path: "checkpoint.every", want: "a whole number of at least 1", good: atLeast(1)},
}

// Comparisons with NaN are false: it is never good.
func atLeast(low float64) func(float64) bool { return func(x float64) bool { return x >= low } }
func positive(x float64) bool                { return x > 0 }

// zeroOr allows 0, which stands for the default.
func zeroOr(good func(float64) bool) func(float64) bool {
	return func(x float64) bool { return x == 0 || good(x) }
}

func fraction(x float64) bool { return x >= 0 && x < 1 }

// wanted describes the good values of a path of Go type t.
func wanted(path string, t reflect.Type) string {
	for _, r := range rules {
		switch {
		case r.path != path:
		case r.choice != nil:
			return "one of " + strings.Join(r.choice, ", ")
		default:
			return r.want
		}
	}
	switch t.Kind() {
	case reflect.Int:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list of numbers such as [80, 120]"
	}
	return "a name"
}

// check gives the problem of the rule's path in c, "" if there is none.
func (r rule) check(c *Config) string {
	f, err := c.Field(r.path)
	if err != nil {
		return err.Error()
	}
	switch v := f.Value.Interface().(type) {
	case string:
		if !slices.Contains(r.choice, v) {
			return fmt.Sprintf("unknown name %q%s", v, nearest.Hint(v, r.choice))
		}
	case int:
		if !r.good(float64(v)) {
			return fmt.Sprintf("want %s, got %d", r.want, v)
		}
	case float64:
		if !r.good(v) || math.IsInf(v, 0) {
			return fmt.Sprintf("want %s, got %v", r.want, v)
		}
	}
	return ""
}
