package weights_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"workbench/nn/weights"
)

// A file of another kind is called what it is, with what to do about it.
func TestOtherFilesAreCalledByTheirNames(t *testing.T) {
	library, err := os.ReadFile("testdata/library.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(library); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	zip := func(names ...string) string {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, name := range names {
			if _, err := w.Create(name); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	for _, test := range []struct{ name, file, want string }{
		{"nothing", "", "is empty"},
		{"pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a21\nsize 12345\n", "git lfs pull"},
		{"page", "\n<!DOCTYPE html><html><head><title>404</title></head></html>", "web page"},
		{"page with a mark", "\xef\xbb\xbf<HTML>", "web page"},
		{"index", `{"metadata": {"total_size": 1}, "weight_map": {"conv1.weight": "m-1-of-2.safetensors"}}`, "open it by its path"},
		{"JSON", `{"message": "not found"}`, "JSON"},
		{"PyTorch, cut off", zip("archive/data.pkl")[:80], "it is cut off"},
		{"PyTorch before 1.6, cut off", "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", "it is cut off"},
		{"PyTorch in 2017", "sys_info" + strings.Repeat("\x00", 249) + "ustar\x00", "before 2018"},
		{"pickle", "\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}", "pickled"},
		{"arrays", zip("conv1.weight.npy"), ".npz"},
		{"array", "\x93NUMPY\x01\x00v\x00{'descr': '<f4'}", ".npy"},
		{"Keras", zip("model.weights.h5"), ".keras"},
		{"HDF5", "\x89HDF\r\n\x1a\n\x00\x00", "HDF5"},
		{"zip", zip("weights.safetensors"), "unzip"},
		{"gzip", packed.String(), "gunzip"},
		{"ONNX", "\x08\x08\x12\x09workbench\x1a\x04test", "an ONNX file"},
		{"TensorFlow Lite", "\x1c\x00\x00\x00TFL3\x14\x00", "TensorFlow Lite"},
		{"SavedModel", "\x08\x01\x12\xd4\x9b\x02\x0a\x10", "SavedModel"},
		{"TensorFlow's list", "model_checkpoint_path: \"model.ckpt-1000\"\n", "TensorFlow"},
		{"TensorFlow's index", strings.Repeat("\x00\x01", 100) + "\x57\xfb\x80\x8b\x24\x75\x47\xdb", "TensorFlow checkpoint"},
		{"Flax", "\x82\xa6params\x81\xa5conv1", "Flax"},
		{"GGUF", "GGUF\x03\x00\x00\x00", "GGUF"},
		{"MATLAB", "MATLAB 5.0 MAT-file, Platform: GLNXA64", "MATLAB"},
		{"tar", "net.safetensors" + strings.Repeat("\x00", 242) + "ustar\x00", "tar -xf"},
		{"database", "SQLite format 3\x00\x10\x00", "workbench export"},
		{"zeros", strings.Repeat("\x00", 5000), "full of zeros"},
		{"words", "these are words", "no safetensors file"},
		{"cut off in the header", string(library[:100]), "it is cut off"},
		{"cut off in the tensors", string(library[:len(library)-1]), "it is cut off"},
	} {
		if _, err := read([]byte(test.file)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want %q", test.name, err, test.want)
		}
	}
}

// What cannot be read at any place is refused. Opening a pipe without a writer would wait for one.
func TestOnlyRegularFilesAreOpened(t *testing.T) {
	folder := t.TempDir()
	pipe := filepath.Join(folder, "pipe.safetensors")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{folder: "is a directory", pipe: "is a pipe", os.DevNull: "is a device",
		filepath.Join(folder, "none"): "no such file"} {
		if _, err := weights.Open(path); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
}
