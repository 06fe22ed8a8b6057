package train

import (
	"fmt"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/strategy"
	"workbench/nn/weights"
)

// teacherPrefix begins the paths of a teacher's parameters.
const teacherPrefix = "teacher."

// taught keeps the weights of the teacher, if the strategy has one that comes from anywhere. The checkpoints have them,
// so a run that continues needs neither file nor run.
func (t *trainer) taught() error {
	teacher, said := strategy.TeacherOf(t.job.Run.Config.Strategy.Options)
	if !said {
		return nil
	}
	from := teacher.Start.From()
	f, err := source(teacher.Start, t.job.Teacher)
	if err != nil {
		return fmt.Errorf("strategy.teacher: %w", err)
	}
	defer f.Close()
	report, err := CompareTeacher(f, t.job.Run.Config, t.set.Info())
	if err == nil {
		err = report.Load(func(taken weights.Taken, values []float32) error {
			path := teacherPrefix + taken.Param.Path
			t.kept[path] = experiments.Tensor{Name: checkpointName(path), Shape: taken.Param.Shape, Data: values}
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("strategy.teacher: %s: %w", from, err)
	}
	t.toTell = append(t.toTell, "is taught by "+from)
	for _, line := range report.Lines() {
		t.toTell = append(t.toTell, "  "+line.What+": "+line.Text)
	}
	return nil
}

// CompareTeacher tells how weights differ from those of a configuration's teacher for images of a set. A teacher needs
// the classifier, too: one of other classes is an error.
func CompareTeacher(f *weights.File, c experiments.Config, info data.Info) (*weights.Report, error) {
	teacher, _ := strategy.TeacherOf(c.Strategy.Options)
	if teacher.Model != "" {
		c.Model = experiments.Choice{Name: teacher.Model, Options: teacher.Options}
	}
	report, err := Compare(f, c, info, teacher.Start)
	if err == nil {
		err = report.Err()
	}
	if err == nil && report.Verdict == weights.AllButHead {
		err = fmt.Errorf("its classifier is not one of the %d classes of %s, which a teacher must know", len(info.Classes), info.Name)
	}
	return report, err
}
