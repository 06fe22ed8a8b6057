package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	"workbench/experiments"
)

// Bounds on the checkpoints of a stranger's file: a few rows can say that a chunk is repeated a million times.
const (
	mostTensors         = 1 << 17 // of a checkpoint
	mostCheckpointBytes = 64 << 30
)

// checkContent compares the content of artefacts, and of checkpoints if they are wanted, with its digests.
func (o *Other) checkContent(ctx context.Context) error {
	used := "SELECT chunk FROM artefact_chunks"
	if o.checkpoints {
		used += " UNION SELECT chunk FROM tensor_chunks"
	}
	rows, err := o.q.QueryContext(ctx, "SELECT id, digest, data FROM chunks WHERE id IN ("+used+")")
	err = each(rows, err, func(rows *sql.Rows) error {
		var id int64
		var want, data sql.RawBytes
		if err := rows.Scan(&id, &want, &data); err != nil {
			return err
		}
		if sum := sha256.Sum256(data); !bytes.Equal(sum[:], want) {
			return damage(fmt.Sprintf("it is damaged: chunk %d is not what was saved (SHA-256 differs)", id))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := o.checkArtefacts(ctx); err != nil || !o.checkpoints {
		return err
	}
	ids, err := collect[int64](o.q.QueryContext(ctx, "SELECT id FROM checkpoints WHERE damage = ''"))
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := o.checkCheckpoint(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (o *Other) checkArtefacts(ctx context.Context) error {
	ids, err := collect[int64](o.q.QueryContext(ctx, "SELECT id FROM artefacts"))
	if err != nil {
		return err
	}
	for _, id := range ids {
		x, err := scanArtefact(o.q.QueryRowContext(ctx, listArtefacts+"WHERE x.id = ?", id))
		if err != nil {
			return err
		}
		if err := checkArtefact(&experiments.Artefact{ArtefactInfo: x.ArtefactInfo}); err != nil {
			return fmt.Errorf("run %s, artefact %q: %w", x.run, x.Name, err)
		}
		if x.Bytes > experiments.MaxArtefactBytes {
			return fmt.Errorf("run %s, artefact %q has %d bytes, want at most %d", x.run, x.Name, x.Bytes, experiments.MaxArtefactBytes)
		}
		if _, err := loadArtefact(ctx, o.q, x); err != nil {
			return err
		}
	}
	return nil
}

// checkCheckpoint compares a checkpoint with its digests, a chunk at a time.
func (o *Other) checkCheckpoint(ctx context.Context, id int64) error {
	var run string
	var step int64
	var tensors int
	err := o.q.QueryRowContext(ctx, `SELECT r.hash, c.step, (SELECT count(*) FROM checkpoint_tensors t WHERE t.checkpoint = c.id)
		FROM checkpoints c JOIN runs r ON r.id = c.run WHERE c.id = ?`, id).Scan(&run, &step, &tensors)
	if err == nil && tensors > mostTensors {
		err = fmt.Errorf("it has %d tensors, want at most %d", tensors, mostTensors)
	}
	if err == nil {
		err = o.checkTensors(ctx, id)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		err = fmt.Errorf("run %s, the checkpoint of step %d: %w", run, step, err)
	}
	return err
}

func (o *Other) checkTensors(ctx context.Context, id int64) error {
	m, err := loadManifest(ctx, o.q, id)
	if err != nil {
		return err
	}
	total := int64(0)
	for position, p := range m.tensors {
		n, ok := size(p.shape)
		if total += 4 * int64(n); !ok || total > mostCheckpointBytes {
			return fmt.Errorf("tensor %q has shape %v, want at most %d bytes of all tensors", p.name, p.shape, int64(mostCheckpointBytes))
		}
		if err := o.checkTensor(ctx, id, position, p); err != nil {
			return err
		}
	}
	return nil
}

func (o *Other) checkTensor(ctx context.Context, id int64, position int, p piece) error {
	n, _ := size(p.shape)
	left := 4 * int64(n)
	whole := sha256.New()
	rows, err := o.q.QueryContext(ctx, chunksOfTensor, id, position)
	err = each(rows, err, func(rows *sql.Rows) error {
		var chunk sql.RawBytes
		if err := rows.Scan(&chunk); err != nil {
			return err
		}
		if left -= int64(len(chunk)); left < 0 {
			return damage(fmt.Sprintf("tensor %s has more bytes than its shape %v", p.name, p.shape))
		}
		whole.Write(chunk)
		return nil
	})
	if err != nil {
		return err
	}
	if sum := whole.Sum(nil); !bytes.Equal(sum, p.digest[:]) {
		return damage(fmt.Sprintf("the content of tensor %s is not what was saved (SHA-256 %x, want %s)", p.name, sum, p.digest))
	}
	return nil
}
