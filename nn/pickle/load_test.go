package pickle_test

import (
	"bytes"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"workbench/nn/pickle"
)

// most is how many bytes a pickle may have here.
const most = 32 << 20

func load(text string) (any, error) {
	p, err := pickle.Load(strings.NewReader(text), most)
	return p.Value, err
}

// What Python 3 writes of these values, by its pickle.dumps(value, protocol).
func TestValuesOfEveryProtocol(t *testing.T) {
	for _, test := range []struct {
		text string
		want any
	}{
		{"I42\n.", int64(42)}, {"L42L\n.", int64(42)}, {"I01\n.", true}, {"I00\n.", false}, {"N.", nil},
		{"F1.5\n.", 1.5}, {"Vtext\np0\n.", "text"}, {"S'text'\n.", "text"},
		{"(lp0\nI1\naI2\na.", &pickle.List{Values: []any{int64(1), int64(2)}}},
		{"(dp0\nVa\nI1\ns.", &pickle.Dict{Items: []pickle.Item{{Key: "a", Value: int64(1)}}}},
		{"(I1\nI2\ntp0\n.", pickle.Tuple{int64(1), int64(2)}},
		{"cos\nsystem\np0\n.", pickle.Global{Module: "os", Name: "system"}},
		{"\x80\x02K\x07.", int64(7)}, {"\x80\x02M\x00\x01.", int64(256)}, {"\x80\x02J\xff\xff\xff\xff.", int64(-1)},
		{"\x80\x02\x8a\x01\xff.", int64(-1)}, {"\x80\x02\x8a\x00.", int64(0)}, {"\x80\x02\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f.",
			int64(1<<63 - 1)},
		{"\x80\x02\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x80\x00.", pickle.Opaque{What: "a whole number of 9 bytes"}},
		{"\x80\x02G\xbf\xf8\x00\x00\x00\x00\x00\x00.", -1.5}, {"\x80\x02X\x02\x00\x00\x00\xc3\xa4q\x00.", "ä"}, {"\x80\x02U\x02ab.", "ab"},
		{"\x80\x02\x88.", true}, {"\x80\x02).", pickle.Tuple{}}, {"\x80\x02K\x01K\x02\x86q\x00.", pickle.Tuple{int64(1), int64(2)}},
		{"\x80\x02]q\x00(K\x01K\x02e.", &pickle.List{Values: []any{int64(1), int64(2)}}},
		{"\x80\x02}q\x00(K\x01NK\x02Nu.", &pickle.Dict{Items: []pickle.Item{{Key: int64(1)}, {Key: int64(2)}}}},
		{"\x80\x03C\x02\x00\xffq\x00.", []byte{0, 255}}, {"\x80\x03B\x01\x00\x00\x00\x07.", []byte{7}},
		{"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00\x8c\x01a\x94.", "a"},
		{"\x80\x04\x8f\x94(K\x01\x90.", &pickle.List{Values: []any{int64(1)}}}, {"\x80\x04(K\x01\x91.", &pickle.List{Values: []any{int64(1)}}},
		{"\x80\x04\x8c\x02os\x8c\x06system\x93.", pickle.Global{Module: "os", Name: "system"}},
		{"\x80\x05\x96\x02\x00\x00\x00\x00\x00\x00\x00ab\x94.", []byte("ab")},
		{"\x80\x02X\x01\x00\x00\x00aq\x05h\x05\x86.", pickle.Tuple{"a", "a"}}, {"\x80\x02K\x012\x86.", pickle.Tuple{int64(1), int64(1)}},
		{"\x80\x02K\x01K\x020.", int64(1)}, {"\x80\x02K\x01(K\x02K\x031.", int64(1)}, {"\x80\x02(K\x01Q.", pickle.Persistent{ID: int64(1)}},
		{"Pa\n.", pickle.Persistent{ID: "a"}}, {"\x80\x02\x82\x05.", pickle.Opaque{What: "an extension"}},
	} {
		if got, err := load(test.text); err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%q is %#v, %v, want %#v", test.text, got, err, test.want)
		}
	}
}

// A pickle that would run a program is read as what it asks for, and nothing runs.
func TestCallsAreNotMade(t *testing.T) {
	system := pickle.Global{Module: "posix", Name: "system"}
	args := pickle.Tuple{"touch owned"}
	for _, text := range []string{
		"cposix\nsystem\n(Vtouch owned\ntR.", "\x80\x02cposix\nsystem\nX\x0b\x00\x00\x00touch owned\x85\x81.",
		"(Vtouch owned\niposix\nsystem\n.",
		"(cposix\nsystem\nVtouch owned\no.", "\x80\x04cposix\nsystem\nVtouch owned\n\x85}\x92.",
	} {
		got, err := load(text)
		if c, is := got.(*pickle.Call); err != nil || !is || c.Func != system || !reflect.DeepEqual(c.Args, args) {
			t.Errorf("%q is %#v, %v", text, got, err)
		}
	}
	got, err := load("\x80\x02ca\nb\n)\x81}K\x01Nsb(K\x02K\x03eK\x04N\x86b.")
	if c, is := got.(*pickle.Call); err != nil || !is || len(c.List.Values) != 2 || !reflect.DeepEqual(c.State, pickle.Tuple{int64(4),
		nil}) {
		t.Errorf("an object with its state is %#v, %v", got, err)
	}
}

// bombs are pickles that ask for much with few bytes.
func bombs() map[string]string {
	laugh := "]q\x000" // each list holds the one before ten times
	for i := range 200 {
		laugh += "](" + strings.Repeat(string([]byte{'h', byte(i)}), 10) + string([]byte{'e', 'q', byte(i + 1), '0'})
	}
	laugh += "h\xc8"
	return map[string]string{
		"laughs": laugh + ".", "tuples": strings.Repeat(")", 8<<20) + ".", "marks": strings.Repeat("(", 8<<20) + ".",
		"depth": strings.Repeat("]", 1<<20) + strings.Repeat("a", 1<<20-1) + ".", "tuples in tuples": ")" + strings.Repeat("\x85", 2<<20) + ".",
		"copies": ")" + strings.Repeat("2", 8<<20) + ".", "notes": ")" + strings.Repeat("\x94", 8<<20) + ".",
		"bytes":  "\x8e\x00\x00\x00\x00\x00\x01\x00\x00",
		"number": "\x8b\x00\x00\x00\x40" + strings.Repeat("\x00", 100), "line": "V" + strings.Repeat("a", 3<<20), "itself": "]q\x00h\x00a.",
		"length": strings.Repeat("N0", 20<<20) + ".",
	}
}

// Reading ends soon whatever a pickle asks for, and takes no more memory than its bounds allow.
func TestBombsAreBounded(t *testing.T) {
	for name, text := range bombs() {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := load(text)
		runtime.ReadMemStats(&after)
		if allocated := (after.TotalAlloc - before.TotalAlloc) >> 20; allocated > 400 {
			t.Errorf("%s: %d MB were allocated, %v", name, allocated, err)
		}
		if fits := map[string]bool{"laughs": true, "itself": true, "depth": true}[name]; fits != (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever the bytes, reading ends without a panic, the error is short, and no more is read than there is.
func FuzzLoad(f *testing.F) {
	for _, text := range []string{"\x80\x02}q\x00(X\x01\x00\x00\x00aK\x01u.", "cposix\nsystem\n(Vtouch owned\ntR.",
		"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00\x8c\x01a\x94.",
		"\x80\x02ccollections\nOrderedDict\n)Rq\x00(X\x01\x00\x00\x00aK\x01u}X\x01\x00\x00\x00b}sb.", "]q\x00h\x00a.", "(dp0\nVa\nI1\ns.",
		"\x80\x02((I1\nL2L\ntQ."} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := pickle.Load(bytes.NewReader(b), most)
		if err != nil && len(err.Error()) > 500 {
			t.Fatalf("the error has %d bytes", len(err.Error()))
		}
		if err == nil && p.Size > int64(len(b)) {
			t.Fatalf("%d of %d bytes were read", p.Size, len(b))
		}
	})
}
