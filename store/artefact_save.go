package store

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"workbench/experiments"
)

// maxMedia is how long a media type may be, in bytes.
const maxMedia = 100

// parcel is an artefact with the digests of its content.
type parcel struct {
	*experiments.Artefact
	digest digest   // of the data
	chunks []digest // of each chunk
}

// countedArtefact holds for an artefact x that counts: no later attempt continued from before it.
const countedArtefact = "x.step <= (SELECT kept FROM attempts WHERE run = x.run AND number = x.attempt)"

// pack checks an artefact and hashes its data. Its attempt, size and digest are the store's to say; what the record
// says of them is not looked at.
func pack(x *experiments.Artefact) (*parcel, error) {
	if err := checkArtefact(x); err != nil {
		return nil, err
	}
	p := &parcel{Artefact: x, digest: sha256.Sum256(x.Data)}
	for part := range slices.Chunk(x.Data, chunkBytes) {
		p.chunks = append(p.chunks, sha256.Sum256(part))
	}
	return p, nil
}

func checkArtefact(x *experiments.Artefact) error {
	if err := checkName(x.Name); err != nil {
		return err
	}
	if x.Step < 0 || x.Step > maxStep {
		return fmt.Errorf("step %d, want 0 to 2^53−1", x.Step)
	}
	if !slices.Contains(experiments.ArtefactKinds, x.Kind) {
		return fmt.Errorf("kind %q, want one of %v", x.Kind, experiments.ArtefactKinds)
	}
	if n := len(x.Media); n < 1 || n > maxMedia {
		return fmt.Errorf("the media type has %d bytes, want 1 to %d", n, maxMedia)
	}
	for i, b := range []byte(x.Media) { // it will stand in the header of an answer
		if b < ' ' || b > '~' {
			return fmt.Errorf("the media type %q has byte %#02x at %d, want printable ASCII", x.Media, b, i)
		}
	}
	if n := len(x.Data); n > experiments.MaxArtefactBytes {
		return fmt.Errorf("it has %d bytes, want at most %d", n, experiments.MaxArtefactBytes)
	}
	return nil
}

// saveArtefact stores an artefact in place of the one its run has of the name at the step. Superseded ones, which
// nobody can read any more, go on the way, so what is held against the bounds is what counts.
func (t *tx) saveArtefact(key int64, attempt int, p *parcel) error {
	if twice, err := t.hasArtefact(key, attempt, p); twice || err != nil {
		return err
	}
	old, err := collect[int64](t.Query(`SELECT x.id FROM artefacts x WHERE x.run = ?1
		AND (x.step = ?2 AND x.name = ?3 OR NOT `+countedArtefact+")", key, p.Step, p.Name))
	if err != nil {
		return err
	}
	for _, id := range old {
		if err := t.dropArtefact(id); err != nil {
			return err
		}
	}
	if err := t.roomForArtefact(key, int64(len(p.Data))); err != nil {
		return err
	}
	at := micros(p.Time)
	if at == 0 {
		at = t.now
	}
	done, err := t.Exec(`INSERT INTO artefacts (run, attempt, step, name, kind, media, bytes, digest, created)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, key, attempt, p.Step, p.Name, p.Kind, p.Media, len(p.Data), p.digest[:], at)
	if err != nil {
		return err
	}
	id, err := done.LastInsertId()
	if err != nil {
		return err
	}
	if err := t.saveArtefactChunks(id, p); err != nil {
		return err
	}
	return t.announce(key, "points")
}

func (t *tx) saveArtefactChunks(artefact int64, p *parcel) error {
	seq := 0
	for part := range slices.Chunk(p.Data, chunkBytes) {
		chunk, err := t.saveChunk(p.chunks[seq], part)
		if err != nil {
			return err
		}
		_, err = t.Exec("INSERT INTO artefact_chunks (artefact, seq, chunk) VALUES (?, ?, ?)", artefact, seq, chunk)
		if err != nil {
			return err
		}
		seq++
	}
	return nil
}

// hasArtefact tells whether the attempt has stored this very artefact: a record may be sent twice.
func (t *tx) hasArtefact(key int64, attempt int, p *parcel) (bool, error) {
	var kind, media string
	var sum []byte
	err := t.QueryRow("SELECT kind, media, digest FROM artefacts WHERE run = ? AND step = ? AND name = ? AND attempt = ?",
		key, p.Step, p.Name, attempt).Scan(&kind, &media, &sum)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil && kind == p.Kind && media == p.Media && bytes.Equal(sum, p.digest[:]), err
}

// roomForArtefact refuses an artefact of a size that the run may not have beside the others.
func (t *tx) roomForArtefact(key, size int64) error {
	var count, total int64
	err := t.QueryRow("SELECT count(*), coalesce(sum(bytes), 0) FROM artefacts WHERE run = ?", key).Scan(&count, &total)
	switch {
	case err != nil:
		return err
	case count >= experiments.MaxArtefacts:
		return fmt.Errorf("the run has %d artefacts, want at most %d with this one", count, experiments.MaxArtefacts)
	case total+size > experiments.MaxArtefactTotal:
		return fmt.Errorf("the run has %d bytes of artefacts and this one %d, want at most %d together",
			total, size, experiments.MaxArtefactTotal)
	}
	return nil
}

// dropArtefact removes an artefact and the chunks that nothing else uses.
func (t *tx) dropArtefact(id int64) error {
	chunks, err := collect[int64](t.Query("SELECT DISTINCT chunk FROM artefact_chunks WHERE artefact = ?", id))
	if err != nil {
		return err
	}
	if _, err := t.Exec("DELETE FROM artefacts WHERE id = ?", id); err != nil { // its list of chunks goes with it
		return err
	}
	return t.dropUnused(chunks)
}
