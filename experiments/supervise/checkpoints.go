package supervise

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"workbench/experiments"
)

// These limits bound what is accepted as a checkpoint. The largest published networks stay far below them.
const (
	maxTensors = 1 << 14
	maxRank    = 8
	maxValues  = 1 << 31 // of one tensor
)

const valuesPerFrame = maxFrame / 4

func writeCheckpoint(w io.Writer, c experiments.Checkpoint) error {
	for _, t := range c.Tensors {
		if n, err := size(t); err != nil {
			return err
		} else if n != len(t.Data) {
			return fmt.Errorf("checkpoint tensor %s has %d values, its shape %v wants %d", t.Name, len(t.Data), t.Shape, n)
		}
	}
	if err := writeJSON(w, frameCheckpoint, c); err != nil {
		return err
	}
	var raw []byte
	for _, t := range c.Tensors {
		for data := t.Data; len(data) > 0; {
			part := data[:min(len(data), valuesPerFrame)]
			data = data[len(part):]
			raw = raw[:0]
			for _, v := range part {
				raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
			}
			if err := writeFrame(w, frameValues, raw); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkpoint reads the tensors that follow a checkpoint's header.
func (f *frameReader) checkpoint(header []byte) (*experiments.Checkpoint, error) {
	var c experiments.Checkpoint
	if err := readJSON(frameCheckpoint, header, &c); err != nil {
		return nil, err
	}
	if len(c.Tensors) > maxTensors {
		return nil, fmt.Errorf("checkpoint has %d tensors, want at most %d", len(c.Tensors), maxTensors)
	}
	for i := range c.Tensors {
		if err := f.values(&c.Tensors[i]); err != nil {
			return nil, fmt.Errorf("checkpoint tensor %s %v: %w", c.Tensors[i].Name, c.Tensors[i].Shape, err)
		}
	}
	return &c, nil
}

// values reads one tensor. It believes the shape, and takes memory for the whole tensor, only after the first frame
// has arrived intact.
func (f *frameReader) values(t *experiments.Tensor) error {
	n, err := size(*t)
	if err != nil {
		return err
	}
	t.Data = make([]float32, 0, min(n, valuesPerFrame))
	for len(t.Data) < n {
		raw, err := f.expect(frameValues)
		if err != nil {
			return err
		}
		if want := min(n-len(t.Data), valuesPerFrame); len(raw) != 4*want {
			return fmt.Errorf("after %d values got %d bytes, want %d", len(t.Data), len(raw), 4*want)
		}
		for ; len(raw) > 0; raw = raw[4:] {
			t.Data = append(t.Data, math.Float32frombits(binary.LittleEndian.Uint32(raw)))
		}
		if cap(t.Data) < n {
			t.Data = append(make([]float32, 0, n), t.Data...)
		}
	}
	return nil
}

// size returns the number of values that the shape asks for; a scalar has 1.
func size(t experiments.Tensor) (int, error) {
	if len(t.Shape) > maxRank {
		return 0, fmt.Errorf("tensor %s has %d axes, want at most %d", t.Name, len(t.Shape), maxRank)
	}
	n := 1
	for _, d := range t.Shape {
		if d < 0 || d > 0 && n > maxValues/d {
			return 0, fmt.Errorf("tensor %s has shape %v, want 0 to %d values", t.Name, t.Shape, maxValues)
		}
		n *= d
	}
	return n, nil
}
