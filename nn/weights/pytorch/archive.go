package pytorch

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"strings"

	"workbench/nn/pickle"
)

// mostDirectory is how many bytes the list of an archive's contents may have: some hundred for each tensor.
const mostDirectory = 32 << 20

// errDirectory says that the list is longer.
var errDirectory = fmt.Errorf("its list of contents has more than %d bytes, which no network needs", mostDirectory)

// bounded refuses to read more than left bytes.
type bounded struct {
	io.ReaderAt
	left int
}

func (b *bounded) ReadAt(p []byte, at int64) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errDirectory
	}
	return b.ReaderAt.ReadAt(p, at)
}

// archive is a zip file whose records are stored as they are, below one folder.
type archive struct {
	records map[string]*zip.File // by the names below the folder
	big     bool
}

// readZip reads the format of PyTorch 1.6 and later (torch.serialization, caffe2/serialize/inline_container.cc):
// FOLDER/ data.pkl is the object, FOLDER/data/KEY are the numbers, and FOLDER/byteorder, since 2.1, says in which
// order their bytes are.
func readZip(from io.ReaderAt, size int64) (*File, error) {
	a, err := openZip(from, size)
	if err != nil {
		return nil, err
	}
	object, there := a.records["data.pkl"]
	if !there {
		return nil, ErrOther
	}
	if err := stored(object); err != nil {
		return nil, err
	}
	text, err := object.OpenRaw()
	if err != nil {
		return nil, err
	}
	p, err := pickle.Load(text, mostPickle)
	if err != nil {
		return nil, fmt.Errorf("is a file of PyTorch's whose data.pkl cannot be read: %w", err)
	}
	f := &File{Format: "PyTorch"}
	if _, script := a.records["constants.pkl"]; script {
		f.Format = "TorchScript"
	}
	f.Tensors, f.Left, err = read(p, a.storage, size)
	return f, err
}

func openZip(from io.ReaderAt, size int64) (*archive, error) {
	r, err := zip.NewReader(&bounded{from, mostDirectory}, size)
	switch {
	case errors.Is(err, errDirectory):
		return nil, errDirectory
	case errors.Is(err, zip.ErrFormat), errors.Is(err, io.ErrUnexpectedEOF):
		return nil,
			fmt.Errorf("is an archive (.pth, .pt, .npz or another zip file) without the list of contents that ends it: it is cut off or damaged")
	case err != nil:
		return nil, err
	}
	a := &archive{records: map[string]*zip.File{}}
	for _, f := range r.File {
		if _, name, below := strings.Cut(f.Name, "/"); below {
			a.records[name] = f
		}
	}
	if order, there := a.records["byteorder"]; there {
		if a.big, err = bigEndian(order); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// bigEndian reads the record that says "little" or "big".
func bigEndian(order *zip.File) (bool, error) {
	if err := stored(order); err != nil {
		return false, err
	}
	r, err := order.OpenRaw()
	if err != nil {
		return false, err
	}
	text, err := io.ReadAll(io.LimitReader(r, 16))
	switch {
	case err != nil:
		return false, err
	case string(text) == "little", string(text) == "big":
		return string(text) == "big", nil
	}
	return false, fmt.Errorf("byteorder is %q, want little or big", text)
}

// stored refuses records that are compressed, which PyTorch never writes.
func stored(f *zip.File) error {
	if f.Method != zip.Store || f.CompressedSize64 != f.UncompressedSize64 {
		return fmt.Errorf("record %.60q is compressed, which torch.save does not do: another program has packed it again", f.Name)
	}
	return nil
}

// storage finds the numbers of a key.
func (a *archive) storage(key string, numel, width int64) (storage, error) {
	f, there := a.records["data/"+key]
	if !there {
		return storage{}, fmt.Errorf("there is no record data/%.40s", key)
	}
	if err := stored(f); err != nil {
		return storage{}, err
	}
	if numel*width > int64(f.CompressedSize64) || f.CompressedSize64 > 1<<62 {
		return storage{}, fmt.Errorf("record data/%.40s has %d bytes, want %d elements of %d", key, f.CompressedSize64, numel, width)
	}
	begin, err := f.DataOffset()
	return storage{begin: begin, big: a.big}, err
}
