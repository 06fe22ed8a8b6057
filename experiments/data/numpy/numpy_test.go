package numpy_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"workbench/experiments/data/numpy"
)

// What NumPy 1.26 and 2.4 write is read, in every protocol.
func TestNumpysPicklesAreRead(t *testing.T) {
	files, err := filepath.Glob("testdata/*.pkl")
	if err != nil || len(files) != 8 {
		t.Fatalf("%d files (%v), want 8", len(files), err)
	}
	count := make([]byte, 24)
	for i := range count {
		count[i] = byte(i)
	}
	for _, file := range files {
		d, err := numpy.Read(read(t, file))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		for key, want := range map[string]numpy.Array{
			"data":          {Type: "|u1", Shape: []int{2, 12}, Data: count},
			"columns_first": {Type: "|u1", Shape: []int{2, 3}, Fortran: true, Data: []byte{0, 3, 1, 4, 2, 5}},
			"big_endian":    {Type: ">i2", Shape: []int{1, 2}, Data: []byte{255, 254, 1, 2}},
			"truth":         {Type: "|b1", Shape: []int{2}, Data: []byte{1, 0}},
		} {
			if a, err := numpy.ArrayOf(d[key]); err != nil || !reflect.DeepEqual(*a, want) {
				t.Errorf("%s: %s is %+v, %v, want %+v", file, key, a, err, want)
			}
		}
		for key, want := range map[string][]int64{
			"labels": {3, -1, 70000, 1 << 40}, "long": {-(1 << 40), 5, 1 << 62}, "big_endian": {-2, 258}, "truth": {1, 0}, "empty": {},
		} {
			if got, err := numpy.Ints(d[key]); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: %s is %v (%v), want %v", file, key, got, err, want)
			}
		}
		if half, there := d["half"]; half != 0.5 || !there || len(d) != 10 {
			t.Errorf("%s: half %v of %d", file, half, len(d))
		}
	}
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// What Python 2 wrote, as the Python versions of CIFAR have it: texts are bytes, modules have old names.
func TestPython2sPicklesAreRead(t *testing.T) {
	text := "\x80\x02}q\x01(U\x04dataq\x02cnumpy.core.multiarray\n_reconstruct\nq\x03cnumpy\nndarray\nq\x04K\x00\x85U\x01b\x87Rq\x05" +
		"(K\x01K\x01K\x02\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x02\x07\xfftb" +
		"K\x07U\x01xU\x06labelsq\x06]q\x07(K\x06M\x01\x02eu."
	d, err := numpy.Read([]byte(text))
	if err != nil || len(d) != 2 {
		t.Fatal(len(d), err)
	}
	want := numpy.Array{Type: "|u1", Shape: []int{1, 2}, Data: []byte{7, 255}}
	if a, err := numpy.ArrayOf(d["data"]); err != nil || !reflect.DeepEqual(*a, want) {
		t.Errorf("data %+v, %v, want %+v", a, err, want)
	}
	if labels, err := numpy.Ints(d["labels"]); err != nil || !slices.Equal(labels, []int64{6, 513}) {
		t.Errorf("labels %v (%v)", labels, err)
	}
}

// Elements of every type are whole numbers of its bytes, in either order.
func TestTypesOfElements(t *testing.T) {
	for kind, want := range map[string]struct {
		typ  numpy.Type
		ints []int64 // of 8 bytes 0x81 … 0x88
	}{
		"<i1": {"<i1", []int64{-127, -126, -125, -124, -123, -122, -121, -120}},
		"u1":  {"|u1", []int64{0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88}},
		"<i2": {"<i2", []int64{0x8281 - 1<<16, 0x8483 - 1<<16, 0x8685 - 1<<16, 0x8887 - 1<<16}},
		">u2": {">u2", []int64{0x8182, 0x8384, 0x8586, 0x8788}},
		"u4":  {"<u4", []int64{0x84838281, 0x88878685}},
		">i4": {">i4", []int64{0x81828384 - 1<<32, 0x85868788 - 1<<32}},
		"=i8": {"<i8", []int64{-0x7778797a7b7c7d7f}},
		">i8": {">i8", []int64{-0x7e7d7c7b7a797878}},
		"=b1": {"<b1", []int64{0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88}},
	} {
		n := len(want.ints)
		value := of(t, buffer(raw("\x81\x82\x83\x84\x85\x86\x87\x88"), dtype(kind), dims(n), text("C")))
		a, err := numpy.ArrayOf(value)
		if err != nil || a.Type != want.typ || a.Type.Size() != 8/n || !slices.Equal(a.Shape, []int{n}) {
			t.Errorf("%s: %+v, %v, want %+v", kind, a, err, want)
		}
		if got, err := numpy.Ints(value); err != nil || !slices.Equal(got, want.ints) {
			t.Errorf("%s: %#x, %v, want %#x", kind, got, err, want.ints)
		}
	}
}

// These write what a pickle needs for an array, each one value.
func text(s string) string { return "\x8c" + string([]byte{byte(len(s))}) + s }
func raw(s string) string  { return "C" + string([]byte{byte(len(s))}) + s }
func whole(n int) string {
	return "J" + string([]byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)})
}
func dtype(kind string) string      { return call("numpy", "dtype", text(kind)) }
func tuple(values ...string) string { return "(" + strings.Join(values, "") + "t" }
func array(state ...string) string {
	return call("numpy.core.multiarray", "_reconstruct") + tuple(state...) + "b"
}
func buffer(values ...string) string { return call("numpy.core.numeric", "_frombuffer", values...) }

func encoded(s, as string) string { return call("_codecs", "encode", text(s), text(as)) }

func dims(sizes ...int) string {
	all := ""
	for _, n := range sizes {
		all += whole(n)
	}
	return tuple(all)
}

func call(module, name string, args ...string) string {
	return "c" + module + "\n" + name + "\n" + tuple(args...) + "R"
}

// of is the value of key "a" in a pickle of it alone.
func of(t *testing.T, value string) any {
	t.Helper()
	d, err := numpy.Read([]byte("\x80\x04}" + text("a") + value + "s."))
	if err != nil {
		t.Fatal(err)
	}
	return d["a"]
}

func TestPicklesThatHoldNoDictionary(t *testing.T) {
	for pickle, want := range map[string]string{
		"":                                   "pickle, byte 0: it is cut off",
		"\x80\x02":                           "pickle, byte 2: it is cut off",
		"\x80\x02cos\nsystem\nU\x02ls\x85R.": "pickle: it holds an object, want a dictionary",
		"\x80\x02cos\nsystem\n.":             `pickle: it holds "os.system", want a dictionary`,
		"\x80\x02K\x01.":                     "pickle: it holds a whole number, want a dictionary",
		"\x80\x02}.more":                     "pickle: 4 bytes follow its end at byte 4",
		"\x80\x02X\xff\xff\xff\x7fab.":       "pickle, byte 7: a value would have 2147483647 bytes, want at most 10",
	} {
		if d, err := numpy.Read([]byte(pickle)); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, error %v, want %q", pickle, d, err, want)
		}
	}
}

// What is no array is called what it is, and no more is taken for one than there are bytes.
func TestValuesThatAreNoArrays(t *testing.T) {
	u1, two, c := dtype("u1"), raw("ab"), text("C")
	for _, test := range []struct{ value, want string }{
		{"N", "None, want a NumPy array"}, {"\x88", "a truth value, want a NumPy array"}, {"G12345678", "a number, want a NumPy array"},
		{c, "a text, want a NumPy array"}, {two, "bytes, want a NumPy array"}, {tuple(), "a tuple, want a NumPy array"},
		{"]", "a list, want a NumPy array"}, {"}", "a dictionary, want a NumPy array"},
		{call("os", "system", c), `an object of "os.system", want a NumPy array`},
		{buffer(two, u1, dims(2)), `an object of "numpy.core.numeric._frombuffer", want a NumPy array`},
		{call("numpy.core.multiarray", "_reconstruct"), "the state of an array is None of 0, want a tuple of 5"},
		{array(whole(1), dims(2), u1, "\x89"), "the state of an array is a tuple of 4, want a tuple of 5"},
		{array(whole(1), dims(2), u1, "\x89", whole(2)), "the elements of an array are a whole number, want bytes"},
		{array(whole(1), dims(2), whole(7), "\x89", two), "the type of an array is a whole number, want numpy.dtype"},
		{array(whole(1), dims(2), call("numpy", "dtype"), "N", two), "the type of an array is an object, want numpy.dtype"},
		{array(whole(1), whole(2), u1, "\x89", two), "the shape of an array is a whole number of 0, want a tuple of at most 8"},
		{buffer(two, u1, dims(1, 1, 1, 1, 1, 1, 1, 1, 2), c), "the shape of an array is a tuple of 9, want a tuple of at most 8"},
		{buffer(two, u1, dims(1, 3), c), "an array [1 3] of |u1 has 2 bytes, want 3"},
		{buffer(two, dtype("u2"), dims(2), c), "an array [2] of <u2 has 2 bytes, want 4"},
		{buffer(two, u1, dims(2, -1), c), "dimension 1 of an array of 2 bytes is -1"},
		{buffer(two, u1, dims(1<<30, 1<<30), c), "dimension 1 of an array of 2 bytes is 1073741824"},
		{buffer(two, dtype("O8"), dims(2), c), `an array of "<O8", want numbers of 1, 2, 4 or 8 bytes such as <i8`},
		{buffer(two, dtype("f3"), dims(2), c), `an array of "<f3", want numbers of 1, 2, 4 or 8 bytes such as <i8`},
		{buffer(two, dtype("?i2"), dims(2), c), `an array of "?i2", want numbers of 1, 2, 4 or 8 bytes such as <i8`},
		{buffer(two, call("numpy", "dtype", whole(1)), dims(2), c), "the type of an array is a whole number, want a text"},
		{buffer(two, u1+dims(3, 4)+"b", dims(2), c), "the order of bytes is a whole number, want one character"},
		{buffer(encoded("\u20ac", "latin1"), u1, dims(1), c), "character 0 of encoded bytes is '€', want one up to U+00FF"},
		{buffer(encoded("a", "utf-8"), u1, dims(1), c), "the elements of an array are an object, want bytes"},
	} {
		if a, err := numpy.ArrayOf(of(t, test.value)); err == nil || err.Error() != test.want {
			t.Errorf("%q: got %v, error %v, want %q", test.value, a, err, test.want)
		}
	}
	for _, test := range []struct{ value, want string }{
		{c, "a text, want a list or an array of whole numbers"},
		{"]" + whole(1) + "aG12345678a", "item 1 is a number, want a whole number"},
		{call("os", "system", c), `an object of "os.system", want a NumPy array`},
		{buffer(raw("1234"), dtype("f4"), dims(1), c), "an array of <f4, want whole numbers"},
		{buffer(raw("\x00\x00\x00\x00\x00\x00\x00\xff"), dtype("u8"), dims(1), c),
			"element 0 is 18374686479671623680, want at most 9223372036854775807"},
	} {
		if got, err := numpy.Ints(of(t, test.value)); err == nil || err.Error() != test.want {
			t.Errorf("%q: got %v, error %v, want %q", test.value, got, err, test.want)
		}
	}
}

// No text makes the reader panic, and an array has the bytes that its shape says.
func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.pkl")
	for _, file := range files {
		f.Add(read(f, file))
	}
	f.Add([]byte("\x80\x02(U\x02abq\x00h\x00\x86l."))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := numpy.Read(text)
		if err != nil {
			return
		}
		for key, v := range d {
			if _, err := numpy.Ints(v); err != nil && err.Error() == "" {
				t.Errorf("%s: an error without words", key)
			}
			a, err := numpy.ArrayOf(v)
			if err != nil {
				continue
			}
			n := a.Type.Size()
			for _, d := range a.Shape {
				n *= d
			}
			if n != len(a.Data) {
				t.Errorf("%s: %v of %s has %d bytes", key, a.Shape, a.Type, len(a.Data))
			}
		}
	})
}
