package train

import (
	"context"
	"fmt"
	"time"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/portrait"
	"workbench/experiments/strategy"
	"workbench/nn/plan"
	"workbench/nn/rng"
)

// look evaluates the images of a part as they are, in their order.
func (t *trainer) look(ctx context.Context, p data.Part, each func(strategy.Seen) error) error {
	if t.stage.Cached != nil {
		return t.lookCached(ctx, p, each)
	}
	return look(ctx, t.eval, data.Loader{Part: p, Batch: t.stage.shape().Batch, Workers: t.workers(), KeepLast: true}, each)
}

// look gives a program the images of an epoch and says what it answers.
func look(ctx context.Context, eval plan.Executable, l data.Loader, each func(strategy.Seen) error) error {
	for b, err := range l.Epoch(ctx, 0, 0) {
		if err != nil {
			return err
		}
		copy(eval.Floats("image"), b.Images)
		if err := eval.RunAll(); err != nil {
			return fmt.Errorf("evaluate: %w", err)
		}
		rows := func(all []float32) []float32 { return all[:len(all)/l.Batch*b.N] }
		own, images := make([]int32, b.N), make([]int32, b.N)
		for i, row := range b.Rows[:b.N] {
			own[i], images[i] = int32(l.Part.True(int(row))), int32(l.Part.Sample(int(row)))
		}
		seen := strategy.Seen{Rows: b.Rows[:b.N], Labels: b.Labels[:b.N], True: own, Images: images, Logits: rows(eval.Output("logits")),
			Features: rows(eval.Output("features")), Embeddings: rows(eval.Output("embeddings")),
			Online: rows(eval.Output("online"))}
		if err := each(seen); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// showTable keeps a table of package portrait as an artefact of the running phase.
func (t *trainer) showTable(name string, table any) error {
	text, err := portrait.Encode(table)
	if err != nil {
		return err
	}
	return t.emitArtefact(name, "array", portrait.JSON, text)
}

// emitArtefact records something to be looked at, of the running phase and as it is now.
func (t *trainer) emitArtefact(name, kind, media string, data []byte) error {
	return t.emit(experiments.Record{Artefact: &experiments.Artefact{Data: data, ArtefactInfo: experiments.ArtefactInfo{
		Name: t.stage.metric(name), Kind: kind, Media: media, Step: t.globalStep(), Time: time.Now()}}})
}

// between does what the phase wants done before the running epoch, unless that was done before a checkpoint.
func (t *trainer) between(ctx context.Context) error {
	if t.stage.Between == nil || t.state.Prepared {
		return nil
	}
	err := t.stage.Between(ctx, strategy.Between{
		At: t.at(),
		Random: func(name string) uint64 {
			return rng.Key(t.job.Run.Seed, "between/"+t.stage.Name+"/"+name, uint64(t.state.Epoch))
		},
		Read: func(path string) ([]float32, error) {
			tensor, err := t.tensor(path)
			return tensor.Data, err
		},
		Write: t.memory.Write,
		Show:  t.showTable,
		Look: func(ctx context.Context, stream string, each func(strategy.Seen) error) error {
			for i, s := range t.stage.Streams {
				if s.Name == stream {
					return t.look(ctx, t.stage.streams[i].Part, each)
				}
			}
			return fmt.Errorf("the phase has no stream %q", stream)
		},
	})
	if err != nil {
		return fmt.Errorf("before the epoch: %w", err)
	}
	t.state.Prepared = true
	return nil
}
