package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"math"
	"slices"
	"strings"

	"workbench/experiments"
)

// chunkFloats is the length of a chunk in numbers.
const chunkFloats = chunkBytes / 4

// digest is a SHA-256.
type digest [sha256.Size]byte

func (d digest) String() string { return hex.EncodeToString(d[:]) }

// manifest is a checkpoint with the digests of its content.
type manifest struct {
	*experiments.Checkpoint
	tensors []piece
	bytes   int64
}

// piece is one tensor of a manifest.
type piece struct {
	name   string
	shape  []int
	digest digest   // of the content
	chunks []digest // of each chunk
}

// describe checks a checkpoint and hashes its tensors.
func describe(a experiments.Attempt, c *experiments.Checkpoint) (*manifest, error) {
	if c.Run != a.Run || c.Attempt != a.Number {
		return nil, fmt.Errorf("it belongs to run %s, attempt %d", c.Run, c.Attempt)
	}
	if c.Step < 0 || c.Step > maxStep {
		return nil, fmt.Errorf("step %d, want 0 to 2^53−1", c.Step)
	}
	m := &manifest{Checkpoint: c, bytes: int64(len(c.State))}
	seen := map[string]bool{}
	buffer := make([]byte, 0, chunkBytes)
	for _, t := range c.Tensors {
		if err := checkTensor(t, seen[t.Name]); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", t.Name, err)
		}
		seen[t.Name] = true
		p := piece{name: t.Name, shape: t.Shape}
		whole := sha256.New()
		for part := range slices.Chunk(t.Data, chunkFloats) {
			buffer = appendFloats(buffer[:0], part)
			whole.Write(buffer)
			p.chunks = append(p.chunks, sha256.Sum256(buffer))
		}
		whole.Sum(p.digest[:0])
		m.tensors = append(m.tensors, p)
		m.bytes += 4 * int64(len(t.Data))
	}
	return m, nil
}

func checkTensor(t experiments.Tensor, twice bool) error {
	if t.Name == "" {
		return errors.New("it has no name")
	}
	if twice {
		return errors.New("the name occurs twice")
	}
	if n, ok := size(t.Shape); !ok || n != len(t.Data) {
		return fmt.Errorf("shape %v does not fit %d numbers", t.Shape, len(t.Data))
	}
	return nil
}

// size is the product of a shape; false if it has a negative dimension or is absurdly large.
func size(shape []int) (n int, ok bool) {
	n = 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > math.MaxInt32*64/d {
			return 0, false
		}
		n *= d
	}
	return n, true
}

// appendFloats writes numbers as they are stored: IEEE 754 binary32, little-endian, every bit kept.
func appendFloats(b []byte, data []float32) []byte {
	for _, v := range data {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

// sum is the digest of everything the manifest says, and through the tensors' digests of their content.
func (m *manifest) sum() digest {
	h := sha256.New()
	fmt.Fprintf(h, "%q %d %d %t %q\n", m.Run, m.Attempt, m.Step, m.Final, m.State)
	for _, p := range m.tensors {
		p.writeTo(h)
	}
	return digest(h.Sum(nil))
}

func (p piece) writeTo(h hash.Hash) { fmt.Fprintf(h, "%q %v %s\n", p.name, p.shape, p.digest) }

// model is the digest for CheckpointInfo.Digest, over the names, shapes and contents of the tensors of the network,
// sorted by name. Runs with equal weights have equal digests.
func (m *manifest) model() string {
	tensors := slices.DeleteFunc(slices.Clone(m.tensors), func(p piece) bool { return !strings.HasPrefix(p.name, "model/") })
	slices.SortFunc(tensors, func(a, b piece) int { return strings.Compare(a.name, b.name) })
	h := sha256.New()
	for _, p := range tensors {
		p.writeTo(h)
	}
	return digest(h.Sum(nil)).String()
}
