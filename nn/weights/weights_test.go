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
		{"length cut off", make([]byte, 7), "has 7 bytes, want at least the 8 of the header's length"},
		{"huge header", binary.LittleEndian.AppendUint64(nil, 1<<40),
			"is no safetensors file: its header would have 1099511627776 bytes"},
		{"negative header", binary.LittleEndian.AppendUint64(nil, math.MaxUint64),
			"is no safetensors file: its header would have 18446744073709551615 bytes"},
		{"header beyond the file", binary.LittleEndian.AppendUint64(nil, 9),
			"its header would end at byte 17, the file at 8: it is cut off"},
		{"large header", file(strings.Repeat(" ", 4<<20+1), 0), "its header would have 4194305 bytes, want at most 4194304"},
		{"no header", file("", 1),
			"is no file of weights but full of zeros where it should begin: it was not written or downloaded to its end"},
		{"leading space", file(" {}", 0), "is no safetensors file: its header does not begin with {"},
		{"not UTF-8", file("{\"\xff\":1}", 0), "its header is not UTF-8"},
		{"not JSON", file("{a}", 0), "header: invalid character 'a'"},
		{"cut off JSON", file(`{"a":{"dtype":"F32"`, 0), `header: "a": unexpected EOF`},
		{"something behind", file("{} {}", 0), `header: something other than spaces follows the object: " {}"`},
		{"no dtype and offsets", file(`{"a":{"shape":[2]}}`, 8), `header: "a": lacks dtype and data_offsets`},
		{"a list", file(`{"a":[]}`, 0), `header: "a": want {, got [`},
		{"no list", file(`{"a":{"shape":2}}`, 0), `header: "a": "shape": want [, got 2`},
		{"a dtype of numbers", file(`{"a":{"dtype":32}}`, 0), `header: "a": "dtype": want a string, got 32`},
		{"newline behind", file("{}\n", 0), `header: something other than spaces follows the object: "\n"`},
		{"name twice", file(`{`+a+`,`+a+`}`, 8), `header: "a" is there twice`},
		{"escaped name twice", file(`{`+a+`,"\u0061":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}`, 16),
			`header: "a" is there twice`},
		{"key twice", file(`{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8),
			`header: "a": "dtype" is there twice`},
		{"metadata of numbers", file(`{"__metadata__":{"x":1}}`, 0), `header: "__metadata__": "x": want a string, got 1`},
		{"metadata no object", file(`{"__metadata__":"x"}`, 0), `header: "__metadata__": want {, got x`},
		{"metadata twice", file(`{"__metadata__":{},"__metadata__":{}}`, 0), `header: "__metadata__" is there twice`},
		{"unknown dtype", file(`{"a":{"dtype":"F23","shape":[2],"data_offsets":[0,8]}}`, 8),
			`tensor "a": unknown dtype "F23": did you mean F16 or F32 or F64?`},
		{"unknown key", file(`{"a":{"dtype":"F32","shpe":[2],"data_offsets":[0,8]}}`, 8),
			`header: "a": "shpe": a tensor has no such key: did you mean shape?`},
		{"missing key", file(`{"a":{"dtype":"F32","shape":[2]}}`, 8), `header: "a": lacks data_offsets`},
		{"negative axis", file(`{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}`, 8),
			`header: "a": "shape": want a whole number from 0, got -2`},
		{"fractional axis", file(`{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}`, 8),
			`header: "a": "shape": want a whole number from 0, got 2.0`},
		{"axis in a list", file(`{"a":{"dtype":"F32","shape":[[2]],"data_offsets":[0,8]}}`, 8),
			`header: "a": "shape": want a whole number from 0, got [`},
		{"axis no int", file(`{"a":{"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,8]}}`, 8),
			`header: "a": "shape": want at most 64 axes of at most 9223372036854775807 elements`},
		{"65 axes", file(`{"a":{"dtype":"U8","shape":[1`+strings.Repeat(",1", 64)+`],"data_offsets":[0,1]}}`, 1),
			`header: "a": "shape": want at most 64 axes of at most 9223372036854775807 elements`},
		{"three offsets", file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,9]}}`, 8),
			`header: "a": "data_offsets": want two numbers`},
		{"one offset", file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}`, 8),
			`header: "a": "data_offsets": want two numbers, got 1`},
		{"backwards", file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}`, 8), `tensor "a": begins at byte 8 and ends at 0`},
		{"wrong size", file(`{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}`, 8),
			`tensor "a": F32 (3) has bytes 0 to 8, which are not as many as its elements take`},
		{"overflow", file(`{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}`, 0),
			`tensor "a": F32 (4611686018427387904, 4) has bytes 0 to 0, which are not as many as its elements take`},
		{"half a byte", file(`{"a":{"dtype":"F4","shape":[1],"data_offsets":[0,1]}}`, 1),
			`tensor "a": F4 (1) has bytes 0 to 1, which are not as many as its elements take`},
		{"hole", file(`{`+a+`,"b":{"dtype":"U8","shape":[1],"data_offsets":[9,10]}}`, 10),
			`tensor "b" begins at byte 9, want 8: bytes would belong to no tensor or to two`},
		{"hole in front", file(`{"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 2),
			`tensor "b" begins at byte 1, want 0: bytes would belong to no tensor or to two`},
		{"overlap", file(`{`+a+`,"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}`, 8),
			`tensor "b" begins at byte 4, want 8: bytes would belong to no tensor or to two`},
		{"bytes behind", file(`{`+a+`}`, 9), "its tensors have 8 bytes, after the header are 9"},
		{"bytes missing", file(`{`+a+`}`, 7), "its tensors have 8 bytes, after the header are 7: it is cut off"},
	}
	for _, test := range tests {
		if _, err := read(test.file); err == nil || err.Error() != test.want {
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
	const name = ": the name is there twice, reserved, not UTF-8 or longer than 512 bytes"
	long := strings.Repeat("n", 513)
	for _, test := range []struct {
		want    string
		tensors []weights.Tensor
	}{
		{`tensor "a"` + name, []weights.Tensor{one, one}}, {`tensor "__metadata__"` + name, []weights.Tensor{{Name: "__metadata__",
			Data: []float32{1}}}},
		{`tensor "\xff"` + name, []weights.Tensor{{Name: "\xff", Data: []float32{1}}}}, {`tensor "` + long[:60] + `"` + name,
			[]weights.Tensor{{Name: long, Data: []float32{1}}}},
		{`tensor "a": shape (2) has 2 elements, got 1`, []weights.Tensor{{Name: "a", Shape: op.Shape{2}, Data: []float32{1}}}},
	} {
		path := filepath.Join(t.TempDir(), "net.safetensors")
		if _, err := save(t, path, nil, test.tensors...); err == nil || err.Error() != path+": "+test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
		if rest, err := os.ReadDir(filepath.Dir(path)); err != nil || len(rest) != 0 {
			t.Errorf("%s: the folder holds %v, %v, want nothing", test.want, rest, err)
		}
	}
}

// The bytes of a file are those that the format prescribes: the length of the header, the header, and behind spaces the
// numbers.
func TestBytesOfAFile(t *testing.T) {
	var b bytes.Buffer
	err := weights.Write(&b, map[string]string{"b": "2", "a": "\"1"}, []weights.Tensor{{Name: "z", Shape: op.Shape{2, 1},
		Data: []float32{1, -2}},
		{Name: "none", Shape: op.Shape{0, 3}}, {Name: "a", Data: []float32{0.5}}})
	header := `{"__metadata__":{"a":"\"1","b":"2"},"z":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},` +
		`"none":{"dtype":"F32","shape":[0,3],"data_offsets":[8,8]},"a":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}`
	for len(header)%8 != 0 {
		header += " "
	}
	want := string(file(header, 0)) + "\x00\x00\x80\x3f\x00\x00\x00\xc0\x00\x00\x00\x3f"
	if err != nil || b.String() != want {
		t.Errorf("%v, %q, want %q", err, b.String(), want)
	}
	b.Reset()
	if err := weights.Write(&b, nil, nil); err != nil || b.String() != string(file("{}      ", 0)) {
		t.Errorf("nothing: %v, %q", err, b.String())
	}
}

// What the format and this package allow at most is written and read, and no more is written.
func TestLargestHeaders(t *testing.T) {
	const most = 4 << 20
	frame := len(`{"__metadata__":{"a":""}}`)
	var b bytes.Buffer
	if err := weights.Write(&b, map[string]string{"a": strings.Repeat("m", most-frame)}, nil); err != nil {
		t.Fatal(err)
	}
	if f, err := read(b.Bytes()); err != nil || len(f.Metadata["a"]) != most-frame {
		t.Errorf("the largest header comes back as %v", err)
	}
	err := weights.Write(&b, map[string]string{"a": strings.Repeat("m", most-frame+1)}, nil)
	if err == nil || err.Error() != "the header would have 4194312 bytes, want at most 4194304" {
		t.Errorf("a larger one: %v", err)
	}
	name, axes := strings.Repeat("n", 512), strings.Repeat(",1", 63)
	f, err := read(file(`{"`+name+`":{"dtype":"U8","shape":[1`+axes+`],"data_offsets":[0,1]}}`, 1))
	if err != nil || f.Entries[0].Name != name || len(f.Entries[0].Shape) != 64 {
		t.Errorf("a name of 512 bytes and 64 axes: %v", err)
	}
	if f, err := read(file("{}", 0)); err != nil || len(f.Entries) != 0 || f.Size != 10 {
		t.Errorf("no tensors: %v", err)
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
		{"transposed", "", "of another form: conv1.weight is (1, 2, 1, 1), the network's is (2, 1, 1, 1)\n", []weights.Tensor{bias,
			transposed}},
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
