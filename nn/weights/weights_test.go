package weights_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/weights"
)

// file is a safetensors file with the header and n bytes of tensors.
func file(header string, n int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, n)...)
}

func read(b []byte) (*weights.File, error) {
	return weights.Read(bytes.NewReader(b), int64(len(b)))
}

// save writes the tensors to a file and returns its digest.
func save(t *testing.T, path string, metadata map[string]string, tensors ...weights.Tensor) (string, error) {
	return weights.Create(t.Context(), path, func(w io.Writer) error { return weights.Write(w, metadata, tensors) })
}

func TestBrokenFilesAreRefused(t *testing.T) {
	const a = `"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "is empty"},
		{"length cut off", make([]byte, 7), "at least the 8"},
		{"huge header", binary.LittleEndian.AppendUint64(nil, 1<<40), "no safetensors file"},
		{"negative header", binary.LittleEndian.AppendUint64(nil, math.MaxUint64), "no safetensors file"},
		{"header beyond the file", binary.LittleEndian.AppendUint64(nil, 9), "cut off"},
		{"large header", file(strings.Repeat(" ", 4<<20+1), 0), "at most 4194304"},
		{"no header", file("", 1), "full of zeros"},
		{"leading space", file(" {}", 0), "begin with {"},
		{"not UTF-8", file("{\"\xff\":1}", 0), "not UTF-8"},
		{"not JSON", file("{a}", 0), "invalid character"},
		{"cut off JSON", file(`{"a":{"dtype":"F32"`, 0), "unexpected EOF"},
		{"something behind", file("{} {}", 0), "follows the object"},
		{"newline behind", file("{}\n", 0), "follows the object"},
		{"name twice", file(`{`+a+`,`+a+`}`, 8), "there twice"},
		{"escaped name twice", file(`{`+a+`,"\u0061":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}`, 16), "there twice"},
		{"key twice", file(`{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8), "there twice"},
		{"metadata of numbers", file(`{"__metadata__":{"x":1}}`, 0), "want a string"},
		{"metadata no object", file(`{"__metadata__":"x"}`, 0), "want {"},
		{"metadata twice", file(`{"__metadata__":{},"__metadata__":{}}`, 0), "there twice"},
		{"unknown dtype", file(`{"a":{"dtype":"F23","shape":[2],"data_offsets":[0,8]}}`, 8), "did you mean"},
		{"unknown key", file(`{"a":{"dtype":"F32","shpe":[2],"data_offsets":[0,8]}}`, 8), "did you mean shape"},
		{"missing key", file(`{"a":{"dtype":"F32","shape":[2]}}`, 8), "data_offsets is missing"},
		{"negative axis", file(`{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}`, 8), "whole number"},
		{"fractional axis", file(`{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}`, 8), "whole number"},
		{"axis in a list", file(`{"a":{"dtype":"F32","shape":[[2]],"data_offsets":[0,8]}}`, 8), "whole number"},
		{"axis no int", file(`{"a":{"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,8]}}`, 8), "elements"},
		{"65 axes", file(`{"a":{"dtype":"U8","shape":[1`+strings.Repeat(",1", 64)+`],"data_offsets":[0,1]}}`, 1), "at most 64 axes"},
		{"three offsets", file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,9]}}`, 8), "two numbers"},
		{"one offset", file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}`, 8), "two numbers"},
		{"backwards", file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}`, 8), "begins at byte 8 and ends at 0"},
		{"wrong size", file(`{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}`, 8), "not as many"},
		{"overflow", file(`{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}`, 0), "not as many"},
		{"half a byte", file(`{"a":{"dtype":"F4","shape":[1],"data_offsets":[0,1]}}`, 1), "not as many"},
		{"hole", file(`{`+a+`,"b":{"dtype":"U8","shape":[1],"data_offsets":[9,10]}}`, 10), "begins at byte 9, want 8"},
		{"hole in front", file(`{"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 2), "begins at byte 1, want 0"},
		{"overlap", file(`{`+a+`,"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}`, 8), "begins at byte 4, want 8"},
		{"bytes behind", file(`{`+a+`}`, 9), "are 9"},
		{"bytes missing", file(`{`+a+`}`, 7), "are 7"},
	}
	for _, test := range tests {
		if _, err := read(test.file); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want %q", test.name, err, test.want)
		}
	}
}

func TestOddFilesAreRead(t *testing.T) {
	f, err := read(file(`{"b":{"data_offsets":[4,4],"shape":[0,9],"dtype":"F32"},"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},`+
		`"c":{"dtype":"F32","shape":[],"data_offsets":[4,8]},"__metadata__":{"by":"hand"}}   `, 8))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Entries) != 3 || f.Entries[0].Name != "a" || f.Entries[2].Name != "c" || f.Metadata["by"] != "hand" {
		t.Errorf("got %+v %v", f.Entries, f.Metadata)
	}
	if v, err := f.Floats(f.Entries[2]); err != nil || len(v) != 1 {
		t.Errorf("a tensor without axes: %v, %v, want one number", v, err)
	}
}

// Eight elements of each type take as many bytes as the type has bits.
func TestEveryTypeHasItsSize(t *testing.T) {
	for bits, names := range map[int]string{4: "F4", 6: "F6_E2M3 F6_E3M2", 8: "BOOL U8 I8 F8_E5M2 F8_E4M3 F8_E8M0", 16: "I16 U16 F16 BF16",
		32: "I32 U32 F32", 64: "I64 U64 F64 C64"} {
		for _, name := range strings.Fields(names) {
			header := fmt.Sprintf(`{"a":{"dtype":%q,"shape":[2,4],"data_offsets":[0,%d]}}`, name, bits)
			if f, err := read(file(header, bits)); err != nil || f.Entries[0].Bytes() != int64(bits) {
				t.Errorf("8 elements %s in %d bytes: %v", name, bits, err)
			}
		}
	}
}

// Whatever the names, the tensors begin at a multiple of 8, where they can be read in place.
func TestTensorsAreAligned(t *testing.T) {
	for i := range 8 {
		var b bytes.Buffer
		name := strings.Repeat("n", i+1)
		if err := weights.Write(&b, nil, []weights.Tensor{{Name: name, Data: []float32{1}}}); err != nil {
			t.Fatal(err)
		}
		if b.Len()%8 != 4 {
			t.Errorf("the file of one number called %s has %d bytes, want 4 behind a multiple of 8", name, b.Len())
		}
	}
}

// The file was written by Hugging Face's own library.
func TestElementTypesOfTheLibrary(t *testing.T) {
	f, err := weights.Open("testdata/library.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	inf := float32(math.Inf(-1))
	want := map[string][]float32{
		"single": {1.5, -2.25, 0, 65504, 6e-8, inf}, "double": {1.5, -2.25, 0, 65504, 6e-8, inf},
		"half":  {1.5, -2.25, 0, 65504, 5.9604645e-8, inf}, // 2⁻²⁴, the least subnormal
		"brain": {1.5, -2.25, 0, 65536, 6.0070306e-8, inf}, "empty": {},
	}
	for name, values := range want {
		e, err := f.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := f.Floats(e)
		if err != nil || !slices.Equal(got, values) {
			t.Errorf("%s: got %v, %v, want %v", name, got, err, values)
		}
		if wrong := weights.Unsound(name, got); (wrong == "1 of 6 values are NaN or infinite") != (len(values) > 0) {
			t.Errorf("%s: %s", name, wrong)
		}
	}
	e, err := f.Find("bn.num_batches_tracked")
	if err != nil || !e.Counter() {
		t.Errorf("%+v, %v, want a counter", e, err)
	}
	if _, err := f.Floats(e); err == nil || !strings.Contains(err.Error(), "I64, want one of F32") {
		t.Errorf("floats of I64: %v", err)
	}
	if _, err := f.Find("singel"); err == nil || !strings.Contains(err.Error(), "did you mean single") {
		t.Errorf("unknown name: %v", err)
	}
}

func TestWhatIsSavedIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net.safetensors")
	tensors := []weights.Tensor{
		{Name: "z", Shape: op.Shape{2, 1}, Data: []float32{1, float32(math.Inf(1))}},
		{Name: `a "ü`, Data: []float32{-0.5}},
	}
	digest, err := save(t, path, map[string]string{"format": "pt"}, tensors...)
	if err != nil {
		t.Fatal(err)
	}
	f, err := weights.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if sum, err := f.SHA256(); err != nil || sum != digest {
		t.Errorf("SHA-256 %s, %v, want %s", sum, err, digest)
	}
	for i, want := range tensors {
		e := f.Entries[i]
		if got, err := f.Floats(e); err != nil || e.Name != want.Name || !e.Shape.Equal(want.Shape) || !slices.Equal(got, want.Data) {
			t.Errorf("got %+v %v, %v, want %+v", e, got, err, want)
		}
	}
	if f.Metadata["format"] != "pt" {
		t.Errorf("metadata %v", f.Metadata)
	}
	if rest, err := os.ReadDir(filepath.Dir(path)); err != nil || len(rest) != 1 {
		t.Errorf("the folder holds %v, %v, want the file alone", rest, err)
	}
}

// limited takes so many bytes.
type limited struct{ left int }

var errFull = errors.New("full")

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// Wherever the writing stops, it is an error.
func TestWhatCannotBeWrittenIsAnError(t *testing.T) {
	large := []weights.Tensor{{Name: "a", Shape: op.Shape{100_000}, Data: make([]float32, 100_000)}}
	whole := &limited{1 << 30}
	if err := weights.Write(whole, nil, large); err != nil {
		t.Fatal(err)
	}
	size := 1<<30 - whole.left
	for _, left := range []int{0, size / 2, size - 1} {
		if err := weights.Write(&limited{left}, nil, large); !errors.Is(err, errFull) {
			t.Errorf("%d of %d bytes: %v", left, size, err)
		}
	}
}

// Nothing of a file is kept open.
func TestClosedFilesAreNotRead(t *testing.T) {
	f, err := weights.Open("testdata/library.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := f.SHA256(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after it was closed: %v", err)
	}
}

func TestWrongTensorsAreNotSaved(t *testing.T) {
	one := weights.Tensor{Name: "a", Shape: op.Shape{1}, Data: []float32{1}}
	for _, tensors := range [][]weights.Tensor{
		{one, one},
		{{Name: "__metadata__", Data: []float32{1}}},
		{{Name: "\xff", Data: []float32{1}}},
		{{Name: "a", Shape: op.Shape{2}, Data: []float32{1}}},
	} {
		path := filepath.Join(t.TempDir(), "net.safetensors")
		if _, err := save(t, path, nil, tensors...); err == nil {
			t.Errorf("%v: no error", tensors)
		}
		if rest, err := os.ReadDir(filepath.Dir(path)); err != nil || len(rest) != 0 {
			t.Errorf("%v: the folder holds %v, %v, want nothing", tensors, rest, err)
		}
	}
}

// What is loaded comes in the network's order, and nothing does from a file that is another's.
func TestLoadChecksTheNetwork(t *testing.T) {
	n := weights.Network{Head: "fc", Params: []*nn.Param{{Path: "conv1.weight", Shape: op.Shape{2, 1, 1, 1}}, {Path: "bn.bias",
		Shape: op.Shape{2}}}}
	conv := weights.Tensor{Name: "conv1.weight", Shape: op.Shape{2, 1, 1, 1}, Data: []float32{3, 4}}
	bias := weights.Tensor{Name: "bn.bias", Shape: op.Shape{2}, Data: []float32{1, 2}}
	one := func(name string) weights.Tensor { return weights.Tensor{Name: name, Data: []float32{1}} }
	renamed, transposed, broken := conv, conv, bias
	renamed.Name, transposed.Shape, broken.Data = "conv.weight", op.Shape{1, 2, 1, 1}, []float32{1, float32(math.NaN())}
	const right = "conv1.weight [3 4] bn.bias [1 2] "
	for _, test := range []struct {
		name, got, want string
		tensors         []weights.Tensor
	}{
		{"right", right, "", []weights.Tensor{bias, conv}},
		{"misspelt", "", "missing: conv1.weight\nnot in the network: conv.weight\n", []weights.Tensor{bias, renamed}},
		{"transposed", "", "of another form: conv1.weight is (1, 2, 1, 1), the network's is (2, 1, 1, 1)\n", []weights.Tensor{bias, transposed}},
		{"not finite", "conv1.weight [3 4] ", "bn.bias: 1 of 2 values are NaN or infinite", []weights.Tensor{broken, conv}},
		{"counters as floats", right, "", []weights.Tensor{bias, one("num_batches_tracked"), conv, one("bn.num_batches_tracked"),
			one("n_averaged")}},
		{"no counter", "", "not in the network: num_batches\n", []weights.Tensor{bias, conv, one("num_batches")}},
	} {
		r, err := weights.Compare(opened(t, test.tensors), n, weights.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		err = r.Load(func(taken weights.Taken, values []float32) error {
			got += fmt.Sprint(taken.Param.Path, " ", values, " ")
			return nil
		})
		if got != test.got || test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: got %s, error %v, want %s, %q", test.name, got, err, test.got, test.want)
		}
	}
	r, err := weights.Compare(opened(t, []weights.Tensor{bias, conv}), n, weights.Options{})
	if err != nil {
		t.Fatal(err)
	}
	times := 0
	if err := r.Load(func(weights.Taken, []float32) error { times++; return errFull }); !errors.Is(err, errFull) || times != 1 {
		t.Errorf("got %v after %d tensors, want the writer's error after one", err, times)
	}
}
