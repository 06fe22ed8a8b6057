package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
)

// keptCheckpoints of a run are kept, besides its final one: the newest to continue from, and one for when that is
// damaged.
const keptCheckpoints = 2

// saveCheckpoint stores the manifest and those of its chunks that are not there yet. Then it drops what is no longer
// needed.
func (t *tx) saveCheckpoint(key int64, m *manifest) error {
	var same int64
	err := t.QueryRow("SELECT id FROM checkpoints WHERE run = ? AND attempt = ? AND step = ?", key, m.Attempt, m.Step).Scan(&same)
	if err == nil { // saved again at one step: the later state counts
		err = t.dropCheckpoint(same)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	sum := m.sum()
	state := m.State
	if state == nil {
		state = []byte{}
	}
	done, err := t.Exec(`INSERT INTO checkpoints (run, attempt, step, final, state, bytes, digest, manifest, created)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, key, m.Attempt, m.Step, m.Final, state, m.bytes, m.model(), sum[:], t.now)
	if err != nil {
		return err
	}
	id, err := done.LastInsertId()
	if err != nil {
		return err
	}
	for i := range m.tensors {
		if err := t.saveTensor(id, i, m); err != nil {
			return err
		}
	}
	if err := t.retain(key); err != nil {
		return err
	}
	return t.announce(key, "status")
}

func (t *tx) saveTensor(checkpoint int64, position int, m *manifest) error {
	p := m.tensors[position]
	shape, err := json.Marshal(p.shape)
	if err != nil {
		return err
	}
	_, err = t.Exec("INSERT INTO checkpoint_tensors (checkpoint, position, name, shape, digest) VALUES (?, ?, ?, ?, ?)",
		checkpoint, position, p.name, string(shape), p.digest[:])
	if err != nil {
		return err
	}
	seq := 0
	for part := range slices.Chunk(m.Tensors[position].Data, chunkFloats) {
		chunk, err := t.saveChunk(p.chunks[seq], appendFloats(make([]byte, 0, 4*len(part)), part))
		if err != nil {
			return err
		}
		_, err = t.Exec("INSERT INTO tensor_chunks (checkpoint, position, seq, chunk) VALUES (?, ?, ?, ?)", checkpoint, position, seq, chunk)
		if err != nil {
			return err
		}
		seq++
	}
	return nil
}

// retain keeps the newest good checkpoints and the final one of a run. Damaged ones, which were reported when they were
// found, and superseded ones go when a new one has been saved.
func (t *tx) retain(key int64) error {
	old, err := collect[int64](t.Query(`SELECT id FROM checkpoints WHERE run = ?1
		AND id NOT IN (SELECT k.id FROM checkpoints k WHERE k.run = ?1 AND `+goodCheckpoint+` ORDER BY k.id DESC LIMIT ?2)
		AND id NOT IN (SELECT k.id FROM checkpoints k WHERE k.run = ?1 AND `+goodCheckpoint+` AND k.final ORDER BY k.id DESC LIMIT 1)`,
		key, keptCheckpoints))
	if err != nil {
		return err
	}
	for _, id := range old {
		if err := t.dropCheckpoint(id); err != nil {
			return err
		}
	}
	return nil
}

// dropCheckpoint removes a checkpoint and the chunks that nothing else uses.
func (t *tx) dropCheckpoint(id int64) error {
	chunks, err := collect[int64](t.Query("SELECT DISTINCT chunk FROM tensor_chunks WHERE checkpoint = ?", id))
	if err != nil {
		return err
	}
	if _, err := t.Exec("DELETE FROM checkpoints WHERE id = ?", id); err != nil { // its tensors go with it
		return err
	}
	return t.dropUnused(chunks)
}
