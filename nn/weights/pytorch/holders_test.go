package pytorch_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"workbench/nn/weights/pytorch"
)

// Whatever holds a tensor leads to it by its keys and numbers, as deep as there may be.
func TestWhatLeadsToTensors(t *testing.T) {
	one := tensor(storage("0", 4), 0, tuple(1), tuple(1))
	object := func(state string) string { return "cm\nn\n)R" + state }
	deep := func(n int) string {
		all := dict("a", one)
		for range n {
			all = dict("d", all)
		}
		return all
	}
	long := strings.Repeat("n", 510)
	const none = "error: holds no tensors that have names"
	if got := describe(t, dict("a", one, "b", one, "a", tensor(storage("0", 4), 0, tuple(2),
		tuple(1)))); got != "/a F32 4 [2] [1], /b F32 4 [1] [1]" {
		t.Errorf("what is set twice is %s", got)
	}
	nested := map[string]func(string) string{
		"dictionaries": func(inner string) string { return dict("d", inner) },
		"lists":        func(inner string) string { return "](" + inner + "e" },
		"tuples":       func(inner string) string { return "(" + inner + "t" },
		"objects":      func(inner string) string { return object("(" + text("d") + inner + "u") },
		"attributes":   func(inner string) string { return object(dict("d", inner) + "b") },
		"modules":      func(inner string) string { return object(dict("_modules", dict("d", inner)) + "b") },
		"both":         func(inner string) string { return object(dict("d", dict("e", inner)) + "b") },
	}
	for name, nest := range nested {
		few, many := dict("a", one), dict("a", one)
		for i := range 66 {
			if i < 21 {
				few = nest(few)
			}
			many = nest(many)
		}
		if f, err := read(archive(t, few)); err != nil || len(f.Tensors) != 1 {
			t.Errorf("21 %s in one another: %v", name, err)
		}
		if _, err := read(archive(t, many)); err == nil || !strings.Contains(err.Error(), "deep in one another, which no checkpoint needs") {
			t.Errorf("66 %s in one another: %v", name, err)
		}
	}
	for name, test := range map[string]struct{ object, want string }{
		"keys that are numbers":     {"}(" + number(3) + "}(" + number(-4) + one + "uu", "3/-4"},
		"keys that are neither":     {"}(N" + one + "\x88" + dict("a", one) + "u", none},
		"a tensor alone":            {one, "/tensor"},
		"a list of tensors":         {"](" + one + one + "e", none},
		"a tuple":                   {dict("x", "("+number(1)+dict("a", one)+"t"), "x.1/a"},
		"a list in a list":          {"](N](" + dict("a", one) + "ee", "1.0/a"},
		"an object that is a dict":  {dict("x", object("("+text("a")+one+"u")), "x/a"},
		"an object that is a list":  {dict("x", object("("+dict("a", one)+"e")), "x.0/a"},
		"an object's attribute":     {dict("x", object(dict("w", one)+"b")), "x/w"},
		"an object with slots":      {dict("x", object("("+dict("w", one)+"Ntb")), "x/w"},
		"a state of three":          {dict("x", object("("+dict("w", one)+"NNtb")), none},
		"a state that is an object": {dict("x", object(object("("+text("a")+one+"u")+"b")), none},
		"an attribute that is a dict": {dict("x", object(dict("sd", dict("a", one), "m", object(dict("sd", dict("b", one))+"b"))+"b")),
			"x.sd/a x.m.sd/b"},
		"an attribute without a name": {dict("x", object("}("+number(1)+one+text("w")+one+"ub")), "x/w"},
		"modules": {object(dict("_modules", dict("fc", object(dict("_buffers", dict("b", one), "own", one)+"b")), "_modules2", "N") + "b"),
			"/fc.b /fc.own"},
		"parts of an optimizer":   {dict("state", dict("a", one)), "state/a"},
		"groups of an optimizer":  {dict("param_groups", dict("a", one)), "param_groups/a"},
		"set again, then another": {dict("a", one, "b", one, "a", one), "/a /b"},
		"depth that may be":       {deep(64), strings.TrimSuffix(strings.Repeat("d.", 64), ".") + "/a"},
		"more depth":              {deep(65), "error: its values lie 65 deep in one another, which no checkpoint needs"},
		"a name of 512 bytes":     {dict("x", dict(long, one)), "x/" + long},
		"a name of 513 bytes": {dict("x", dict(long+"n", one)), `error: tensor "x.` + long[:58] +
			`"…: the name has more than 512 bytes or is not UTF-8`},
		"a name that is not UTF-8": {"}(U\x01\xff" + one + "u", `error: tensor "\xff"…: the name has more than 512 bytes or is not UTF-8`},
		"a tensor in an error": {dict("x", dict("a", tensor("N", 0, tuple(1), tuple(1)))),
			`error: tensor "x.a": its numbers are not in a storage of the file`},
		"one in a module, in error": {object(dict("w", tensor("N", 0, tuple(1), tuple(1))) + "b"),
			`error: tensor "w": its numbers are not in a storage of the file`},
	} {
		f, err := read(archive(t, test.object))
		got := fmt.Sprint("error: ", err)
		if err == nil {
			var all []string
			for _, x := range f.Tensors {
				all = append(all, x.Part+"/"+x.Name)
			}
			got = strings.Join(all, " ")
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// broken is a file that cannot be read from some byte on.
type broken struct {
	*bytes.Reader
	from int64
}

var errBroken = errors.New("broken")

func (b broken) ReadAt(p []byte, at int64) (int, error) {
	if at+int64(len(p)) > b.from {
		return 0, errBroken
	}
	return b.Reader.ReadAt(p, at)
}

// A file that cannot be read is no other file, and not one that is cut off.
func TestFilesThatCannotBeRead(t *testing.T) {
	whole := right()
	for _, from := range []int64{0, int64(len(whole) - 20), int64(len(whole) - 17)} {
		if f, err := pytorch.Read(broken{bytes.NewReader(whole), from}, int64(len(whole))); !errors.Is(err, errBroken) {
			t.Errorf("broken from byte %d: %+v, %v", from, f, err)
		}
	}
	zipped := archive(t, dict("a", tensor(storage("0", 4), 0, tuple(1), tuple(1))))
	if f, err := pytorch.Read(broken{bytes.NewReader(zipped), 100}, int64(len(zipped))); !errors.Is(err, errBroken) {
		t.Errorf("an archive: %+v, %v", f, err)
	}
	// A storage of no elements may end the file.
	empty := stream(dict("a", tensor(storage("0", 0), 0, tuple(0), tuple(1))), 0)
	empty = empty[:len(empty)-16]
	if f, err := read(empty); err != nil || len(f.Tensors) != 1 || f.Tensors[0].Begin != int64(len(empty)) {
		t.Errorf("an empty storage: %+v, %v", f, err)
	}
}

// Before 0.4 a storage could be a part of another: (key, offset, size).
func TestViewsOfStorages(t *testing.T) {
	view := func(v string) string {
		return "(" + text("storage") + "ctorch\nFloatStorage\n" + text("5") + text("cpu") + number(4) + v + "tQ"
	}
	const odd = `storage "5" is a view that is not understood`
	for _, test := range []struct{ view, want string }{
		{"N", "there is no record data/5"}, {"(" + text("0") + number(0) + number(4) + "t", ""},
		{"(" + text("0") + number(3) + number(1) + "t", ""},
		{"(" + text("0") + number(4) + number(0) + "t", "reaches to element 0 of its storage, which has 0"},
		{"(" + text("0") + number(0) + number(5) + "t", "record data/0 has 16 bytes, want 5 elements of 4"},
		{"(" + text("0") + number(4) + number(1) + "t", "record data/0 has 16 bytes, want 5 elements of 4"},
		{"(" + text("1") + number(0) + number(4) + "t", "there is no record data/1"},
		{"(" + text("0") + number(0) + number(4) + "Nt", odd}, {"(" + text("0") + number(0) + "t", odd}, {number(1), odd},
		{"(N" + number(0) + number(4) + "t", odd},
		{"(" + text("0") + "N" + number(4) + "t", odd}, {"(" + text("0") + number(0) + "Nt", odd},
		{"(" + text("0") + number(-1) + number(4) + "t", odd},
		{"(" + text("0") + number(0) + number(-1) + "t", odd}, {"(" + text("0") + number(1<<48+1) + number(4) + "t", odd},
		{"(" + text("0") + number(0) + number(1<<48+1) + "t", odd},
		{"(" + text("0") + number(0) + number(1<<48) + "t", "record data/0 has 16 bytes, want 281474976710656 elements of 4"},
	} {
		got, want := describe(t, dict("a", tensor(view(test.view), 0, tuple(1), tuple(1)))), "/a F32 4 [1] [1]"
		if test.want != "" {
			want = `error: tensor "a": ` + test.want
		}
		if got != want {
			t.Errorf("%q: %s, want %s", test.view, got, want)
		}
	}
}
