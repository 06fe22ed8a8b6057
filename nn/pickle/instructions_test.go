package pickle_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"workbench/nn/pickle"
)

// quad is a number of 4 bytes, the least first, and eight one of 8.
func quad(n int) string  { return string([]byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)}) }
func eight(n int) string { return quad(n) + quad(n>>32) }

// instructions are all of protocols 0 to 5 (Python's pickletools.dis names them), each in a pickle that it ends.
var instructions = map[string]struct {
	text string
	want any
}{
	"MARK POP_MARK":           {"N(K\x01K\x021.", nil},
	"POP":                     {"K\x01K\x020.", int64(1)},
	"POP of a mark":           {"K\x01(0K\x02\x86.", pickle.Tuple{int64(1), int64(2)}},
	"POP above a mark":        {"K\x01(K\x02K\x030t\x86.", pickle.Tuple{int64(1), pickle.Tuple{int64(2)}}},
	"DUP":                     {"K\x012\x86.", pickle.Tuple{int64(1), int64(1)}},
	"NONE":                    {"N.", nil},
	"NEWTRUE":                 {"\x88.", true},
	"NEWFALSE":                {"\x89.", false},
	"EMPTY_TUPLE":             {").", pickle.Tuple{}},
	"EMPTY_DICT":              {"}.", &pickle.Dict{}},
	"EMPTY_LIST":              {"].", &pickle.List{}},
	"EMPTY_SET":               {"\x8f.", &pickle.List{}},
	"BININT1":                 {"K\xff.", int64(255)},
	"BININT2":                 {"M\x01\xff.", int64(0xff01)},
	"BININT":                  {"J\x01\x02\x03\x04.", int64(0x04030201)},
	"BININT below zero":       {"J\xfe\xff\xff\xff.", int64(-2)},
	"LONG1 of nothing":        {"\x8a\x00.", int64(0)},
	"LONG1":                   {"\x8a\x02\x01\x7f.", int64(0x7f01)},
	"LONG1 below zero":        {"\x8a\x02\x01\x80.", int64(0x8001 - 0x10000)},
	"LONG1, the least":        {"\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80.", int64(-1 << 63)},
	"LONG1, too long":         {"\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01.", pickle.Opaque{What: "a whole number of 9 bytes"}},
	"LONG4":                   {"\x8b\x03\x00\x00\x00\x01\x02\x83.", int64(0x830201 - 0x1000000)},
	"INT":                     {"I-42\n.", int64(-42)},
	"INT false":               {"I00\n.", false},
	"INT true":                {"I01\n.", true},
	"INT zero":                {"I0\n.", int64(0)},
	"INT of 64 bits":          {"I9223372036854775807\n.", int64(1<<63 - 1)},
	"INT, too long":           {"I9223372036854775808\n.", pickle.Opaque{What: "a whole number of many digits"}},
	"LONG":                    {"L12L\n.", int64(12)},
	"FLOAT":                   {"F-0.1\n.", -0.1},
	"BINFLOAT":                {"G\x3f\xf8\x00\x00\x00\x00\x00\x01.", 1.5000000000000002},
	"SHORT_BINSTRING":         {"U\x02\xff\x00.", "\xff\x00"},
	"BINSTRING":               {"T\x02\x00\x00\x00ab.", "ab"},
	"SHORT_BINUNICODE":        {"\x8c\x02\xc3\xa4.", "ä"},
	"BINUNICODE":              {"X\x01\x00\x00\x00a.", "a"},
	"BINUNICODE8":             {"\x8d" + eight(3) + "abc.", "abc"},
	"SHORT_BINBYTES":          {"C\x01a.", []byte("a")},
	"BINBYTES":                {"B" + quad(2) + "ab.", []byte("ab")},
	"BINBYTES of 70000":       {"B" + quad(70000) + strings.Repeat("b", 70000) + ".", []byte(strings.Repeat("b", 70000))},
	"BINBYTES8":               {"\x8e" + eight(2) + "ab.", []byte("ab")},
	"BYTEARRAY8":              {"\x96" + eight(2) + "ab.", []byte("ab")},
	"STRING":                  {"S\"a'\"\n.", "a'"},
	"STRING of nothing":       {"S''\n.", ""},
	"UNICODE":                 {"Vab\n.", "ab"},
	"TUPLE1":                  {"K\x01\x85.", pickle.Tuple{int64(1)}},
	"TUPLE2":                  {"K\x01K\x02\x86.", pickle.Tuple{int64(1), int64(2)}},
	"TUPLE3":                  {"K\x01K\x02K\x03\x87.", pickle.Tuple{int64(1), int64(2), int64(3)}},
	"TUPLE":                   {"(K\x01K\x02t.", pickle.Tuple{int64(1), int64(2)}},
	"LIST":                    {"(K\x01K\x02l.", list(int64(1), int64(2))},
	"FROZENSET":               {"(K\x01K\x02\x91.", list(int64(1), int64(2))},
	"DICT":                    {"(K\x01K\x02d.", dict(int64(1), int64(2))},
	"APPEND":                  {"]K\x01aK\x02a.", list(int64(1), int64(2))},
	"APPENDS":                 {"](K\x01K\x02e.", list(int64(1), int64(2))},
	"ADDITEMS":                {"\x8f(K\x01K\x02\x90.", list(int64(1), int64(2))},
	"SETITEM":                 {"}K\x01K\x02s.", dict(int64(1), int64(2))},
	"SETITEMS":                {"}(K\x01K\x02NK\x03u.", dict(int64(1), int64(2), nil, int64(3))},
	"BUILD":                   {"cm\nn\n)R}b.", &pickle.Call{Func: global, Args: none, State: dict()}},
	"BUILD of no object":      {"K\x01Nb.", int64(1)},
	"APPENDS to an object":    {"cm\nn\n)R(K\x01e.", &pickle.Call{Func: global, Args: none, List: *list(int64(1))}},
	"SETITEM of an object":    {"cm\nn\n)RK\x01Ns.", &pickle.Call{Func: global, Args: none, Dict: *dict(int64(1), nil)}},
	"GLOBAL":                  {"cm\nn\n.", global},
	"STACK_GLOBAL":            {"U\x01mU\x01n\x93.", global},
	"REDUCE":                  {"cm\nn\nK\x01R.", &pickle.Call{Func: global, Args: int64(1)}},
	"NEWOBJ":                  {"cm\nn\nK\x01\x81.", &pickle.Call{Func: global, Args: int64(1)}},
	"NEWOBJ_EX":               {"cm\nn\nK\x01}\x92.", &pickle.Call{Func: global, Args: int64(1)}},
	"INST":                    {"(K\x01K\x02im\nn\n.", &pickle.Call{Func: global, Args: pickle.Tuple{int64(1), int64(2)}}},
	"OBJ":                     {"(cm\nn\nK\x01K\x02o.", &pickle.Call{Func: global, Args: pickle.Tuple{int64(1), int64(2)}}},
	"OBJ without arguments":   {"(cm\nn\no.", &pickle.Call{Func: global, Args: none}},
	"PERSID":                  {"Pa\n.", pickle.Persistent{ID: "a"}},
	"BINPERSID":               {"K\x01Q.", pickle.Persistent{ID: int64(1)}},
	"BINPUT BINGET":           {"K\x01q\x030K\x02q\x040h\x03h\x04\x86.", pickle.Tuple{int64(1), int64(2)}},
	"LONG_BINPUT LONG_BINGET": {"Nr" + quad(259) + "0)r" + quad(3) + "0j" + quad(259) + "j" + quad(3) + "\x86.", pickle.Tuple{nil, none}},
	"PUT GET":                 {"K\x01p10\n0K\x02p1\n0g10\ng1\n\x86.", pickle.Tuple{int64(1), int64(2)}},
	"MEMOIZE":                 {"K\x01\x940K\x02\x940h\x00h\x01\x86.", pickle.Tuple{int64(1), int64(2)}},
	"PROTO":                   {"\x80\x02N.", nil},
	"FRAME":                   {"\x80\x04\x95" + eight(2) + "K\x01.", int64(1)},
	"EXT1":                    {"\x82\x01.", pickle.Opaque{What: "an extension"}},
	"EXT2":                    {"\x83\x01\x02.", pickle.Opaque{What: "an extension"}},
	"EXT4":                    {"\x84\x01\x02\x03\x04.", pickle.Opaque{What: "an extension"}},
	"NEXT_BUFFER":             {"\x97.", pickle.Opaque{What: "a buffer outside of the pickle"}},
	"READONLY_BUFFER":         {"\x97\x98.", pickle.Opaque{What: "a buffer outside of the pickle"}},
}

var (
	global = pickle.Global{Module: "m", Name: "n"}
	none   = pickle.Tuple{}
)

func list(values ...any) *pickle.List { return &pickle.List{Values: values} }

func dict(items ...any) *pickle.Dict {
	d := &pickle.Dict{}
	for i := 0; i < len(items); i += 2 {
		d.Items = append(d.Items, pickle.Item{Key: items[i], Value: items[i+1]})
	}
	return d
}

// Every instruction does what Python's unpickler does, leaves what follows the pickle alone, and says where a pickle is
// cut off.
func TestEveryInstruction(t *testing.T) {
	for name, test := range instructions {
		got, err := pickle.Load(strings.NewReader(test.text+"K\x07."), most)
		if err != nil || !reflect.DeepEqual(got.Value, test.want) || got.Size != int64(len(test.text)) {
			t.Errorf("%s: %q is %#v, %v, want %#v; it ends at %d", name, test.text, got.Value, err, test.want, got.Size)
		}
		for i := range min(len(test.text), 200) {
			_, err := pickle.Load(strings.NewReader(test.text[:i]), most)
			if want := fmt.Sprintf("pickle, byte %d: it is cut off", i); err == nil || err.Error() != want {
				t.Errorf("%s: %q: got %v, want %s", name, test.text[:i], err, want)
			}
		}
	}
	if p, err := pickle.Load(strings.NewReader("K\x01QPa\n\x86."), most); err != nil || !reflect.DeepEqual(p.Persistent,
		[]pickle.Persistent{{ID: int64(1)}, {ID: "a"}}) {
		t.Errorf("got %v, %v", p.Persistent, err)
	}
}

// An instruction that wants a value, a mark or a kind of value that is not there is told with its place.
func TestInstructionsWithoutTheirOperands(t *testing.T) {
	const value, mark = "an instruction wants a value where there is none", "an instruction wants a mark where there is none"
	const large = "a value would have "
	for want, texts := range map[string][]string{
		// What lies below a mark belongs to what the mark has interrupted.
		value: {".", "0", "2", "\x85", "K\x01\x86", "K\x01K\x02\x87", "a", "K\x01a", "s", "K\x01s", "K\x01K\x02s", "b", "K\x01b", "\x93",
			"U\x01m\x93", "R", "K\x01R", "\x81", "\x92", "K\x01\x92", "K\x01K\x02\x92", "Q", "q\x01", "r\x01\x02\x03\x04", "p1\n", "\x94", "(e",
			"(u", "(\x90", "K\x01(.", "K\x01(\x85", "K\x01(2", "](K\x01a", "}(K\x01K\x02s", "K\x01(q\x01", "K\x01(Q"},
		mark: {"1", "t", "l", "d", "e", "u", "o", "\x90", "\x91", "im\nn\n", "(t1", "N1"},
		"an instruction wants a class where there is none":             {"(o", "N(o"},
		"a dictionary's last key has no value":                         {"(Nd", "}(Nu", "}(NNNu", "cm\nn\n)R(Nu"},
		"an instruction appends to None":                               {"NNa", "N(e"},
		"an instruction appends to a dictionary":                       {"}Na", "}(Ne"},
		"an instruction sets items of a list":                          {"]NNs", "](u"},
		"a global is named by a whole number and a text, want strings": {"K\x01U\x01n\x93"},
		"a global is named by a text and a whole number, want strings": {"U\x01mK\x01\x93"},
		`want a number, got "x"`:                                       {"Fx\n"},
		`want the number of a note, got "x"`:                           {"Npx\n", "gx\n"},
		`want a string in quotes, got "'a"`:                            {"S'a\n"},
		`want a string in quotes, got "'"`:                             {"S'\n"},
		`want a string in quotes, got "'a\""`:                          {"S'a\"\n"},
		"nothing was noted as number 5":                                {"h\x05", "j\x05\x00\x00\x00", "g5\n", "Nq\x04h\x05"},
		"0x7f is no instruction of a pickle":                           {"\x7f"},
		"0x00 is no instruction of a pickle":                           {"\x00"},
		large + "33554433 bytes, want at most 33554432":                {"B\x01\x00\x00\x02", "\x8b\x01\x00\x00\x02", "\x8d" + eight(33554433)},
		large + "18446744073709551615 bytes, want at most 33554432":    {"\x8e" + eight(-1), "\x96" + eight(-1)},
	} {
		for _, text := range texts {
			_, err := load(text + "K\x01.")
			if text == "." {
				_, err = load(text)
			}
			if full := fmt.Sprintf("pickle, byte %d: %s", len(text), want); err == nil || err.Error() != full {
				t.Errorf("%q: got %v, want %s", text, err, full)
			}
		}
	}
}

// A pickle may have as much as its bounds say, and no more.
func TestBoundsAreExact(t *testing.T) {
	const values, line = 2 << 20, 1 << 20
	tooMany := fmt.Sprintf("pickle, byte %d: it makes more than %d values", 2*values+1, values)
	for _, test := range []struct {
		name, text string
		most       int64
		want       string
	}{
		{"as many bytes", "K\x01.", 3, ""},
		{"a byte more", "K\x01.", 2, "pickle, byte 3: it has more than 2 bytes"},
		{"much more", "N0N0N0N.", 2, "pickle, byte 3: it has more than 2 bytes"},
		{"a value of as many bytes", "U\x02ab.", 5, ""},
		{"a value of more than there may be", "U\x05ab.", 4, "pickle, byte 2: a value would have 5 bytes, want at most 4"},
		{"a value of all that there may be", "U\x04ab.", 4, "pickle, byte 5: it has more than 4 bytes"},
		{"as many values", strings.Repeat("N0", values-1) + "N.", most, ""},
		{"a value more", strings.Repeat("N0", values) + "N.", most, tooMany},
		{"as many marks", strings.Repeat("(0", values-1) + "N.", most, ""},
		{"a mark more", strings.Repeat("(0", values) + "N.", most, tooMany},
		{"as many notes", "N" + strings.Repeat("q\x00", values-1) + ".", most, ""},
		{"a note more", "N" + strings.Repeat("q\x00", values) + ".", most, tooMany},
		{"a line", "V" + strings.Repeat("a", line) + "\n.", most, ""},
		{"a longer line", "V" + strings.Repeat("a", line+1) + "\n.", most,
			fmt.Sprintf("pickle, byte %d: a line has more than %d bytes", line+2, line)},
	} {
		_, err := pickle.Load(strings.NewReader(test.text), test.most)
		if test.want == "" && err != nil || test.want != "" && (err == nil || err.Error() != test.want) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
}

// Errors call values what they are, and do not show them.
func TestKindsOfValues(t *testing.T) {
	long := strings.Repeat("n", 100)
	for want, v := range map[string]any{"None": nil, "a truth value": false, "a whole number": int64(1), "a number": 1.5, "a text": "t",
		"bytes": []byte("b"), "a tuple": pickle.Tuple{}, "a list": &pickle.List{}, "a dictionary": &pickle.Dict{}, "an object": &pickle.Call{},
		`"m.n"`: global, "an extension": pickle.Opaque{What: "an extension"}, "something outside of the pickle": pickle.Persistent{},
		`"m.` + long[:58] + `"`: pickle.Global{Module: "m", Name: long}} {
		if got := pickle.Kind(v); got != want {
			t.Errorf("%#v is called %s, want %s", v, got, want)
		}
	}
	for _, test := range []struct {
		v    any
		want bool
	}{{global, true}, {pickle.Global{Module: "m", Name: "o"}, false}, {pickle.Global{Module: "o", Name: "n"}, false}, {"m.n", false},
		{nil, false}} {
		if got := pickle.Named(test.v, "m", "n"); got != test.want {
			t.Errorf("%#v is m.n: %v", test.v, got)
		}
	}
}
