package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	sqlite3 "github.com/mattn/go-sqlite3"

	"workbench/experiments"
)

// damage is what is wrong with a stored checkpoint or artefact.
type damage string

func (d damage) Error() string { return string(d) }

// loadCheckpoint reads a checkpoint and verifies every digest. Content that is not what was saved is an error of type
// damage.
func loadCheckpoint(ctx context.Context, q *sql.Tx, id int64) (experiments.Checkpoint, error) {
	m, err := loadManifest(ctx, q, id)
	if err == nil {
		for i := range m.tensors {
			t := experiments.Tensor{Name: m.tensors[i].name, Shape: m.tensors[i].shape}
			if t.Data, err = loadTensor(ctx, q, id, i, m.tensors[i]); err != nil {
				break
			}
			m.Tensors = append(m.Tensors, t)
		}
	}
	if err != nil {
		return experiments.Checkpoint{}, pageDamage(err)
	}
	return *m.Checkpoint, nil
}

// pageDamage makes damage of an error that says that SQLite could not read the pages. Other errors pass.
func pageDamage(err error) error {
	var e sqlite3.Error
	if errors.As(err, &e) && e.Code == sqlite3.ErrCorrupt {
		return damage("its pages in the file are damaged")
	}
	return err
}

// loadManifest reads all but the content of the tensors, and verifies it.
func loadManifest(ctx context.Context, q *sql.Tx, id int64) (*manifest, error) {
	m := &manifest{Checkpoint: &experiments.Checkpoint{}}
	var stored []byte
	var model string
	err := q.QueryRowContext(ctx, `SELECT r.hash, c.attempt, c.step, c.final, c.state, c.digest, c.manifest
		FROM checkpoints c JOIN runs r ON r.id = c.run WHERE c.id = ?`, id).
		Scan(&m.Run, &m.Attempt, &m.Step, &m.Final, &m.State, &model, &stored)
	if err != nil {
		return nil, err
	}
	rows, err := q.QueryContext(ctx, "SELECT name, shape, digest FROM checkpoint_tensors WHERE checkpoint = ? ORDER BY position", id)
	err = each(rows, err, func(rows *sql.Rows) error {
		var p piece
		var shape string
		var sum []byte
		if err := rows.Scan(&p.name, &shape, &sum); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(shape), &p.shape); err != nil {
			return damage(fmt.Sprintf("the shape of %s cannot be read: %v", p.name, err))
		}
		copy(p.digest[:], sum)
		m.tensors = append(m.tensors, p)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if sum := m.sum(); !bytes.Equal(sum[:], stored) || m.model() != model {
		return nil, damage("its manifest or state is not what was saved (SHA-256 differs)")
	}
	return m, nil
}

// chunksOfTensor are the content of the tensor of a checkpoint (1) at a position (2), piece by piece.
const chunksOfTensor = `SELECT c.data FROM tensor_chunks t LEFT JOIN chunks c ON c.id = t.chunk
	WHERE t.checkpoint = ? AND t.position = ? ORDER BY t.seq`

// loadTensor reads the content of a tensor whose manifest has been verified.
func loadTensor(ctx context.Context, q *sql.Tx, id int64, position int, p piece) ([]float32, error) {
	n, ok := size(p.shape)
	if !ok {
		return nil, damage(fmt.Sprintf("tensor %s has shape %v", p.name, p.shape))
	}
	data := make([]float32, 0, n)
	whole := sha256.New()
	rows, err := q.QueryContext(ctx, chunksOfTensor, id, position)
	err = each(rows, err, func(rows *sql.Rows) error {
		var chunk sql.RawBytes
		if err := rows.Scan(&chunk); err != nil {
			return err
		}
		if len(chunk)%4 != 0 || len(data)+len(chunk)/4 > n {
			return damage(fmt.Sprintf("tensor %s has more bytes than its shape %v", p.name, p.shape))
		}
		whole.Write(chunk)
		for ; len(chunk) > 0; chunk = chunk[4:] {
			data = append(data, math.Float32frombits(binary.LittleEndian.Uint32(chunk)))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if sum := whole.Sum(nil); !bytes.Equal(sum, p.digest[:]) {
		return nil, damage(fmt.Sprintf("the content of tensor %s is not what was saved (SHA-256 %x, want %s)", p.name, sum, p.digest))
	}
	return data, nil
}
