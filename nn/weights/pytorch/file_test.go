package pytorch_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"workbench/nn/weights/pytorch"
)

// These write what a pickle needs for tensors.
func text(s string) string {
	return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
}

func number(n int64) string {
	return "\x8a\x08" + string(binary.LittleEndian.AppendUint64(nil, uint64(n)))
}

func tuple(n ...int64) string {
	all := "("
	for _, v := range n {
		all += number(v)
	}
	return all + "t"
}

// storage refers to floats of a key.
func storage(key string, numel int64) string {
	return "(" + text("storage") + "ctorch\nFloatStorage\n" + text(key) + text("cpu") + number(numel) + "tQ"
}

func tensor(of string, offset int64, shape, strides string) string {
	return "ctorch._utils\n_rebuild_tensor_v2\n(" + of + number(offset) + shape + strides + "\x89ccollections\nOrderedDict\n)RtR"
}

// dict is a dictionary of names and values.
func dict(items ...string) string {
	all := "}("
	for i, s := range items {
		if i%2 == 0 {
			s = text(s)
		}
		all += s
	}
	return all + "u"
}

// archive is a file of PyTorch's with an object and one storage of 4 floats.
func archive(t testing.TB, object string, more ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	records := append([]string{"net/data.pkl", "\x80\x02" + object + ".", "net/data/0", string(make([]byte, 16))}, more...)
	for i := 0; i < len(records); i += 2 {
		r, err := w.CreateHeader(&zip.FileHeader{Name: records[i], Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Write([]byte(records[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(b []byte) (*pytorch.File, error) {
	return pytorch.Read(bytes.NewReader(b), int64(len(b)))
}

// Objects that no reader has, calls and whole modules are looked through, and optimizers are not.
func TestTensorsAreFoundInWhatIsNotKnown(t *testing.T) {
	one := tensor(storage("0", 4), 0, tuple(1), tuple(1))
	module := func(own string) string { return "cmy.code\nNet\n)\x81" + own + "b" }
	inner := module(dict("_parameters", dict("weight", one, "bias", "N"), "_buffers", dict(), "_modules", dict(), "training", "\x88"))
	for name, test := range map[string]struct{ object, want string }{
		"a dictionary":      {dict("a", one), "/a"},
		"a state dict":      {dict("state_dict", dict("a", one), "epoch", number(3)), "state_dict/a"},
		"dictionaries deep": {dict("x", dict("y", dict("a", one))), "x.y/a"},
		"a list":            {dict("nets", "]("+dict("a", one)+dict("b", one)+"e"), "nets.0/a nets.1/b"},
		"an ordered one":    {"ccollections\nOrderedDict\n)R(" + text("a") + one + "u", "/a"},
		"with metadata": {"ccollections\nOrderedDict\n)R(" + text("a") + one + "u" + dict("_metadata", dict("", dict("version",
			number(1)))) + "b", "/a"},
		"an optimizer": {dict("net", dict("a", one), "optimizer", dict("state", dict("m", one), "param_groups", "]")), "net/a"},
		"a module":     {module(dict("_parameters", dict(), "_modules", dict("fc", inner))), "/fc.weight"},
		"a module in a dict": {dict("model", module(dict("_parameters", dict("scale", one), "_modules", dict("fc", inner)))),
			"model/scale model/fc.weight"},
		"a script": {"c__torch__.Net\nNet\n)\x81" + dict("fc", "c__torch__.Linear\nLinear\n)\x81"+dict("weight", one, "training",
			"\x88")+"b") + "b", "/fc.weight"},
		"a parameter": {dict("a", "ctorch._utils\n_rebuild_parameter\n("+one+"\x88ccollections\nOrderedDict\n)RtR"), "/a"},
		"a subclass": {dict("a", "ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_tensor_v2\ncmy.code\nTensor\n("+
			storage("0", 4)+number(0)+tuple(1)+tuple(1)+"\x89NtNtR"), "/a"},
		"set twice": {dict("a", one, "a", tensor(storage("0", 4), 2, tuple(2), tuple(1))), "/a"},
		"an unknown object": {dict("a", one, "args", "cargparse\nNamespace\n)\x81"+dict("lr", number(1))+"b", "run", "cos\nsystem\n"+
			text("rm -rf /")+"\x85R"), "/a"},
		"a state in an object": {dict("ema", "cmy.code\nAverage\n)\x81"+dict("shadow", dict("a", one), "decay", number(1))+"b"),
			"ema.shadow/a"},
		"itself":         {dict("a", one, "self", "]q\x01h\x01a"), "/a"},
		"the same twice": {dict("model", dict("a", one)+"q\x01", "net", "h\x01"), "model/a"},
		"module in itself": {"cmy.code\nNet\n)\x81q\x07" + dict("_parameters", dict("a", one), "_modules", dict("up", "h\x07")) + "b",
			"/a"},
	} {
		f, err := read(archive(t, test.object))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, x := range f.Tensors {
			got = append(got, x.Part+"/"+x.Name)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: got %v, want %s", name, got, test.want)
		}
	}
}

// A checkpoint whose values refer to one another without end is refused or read, soon and in little memory.
func TestBombsAreBounded(t *testing.T) {
	one := tensor(storage("0", 4), 0, tuple(1), tuple(1))
	laugh, modules := "}q\x00("+text("a")+one+"u0", "cmy.code\nNet\n)\x81q\x00"+dict("_parameters", dict("a", one))+"b0"
	for i := range 40 {
		item, module := "}(", "cmy.code\nNet\n)\x81q"+string([]byte{byte(i + 1)})+"}("
		for k := range 5 {
			item += text(fmt.Sprint(k)) + "h" + string([]byte{byte(i)})
			module += text(fmt.Sprint(k)) + "h" + string([]byte{byte(i)})
		}
		laugh += item + "uq" + string([]byte{byte(i + 1)}) + "0"
		modules += module + "ub0"
	}
	deep := one
	for range 5000 {
		deep = dict("d", deep)
	}
	directory := make([]string, 0, 400_000)
	for i := range 200_000 {
		directory = append(directory, fmt.Sprintf("net/%0200d", i), "")
	}
	for name, b := range map[string][]byte{
		"dictionaries": archive(t, laugh+"h\x28"), "modules": archive(t, modules+"h\x28"), "depth": archive(t, deep), "contents": archive(t,
			dict("a", one), directory...),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f, err := read(b)
		runtime.ReadMemStats(&after)
		if allocated := (after.TotalAlloc - before.TotalAlloc) >> 20; allocated > 400 {
			t.Errorf("%s: %d MB were allocated", name, allocated)
		}
		if name == "dictionaries" {
			if err != nil || len(f.Tensors) != 1 {
				t.Errorf("%s: %v", name, err)
			}
		} else if err == nil || len(err.Error()) > 400 {
			t.Errorf("%s: got %v, want an error", name, err)
		}
	}
}

// The order of the bytes is that which an archive states, the least first as a rule.
func TestArchivesStateTheOrderOfTheirBytes(t *testing.T) {
	one := dict("a", tensor(storage("0", 4), 0, tuple(1), tuple(1)))
	for order, big := range map[string]bool{"big": true, "little": false} {
		if f, err := read(archive(t, one, "net/byteorder", order)); err != nil || f.Tensors[0].Big != big {
			t.Errorf("%s: %v", order, err)
		}
	}
	if f, err := read(archive(t, one)); err != nil || f.Tensors[0].Big {
		t.Errorf("without one: %v", err)
	}
}

// stream is a file of PyTorch's before 1.6 with an object and one storage, which has numel elements of 4 bytes by its
// own count.
func stream(object string, numel uint64) []byte {
	b := []byte("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}.\x80\x02" + object +
		".\x80\x02]" + text("0") + "a.")
	return append(binary.LittleEndian.AppendUint64(b, numel), make([]byte, 16)...)
}

// Before 0.4 storages were views of others. What a storage counts is checked against the file.
func TestStoragesOfStreams(t *testing.T) {
	view := func(offset, size int64) string {
		return "(" + text("storage") + "ctorch\nFloatStorage\n" + text("0") + text("cpu") + number(4) + "(" + text("0") + number(offset) +
			number(size) + "ttQ"
	}
	whole, err := read(stream(dict("a", tensor(storage("0", 4), 0, tuple(1), tuple(1))), 4))
	if err != nil {
		t.Fatal(err)
	}
	part, err := read(stream(dict("a", tensor(view(1, 3), 1, tuple(2), tuple(1))), 4))
	if err != nil {
		t.Fatal(err)
	}
	behind := func(object string) int64 { return int64(len(stream(object, 4))) - 16 }
	if got := part.Tensors[0].Begin - behind(dict("a", tensor(view(1, 3), 1, tuple(2), tuple(1)))); got != 8 {
		t.Errorf("a view of a view begins at byte %d, want 8", got)
	}
	if got := whole.Tensors[0].Begin - behind(dict("a", tensor(storage("0", 4), 0, tuple(1), tuple(1)))); got != 0 {
		t.Errorf("the first element begins at byte %d", got)
	}
	for want, b := range map[string][]byte{
		"would have 5 elements":                 stream(dict("a", tensor(storage("0", 4), 0, tuple(1), tuple(1))), 5),
		"would have 4611686018427387904":        stream(dict("a", tensor(storage("0", 4), 0, tuple(1), tuple(1))), 1<<62),
		"has 12 bytes, want 4 elements":         stream(dict("a", tensor(storage("0", 4), 0, tuple(1), tuple(1))), 3),
		"reaches to element 3 of its storage":   stream(dict("a", tensor(view(1, 3), 2, tuple(2), tuple(1))), 4),
		"has 16 bytes, want 5 elements":         stream(dict("a", tensor(view(2, 3), 0, tuple(1), tuple(1))), 4),
		"view that is not understood":           stream(dict("a", tensor(view(-1, 3), 0, tuple(1), tuple(1))), 4),
		"the object refers to no storage \"0\"": stream(dict("a", tensor(storage("1", 4), 0, tuple(1), tuple(1))), 4),
		"is of another version":                 bytes.Replace(right(), []byte("M\xe9\x03"), []byte("M\xe8\x03"), 1),
	} {
		if _, err := read(b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// right is a stream that is right.
func right() []byte { return stream(dict("a", tensor(storage("0", 4), 0, tuple(1), tuple(1))), 4) }

// Whatever the bytes, reading ends without a panic, and every tensor that is found lies in the file.
func FuzzRead(f *testing.F) {
	one := tensor(storage("0", 4), 0, tuple(1), tuple(1))
	f.Add([]byte(dict("a", one)))
	f.Add([]byte(dict("state_dict", dict("a", one), "l", "]q\x01h\x01a")))
	f.Add([]byte("cmy.code\nNet\n)\x81q\x07" + dict("_parameters", dict("a", one), "_modules", dict("up", "h\x07")) + "b"))
	f.Fuzz(func(t *testing.T, object []byte) {
		for _, b := range [][]byte{archive(t, string(object)), stream(string(object), 4)} {
			got, err := read(b)
			if err != nil {
				if len(err.Error()) > 2000 {
					t.Fatalf("the error has %d bytes", len(err.Error()))
				}
				continue
			}
			for _, x := range got.Tensors {
				last, count := x.Begin, 1
				for i, n := range x.Shape {
					last += int64(n-1) * int64(x.Strides[i]) * int64(x.Width)
					count *= n
				}
				if count > 0 && (x.Begin < 0 || last+int64(x.Width) > int64(len(b)) || count > len(b)) {
					t.Fatalf("%+v does not lie in %d bytes", x, len(b))
				}
			}
		}
	})
}
