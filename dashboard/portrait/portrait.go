package portrait

import (
	"context"
	"math"

	"workbench/experiments"
	kept "workbench/experiments/portrait"
)

// Asked is what of a portrait is wanted.
type Asked struct {
	Part    string // see Parts; "": the first
	Step    int64  // the newest at it or before; below 0: the newest of all
	Measure string // of layers, one of Measures
	All     bool   // parameters; else those of convolutions and linear layers
}

// Portrait is what a run has kept to be looked at. What it has not is nil.
type Portrait struct {
	Part        string       `json:"part"`  // phase and split: "test", "probe/test"
	Parts       []string     `json:"parts"` // that there are
	Step        int64        `json:"step"`  // that was asked for, or the newest
	Steps       []int64      `json:"steps"` // at which something was made
	Confusion   *Confusion   `json:"confusion,omitempty"`
	Calibration *Calibration `json:"calibration,omitempty"`
	Mistakes    *Mistakes    `json:"mistakes,omitempty"`
	Samples     *Samples     `json:"samples,omitempty"`
	Over        []*Samples   `json:"over,omitempty"` // the samples at several steps
	Maps        *Sheet       `json:"maps,omitempty"`
	Filters     []*Sheet     `json:"filters,omitempty"` // the first and the newest
	Embedding   *Embedding   `json:"embedding,omitempty"`
	Layers      *History     `json:"layers,omitempty"`
	Problems    []string     `json:"problems"`
}

// Calibration is a table with the step that it was made at.
type Calibration struct {
	Step int64 `json:"step"`
	kept.Calibration
}

// Mistakes are a table with its pictures, if they can be shown.
type Mistakes struct {
	Step int64 `json:"step"`
	kept.Mistakes
	Sheet *Sheet `json:"sheet,omitempty"`
}

// Samples are a table with its pictures, if they can be shown.
type Samples struct {
	Step int64 `json:"step"`
	kept.Samples
	Sheet *Sheet `json:"sheet,omitempty"`
}

// Embedding is a table with the step that it was made at; of many points it has every so manieth.
type Embedding struct {
	Step int64 `json:"step"`
	Of   int   `json:"of"` // points in all
	kept.Embedding
}

const (
	mostMoments = 8    // at which samples are shown beside one another
	mostPoints  = 3000 // of an embedding
)

// Parts are those of which a run has something, the one that is shown unasked first.
func Parts(made []experiments.ArtefactInfo) []string { return catalogued(made).parts() }

// Read makes the portrait from a run's artefacts. The only errors are those of a database that is gone and of a reader
// who has left.
func Read(ctx context.Context, made []experiments.ArtefactInfo, load Load, asked Asked) (Portrait, error) {
	c, r := catalogued(made), &reader{ctx: ctx, load: load}
	p := Portrait{Part: asked.Part, Parts: c.parts(), Step: asked.Step}
	if p.Part == "" && len(p.Parts) > 0 {
		p.Part = p.Parts[0]
	}
	p.Steps = c.steps(p.Part)
	if p.Step < 0 && len(p.Steps) > 0 {
		p.Step = p.Steps[len(p.Steps)-1]
	}
	at := func(kind string) (experiments.ArtefactInfo, bool) { return at(c.of(p.Part, kind), p.Step) }
	if a, ok := at(kept.ConfusionName); ok {
		if t := table(r, a, mostConfusionBytes, checkConfusion); t != nil {
			p.Confusion = confusionOf(a.Step, *t)
		}
	}
	if a, ok := at(kept.CalibrationName); ok {
		if t := table(r, a, mostTableBytes, checkCalibration); t != nil {
			p.Calibration = &Calibration{a.Step, *t}
		}
	}
	if a, ok := at(kept.EmbeddingName); ok {
		if t := table(r, a, mostTableBytes, checkEmbedding); t != nil {
			p.Embedding = &Embedding{a.Step, len(t.Points), *t}
			p.Embedding.Points = spread(t.Points, mostPoints)
		}
	}
	p.readPictures(r, c)
	p.Layers = historyOf(r, c.of(p.Part, kept.LayersName), asked)
	p.Problems = r.problems
	return p, r.err
}

// readPictures adds what has pictures.
func (p *Portrait) readPictures(r *reader, c catalogue) {
	if a, ok := at(c.of(p.Part, kept.MistakesName), p.Step); ok {
		if t := table(r, a, mostTableBytes, checkMistakes); t != nil {
			p.Mistakes = &Mistakes{a.Step, *t, r.sheetAt(c.of(p.Part, kept.MistakesSheet), a.Step, len(t.Shown))}
		}
	}
	if a, ok := at(c.of(p.Part, kept.SamplesName), p.Step); ok {
		p.Samples = r.samples(c, p.Part, a)
	}
	if list := c.of(p.Part, kept.SamplesName); len(list) > 1 {
		for _, a := range spread(list, mostMoments) {
			if s := r.samples(c, p.Part, a); s != nil && s.Sheet != nil {
				p.Over = append(p.Over, s)
			}
		}
	}
	if a, ok := at(c.of(p.Part, kept.MapsSheet), p.Step); ok {
		rows := 1
		if p.Samples != nil && p.Samples.Step == a.Step {
			rows = len(p.Samples.Maps)
		}
		p.Maps = r.sheet(a, rows)
	}
	list := c.of(p.Part, kept.FiltersSheet)
	a, ok := at(list, p.Step)
	if ok && list[0].Step < a.Step {
		if s := r.sheet(list[0], 1); s != nil {
			p.Filters = append(p.Filters, s)
		}
	}
	if ok {
		if s := r.sheet(a, 1); s != nil {
			p.Filters = append(p.Filters, s)
		}
	}
}

func (r *reader) samples(c catalogue, part string, a experiments.ArtefactInfo) *Samples {
	t := table(r, a, mostTableBytes, checkSamples)
	if t == nil {
		return nil
	}
	return &Samples{a.Step, *t, r.sheetAt(c.of(part, kept.SamplesSheet), a.Step, len(t.Shown))}
}

// sheetAt is the picture of a table, which was made at the same step.
func (r *reader) sheetAt(list []experiments.ArtefactInfo, step int64, rows int) *Sheet {
	a, ok := at(list, step)
	if !ok || a.Step != step || rows == 0 {
		return nil
	}
	return r.sheet(a, rows)
}

// Empty tells whether there is nothing to be shown at the step.
func (p Portrait) Empty() bool {
	return p.Confusion == nil && p.Calibration == nil && p.Mistakes == nil && p.Samples == nil && p.Embedding == nil && p.Layers == nil &&
		p.Maps == nil && len(p.Filters) == 0
}

// row of a sheet: where it begins and how high it is, in pixels.
func (s Sheet) row(i int) (y, high int) {
	y = int(math.Round(float64(i*s.Height) / float64(s.Rows)))
	return y, int(math.Round(float64((i+1)*s.Height)/float64(s.Rows))) - y
}
