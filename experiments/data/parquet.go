package data

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strconv"

	"workbench/experiments/data/shards"
)

func init() {
	Register(Source{
		Name:  "parquet",
		Holds: Holds{Channels: 3, Side: 224},
		Doc: "photographs in parquet files, as the Hugging Face hub has them: train-….parquet and test-….parquet or " +
			"validation-….parquet with a column of pictures and one of labels; they are kept in memory as they are encoded; " + normalisation,
		Options: append([]Option{
			{Name: "path", Default: "", Required: true, Spell: filepath.Clean, Want: "a folder, relative to the data folder or absolute",
				Doc: "folder that has the files, or has data/ with them"},
			{Name: "image", Default: "", Want: "the name of a column", Doc: "column of the pictures; empty: the only one"},
			{Name: "label", Default: "", Want: "the name of a column", Doc: "column of the labels; empty: label, or the only one"},
			{Name: "memory", Default: 4096, Min: 1, Max: 1 << 22, Aside: true, Doc: "MiB that the encoded pictures may have"},
		}, photoOptions(224)...),
		Open: openParquet,
	})
}

// rowShelf has the pictures of a split in memory.
type rowShelf struct {
	table *shards.Table
	rows  []int32 // of the table; nil: all
}

func (r rowShelf) row(i int) int {
	if r.rows != nil {
		return int(r.rows[i])
	}
	return i
}

func (r rowShelf) Len() int {
	if r.rows != nil {
		return len(r.rows)
	}
	return len(r.table.Images)
}

func (r rowShelf) Label(i int) int                      { return int(r.table.Labels[r.row(i)]) }
func (r rowShelf) Name(i int) string                    { return r.table.Where(r.row(i)) }
func (r rowShelf) Read(i int, _ []byte) ([]byte, error) { return r.table.Images[r.row(i)], nil }

func openParquet(ctx context.Context, dir string, s Settings) (Set, error) {
	root, err := photoFolder(dir, s.String("path"))
	if err != nil {
		return nil, err
	}
	files, err := shards.Find(root)
	if err != nil {
		return nil, err
	}
	if files["train"] == nil {
		return nil, fmt.Errorf("%s has no files train-….parquet", root)
	}
	if files["test"] == nil { // of one held-out split, whatever its name, that is what is tested
		files["test"] = files["val"]
		delete(files, "val")
	}
	if files["test"] == nil {
		return nil, fmt.Errorf("%s has no files test-….parquet or validation-….parquet", root)
	}
	tables := map[Split]*shards.Table{}
	left := int64(s.Int("memory")) << 20
	for split, name := range map[Split]string{Train: "train", Test: "test", Val: "val"} {
		if files[name] == nil {
			continue
		}
		table, err := shards.Read(ctx, files[name], shards.Columns{Image: s.String("image"), Label: s.String("label")}, left)
		if err != nil {
			return nil, err
		}
		for _, picture := range table.Images {
			left -= int64(len(picture))
		}
		tables[split] = &table
	}
	classes, err := classesOf(tables)
	if err != nil {
		return nil, err
	}
	p, err := newPhotos("parquet", classes, s)
	if err != nil {
		return nil, err
	}
	for split, table := range tables {
		p.shelves[split] = rowShelf{table: table}
	}
	if s.String("damaged") == "skip" {
		err = p.leaveOut(ctx, func(split Split, rows []int32) shelf { return rowShelf{tables[split], rows} })
	}
	p.digestRows(s)
	return p, err
}

// classesOf are the classes that the training files name, or else numbers.
func classesOf(tables map[Split]*shards.Table) ([]string, error) {
	most := int32(-1)
	for _, t := range tables {
		for _, label := range t.Labels {
			most = max(most, label)
		}
	}
	classes := tables[Train].Classes
	if classes == nil {
		for i := range int(most) + 1 {
			classes = append(classes, strconv.Itoa(i))
		}
	}
	switch {
	case most < 0:
		return nil, fmt.Errorf("no picture has a label")
	case int(most) >= len(classes):
		return nil, fmt.Errorf("a picture has label %d, but the files name %d classes", most, len(classes))
	}
	return classes, nil
}

// digestRows is the digest of settings, classes, labels and encoded pictures.
func (p *photos) digestRows(s Settings) {
	h := sha256.New()
	fmt.Fprintf(h, "rows reader 1\n")
	identify(h, s)
	fmt.Fprintf(h, "classes %q\n", p.info.Classes)
	for split, rows := range p.shelves {
		if rows == nil {
			continue
		}
		fmt.Fprintf(h, "split %s %d\n", Split(split), rows.Len())
		for i := range rows.Len() {
			picture, _ := rows.Read(i, nil) // it is in memory
			head := binary.LittleEndian.AppendUint64(nil, uint64(len(picture)))
			h.Write(binary.LittleEndian.AppendUint32(head, uint32(rows.Label(i))))
			h.Write(picture)
		}
	}
	p.digest = hex.EncodeToString(h.Sum(nil))
}
