// Package idx reads arrays of bytes in the format of MNIST: two zero bytes, the type of the elements, the number of
// dimensions, each dimension as a big-endian number of 32 bits, then the elements, the last index fastest
// (http://yann.lecun.com/exdb/mnist/).
package idx

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// unsigned is the type of elements that are bytes. The others do not occur in sets of images.
const unsigned = 0x08

// Read an array of the wanted shape, in which 0 stands for any length, and return the lengths of its dimensions. More
// than most bytes are refused before they are read, and memory grows with what is there, not with what is claimed.
func Read(r io.Reader, want []int, most int64) (shape []int, elements []byte, err error) {
	var magic [4]byte
	if err := full(r, magic[:]); err != nil {
		return nil, nil, err
	}
	switch {
	case magic[0] != 0 || magic[1] != 0:
		return nil, nil, fmt.Errorf("it begins with %#x, want 0x0000: this is no idx file", magic[:2])
	case magic[2] != unsigned:
		return nil, nil, fmt.Errorf("elements of type %#02x, want %#02x (bytes)", magic[2], unsigned)
	case int(magic[3]) != len(want):
		return nil, nil, fmt.Errorf("%d dimensions, want %d", magic[3], len(want))
	}
	size := int64(1)
	for i := range want {
		var raw [4]byte
		if err := full(r, raw[:]); err != nil {
			return nil, nil, err
		}
		n := int64(binary.BigEndian.Uint32(raw[:]))
		if want[i] > 0 && n != int64(want[i]) {
			return nil, nil, fmt.Errorf("dimension %d is %d, want %d", i, n, want[i])
		}
		if n > 0 && size > most/n {
			return nil, nil, fmt.Errorf("dimension %d is %d: the array would have more than %d bytes", i, n, most)
		}
		size *= n
		shape = append(shape, int(n))
	}
	var b bytes.Buffer
	got, err := io.Copy(&b, io.LimitReader(r, size))
	if err != nil {
		return nil, nil, err
	}
	if got < size {
		return nil, nil, fmt.Errorf("it is cut short: %d bytes of elements, want %d (%v)", got, size, shape)
	}
	if n, err := io.ReadFull(r, magic[:1]); n > 0 || !errors.Is(err, io.EOF) {
		if n == 0 {
			return nil, nil, err
		}
		return nil, nil, fmt.Errorf("it is too long: more follows the %d elements %v", size, shape)
	}
	return shape, b.Bytes(), nil
}

func full(r io.Reader, raw []byte) error {
	_, err := io.ReadFull(r, raw)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("it is cut short: the head is not complete")
	}
	return err
}
