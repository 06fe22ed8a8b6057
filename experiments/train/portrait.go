package train

import (
	"context"
	"fmt"
	"image"
	"strings"
	"time"

	"workbench/experiments"
	"workbench/experiments/gallery"
	"workbench/experiments/metric"
	"workbench/experiments/portrait"
	"workbench/experiments/strategy"
)

// Bounds of a run's portraits. The last evaluation may fill half of what a run's artefacts may take, the others share
// the other half.
const (
	mostPortraits = 90 // evaluations of a run that have one, the last of each phase included
	lastBytes     = experiments.MaxArtefactTotal / 2
	otherBytes    = experiments.MaxArtefactTotal / 2 / mostPortraits
)

// portraits is how a run keeps portraits of itself. None of it is in a checkpoint: an attempt that evaluates once more
// makes the same artefacts again.
type portraits struct {
	witness *gallery.Witness // of the last evaluation of the test split; nil: none was asked for, or there are no answers
	held    heldOut          // answers to what was held out from training
	pace    pace
	dear    []string // of the running portrait, what would have taken too long
	lacks   []string // and what else was left out, with the reason
	bytes   int64    // that the running portrait may still take
}

// portrayed tells whether the running evaluation has a portrait: the last of a phase has one, and every k-th before it.
func (t *trainer) portrayed(last bool) bool {
	if t.amount() == portrait.None {
		return false
	}
	before, all := 0, 0 // evaluations still to come, and those of the run
	for i := range t.stages {
		every := max(t.stages[i].config.Evaluate.Every, 1)
		n := (t.stages[i].config.Epochs + every - 1) / every
		if all += n; i == t.stage.index {
			before += n - (t.state.Epoch+every)/every
		}
		if i > t.stage.index {
			before += n
		}
	}
	most := mostPortraits - len(t.stages)
	return last || before%((all+most-1)/most) == 0
}

// amount is how much of a portrait the run keeps.
func (t *trainer) amount() string {
	if said := t.job.Run.Config.Evaluate.Portrait; said != "" {
		return said
	}
	return portrait.Auto
}

// witnessed begins to take note of the answers to a split. It returns nil where there are none to take note of.
func (t *trainer) witnessed(split string) (*gallery.Witness, error) {
	if split != metric.Test {
		return nil, nil
	}
	t.portrait.witness, t.portrait.held = nil, heldOut{}
	if t.amount() == portrait.None || t.eval.Output("logits") == nil || t.classes < 2 {
		return nil, nil
	}
	var err error
	t.portrait.witness, err = gallery.NewWitness(t.set.Info().Classes)
	return t.portrait.witness, err
}

// witness takes note of answers to images of a split.
func (t *trainer) witness(w *gallery.Witness, split string, seen strategy.Seen) {
	switch {
	case w != nil:
		w.Add(seen.Logits, seen.Labels)
	case split == metric.Val && t.amount() != portrait.None:
		t.portrait.held.add(seen.Logits, seen.Labels)
	}
}

// portray keeps a portrait of the network as it was just evaluated, perhaps for the last time in its phase. It fails if
// it is interrupted or a record is not taken; what cannot be shown of a network is left out, which the log says.
func (t *trainer) portray(ctx context.Context, last bool) error {
	if !t.portrayed(last) {
		return nil
	}
	p := &t.portrait
	final := last && t.state.Phase+1 == len(t.stages)
	p.dear, p.lacks, p.bytes = nil, nil, otherBytes
	if final {
		p.bytes = lastBytes
	}
	full := t.amount() == portrait.Full
	p.pace.begin(full, t.globalStep()-t.stages[0].continued())
	if p.witness.Saw() {
		if err := t.portrayAnswers(ctx, full || final); err != nil {
			return err
		}
	}
	if err := t.portrayLayers(ctx, final); err != nil {
		return err
	}
	if full || final {
		if err := t.portrayNetwork(ctx); err != nil {
			return err
		}
	}
	return t.tellLeft()
}

// portrayAnswers keeps what the answers of an evaluation show, which costs nothing more; with fits the temperature of
// what was held out, too.
func (t *trainer) portrayAnswers(ctx context.Context, fits bool) error {
	test := func(name string) string { return metric.Test + "/" + name }
	confusion, has, err := t.portrait.witness.Confusion(ctx)
	if err != nil {
		return err
	}
	if has {
		if err := t.keepTable(test(portrait.ConfusionName), "matrix", confusion); err != nil {
			return err
		}
	}
	calibration, err := t.portrait.witness.Calibration(ctx)
	if err != nil {
		return err
	}
	if fits && t.portrait.held.images() > 0 {
		err := t.portrait.pace.spend(t.portrait.held.expected(), func() (err error) {
			calibration.Temperature, err = t.portrait.held.temperature(ctx, t.classes)
			return err
		})
		if err := t.orLeft("temperature", err); err != nil {
			return err
		}
	}
	return t.keepTable(test(portrait.CalibrationName), "array", calibration)
}

// portrayLayers keeps how the layers learn. Where little may be spent, all portraits of layers together take half of
// that.
func (t *trainer) portrayLayers(ctx context.Context, final bool) error {
	pace := &t.portrait.pace
	if !pace.unbounded && pace.layers+pace.probing() > pace.limit/2 {
		if final {
			t.portrait.dear = append(t.portrait.dear, portrait.LayersName)
		}
		return nil
	}
	began := time.Now()
	layers, err := t.layers(ctx)
	pace.layers, pace.probed = pace.layers+time.Since(began), time.Since(began)
	if err != nil {
		return t.orLeft(portrait.LayersName, err)
	}
	if len(layers.Params) == 0 {
		return nil
	}
	return t.keepTable(portrait.LayersName, "array", layers)
}

// keepTable keeps a table of the running phase.
func (t *trainer) keepTable(name, kind string, table any) error {
	data, err := portrait.Encode(table)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return t.keepArtefact(name, kind, portrait.JSON, data)
}

// keepPicture keeps a picture of the running phase.
func (t *trainer) keepPicture(name string, p image.Image) error {
	data, err := gallery.PNG(p)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return t.keepArtefact(name, "picture", portrait.PNG, data)
}

func (t *trainer) keepArtefact(name, kind, media string, data []byte) error {
	if n := int64(len(data)); n > min(t.portrait.bytes, experiments.MaxArtefactBytes) {
		t.portrait.lacks = append(t.portrait.lacks, fmt.Sprintf("%s: it has %d bytes, and %d are left", name, n, t.portrait.bytes))
		return nil
	}
	t.portrait.bytes -= int64(len(data))
	if err := t.emitArtefact(name, kind, media, data); err != nil {
		return unkept{err}
	}
	return nil
}

// tellLeft says in the run's log what a portrait lacks.
func (t *trainer) tellLeft() error {
	var lines []string
	if dear := t.portrait.dear; len(dear) > 0 {
		lines = append(lines, fmt.Sprintf("without %s, which would take more than %g %% of the training's time; evaluate.portrait=full has all",
			strings.Join(dear, ", "), 100*paceShare))
	}
	for _, why := range t.portrait.lacks {
		lines = append(lines, "without "+why)
	}
	for _, line := range lines {
		if err := t.emit(experiments.Record{Log: fmt.Sprintf("portrait, %s: %s", t.where(), line)}); err != nil {
			return err
		}
	}
	return nil
}

// where is the running epoch, for people.
func (t *trainer) where() string {
	if t.stage.Name == "" {
		return fmt.Sprintf("epoch %d", t.state.Epoch+1)
	}
	return fmt.Sprintf("%s epoch %d", t.stage.Name, t.state.Epoch+1)
}
