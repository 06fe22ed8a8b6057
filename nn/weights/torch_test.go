package weights_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"strings"
	"testing"

	"workbench/nn/weights"
)

// torchFiles are the files of testdata/pytorch.zip, which PyTorch itself has written (testdata/torch_save.py).
func torchFiles(t testing.TB) map[string][]byte {
	t.Helper()
	r, err := zip.OpenReader("testdata/pytorch.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	files := map[string][]byte{}
	for _, f := range r.File {
		content, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(content); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// part is the file with the tensors of one of its parts.
func part(t *testing.T, f *weights.File, name string) *weights.File {
	t.Helper()
	if len(f.Parts()) == 0 && f.Part == name {
		return f
	}
	g, err := f.Of(name)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// Every tensor that PyTorch has written is there, and bit for bit what PyTorch says that it holds.
func TestFilesOfPyTorchsHoldWhatItSays(t *testing.T) {
	files := torchFiles(t)
	checked := 0
	for name, content := range files {
		stem, is := strings.CutSuffix(name, ".pth")
		if !is {
			continue
		}
		want, err := read(files[stem+".safetensors"])
		if err != nil {
			t.Fatal(err)
		}
		f, err := read(content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		tensors := 0
		for _, p := range f.Parts() {
			tensors += len(part(t, f, p).Entries)
		}
		if len(f.Parts()) == 0 {
			tensors = len(f.Entries)
		}
		if tensors != len(want.Entries) {
			t.Errorf("%s has %d tensors, want %d", name, tensors, len(want.Entries))
		}
		for _, e := range want.Entries {
			in, tensor, _ := strings.Cut(e.Name, "/")
			sameTensor(t, name, want, e, part(t, f, in), tensor)
			checked++
		}
		if len(f.Left) > 0 {
			t.Errorf("%s: not read: %v", name, f.Left)
		}
	}
	if checked < 130 {
		t.Errorf("%d tensors were compared", checked)
	}
}

// sameTensor compares tensor e of want with the one of f that has the name.
func sameTensor(t *testing.T, file string, want *weights.File, e weights.Entry, f *weights.File, name string) {
	t.Helper()
	got, err := f.Find(name)
	if err != nil || !got.Shape.Equal(e.Shape) {
		t.Errorf("%s: %s: %v, %v, want %v", file, name, got.Shape, err, e.Shape)
		return
	}
	var a, b any
	var first, second error
	if e.DType == weights.I64 {
		a, first = f.Ints(got)
		b, second = want.Ints(e)
	} else {
		a, first = f.Floats(got)
		b, second = want.Floats(e)
	}
	if first != nil || second != nil || !bytes.Equal(bitsOf(a), bitsOf(b)) {
		t.Errorf("%s: %s is %v, %v, want %v, %v", file, name, a, first, b, second)
	}
}

// bitsOf are the bytes of numbers. NaN is one value.
func bitsOf(v any) []byte {
	var b []byte
	switch v := v.(type) {
	case []int64:
		for _, x := range v {
			b = binary.LittleEndian.AppendUint64(b, uint64(x))
		}
	case []float32:
		for _, x := range v {
			if x != x {
				x = float32(math.NaN())
			}
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
	}
	return b
}

// Each kind of file is called what it is, and a checkpoint's dictionaries are its parts.
func TestFilesOfPyTorchsAreDescribed(t *testing.T) {
	files := torchFiles(t)
	for name, want := range map[string]struct {
		format, part string
		parts        string
	}{
		"v1_odd_zip.pth": {"PyTorch", "", ""}, "v1_odd_stream.pth": {"PyTorch before 1.6", "", ""}, "v2_script.pth": {"TorchScript", "", ""},
		"v1_module.pth": {"PyTorch before 1.6", "", ""}, "v2_module.pth": {"PyTorch", "", ""},
		"v2_checkpoint.pth": {"PyTorch", "state_dict", "state_dict averages.0 "},
	} {
		f, err := read(files[name])
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := strings.Join(f.Parts(), " "); f.Format != want.format || f.Part != want.part || got != want.parts || len(f.Parts()) == 1 {
			t.Errorf("%s is %s, part %q of %q, want %+v", name, f.Format, f.Part, got, want)
		}
	}
}

// A file that is cut off anywhere is an error that says so, or that names what is damaged.
func TestFilesOfPyTorchsThatAreCutOff(t *testing.T) {
	files := torchFiles(t)
	for _, name := range []string{"v1_odd_zip.pth", "v2_odd_zip.pth", "v1_odd_stream.pth"} {
		whole := files[name]
		for size := len(whole) - 1; size > 20; size -= 97 {
			if f, err := read(whole[:size]); err == nil {
				t.Errorf("%s: %d of %d bytes are read: %d tensors", name, size, len(whole), len(f.Entries))
			} else if !strings.Contains(err.Error(), "cut off") {
				t.Errorf("%s: %d of %d bytes: %v", name, size, len(whole), err)
			}
		}
	}
}
