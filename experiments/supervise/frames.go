package supervise

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// The supervisor and the process that trains exchange frames. A frame is the length of the payload (4 bytes), the type
// (1 byte), the payload, and the CRC-32C of type and payload (4 bytes). Numbers are little-endian.
//
//	supervisor → child   job, then its checkpoint if it resumes; later perhaps stop.
//	                     The end of the stream means that the supervisor is gone.
//	child → supervisor   records in the order they happened, checkpoints and artefacts among them;
//	                     last done, stopped, diverged or failure.
//
// A checkpoint is a header frame followed by its tensors' values as raw float32 in frames of at most maxFrame bytes. So
// no message needs more memory than its tensor and one frame. An artefact is likewise a header frame followed by its
// data.
type frameType byte

const (
	frameJob        frameType = 'J' // JSON of wireJob
	frameStop       frameType = 'S' // empty
	frameRecord     frameType = 'R' // JSON of wireRecord
	frameCheckpoint frameType = 'C' // JSON of Checkpoint, without values
	frameValues     frameType = 'V' // float32 values of the running tensor
	frameArtefact   frameType = 'A' // JSON of wireArtefact, without data
	frameContent    frameType = 'B' // bytes of the running artefact
	frameDone       frameType = 'D' // empty: the run is complete
	frameStopped    frameType = 'I' // empty: stopped on request, checkpoint sent
	frameDiverged   frameType = 'N' // JSON of wireDiverged: the loss became a value that is no number
	frameFailure    frameType = 'F' // the error's text
)

// maxFrame is the most bytes of a payload. Larger ones are neither written nor read.
const maxFrame = 1 << 20

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// frame is one part of a message. Payload is valid until the next read.
type frame struct {
	kind    frameType
	payload []byte
}

func writeFrame(w io.Writer, kind frameType, payload []byte) error {
	if len(payload) > maxFrame {
		return fmt.Errorf("message %q has %d bytes, want at most %d", kind, len(payload), maxFrame)
	}
	b := make([]byte, 0, len(payload)+9)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(payload)))
	b = append(append(b, byte(kind)), payload...)
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[4:], castagnoli))
	_, err := w.Write(b)
	return err
}

// frameReader reads frames into one buffer.
type frameReader struct {
	r      io.Reader
	buffer []byte
}

// next reads a frame. If the stream ends between two frames the error is io.EOF; if it ends inside one, it is
// io.ErrUnexpectedEOF.
func (f *frameReader) next() (frame, error) {
	var head [5]byte
	if _, err := io.ReadFull(f.r, head[:]); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return frame{}, fmt.Errorf("message cut off in its head: %w", err)
		}
		return frame{}, err
	}
	n, kind := binary.LittleEndian.Uint32(head[:4]), frameType(head[4])
	if n > maxFrame {
		return frame{}, fmt.Errorf("message %q claims %d bytes, want at most %d", kind, n, maxFrame)
	}
	if uint32(cap(f.buffer)) < n+4 {
		f.buffer = make([]byte, n+4)
	}
	body := f.buffer[:n+4]
	if read, err := io.ReadFull(f.r, body); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return frame{}, fmt.Errorf("message %q cut off after %d of %d bytes: %w", kind, read, len(body), err)
	}
	sum := crc32.Update(crc32.Checksum(head[4:], castagnoli), castagnoli, body[:n])
	if got := binary.LittleEndian.Uint32(body[n:]); got != sum {
		return frame{}, fmt.Errorf("message %q of %d bytes: checksum %08x, want %08x", kind, n, got, sum)
	}
	return frame{kind, body[:n]}, nil
}

// expect reads a frame of the given type.
func (f *frameReader) expect(kind frameType) ([]byte, error) {
	got, err := f.next()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	if got.kind != kind {
		return nil, fmt.Errorf("got message %q, want %q", got.kind, kind)
	}
	return got.payload, nil
}
