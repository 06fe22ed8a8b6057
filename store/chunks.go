package store

import (
	"bytes"
	"database/sql"
	"errors"
)

// chunkBytes is the length of a chunk, since the driver reads and writes whole values only.
const chunkBytes = 1 << 20

// saveChunk finds or adds a chunk. One that is there is compared, not trusted: otherwise its damage would pass to
// everything that shares it later.
func (t *tx) saveChunk(d digest, data []byte) (id int64, err error) {
	var stored []byte
	err = t.QueryRow("SELECT id, data FROM chunks WHERE digest = ?", d[:]).Scan(&id, &stored)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		done, err := t.Exec("INSERT INTO chunks (digest, data) VALUES (?, ?)", d[:], data)
		if err != nil {
			return 0, err
		}
		return done.LastInsertId()
	case err == nil && !bytes.Equal(stored, data):
		_, err = t.Exec("UPDATE chunks SET data = ? WHERE id = ?", data, id)
	}
	return id, err
}

// dropUnused removes those of the chunks that no checkpoint and no artefact uses any more.
func (t *tx) dropUnused(chunks []int64) error {
	for _, chunk := range chunks {
		_, err := t.Exec(`DELETE FROM chunks WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM tensor_chunks WHERE chunk = ?1)
			AND NOT EXISTS (SELECT 1 FROM artefact_chunks WHERE chunk = ?1)`, chunk)
		if err != nil {
			return err
		}
	}
	return nil
}
