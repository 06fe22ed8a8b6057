//go:build !race

package train

import (
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
)

// taughtJob is a student whose teacher is a run that has trained another network.
func taughtJob(t *testing.T, width string) (experiments.Job, experiments.Checkpoint) {
	t.Helper()
	teacher := strategyJob(t, "supervised")
	teacher.Run.ID, teacher.Run.Config.Model.Options["width"] = "beef", 3
	records, err := record(t, teacher, 0)
	if err != nil {
		t.Fatal(err)
	}
	last := lastCheckpoint(t, records)
	job := strategyJob(t, "distillation")
	job.Run.Config.Strategy.Options = map[string]any{"teacher": "run:beef", "teacher_model": "resnet_mini",
		"teacher_options": "depth=8 width=" + width}
	job.Teacher = &experiments.Beginning{Config: teacher.Run.Config, Last: last}
	return job, last
}

// The teacher has the run's weights and statistics from the beginning to the end, and the run's log says so.
func TestATeacherStaysWhatItWas(t *testing.T) {
	job, teacher := taughtJob(t, "3")
	records, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	held := map[string][]float32{}
	for _, tensor := range lastCheckpoint(t, records).Tensors {
		held[tensor.Name] = tensor.Data
	}
	compared := 0
	for _, tensor := range teacher.Tensors {
		path, of := strings.CutPrefix(tensor.Name, "model/")
		if compared++; of && !slices.Equal(held["model/"+teacherPrefix+path], tensor.Data) {
			t.Errorf("the teacher's %s has changed", path)
		}
		if _, moves := held["optim/momentum/"+teacherPrefix+path]; moves {
			t.Errorf("the teacher's %s is trained", path)
		}
	}
	var log []string
	for _, r := range records {
		log = append(log, logLine(r))
	}
	if compared == 0 || !strings.Contains(strings.Join(log, "\n"), "is taught by run:beef") {
		t.Errorf("%d tensors compared; the log says %q", compared, log)
	}
	resumesAnywhere(t, job)
}

// What a teacher says depends on its weights, and on nothing if the labels have all the weight.
func TestAStudentLearnsFromItsTeacher(t *testing.T) {
	end := func(taught bool, alpha float64) []float32 {
		job, _ := taughtJob(t, "3")
		if job.Run.Config.Strategy.Options["alpha"] = alpha; !taught {
			job.Run.Config.Strategy.Options["teacher"] = "none"
		}
		records, err := record(t, job, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, tensor := range lastCheckpoint(t, records).Tensors {
			if tensor.Name == "model/fc.weight" {
				return tensor.Data
			}
		}
		t.Fatal("there is no fc.weight")
		return nil
	}
	if slices.Equal(end(true, 0.5), end(false, 0.5)) {
		t.Error("whoever teaches, the student is the same")
	}
	if !slices.Equal(end(true, 0), end(false, 0)) {
		t.Error("a teacher without weight changes the student")
	}
}

func TestTeachersThatDoNotFit(t *testing.T) {
	job, _ := taughtJob(t, "4")
	if _, err := record(t, job, 0); err == nil || !strings.Contains(err.Error(), "strategy.teacher: run:beef: ") {
		t.Errorf("a teacher of another width: %v", err)
	}
	job, _ = taughtJob(t, "3")
	job.Teacher = nil
	const want = "strategy.teacher: the last state of run beef was not given"
	if _, err := record(t, job, 0); err == nil || err.Error() != want {
		t.Errorf("a run that is not there: %v, want %s", err, want)
	}
}
