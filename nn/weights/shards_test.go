package weights_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"workbench/nn/weights"
)

// A file in several parts is one file; whatever is wrong with it is said.
func TestFilesInSeveralParts(t *testing.T) {
	all := counting(small(3))
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	index := func(name, text string) string {
		if err := os.WriteFile(at(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return at(name)
	}
	if _, err := save(t, at("m-1.safetensors"), nil, all[:3]...); err != nil {
		t.Fatal(err)
	}
	if _, err := save(t, at("m-2.safetensors"), nil, all[3:]...); err != nil {
		t.Fatal(err)
	}
	holders := `{"metadata": {"total_size": 1}, "weight_map": {`
	for i, tensor := range all {
		holders += fmt.Sprintf(`"%s": "m-%d.safetensors",`, tensor.Name, 1+min(1, i/3))
	}
	whole := strings.TrimSuffix(holders, ",") + "}}"
	f, err := weights.Open(index("model.safetensors.index.json", whole))
	if err != nil {
		t.Fatal(err)
	}
	r, err := weights.Compare(f, small(3), weights.Options{})
	if err != nil || r.Verdict != weights.Complete || r.Format != "safetensors in several files" {
		t.Errorf("%v, %s", err, r)
	}
	for i, taken := range r.Taken {
		if got, err := r.Values(taken); err != nil || !slices.Equal(got, all[i].Data) {
			t.Errorf("%s is %v, %v", taken.Param.Path, got, err)
		}
	}
	if sum, err := f.SHA256(); err != nil || len(sum) != 64 || f.Size <= int64(len(whole)) {
		t.Errorf("SHA-256 %s, %v, of %d bytes", sum, err, f.Size)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	long := strings.Repeat("f", 255)
	many := `{"weight_map": {"a": "m-1.safetensors"`
	for i := range 9 {
		many += fmt.Sprintf(`, "x%d": "x-%d.safetensors"`, i, i)
	}
	for text, want := range map[string]string{
		`{"weight_map": {"a": "m-4.safetensors", "b": "m-3.safetensors", "c": "m-1.safetensors"}}`: "is the index of a file in 3 parts, of " +
			"which are not beside it: m-3.safetensors, m-4.safetensors",
		many + "}}": "is the index of a file in 10 parts, of which are not beside it: x-0.safetensors, x-1.safetensors, x-2.safetensors, " +
			"x-3.safetensors, x-4.safetensors, x-5.safetensors, x-6.safetensors, x-7.safetensors, …",
		`{"weight_map": {"a": "m-1.safetensors"}}`: `names a tensor in m-1.safetensors: there is no tensor "a": want one of bn1.running_var, ` +
			"bn1.weight, conv1.weight",
		`{"weight_map": {"a": "../m-1.safetensors"}}`: `is an index that names "../m-1.safetensors", want the name of a file in its folder`,
		`{"weight_map": {"a": ".hidden"}}`:            `is an index that names ".hidden", want the name of a file in its folder`,
		`{"weight_map": {"a": ""}}`:                   `is an index that names "", want the name of a file in its folder`,
		`{"weight_map": {"a": "` + long + `"}}`:       "is the index of a file in 1 parts, of which are not beside it: " + long,
		`{"weight_map": {"a": "` + long + `f"}}`:      `is an index that names "` + long[:60] + `", want the name of a file in its folder`,
		`{"weight_map": {"a": "model.safetensors.index.json"}}`: at("model.safetensors.index.json") +
			": is named as a part of a file, but by its name it is an index itself",
		`{"weight_map": {"a": 5}}`: "is an index of a file in several parts, but no proper JSON: json: cannot unmarshal number into Go struct " +
			"field .weight_map of type string",
		`{"weight_map": {}}`: "is an index of 0 tensors, want 1 to 20000",
		`{"weight_map": 0` + strings.Repeat(" ", 4<<20) + `}`: "is an index of 4194321 bytes, want at most 4194304",
	} {
		path := index("bad.index.json", text)
		if _, err := weights.Open(path); err == nil || err.Error() != path+": "+want {
			t.Errorf("%.300s: got %v, want %s", text, err, want)
		}
	}
	if f, err := weights.Open(index("bad.index.json", whole+strings.Repeat(" ", 4<<20-len(whole)))); err != nil || len(f.Entries) != 7 {
		t.Errorf("the largest index: %v", err)
	}
}

// An index names a thousand files at most.
func TestIndexesOfManyFiles(t *testing.T) {
	for n, want := range map[int]string{1000: "is the index of a file in 1000 parts, of which are not beside it: ",
		1001: "names 1001 files, want at most 1000"} {
		text := `{"weight_map": {"a": "0.bin"`
		for i := range n - 1 {
			text += fmt.Sprintf(`, "%d": "%d.bin"`, i, i+1)
		}
		path := filepath.Join(t.TempDir(), "index.json")
		if err := os.WriteFile(path, []byte(text+"}}"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := weights.Open(path); err == nil || !strings.HasPrefix(err.Error(), path+": "+want) {
			t.Errorf("%d files: %v, want %s", n, err, want)
		}
	}
}
