package weights

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// mostShards is how many files an index may name.
const mostShards = 1000

// indexError says that a file is the index of a file in several parts, which Open reads and Read cannot.
type indexError struct{}

func (*indexError) Error() string {
	return "is the index of a file in several parts, which lie beside it: open it by its path"
}

// openShards opens the files that an index in a folder names ("model.safetensors.index.json",
// "pytorch_model.bin.index.json": huggingface_hub's), and puts their tensors together.
func openShards(folder string, index io.ReaderAt, size int64) (*File, error) {
	holders, err := readIndex(index, size)
	if err != nil {
		return nil, err
	}
	tensors := map[string][]string{} // by file
	for name, file := range holders {
		tensors[file] = append(tensors[file], name)
	}
	files := slices.Sorted(maps.Keys(tensors))
	if len(files) > mostShards {
		return nil, fmt.Errorf("names %d files, want at most %d", len(files), mostShards)
	}
	if err := allThere(folder, files); err != nil {
		return nil, err
	}
	f := &File{Metadata: map[string]string{}, Size: size, from: index}
	for _, name := range files {
		shard, err := openShard(filepath.Join(folder, name))
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		f.files, f.Size = append(f.files, shard), f.Size+shard.Size
		f.Format = shard.Format + " in several files"
		slices.Sort(tensors[name])
		for _, t := range tensors[name] {
			e, err := shard.Find(t)
			if err != nil {
				return nil, errors.Join(fmt.Errorf("names a tensor in %s: %w", name, err), f.Close())
			}
			e.from = shard.from
			f.Entries = append(f.Entries, e)
		}
	}
	return f, nil
}

// openShard opens a file with one dictionary of tensors.
func openShard(path string) (*File, error) {
	if info, err := os.Stat(path); err == nil && strings.HasSuffix(path, ".json") && info.Size() > 0 {
		return nil, fmt.Errorf("%s: is named as a part of a file, but by its name it is an index itself", path)
	}
	return Open(path)
}

// readIndex returns for each tensor the file that holds it.
func readIndex(index io.ReaderAt, size int64) (map[string]string, error) {
	if size > mostHeader {
		return nil, fmt.Errorf("is an index of %d bytes, want at most %d", size, mostHeader)
	}
	text := make([]byte, size)
	if err := readFull(index, text, 0); err != nil {
		return nil, err
	}
	var content struct {
		Holders map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(text, &content); err != nil {
		return nil, fmt.Errorf("is an index of a file in several parts, but no proper JSON: %w", err)
	}
	if n := len(content.Holders); n == 0 || n > mostTensors {
		return nil, fmt.Errorf("is an index of %d tensors, want 1 to %d", n, mostTensors)
	}
	for _, file := range content.Holders {
		if file == "" || file != filepath.Base(file) || strings.HasPrefix(file, ".") || len(file) > 255 {
			return nil, fmt.Errorf("is an index that names %.60q, want the name of a file in its folder", file)
		}
	}
	return content.Holders, nil
}

// allThere says which files are missing.
func allThere(folder string, files []string) error {
	var missing []string
	for _, name := range files {
		if _, err := os.Stat(filepath.Join(folder, name)); errors.Is(err, fs.ErrNotExist) {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	more := ""
	if len(missing) > listed {
		missing, more = missing[:listed], ", …"
	}
	return fmt.Errorf("is the index of a file in %d parts, of which are not beside it: %s%s", len(files), strings.Join(missing, ", "), more)
}
