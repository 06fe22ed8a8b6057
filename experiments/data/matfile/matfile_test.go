package matfile_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"workbench/experiments/data/matfile"
)

func file(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name + ".mat")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// What SciPy writes is read, compressed and not; the first index runs fastest.
func TestScipysFilesAreRead(t *testing.T) {
	for _, name := range []string{"plain", "compressed"} {
		got, err := matfile.Read(bytes.NewReader(file(t, name)), []string{"X", "y", "doubles", "int32", "halves"}, 1000)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		x := got["X"]
		raw, err := x.Bytes()
		if err != nil || !slices.Equal(x.Shape, []int{2, 3, 3, 4}) || len(raw) != 72 {
			t.Fatalf("%s: X is %v with %d bytes, error %v", name, x.Shape, len(raw), err)
		}
		for i, v := range raw { // X[h][w][c][n] is ((h·3 + w)·3 + c)·4 + n
			h, w, c, n := i%2, i/2%3, i/6%3, i/18
			if want := ((h*3+w)*3+c)*4 + n; int(v) != want {
				t.Fatalf("%s: element %d is %d, want %d", name, i, v, want)
			}
		}
		for name, want := range map[string][]int64{"y": {10, 1, 9, 2}, "doubles": {1, -3}, "int32": {-70000, 5}} {
			if values, err := got[name].Ints(); err != nil || !slices.Equal(values, want) {
				t.Errorf("%s is %v (%v), want %v", name, values, err, want)
			}
		}
		if _, err := got["halves"].Ints(); err == nil || !strings.Contains(err.Error(), "element 0 is 0.5, want a whole number") {
			t.Errorf("halves: error %v", err)
		}
		if _, err := got["doubles"].Bytes(); err == nil || !strings.Contains(err.Error(), "want 2 (bytes)") {
			t.Errorf("doubles as bytes: error %v", err)
		}
	}
}

// element is a tag with what follows it.
func element(kind uint32, body string) string {
	tag := binary.LittleEndian.AppendUint32(nil, kind)
	tag = binary.LittleEndian.AppendUint32(tag, uint32(len(body)))
	return string(tag) + body + strings.Repeat("\x00", -len(body)&7)
}

// variable is a matrix of class uint8 with the name X.
func variable(dims, elements string) string {
	return element(14, element(6, "\x09\x00\x00\x00\x00\x00\x00\x00")+element(5, dims)+element(1, "X")+elements)
}

func deflated(text string) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	tag := binary.LittleEndian.AppendUint32(nil, 15)
	return string(binary.LittleEndian.AppendUint32(tag, uint32(b.Len()))) + b.String()
}

const head = "MATLAB 5.0 MAT-file"

func headed(rest string) string { return head + strings.Repeat(" ", 105) + "\x00\x01IM" + rest }

func TestFilesNameWhatIsWrong(t *testing.T) {
	four, bytes4 := "\x02\x00\x00\x00\x02\x00\x00\x00", element(2, "abcd")
	good := variable(four, bytes4)
	for text, want := range map[string]string{
		"":                                       "the head is not complete",
		"\x89HDF\r\n" + strings.Repeat(" ", 122): `it begins with "\x89HDF\r\n`,
		head + strings.Repeat(" ", 105) + "\x01\x00MI": "highest byte first",
		head + strings.Repeat(" ", 109):                "want IM",
		headed(""):                                     "it has no variable X",
		headed("\x0e\x00\x00"):                         "cut short between variables",
		headed(good[:len(good)-3]):                     "a variable",
		headed(good + good):                            "variable X is there twice",
		headed(variable("\x03\x00\x00\x00\x02\x00\x00\x00", bytes4)):             "it has 4 elements, want 6 ([3 2])",
		headed(variable("\xff\xff\xff\x7f\x02\x00\x00\x00", bytes4)):             "dimension 0 is 2147483647: want at most 100 elements",
		headed(variable("\xff\xff\xff\xff\x02\x00\x00\x00", bytes4)):             "dimension 0 is -1",
		headed(variable(four, element(99, "abcd"))):                              "elements of type 99",
		headed(variable(four, element(4, "abc"))):                                "an element of 3 bytes of numbers of 2",
		headed(variable(four, "\x02\x00\x00\x00\xff\xff\xff\xff")):               "an element of 4294967295 bytes, want at most 32",
		headed(variable(four, "\x02\x00\x07\x00abcd")):                           "a small element of 7 bytes",
		headed(strings.Replace(good, "\x09\x00\x00\x00", "\x01\x00\x00\x00", 1)): "it is of class 1, want real numbers",
		headed(strings.Replace(good, "\x09\x00\x00\x00", "\x09\x08\x00\x00", 1)): "want real numbers",
		headed(deflated(good)[:40]):                                              "unexpected EOF",
		headed(strings.Replace(deflated(good), "\x78", "\x00", 1)):               "a compressed variable: zlib",
		headed(deflated(good + strings.Repeat("\x00", 200))):                     "more than 100 bytes follow its elements",
	} {
		if got, err := matfile.Read(strings.NewReader(text), []string{"X"}, 100); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, error %v, want %q", text[min(len(text), 124):], got, err, want)
		}
	}
	for _, text := range []string{headed(good), headed(deflated(good))} {
		got, err := matfile.Read(strings.NewReader(text), []string{"X"}, 4)
		if err != nil || string(got["X"].Data) != "abcd" {
			t.Errorf("%q: got %v, error %v", text[124:], got, err)
		}
	}
	damaged := []byte(headed(deflated(good)))
	damaged[len(damaged)-1] ^= 1 // the checksum
	if _, err := matfile.Read(bytes.NewReader(damaged), []string{"X"}, 100); err == nil || !strings.Contains(err.Error(), "checksum") {
		t.Errorf("got error %v, want the checksum", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(file(f, "plain"))
	f.Add(file(f, "compressed"))
	f.Add([]byte(headed(variable("\x02\x00\x00\x00\x02\x00\x00\x00", "\x02\x00\x04\x00abcd"))))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := matfile.Read(bytes.NewReader(text), []string{"X"}, 1<<12)
		if err != nil {
			return
		}
		a := got["X"]
		n := 1
		for _, d := range a.Shape {
			n *= d
		}
		if n*a.Size != len(a.Data) {
			t.Errorf("%v of %d bytes each has %d", a.Shape, a.Size, len(a.Data))
		}
		_, _ = a.Ints()
	})
}
