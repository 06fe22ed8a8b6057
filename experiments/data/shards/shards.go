// Package shards reads parquet files of encoded pictures, as the Hugging Face hub has data sets of pictures: a column
// of structs {bytes, path}, and a column of labels, over several files a split.
package shards

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
	"golang.org/x/sync/errgroup"

	"workbench/experiments/iec"
)

// Columns names the columns to read; empty: the only one that can be meant.
type Columns struct{ Image, Label string }

// Table is what the files of a split hold.
type Table struct {
	Images  [][]byte
	Labels  []int32  // −1: nobody knows the class
	Classes []string // as the files name them; nil if they do not
	files   []string
	ends    []int // of the files' rows
}

// Where says for people from where a row is.
func (t *Table) Where(row int) string {
	file, before := 0, 0
	for row >= t.ends[file] {
		before = t.ends[file]
		file++
	}
	return fmt.Sprintf("row %d of %s", row-before, t.files[file])
}

// splitOf is how files of a split are named: "train-00000-of-00002.parquet", "test.parquet".
var splitOf = regexp.MustCompile(`^(train|test|validation|valid|val)([-._].*)?\.parquet$`)

// Find lists the files of each split in a folder, or in the folder data in it, by the names that files have: train,
// test, and val for the three names of validation splits.
func Find(folder string) (map[string][]string, error) {
	for _, folder := range []string{folder, filepath.Join(folder, "data")} {
		entries, err := os.ReadDir(folder)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		found := map[string][]string{}
		for _, e := range entries {
			if m := splitOf.FindStringSubmatch(e.Name()); m != nil {
				split := m[1]
				if strings.HasPrefix(split, "val") {
					split = "val"
				}
				found[split] = append(found[split], filepath.Join(folder, e.Name()))
			}
		}
		if len(found) > 0 {
			return found, nil
		}
	}
	return nil, fmt.Errorf("%s has no files train-….parquet", folder)
}

// Read the files of a split. Their pictures stay in memory, encoded as they are, and are refused if they are more than
// most bytes. One page of a column a processor is in memory beside them.
func Read(ctx context.Context, files []string, c Columns, most int64) (Table, error) {
	parts := make([]Table, len(files))
	left := most
	for _, name := range files { // before memory is taken
		err := guarded(name, func(f *parquet.File) error {
			image, _, err := c.of(f)
			left -= size(f, image)
			return err
		})
		if err != nil {
			return Table{}, err
		}
		if left < 0 {
			return Table{}, tooMany(name, most)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, name := range files {
		group.Go(func() error {
			return guarded(name, func(f *parquet.File) (err error) {
				parts[i], err = c.read(ctx, f, most)
				return err
			})
		})
	}
	if err := group.Wait(); err != nil {
		return Table{}, err
	}
	all := Table{files: files}
	for i, p := range parts {
		all.Images, all.Labels = append(all.Images, p.Images...), append(all.Labels, p.Labels...)
		all.ends = append(all.ends, len(all.Images))
		if i > 0 && !slices.Equal(p.Classes, parts[0].Classes) {
			return Table{}, fmt.Errorf("%s names other classes than %s", files[i], files[0])
		}
		all.Classes = p.Classes
	}
	return all, nil
}

func tooMany(name string, most int64) error {
	return fmt.Errorf("%s: with it the pictures have more than %s, which dataset.memory allows them; they are kept in memory",
		name, iec.Bytes(most))
}

// guarded opens a file for a function; errors begin with its name. The library panics on some damaged files.
func guarded(name string, do func(*parquet.File) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the file is damaged: %v", p)
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", name, err)
		}
	}()
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	f, err := parquet.OpenFile(file, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return err
	}
	return do(f)
}

// size of a column, not compressed.
func size(f *parquet.File, c *parquet.Column) (sum int64) {
	if c == nil {
		return 0
	}
	for _, group := range f.Metadata().RowGroups {
		sum += max(group.Columns[c.Index()].MetaData.TotalUncompressedSize, 0)
	}
	return sum
}

// classes of a column of labels, which the hub's metadata name.
func classes(f *parquet.File, label string) ([]string, error) {
	text, told := f.Lookup("huggingface")
	if !told {
		return nil, nil
	}
	var about struct {
		Info struct {
			Features map[string]json.RawMessage
		}
	}
	if err := json.Unmarshal([]byte(text), &about); err != nil {
		return nil, fmt.Errorf("its metadata for the hub: %w", err)
	}
	var feature struct{ Names []string }
	if raw, has := about.Info.Features[label]; has {
		if err := json.Unmarshal(raw, &feature); err != nil {
			return nil, nil // a feature without names
		}
	}
	return feature.Names, nil
}

// values calls do with each value of a column, which is only lent.
func values(ctx context.Context, c *parquet.Column, do func(parquet.Value) error) error {
	pages := c.Pages()
	defer pages.Close()
	var some [64]parquet.Value
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		page, err := pages.ReadPage()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		for of := page.Values(); err != io.EOF; {
			var n int
			n, err = of.ReadValues(some[:])
			if err != nil && err != io.EOF {
				return err
			}
			for _, v := range some[:n] {
				if err := do(v); err != nil {
					return err
				}
			}
		}
		parquet.Release(page)
	}
}
