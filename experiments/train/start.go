package train

import (
	"bytes"
	"errors"
	"fmt"

	"workbench/experiments"
	"workbench/experiments/start"
	"workbench/nn"
	"workbench/nn/weights"
)

// begun keeps the weights with which the study says that the run begins. The run's first phase goes on with them as
// later ones do with those of earlier phases. What was found is told in the run's log.
func (t *trainer) begun() error {
	from := start.Of(t.job.Run.Config.Start)
	if !from.Said() || t.job.Resume != nil {
		return nil
	}
	f, err := t.source(from)
	if err != nil {
		return fmt.Errorf("start.from: %w", err)
	}
	defer f.Close()
	params, err := t.stage.network(t.classes)
	if err != nil {
		return err
	}
	begun := map[string]bool{}
	for _, p := range t.params {
		begun[p.Path] = true
	}
	fit := Fit(f, params, from)
	if err := fit.Err(); err != nil {
		return fmt.Errorf("start.from: %s: %w", from.From(), err)
	}
	err = fit.Load(func(path string, shape []int, values []float32) error {
		if begun[path] {
			t.kept[path] = experiments.Tensor{Name: checkpointName(path), Shape: shape, Data: values}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("start.from: %s: %w", from.From(), err)
	}
	t.toTell = append(t.toTell, "begins with "+from.From()+": "+fit.String())
	return nil
}

// source opens the weights with which the run begins.
func (t *trainer) source(from start.Start) (*weights.File, error) {
	if from.Run == "" {
		return OpenStart(from)
	}
	if t.job.Start == nil {
		return nil, fmt.Errorf("the last state of run %s was not given", from.Run)
	}
	return StartOfRun(*t.job.Start, from)
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

// network returns the parameters of the study's network by itself, with a head of so many classes.
func (s *stage) network(classes int) ([]*nn.Param, error) {
	variant, settings, err := s.config.Variant()
	if err != nil {
		return nil, err
	}
	b := nn.NewBuilder(nn.Train, false)
	shape := s.shape()
	variant.Build(b, b.Input("image", shape.Batch, shape.Channels, shape.Height, shape.Width), classes, settings)
	return b.Params(), b.Err()
}
