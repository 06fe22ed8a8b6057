package pickle_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"workbench/experiments/data/pickle"
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
		value, err := pickle.Read(read(t, file))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		d := value.(*pickle.Dict).Items
		for key, want := range map[string]pickle.Array{
			"data":          {Type: "|u1", Shape: []int{2, 12}, Data: count},
			"columns_first": {Type: "|u1", Shape: []int{2, 3}, Fortran: true, Data: []byte{0, 3, 1, 4, 2, 5}},
		} {
			if a := d[key].(*pickle.Array); !reflect.DeepEqual(*a, want) {
				t.Errorf("%s: %s is %+v, want %+v", file, key, a, want)
			}
		}
		for key, want := range map[string][]int64{
			"labels": {3, -1, 70000, 1 << 40}, "long": {-(1 << 40), 5, 1 << 62}, "big_endian": {-2, 258}, "truth": {1, 0}, "empty": {},
		} {
			if got, err := pickle.Ints(d[key]); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: %s is %v (%v), want %v", file, key, got, err, want)
			}
		}
		if names := d["names"]; !reflect.DeepEqual(names, pickle.Tuple{"ä", "\x00\xff", true}) || d["half"] != 0.5 || d["nothing"] != nil {
			t.Errorf("%s: names %q, half %v, nothing %v", file, names, d["half"], d["nothing"])
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
		"U\x06labelsq\x06]q\x07(K\x06M\x01\x02eu."
	value, err := pickle.Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	d := value.(*pickle.Dict).Items
	if a := d["data"].(*pickle.Array); !slices.Equal(a.Data, []byte{7, 255}) || !slices.Equal(a.Shape, []int{1, 2}) || a.Type != "|u1" {
		t.Errorf("data %+v", a)
	}
	if labels, err := pickle.Ints(d["labels"]); err != nil || !slices.Equal(labels, []int64{6, 513}) {
		t.Errorf("labels %v (%v)", labels, err)
	}
}

// Whatever is not plain data is refused by its name, and what cannot be is told with its offset.
func TestPicklesNameWhatIsWrong(t *testing.T) {
	const array = "\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
	const kind = "cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R"
	for text, want := range map[string]string{
		"":                                      "it ends at offset 0 without a value",
		"\x80\x02":                              "it ends at offset 2 without a value",
		"\x80\x06.":                             "offset 0: protocol 6, want 2 to 5",
		"\x80\x02cos\nsystem\nU\x02ls\x85R.":    `offset 2: it wants Python's "os.system", which is not run here`,
		"\x80\x04\x8c\x02os\x8c\x06system\x93.": `it wants Python's "os.system"`,
		"\x80\x02cbuiltins\neval\n.":            `"builtins.eval"`,
		"\x80\x02ctorch._utils\n_rebuild\n.":    `"torch._utils._rebuild"`,
		"(dp0\n.":                               `offset 1: instruction 'd' (0x64), which plain data does not need`,
		"\x80\x02X\xff\xff\xff\x7fab.":          "offset 2: it is cut short: 2147483647 bytes wanted, 3 left",
		"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\xffab.": "cut short: 18446744073709551615 bytes wanted",
		"\x80\x02K\x01K\x02.":                             "it ends with 2 values and 0 marks",
		"\x80\x02K\x01.more":                              "4 bytes follow its end at offset 5",
		"\x80\x02(.":                                      "it ends with 0 values and 1 marks",
		"\x80\x02t.":                                      "no mark is set",
		"\x80\x02(K\x01\x86.":                             "2 values wanted of 1",
		"\x80\x02h\x05.":                                  "value 5 is brought back but was not kept",
		"\x80\x02q\x05.":                                  "a value wanted of none",
		"\x80\x02}K\x01K\x02s.":                           "a key that is a whole number, want a text",
		"\x80\x02K\x01K\x02a.":                            "items for a whole number, want a list",
		"\x80\x02}(U\x01au.":                              "1 keys and values for a dictionary",
		"\x80\x02X\x01\x00\x00\x00\xff.":                  "a text is not UTF-8",
		"\x80\x02\x8a\x09123456789.":                      "a whole number of 9 bytes, want at most 8",
		"\x80\x02K\x01K\x02R.":                            "a call of a whole number with a whole number",
		"\x80\x02K\x01)b.":                                "a state for a whole number",
		"\x80\x02cnumpy\nndarray\n)R.":                    "numpy.ndarray with 0 arguments",
		"\x80\x02cnumpy\ndtype\nU\x02O8K\x00K\x01\x87R.":  `an array of "<O8", want numbers`,
		array + "(K\x01K\x01K\x03\x86" + kind + "\x89U\x02abtb.":        "an array [1 3] of |u1 has 2 bytes, want 3",
		array + "(K\x01J\xff\xff\xff\xff\x85" + kind + "\x89U\x02abtb.": "dimension 0 of an array of 2 bytes is -1",
		array + "(K\x01J\xff\xff\xff\x7f\x85" + kind + "\x89U\x02abtb.": "an array [2147483647] of |u1 has 2 bytes, want 2147483647",
		array + "(K\x01K\x02\x85K\x07\x89U\x02abtb.":                    "the type of an array is a whole number",
		array + "(K\x01K\x02\x85" + kind + "\x89K\x02tb.":               "the elements of an array are a whole number",
		array + "K\x01b.": "the state of an array is a whole number",
		array + "q\x00(K\x01K\x02\x85" + kind + "\x89U\x02abtb(K\x01K\x02\x85" + kind + "\x89U\x02abtb.": "an array is filled twice",
		"\x80\x02c_codecs\nencode\nX\x03\x00\x00\x00\xe2\x82\xacX\x06\x00\x00\x00latin1\x86R.":           "want one up to U+00FF",
	} {
		if value, err := pickle.Read([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, error %v, want %q", text, value, err, want)
		}
	}
	for _, c := range []struct {
		value any
		want  string
	}{
		{"a", "a text, want a list"}, {nil, "None, want a list"}, {&pickle.List{Items: []any{int64(1), 0.5}}, "item 1 is a number"},
		{&pickle.Array{}, "not filled"}, {&pickle.Array{Type: "<f4", Shape: []int{1}, Data: make([]byte, 4)}, "an array of <f4"},
		{&pickle.Array{Type: "<u8", Shape: []int{1}, Data: []byte{0, 0, 0, 0, 0, 0, 0, 255}}, "element 0 is 18374686479671623680"},
	} {
		if got, err := pickle.Ints(c.value); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got %v, error %v, want %q", c.value, got, err, c.want)
		}
	}
}

// A small pickle cannot ask for much memory: not by one text in many arrays, and not by many instructions.
func TestPicklesAreBounded(t *testing.T) {
	long := 1 << 20
	bomb := "\x80\x02T\x00\x00\x10\x00" + strings.Repeat("a", long) + "q\x000]"
	one := "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R" +
		"(K\x01J\x00\x00\x10\x00\x85cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R\x89h\x00tba"
	text := []byte(bomb + strings.Repeat(one, 1000) + ".")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := pickle.Read(text)
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), "more than it has itself") {
		t.Errorf("got error %v", err)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 16*uint64(len(text)) {
		t.Errorf("%d bytes of memory for a pickle of %d", took, len(text))
	}
	_, err = pickle.Read([]byte("\x80\x02" + strings.Repeat("N", 1<<21) + "."))
	if err == nil || !strings.Contains(err.Error(), "more than 2097152") {
		t.Errorf("got error %v", err)
	}
}

// No text makes the machine panic, and what it reads it can tell of.
func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.pkl")
	for _, file := range files {
		f.Add(read(f, file))
	}
	f.Add([]byte("\x80\x02(U\x02abq\x00h\x00\x86l."))
	f.Fuzz(func(t *testing.T, text []byte) {
		value, err := pickle.Read(text)
		if err != nil {
			return
		}
		_, _ = pickle.Ints(value)
		if d, ok := value.(*pickle.Dict); ok {
			for key, v := range d.Items {
				if _, err := pickle.Ints(v); err != nil && fmt.Sprint(err) == "" {
					t.Errorf("%s: an error without words", key)
				}
				if a, ok := v.(*pickle.Array); ok && a.Type != "" && a.Elements()*a.Type.Size() != len(a.Data) {
					t.Errorf("%s: %v of %s has %d bytes", key, a.Shape, a.Type, len(a.Data))
				}
			}
		}
	})
}
