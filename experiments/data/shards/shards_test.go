package shards

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Files of the hub, as pyarrow writes them: the order of the files is that of their rows, and a label that is not there
// is -1.
func TestFilesOfTheHub(t *testing.T) {
	files, err := Find("testdata")
	if err != nil {
		t.Fatal(err)
	}
	if len(files["train"]) != 2 || len(files["val"]) != 1 || len(files) != 2 {
		t.Fatalf("files %v", files)
	}
	table, err := Read(t.Context(), files["train"], Columns{}, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(table.Labels, []int32{0, 1, 2, 1, 0}) || !slices.Equal(table.Classes, []string{"cat", "dog", "eel"}) {
		t.Errorf("labels %v of classes %v", table.Labels, table.Classes)
	}
	if len(table.Images) != 5 || !slices.Equal(table.Images[0], table.Images[4]) || slices.Equal(table.Images[0], table.Images[1]) {
		t.Errorf("%d pictures, which are not those of the file", len(table.Images))
	}
	if got := table.Where(3); got != "row 0 of testdata/train-00001-of-00002.parquet" {
		t.Errorf("row 3 is %s", got)
	}
	if table, err = Read(t.Context(), files["val"], Columns{}, 1<<20); err != nil || !slices.Equal(table.Labels, []int32{2, -1}) {
		t.Errorf("labels %v, %v", table.Labels, err)
	}
	for want, c := range map[string]Columns{
		`dataset.image: "picture" is no column of pictures; those are image`: {Image: "picture"},
		`dataset.label: "text" is no column of labels; those are id, label`:  {Label: "text"},
	} {
		if _, err := Read(t.Context(), files["train"], c, 1<<20); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%+v: error %v, want %s", c, err, want)
		}
	}
	if _, err := Read(t.Context(), files["train"], Columns{}, 300); err == nil || !strings.Contains(err.Error(), "more than 300 B") {
		t.Errorf("too many bytes: %v", err)
	}
}

// A file that is damaged anywhere is read or is an error with its name, and never ends the program.
func TestDamagedFiles(t *testing.T) {
	whole, err := os.ReadFile("testdata/train-00000-of-00002.parquet")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "train.parquet")
	failed := 0
	for at := 0; at < len(whole); at += 7 {
		damaged := slices.Clone(whole)
		damaged[at] ^= 0x55
		if at%2 == 0 {
			damaged = damaged[:at]
		}
		if err := os.WriteFile(name, damaged, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(t.Context(), []string{name}, Columns{}, 1<<20); err != nil {
			failed++
			if !strings.HasPrefix(err.Error(), name+": ") {
				t.Errorf("byte %d: error %v without the file's name", at, err)
			}
		}
	}
	if failed < len(whole)/14 {
		t.Errorf("%d of %d damaged files are errors", failed, len(whole)/7)
	}
	if _, err := Find(t.TempDir()); err == nil || !strings.Contains(err.Error(), "has no files train-….parquet") {
		t.Errorf("an empty folder: %v", err)
	}
}
