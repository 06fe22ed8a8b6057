package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/start"
	"workbench/experiments/train"
	"workbench/nn/weights"
	"workbench/store"
)

// packRun takes the weights of a run's newest checkpoint.
func (a *app) packRun(ctx context.Context, id string, o exportOptions) (parcel, error) {
	db, err := a.read()
	if err != nil {
		return parcel{}, err
	}
	defer db.Close()
	r, err := runNotStudy(ctx, db, id)
	if err != nil {
		return parcel{}, err
	}
	checkpoint, err := db.Restore(ctx, r.ID)
	if err != nil {
		return parcel{}, err
	}
	evaluated := o.weights == start.Evaluated
	held, averaged := train.Weights(checkpoint, evaluated)
	held, lacks := train.OfNetwork(r.Config, held, evaluated)
	var tensors []weights.Tensor
	for _, t := range held {
		tensors = append(tensors, weights.Tensor{Name: t.Name, Shape: t.Shape, Data: t.Data})
	}
	if len(tensors) == 0 {
		return parcel{}, fmt.Errorf("run %s: the checkpoint of step %d has no weights", r.ID, checkpoint.Step)
	}
	p := parcel{name: r.ID, tensors: tensors}
	if p.variant, p.settings, err = r.Config.Variant(); err != nil {
		return parcel{}, fmt.Errorf("run %s: %w", r.ID, err)
	}
	if p.metadata, err = provenance(r, checkpoint, averaged); err != nil {
		return parcel{}, err
	}
	p.facts = [][]cell{{text("run"), text(r.ID)}, {text("step"), counted(checkpoint.Step)},
		{text("final"), text(strconv.FormatBool(checkpoint.Final))}, {text("weights"), text(p.metadata["weights"])}}
	if lacks != "" {
		if o.format == asONNX {
			return parcel{}, fmt.Errorf("run %s: %s, which an ONNX file needs (strategy.then=probe trains one)", r.ID, lacks)
		}
		p.remarks = append(p.remarks, lacks)
	}
	if r.Status == experiments.Diverged {
		p.remarks = append(p.remarks, fmt.Sprintf("the run diverged: %s; these are its weights of step %d, its last checkpoint before that",
			r.Reason, checkpoint.Step))
	}
	if o.format != asONNX {
		return p, nil
	}
	if o.input != "" {
		if p.images, err = parseInput(o.input); err != nil {
			return parcel{}, usageError{err}
		}
	} else if err = a.describeImages(ctx, &p, r.Config.Dataset); err != nil {
		return parcel{}, err
	}
	if err := p.fit(shapesOf(tensors)); err != nil {
		return parcel{}, fmt.Errorf("run %s: %w", r.ID, err)
	}
	return p, nil
}

// runNotStudy finds a run; the name of a study is told which command writes that.
func runNotStudy(ctx context.Context, db *store.DB, id string) (experiments.RunInfo, error) {
	r, err := db.Run(ctx, id)
	if errors.Is(err, experiments.ErrNotFound) {
		if _, known := db.Study(ctx, id); known == nil {
			return r, usagef("%s is a study, and export writes the network of a run; workbench archive %s -o FILE writes a study", id, id)
		}
	}
	return r, err
}

// describeImages takes the size of the images from the data set, and notes how it normalises them and what its classes
// are.
func (a *app) describeImages(ctx context.Context, p *parcel, c experiments.Choice) error {
	set, err := data.Open(ctx, c.Name, a.data, c.Options)
	if err != nil {
		return fmt.Errorf("%w\nthe size of the images is the data set's; without it, --input gives it", err)
	}
	info := set.Info()
	p.images = [3]int{info.Channels, info.Height, info.Width}
	p.pixels = "images of " + c.Name + ", rows from the top; pixels as the file's metadata say"
	for key, v := range map[string]any{"class_names": info.Classes, "pixel_mean": info.Mean, "pixel_std": info.Std} {
		noted, err := json.Marshal(v)
		if err != nil {
			return err
		}
		if string(noted) != "null" {
			p.metadata[key] = string(noted)
		}
	}
	p.metadata["pixels"] = "a value v in [0, 1] of channel c, 0 being black, is given as (v − pixel_mean[c]) / " +
		"pixel_std[c]; without them, as v"
	return nil
}

// provenance is the metadata of an exported file. "format" is what Python's libraries ask for.
func provenance(r experiments.RunInfo, c experiments.Checkpoint, averaged bool) (map[string]string, error) {
	options, err := json.Marshal(r.Config.Model.Options)
	if err != nil {
		return nil, err
	}
	set, err := json.Marshal(r.Config.Dataset.Options)
	if err != nil {
		return nil, err
	}
	kind := start.Trained
	if averaged {
		kind = "averaged"
	}
	return map[string]string{
		"format": "pt", "writer": "workbench " + version, "run": r.ID, "study": r.Study, "cell": r.Cell, "seed": strconv.FormatUint(r.Seed, 10),
		metadataModel: r.Config.Model.Name, metadataOptions: string(options), metadataSet: r.Config.Dataset.Name,
		metadataSetOptions: string(set), "data_digest": r.DataDigest,
		"step": strconv.FormatInt(c.Step, 10), "final": strconv.FormatBool(c.Final), "weights": kind,
	}, nil
}
