package weights

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"unicode/utf8"

	"workbench/nn/op"
)

// Tensor is a named float32 tensor to be written, in row-major order.
type Tensor struct {
	Name  string
	Shape op.Shape
	Data  []float32
}

// Write writes the tensors in their order, as F32. Equal arguments give equal bytes.
func Write(w io.Writer, metadata map[string]string, tensors []Tensor) error {
	header, err := header(metadata, tensors)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 1<<18)
	_, err = out.Write(append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...))
	var b [4]byte
	for _, t := range tensors {
		for _, v := range t.Data {
			binary.LittleEndian.PutUint32(b[:], math.Float32bits(v))
			if _, err = out.Write(b[:]); err != nil {
				return err
			}
		}
	}
	if err != nil {
		return err
	}
	return out.Flush()
}

// place is a tensor as the header states it.
type place struct {
	DType   DType    `json:"dtype"`
	Shape   op.Shape `json:"shape"`
	Offsets [2]int   `json:"data_offsets"`
}

// header encodes the header of the tensors, padded so that their bytes begin at a multiple of 8.
func header(metadata map[string]string, tensors []Tensor) ([]byte, error) {
	var text bytes.Buffer
	text.WriteByte('{')
	seen, at := map[string]bool{}, 0
	if len(metadata) > 0 {
		if err := member(&text, metadataKey, metadata); err != nil {
			return nil, err
		}
	}
	for _, t := range tensors {
		switch {
		case t.Name == metadataKey || seen[t.Name] || !utf8.ValidString(t.Name) || len(t.Name) > mostName:
			return nil, fmt.Errorf("tensor %.60q: the name is there twice, reserved, not UTF-8 or longer than %d bytes", t.Name, mostName)
		case len(seen) == mostTensors:
			return nil, fmt.Errorf("there are %d tensors, want at most %d", len(tensors), mostTensors)
		case t.Shape.Size() != len(t.Data):
			return nil, fmt.Errorf("tensor %q: shape %v has %d elements, got %d", t.Name, t.Shape, t.Shape.Size(), len(t.Data))
		}
		seen[t.Name] = true
		end := at + 4*len(t.Data)
		if err := member(&text, t.Name, place{F32, append(op.Shape{}, t.Shape...), [2]int{at, end}}); err != nil {
			return nil, err
		}
		at = end
	}
	text.WriteByte('}')
	for text.Len()%8 != 0 {
		text.WriteByte(' ')
	}
	if text.Len() > mostHeader {
		return nil, fmt.Errorf("the header would have %d bytes, want at most %d", text.Len(), mostHeader)
	}
	return text.Bytes(), nil
}

// member appends "key": value to a JSON object.
func member(text *bytes.Buffer, key string, value any) error {
	if text.Len() > 1 {
		text.WriteByte(',')
	}
	k, err := json.Marshal(key)
	if err != nil {
		return err
	}
	v, err := json.Marshal(value)
	if err != nil {
		return err
	}
	text.Write(append(append(k, ':'), v...))
	return nil
}
