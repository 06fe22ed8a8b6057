package listing

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// Bytes is the size of all files together.
func (f *Files) Bytes() (sum int64) {
	for _, size := range f.sizes {
		sum += size
	}
	return sum
}

// Digest writes to a hash what tells the list from another: names, sizes and labels, and the SHA-256 of each content if
// contents are wanted. Root does not count: a copy is the same data.
func (f *Files) Digest(ctx context.Context, to io.Writer, contents bool) error {
	var sums [][sha256.Size]byte
	if contents {
		var err error
		if sums, err = f.sums(ctx); err != nil {
			return err
		}
	}
	var row []byte
	for i := range f.Len() {
		row = append(row[:0], f.Name(i)...)
		row = append(row, 0) // no name has it
		row = binary.LittleEndian.AppendUint64(row, uint64(f.sizes[i]))
		row = binary.LittleEndian.AppendUint32(row, uint32(f.labels[i]))
		if contents {
			row = append(row, sums[i][:]...)
		}
		if _, err := to.Write(row); err != nil {
			return err
		}
	}
	return nil
}

// sums of the contents, by all processors.
func (f *Files) sums(ctx context.Context) ([][sha256.Size]byte, error) {
	sums := make([][sha256.Size]byte, f.Len())
	err := f.Each(ctx, func(i int, content []byte, err error) error {
		if err != nil {
			return fmt.Errorf("picture %q: %w", f.Name(i), err)
		}
		sums[i] = sha256.Sum256(content)
		return nil
	})
	return sums, err
}

// Each reads all files, by all processors, in any order. The content is only lent. The first error that do returns ends
// it.
func (f *Files) Each(ctx context.Context, do func(i int, content []byte, err error) error) error {
	group, ctx := errgroup.WithContext(ctx)
	workers := runtime.GOMAXPROCS(0)
	for k := range workers {
		group.Go(func() error {
			var memory []byte
			for i := k; i < f.Len(); i += workers {
				if err := ctx.Err(); err != nil {
					return err
				}
				var err error
				memory, err = f.Read(i, memory)
				if err := do(i, memory, err); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}
