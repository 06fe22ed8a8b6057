package experiments

import (
	"fmt"
	"reflect"
	"strings"

	"workbench/nn/glob"
	"workbench/nn/optim"
)

// report is how a check reports a problem.
type report = func(path, format string, args ...any)

// validateOptim checks what the optimizer's settings say together; single values have been checked by rules.
func (c Config) validateOptim(add report) {
	o, err := c.Optim.resolved()
	if err != nil {
		return // the name has been reported
	}
	switch {
	case o.Nesterov && o.Momentum == 0:
		add("optim.nesterov", "needs optim.momentum > 0, got 0")
	case o.Nesterov && o.Dampening > 0:
		add("optim.dampening", "Nesterov momentum takes none, got %v", o.Dampening)
	}
	if o.ClipNorm > 0 && o.ClipValue > 0 {
		add("optim.clip_value", "want one of optim.clip_norm and optim.clip_value, got both")
	}
	if c.Optim.EMAWarmup && c.Optim.EMA == 0 {
		add("optim.ema_warmup", "needs optim.ema > 0, got 0")
	}
	if c.Batch >= 1 && c.MicroBatch > 0 && c.Batch%c.MicroBatch != 0 {
		add("micro_batch", "want a divisor of batch = %d, got %d", c.Batch, c.MicroBatch)
	}
	for i, g := range c.Optim.Groups {
		if problem := g.problem(); problem != "" {
			add("optim.groups", "group %d: %s", i+1, problem)
		}
	}
}

func (g GroupConfig) problem() string {
	if err := glob.Check(g.Match); err != nil {
		return "match: " + err.Error()
	}
	switch {
	case !(g.LRScale >= 0):
		return fmt.Sprintf("lr_scale: want a number > 0, got %v", g.LRScale)
	case g.WeightDecay != nil && !(*g.WeightDecay >= 0):
		return fmt.Sprintf("weight_decay: want a number of at least 0, got %v", *g.WeightDecay)
	case g.Frozen && (g.LRScale != 0 || g.WeightDecay != nil):
		return "is frozen: lr_scale and weight_decay have no effect"
	}
	return ""
}

func (c Config) validateSchedule(add report) {
	s, err := c.Schedule.resolved()
	if err != nil {
		return
	}
	if c.Epochs >= 1 && s.WarmupEpochs >= float64(c.Epochs) {
		add("schedule.warmup_epochs", "want less than epochs = %d, got %v", c.Epochs, s.WarmupEpochs)
	}
	switch s.Name {
	case "step":
		c.validateSteps(add)
		return
	case "one_cycle":
		if s.WarmupEpochs > 0 {
			add("schedule.warmup_epochs", "one_cycle has its own rise (schedule.pct_start), got %v", s.WarmupEpochs)
		}
		if s.BaseMomentum > 0 && s.BaseMomentum >= c.Optim.Momentum {
			add("schedule.base_momentum", "want less than optim.momentum = %v, got %v", c.Optim.Momentum, s.BaseMomentum)
		}
	}
	for _, name := range s.Timetable(c.Epochs, 1).Missing() {
		add("schedule."+name, "schedule %s needs a number > 0, got 0", s.Name)
	}
}

func (c Config) validateSteps(add report) {
	const path = "schedule.milestones"
	if len(c.Schedule.Milestones) == 0 {
		add(path, "schedule step needs the epochs at which the rate falls, such as [80, 120]")
	}
	before := c.Schedule.WarmupEpochs
	for _, m := range c.Schedule.Milestones {
		switch {
		case !(m > before):
			add(path, "want epochs that rise and lie after the warm-up, got %v after %v", m, before)
		case c.Epochs >= 1 && m >= float64(c.Epochs):
			add(path, "want epochs below epochs = %d, got %v", c.Epochs, m)
		}
		before = m
	}
}

// unusedKeys refuses settings of optimizers and schedules that no run of the study looks at. They may stand beside another
// name only where a factor varies it.
func (ps *Problems) unusedKeys(s Study, cells []Cell) {
	used, given := map[string]bool{}, map[string]Cell{}
	for _, cell := range cells {
		config, err := cell.Config.Resolved()
		if err != nil {
			return // reported by Validate
		}
		for _, path := range ConfigPaths() {
			if !cell.Config.zero(path) {
				used[path] = used[path] || !config.zero(path)
				given[path] = cell
			}
		}
	}
	for _, path := range ConfigPaths() {
		section, key, _ := strings.Cut(path, ".")
		cell, there := given[path]
		if !there || used[path] {
			continue
		}
		who, name := optim.UsedBy(key), cell.Config.Optim.Name
		if section == "schedule" {
			who, name = optim.SchedulesWith(key), cell.Config.Schedule.Name
		}
		if len(who) > 0 {
			ps.add(path, s.settingPlaces(cell, path), "%s %s does not use it, only %s (%s=%s removes it)",
				sectionNouns[section], name, strings.Join(who, ", "), path, cell.Config.empty(path))
		}
	}
}

var sectionNouns = map[string]string{"optim": "optimizer", "schedule": "schedule"}

// zero tells whether the typed key holds nothing.
func (c Config) zero(path string) bool {
	f, err := c.Field(path)
	return err != nil || !f.Value.IsValid() || f.Value.IsZero() || f.Value.Kind() == reflect.Slice && f.Value.Len() == 0
}

// empty is how an override writes that the typed key holds nothing.
func (c Config) empty(path string) string {
	f, err := c.Field(path)
	if err == nil && f.Value.Kind() == reflect.Slice {
		return "[]"
	}
	if err == nil && f.Value.Kind() == reflect.Bool {
		return "false"
	}
	return "0"
}

// settingPlaces is where a level of the cell sets the path; nil if none does.
func (s Study) settingPlaces(cell Cell, path string) []string {
	for _, f := range s.Factors {
		if f.sets(cell.Levels[f.Name], path) {
			return []string{AtSetting(f.Name, cell.Levels[f.Name], path)}
		}
	}
	return nil
}
