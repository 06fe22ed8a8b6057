package pytorch

import (
	"encoding/binary"
	"fmt"
	"io"

	"workbench/nn/pickle"
)

// stream is a file of PyTorch's before 1.6: pickles one after another, then the numbers.
type stream struct {
	from     io.ReaderAt
	at, size int64
	found    map[string]storage
}

// protocol is the only version of the format that there was.
const protocol = 1001

// readStream reads the pickles of a magic number, the version, facts of the machine, the object and the keys of its
// storages. Then comes for each key the count of its elements, in 8 bytes, and these; the least byte comes first on
// every machine (torch.serialization._legacy_save).
func readStream(from io.ReaderAt, size int64) (*File, error) {
	s := &stream{from: from, size: size, at: int64(len(magic)), found: map[string]storage{}}
	version, err := s.pickle("version")
	if err != nil {
		return nil, err
	}
	if version.Value != int64(protocol) {
		return nil, fmt.Errorf("is of another version of PyTorch's format than %d", protocol)
	}
	if _, err := s.pickle("facts of the machine"); err != nil {
		return nil, err
	}
	object, err := s.pickle("object")
	if err != nil {
		return nil, err
	}
	keys, err := s.pickle("keys")
	if err != nil {
		return nil, err
	}
	if err := s.layOut(object, keys.Value); err != nil {
		return nil, err
	}
	f := &File{Format: "PyTorch before 1.6"}
	f.Tensors, f.Left, err = read(object, s.storage, size)
	return f, err
}

// pickle reads the next one.
func (s *stream) pickle(what string) (pickle.Loaded, error) {
	p, err := pickle.Load(io.NewSectionReader(s.from, s.at, s.size-s.at), mostPickle)
	if err != nil {
		return p, fmt.Errorf("is a file of PyTorch's whose %s cannot be read: %w", what, err)
	}
	s.at += p.Size
	return p, nil
}

// layOut finds the numbers of every key.
func (s *stream) layOut(object pickle.Loaded, keys any) error {
	widths := map[string]int64{}
	for _, p := range object.Persistent {
		r, err := refer(p)
		if err != nil {
			return err
		}
		if r != nil {
			widths[r.key] = r.width
		}
	}
	list, is := keys.(*pickle.List)
	if !is {
		return fmt.Errorf("the keys of its storages are no list")
	}
	for _, v := range list.Values {
		key, is := v.(string)
		width, known := widths[key]
		if !is || !known {
			return fmt.Errorf("the object refers to no storage %.40q", key)
		}
		var count [8]byte
		if s.size-s.at < int64(len(count)) {
			return fmt.Errorf("the file ends at byte %d, before its storage %.40q: it is cut off", s.size, key)
		}
		if _, err := s.from.ReadAt(count[:], s.at); err != nil && err != io.EOF {
			return err
		}
		s.at += int64(len(count))
		n := binary.LittleEndian.Uint64(count[:])
		if n > uint64((s.size-s.at)/width) {
			return fmt.Errorf("storage %.40q would have %d elements of %d bytes, the file ends %d bytes later: it is cut off or damaged",
				key, n, width, s.size-s.at)
		}
		s.found[key] = storage{begin: s.at, bytes: int64(n) * width}
		s.at += int64(n) * width
	}
	return nil
}

// storage finds the numbers of a key.
func (s *stream) storage(key string, numel, width int64) (storage, error) {
	found, there := s.found[key]
	if !there {
		return storage{}, fmt.Errorf("there is no storage %.40q", key)
	}
	if numel*width > found.bytes {
		return storage{}, fmt.Errorf("storage %.40q has %d bytes, want %d elements of %d", key, found.bytes, numel, width)
	}
	return found, nil
}
