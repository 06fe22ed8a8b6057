package weights

import (
	"errors"
	"fmt"
	"io"

	"workbench/nn/op"
	"workbench/nn/weights/pytorch"
)

// readTorch finds the tensors of a file of PyTorch's that begins with head. It returns nothing if the file is none.
func readTorch(head []byte, from io.ReaderAt, size int64) (*File, error) {
	if !pytorch.Begins(head) {
		return nil, nil
	}
	t, err := pytorch.Read(from, size)
	if errors.Is(err, pytorch.ErrOther) {
		return nil, fmt.Errorf("is no file of weights but %s", foreign(head))
	}
	if err != nil {
		return nil, err
	}
	f := &File{Format: t.Format, Metadata: map[string]string{}, Size: size, Left: t.Left, from: from}
	at := map[string]int{}
	for _, tensor := range t.Tensors {
		i, there := at[tensor.Part]
		if !there {
			i = len(f.parts)
			at[tensor.Part] = i
			f.parts = append(f.parts, part{name: tensor.Part})
		}
		f.parts[i].entries = append(f.parts[i].entries, entryOf(tensor))
	}
	largest := f.parts[0] // there is one, for a file without tensors is an error
	for _, p := range f.parts {
		if len(p.entries) > len(largest.entries) {
			largest = p
		}
	}
	f.Part, f.Entries = largest.name, largest.entries
	if len(f.parts) == 1 {
		f.parts = nil
	}
	return f, nil
}

// entryOf describes a tensor of PyTorch's.
func entryOf(t pytorch.Tensor) Entry {
	e := Entry{Name: t.Name, DType: DType(t.DType), Shape: append(op.Shape{}, t.Shape...), begin: uint64(t.Begin), big: t.Big}
	e.end = e.begin + uint64(e.Shape.Size()*t.Width)
	step := 1
	for k := len(t.Shape) - 1; k >= 0; k-- {
		if t.Shape[k] > 1 && t.Strides[k] != step {
			e.strides = t.Strides
		}
		step *= t.Shape[k]
	}
	return e
}
