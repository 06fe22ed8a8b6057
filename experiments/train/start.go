package train

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/start"
	"workbench/nn"
	"workbench/nn/identify"
	"workbench/nn/weights"
)

// begun keeps the weights with which the study says that the run begins. The run's first phase goes on with them as
// later ones do with those of earlier phases. What was found is told in the run's log.
func (t *trainer) begun() error {
	from := start.Of(t.job.Run.Config.Start)
	if !from.Said() {
		return nil
	}
	f, err := source(from, t.job.Start)
	if err != nil {
		return fmt.Errorf("start.from: %w", err)
	}
	reads := map[string]bool{}
	for _, p := range t.params {
		reads[p.Path] = true
	}
	report, err := load(f, t.job.Run.Config, t.set.Info(), from, func(p *nn.Param, values []float32) error {
		if reads[p.Path] && !from.Skips(p.Path) {
			t.kept[p.Path] = experiments.Tensor{Name: checkpointName(p.Path), Shape: p.Shape, Data: values}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("start.from: %s: %w", from.From(), err)
	}
	t.toTell = append(t.toTell, "begins with "+from.From())
	for _, line := range report.Lines() {
		t.toTell = append(t.toTell, "  "+line.What+": "+line.Text)
	}
	if len(from.Skip) > 0 {
		t.toTell = append(t.toTell, "  drawn anew: "+strings.Join(from.Skip, ", "))
	}
	return nil
}

// Compare tells how weights differ from those of a configuration's network for images of a set.
func Compare(f *weights.File, c experiments.Config, info data.Info, from start.Start) (*weights.Report, error) {
	variant, settings, err := c.Variant()
	if err != nil {
		return nil, err
	}
	network, err := identify.Network(variant, settings, [3]int{info.Channels, info.Height, info.Width}, len(info.Classes))
	if err != nil {
		return nil, err
	}
	return identify.Compare(f, network, weights.Options{Part: from.Part, Allow: from.Allow, BGR: from.BGR, Gray: from.Gray})
}

// load gives each the values that weights have for a configuration's network, says how these were taken, and closes the
// weights.
func load(f *weights.File, c experiments.Config, info data.Info, from start.Start,
	each func(p *nn.Param, values []float32) error) (*weights.Report, error) {
	defer f.Close()
	report, err := Compare(f, c, info, from)
	if err == nil {
		err = report.Load(func(t weights.Taken, values []float32) error { return each(t.Param, values) })
	}
	return report, err
}

// FillStart gives write the values of a network's parameters: those of a file where it has them, or else drawn ones.
func FillStart(from start.Start, c experiments.Config, info data.Info, params []*nn.Param,
	write func(path string, values []float32) error) error {
	f, err := OpenStart(from)
	if err != nil {
		return err
	}
	given := map[string]bool{}
	_, err = load(f, c, info, from, func(p *nn.Param, values []float32) error {
		given[p.Path] = true
		return write(p.Path, values)
	})
	for _, p := range params {
		if err != nil || given[p.Path] {
			continue
		}
		values := make([]float32, p.Shape.Size())
		p.Fill(values, 1)
		err = write(p.Path, values)
	}
	return err
}

// source opens weights; run is that which they are of, if they are of one.
func source(from start.Start, run *experiments.Beginning) (*weights.File, error) {
	if from.Run == "" {
		return OpenStart(from)
	}
	if run == nil {
		return nil, fmt.Errorf("the last state of run %s was not given", from.Run)
	}
	return StartOfRun(*run, from)
}

// OpenStart opens a file of weights and checks that it is the one that was meant.
func OpenStart(from start.Start) (*weights.File, error) {
	f, err := weights.Open(from.File)
	if err != nil {
		return nil, err
	}
	if from.Digest == "" {
		return f, nil
	}
	digest, err := f.SHA256()
	if err == nil && digest != from.Digest {
		err = fmt.Errorf("%s has SHA-256 %s, the run was made for %s: it is another file", from.File, digest, from.Digest)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// StartOfRun are the weights of a run's last state as a file has them, under the network's names.
func StartOfRun(run experiments.Beginning, from start.Start) (*weights.File, error) {
	evaluated := from.Weights == start.Evaluated
	held, _ := Weights(run.Last, evaluated)
	own, _ := OfNetwork(run.Config, held, evaluated)
	var tensors []weights.Tensor
	for _, t := range own {
		tensors = append(tensors, weights.Tensor{Name: t.Name, Shape: t.Shape, Data: t.Data})
	}
	var file bytes.Buffer
	if err := weights.Write(&file, nil, tensors); err != nil {
		return nil, err
	}
	return weights.Read(bytes.NewReader(file.Bytes()), int64(file.Len()))
}
