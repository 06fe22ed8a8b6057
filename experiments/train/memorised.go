package train

import (
	"slices"

	"workbench/experiments/evaluate"
	"workbench/experiments/metric"
	"workbench/experiments/strategy"
)

// memorise adds, of the images of a part of a step whose label noise made wrong, those that are answered with that
// label. Labels that a strategy gives are no noise.
func (t *trainer) memorise(exe turn, rows, labels []int32) {
	i := slices.IndexFunc(t.stage.Streams, func(s strategy.Stream) bool { return s.Name == exe.objective.Of })
	if i < 0 || t.stage.Streams[i].Labels != nil || t.stage.streams[i].Part.Labels == nil {
		return
	}
	logits, of := exe.Output("logits"), t.stage.streams[i].Part
	memorised, wrong := 0, 0
	for k, label := range labels {
		if own := of.True(int(rows[k])); own < 0 || label < 0 || int32(own) == label {
			continue
		}
		wrong++
		memorised += evaluate.Count(logits[k*t.classes:(k+1)*t.classes], []int32{label}, t.classes).Top1
	}
	if wrong > 0 {
		t.addRatio(metric.Memorised, float64(memorised), float64(wrong))
	}
}
