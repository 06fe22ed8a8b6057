package pytorch_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"workbench/nn/weights/pytorch"
)

// of refers to a storage of a class of PyTorch's.
func of(class, key string, numel int64) string {
	return "(" + text("storage") + "c" + class + "\n" + text(key) + text("cpu") + number(numel) + "tQ"
}

// call is a call of a function of PyTorch's with arguments.
func call(function string, args ...string) string {
	return "c" + function + "\n(" + strings.Join(args, "") + "tR"
}

// describe lists the tensors of an object in an archive, or says why there are none.
func describe(t *testing.T, object string, more ...string) string {
	t.Helper()
	f, err := read(archive(t, object, more...))
	if err != nil {
		return "error: " + err.Error()
	}
	var all []string
	for _, x := range f.Tensors {
		all = append(all, fmt.Sprintf("%s/%s %s %d %v %v", x.Part, x.Name, x.DType, x.Width, x.Shape, x.Strides))
	}
	for _, left := range f.Left {
		all = append(all, "left: "+left)
	}
	return strings.Join(all, ", ")
}

// Every class of storages has elements of its type, and so has every type that an untyped storage is read as.
func TestTypesOfElements(t *testing.T) {
	for class, want := range map[string]string{
		"Double": "F64 8", "Float": "F32 4", "Half": "F16 2", "BFloat16": "BF16 2", "Long": "I64 8", "Int": "I32 4", "Short": "I16 2",
		"Char": "I8 1",
		"Byte": "U8 1", "Bool": "BOOL 1", "ComplexFloat": "C64 8", "ComplexDouble": "C128 16", "QInt8": "QI8 1", "QUInt8": "QU8 1",
		"QInt32": "QI32 4", "Untyped": "U8 1", "": "U8 1",
	} {
		for _, module := range []string{"torch", "torch.cuda", "torch.storage"} {
			object := dict("a", tensor(of(module+"\n"+class+"Storage", "0", 1), 0, tuple(1), tuple(1)))
			if got := describe(t, object); got != "/a "+want+" [1] [1]" {
				t.Errorf("%s.%sStorage: %s, want %s", module, class, got, want)
			}
		}
	}
	for _, class := range []string{"torch\nFloatStorages", "torchy\nFloatStorage", "torch\nFlatStorage", "torch\nFloat",
		"my.torch\nFloatStorage"} {
		object := dict("a", tensor(of(class, "0", 1), 0, tuple(1), tuple(1)))
		want := fmt.Sprintf("error: tensor \"a\": storage \"0\" is of an unknown type, %q", strings.Replace(class, "\n", ".", 1))
		if got := describe(t, object); got != want {
			t.Errorf("%q: %s, want %s", class, got, want)
		}
	}
	untyped := func(dtype string) string {
		return dict("a", call("torch._utils\n_rebuild_tensor_v3", of("torch\nUntypedStorage", "0", 16), number(1), tuple(1), tuple(1),
			"\x89", "N",
			"ctorch\n"+dtype+"\n"))
	}
	for dtype, want := range map[string]string{
		"float64": "F64 8", "float32": "F32 4", "float16": "F16 2", "bfloat16": "BF16 2", "int64": "I64 8", "int32": "I32 4", "int16": "I16 2",
		"int8": "I8 1", "bool": "BOOL 1", "uint64": "U64 8", "uint32": "U32 4", "uint16": "U16 2", "uint8": "U8 1", "complex64": "C64 8",
		"float8_e4m3fn": "F8_E4M3 1", "float8_e5m2": "F8_E5M2 1", "qint8": "QI8 1", "quint8": "QU8 1", "qint32": "QI32 4",
	} {
		if got := describe(t, untyped(dtype)); got != "/a "+want+" [1] [1]" {
			t.Errorf("%s: %s, want %s", dtype, got, want)
		}
	}
	if got := describe(t, untyped("float4")); got != `error: tensor "a": is of an unknown type, "torch.float4"` {
		t.Error(got)
	}
	if got := describe(t, untyped("complex128")); got != `error: tensor "a": reaches to element 1 of its storage, which has 1` {
		t.Error(got)
	}
	// A storage with a type keeps it, whatever an argument says, and other functions have no such argument.
	second := call("torch._utils\n_rebuild_tensor_v2", of("torch\nUntypedStorage", "0", 16), number(1), tuple(1), tuple(1), "\x89", "N",
		"ctorch\nint64\n")
	if got := describe(t, dict("a", second)); got != "/a U8 1 [1] [1]" {
		t.Error(got)
	}
	typed := call("torch._utils\n_rebuild_tensor_v3", storage("0", 4), number(0), tuple(1), tuple(1), "\x89", "N", "ctorch\nint8\n")
	if got := describe(t, dict("a", typed)); got != "/a F32 4 [1] [1]" {
		t.Error(got)
	}
}

// Functions that make tensors are known by their names, in each other as well; what others make is passed over, or
// said to be left.
func TestFunctionsThatMakeTensors(t *testing.T) {
	args := []string{storage("0", 4), number(1), tuple(2), tuple(1)}
	plain := call("torch._utils\n_rebuild_tensor", args...)
	const found = "/a F32 4 [2] [1]"
	wrapped := func(n int) string {
		all := plain
		for range n {
			all = call("torch._utils\n_rebuild_parameter", all, "\x88")
		}
		return all
	}
	size := call("torch\nSize", "("+number(2)+"t")
	for name, test := range map[string]struct{ object, want string }{
		"the first":        {plain, found},
		"the second":       {call("torch._utils\n_rebuild_tensor_v2", args...), found},
		"the third":        {call("torch._utils\n_rebuild_tensor_v3", args...), found},
		"of quantized":     {call("torch._utils\n_rebuild_qtensor", args...), found},
		"a parameter":      {call("torch._utils\n_rebuild_parameter", plain), found},
		"one with a state": {call("torch._utils\n_rebuild_parameter_with_state", plain, "N"), found},
		"an older one":     {call("torch.nn.parameter\nParameter", plain, "\x88"), found},
		"a subclass": {call("torch._tensor\n_rebuild_from_type_v2", "ctorch._utils\n_rebuild_tensor\n", "cm\nn\n",
			"("+strings.Join(args, "")+"t", "N"), found},
		"wrapped seven times":          {wrapped(7), found},
		"wrapped eight times":          {wrapped(8), "error: holds no tensors that have names"},
		"a size":                       {call("torch._utils\n_rebuild_tensor", args[0], args[1], size, size[:0]+tuple(1)), found},
		"of another module":            {call("torch.utils\n_rebuild_tensor", args...), "error: holds no tensors that have names"},
		"a parameter of others":        {call("my.parameter\nParameter", plain), "error: holds no tensors that have names"},
		"something beside a parameter": {call("torch.nn.parameter\nBuffers", plain), "error: holds no tensors that have names"},
		"another function":             {call("torch._utils\n_rebuild", args...), "error: holds no tensors that have names"},
		"a parameter of none":          {call("torch._utils\n_rebuild_parameter"), "error: holds no tensors that have names"},
		"a parameter of what is none":  {call("torch._utils\n_rebuild_parameter", "N"), "error: holds no tensors that have names"},
		"a subclass of too little": {call("torch._tensor\n_rebuild_from_type_v2", "ctorch._utils\n_rebuild_tensor\n", "N"),
			"error: holds no tensors that have names"},
		"three arguments": {call("torch._utils\n_rebuild_tensor", args[:3]...),
			`error: tensor "a": torch._utils._rebuild_tensor has 3 arguments, want at least 4`},
		"no arguments": {"ctorch._utils\n_rebuild_tensor\nNR",
			`error: tensor "a": torch._utils._rebuild_tensor has 0 arguments, want at least 4`},
	} {
		if got := describe(t, dict("a", test.object)); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
	for _, function := range []string{"_rebuild_sparse_tensor", "_rebuild_sparse_csr_tensor", "_rebuild_meta_tensor_no_storage",
		"_rebuild_device_tensor_from_numpy", "_rebuild_device_tensor_from_cpu_tensor", "_rebuild_xla_tensor", "_rebuild_mlc_tensor",
		"_rebuild_wrapper_subclass", "_rebuild_nested_tensor"} {
		object := dict("a", plain, "s", dict("b", call("torch._utils\n"+function)))
		if got, want := describe(t, object), found+", left: s.b is made by torch._utils."+function; got != want {
			t.Errorf("%s: %s, want %s", function, got, want)
		}
	}
	five := ""
	for i := range 5 {
		five += text(fmt.Sprint(i)) + call("torch._utils\n_rebuild_xla_tensor")
	}
	const made = " is made by torch._utils._rebuild_xla_tensor"
	want := "error: holds no tensors that have names: 0" + made + ", 1" + made + ", 2" + made + ", 3" + made
	if got := describe(t, "}("+five+"u"); got != want {
		t.Error(got)
	}
}

// A tensor is a view of a storage: what it says of its place is checked to the last element.
func TestPlacesOfTensors(t *testing.T) {
	four := storage("0", 4)
	const wrong = "has no shape and place that PyTorch would have written"
	ones := func(n int) string { return "(" + strings.Repeat(number(1), n) + "t" }
	for _, test := range []struct {
		storage, offset, shape, strides, want string
	}{
		{four, number(0), tuple(4), tuple(1), "[4] [1]"}, {four, number(3), tuple(1), tuple(9), "[1] [9]"},
		{four, number(0), tuple(), tuple(), "[] []"},
		{four, number(1), tuple(2, 2), tuple(1, 1), "[2 2] [1 1]"}, {four, number(0), tuple(2, 2), tuple(1, 2), "[2 2] [1 2]"},
		{four, number(9), tuple(0), tuple(1), "[0] [1]"}, {four, number(0), ones(64), ones(64), fmt.Sprint(make1(64), " ", make1(64))},
		{four, number(4), tuple(1), tuple(1), "reaches to element 4 of its storage, which has 4"},
		{four, number(0), tuple(2, 2), tuple(2, 2), "reaches to element 4 of its storage, which has 4"},
		{four, number(0), tuple(1<<32, 1<<32), tuple(0, 0), "has the shape [4294967296 4294967296], which is more than there can be"},
		{four, number(0), tuple(2), tuple(1 << 48), "reaches to element 281474976710656 of its storage, which has 4"},
		{four, number(1), tuple(2), tuple(1 << 48), "has the shape [2] and the strides [281474976710656], which reach beyond its storage"},
		{four, number(0), tuple(1<<20, 2), tuple(1<<47, 1),
			"has the shape [1048576 2] and the strides [140737488355328 1], which reach beyond its storage"},
		{four, number(0), tuple(1<<32 + 1), tuple(1 << 32),
			"has the shape [4294967297] and the strides [4294967296], which reach beyond its storage"},
		{of("torch\nFloatStorage", "../0", 4), number(0), tuple(1), tuple(1), "there is no record data/../0"},
		{four, number(0), tuple(1 << 20), tuple(0), "has the shape [1048576], more elements than the file has bytes"},
		{four, number(0), ones(65), ones(65), wrong}, {four, number(1<<48 + 1), tuple(0), tuple(1), wrong},
		{four, number(-1), tuple(0), tuple(1), wrong},
		{four, "N", tuple(1), tuple(1), wrong}, {four, number(0), "N", tuple(1), wrong}, {four, number(0), tuple(1), "N", wrong},
		{four, number(0), "(Nt", tuple(1), wrong}, {four, number(0), tuple(1<<48 + 1), tuple(1), wrong},
		{four, number(0), tuple(1), tuple(-1), wrong},
		{four, number(0), tuple(1), tuple(1, 1), wrong}, {four, number(0), call("torch\nSize", "N"), tuple(1), wrong},
		{four, number(0), call("torch\nShape", "("+number(1)+"t"), tuple(1), wrong},
		{"N", number(0), tuple(1), tuple(1), "its numbers are not in a storage of the file"},
		{"NQ", number(0), tuple(1), tuple(1), "its numbers are not in a storage of the file"},
		{"(" + text("module") + "NNNNtQ", number(0), tuple(1), tuple(1), "its numbers are not in a storage of the file"},
		{"(" + text("storage") + "NNNtQ", number(0), tuple(1), tuple(1), "its numbers are not in a storage of the file"},
		{"(" + text("storage") + "NNNNtQ", number(0), tuple(1), tuple(1), "a storage is described by values of other types than PyTorch's"},
		{of("torch\nFloatStorage", "0", -1), number(0), tuple(1), tuple(1), "a storage is described by values of other types than PyTorch's"},
		{of("torch\nFloatStorage", "0", 1<<48+1), number(0), tuple(1), tuple(1), `storage "0" would have 281474976710657 elements`},
		{of("torch\nFloatStorage", "0", 5), number(0), tuple(1), tuple(1), "record data/0 has 16 bytes, want 5 elements of 4"},
		{of("torch\nFloatStorage", "1", 1), number(0), tuple(1), tuple(1), "there is no record data/1"},
	} {
		got := describe(t, dict("a", call("torch._utils\n_rebuild_tensor_v2", test.storage, test.offset, test.shape, test.strides)))
		if got != "/a F32 4 "+test.want && got != `error: tensor "a": `+test.want {
			t.Errorf("%q, %q, %q: %s, want %s", test.offset, test.shape, test.strides, got, test.want)
		}
	}
	whole, err := read(archive(t, dict("a", tensor(four, 0, tuple(1), tuple(1)), "b", tensor(four, 3, tuple(1), tuple(1)))))
	if err != nil || whole.Tensors[1].Begin-whole.Tensors[0].Begin != 12 {
		t.Errorf("%v: the fourth element is not 12 bytes behind the first: %+v", err, whole)
	}
}

func make1(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = 1
	}
	return all
}

// What an archive is, is told by its records.
func TestRecordsOfArchives(t *testing.T) {
	one := dict("a", tensor(storage("0", 4), 0, tuple(1), tuple(1)))
	packed := func(name string, method uint16, records ...string) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for i := 0; i < len(records); i += 2 {
			header := &zip.FileHeader{Name: records[i], Method: zip.Store}
			if records[i] == name {
				header.Method = method
			}
			r, err := w.CreateHeader(header)
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
	const again = " is compressed, which torch.save does not do: another program has packed it again"
	numbers := string(make([]byte, 16))
	for _, test := range []struct {
		file   []byte
		format string
		want   string
	}{
		{archive(t, one), "PyTorch", ""}, {archive(t, one, "net/constants.pkl", ""), "TorchScript", ""},
		{archive(t, one, "constants.pkl", ""), "PyTorch", ""},
		{packed("", 0, "data.pkl", "\x80\x02"+one+".", "data/0", numbers), "", "is no file of PyTorch's"},
		{packed("", 0, "net/x/data.pkl", "\x80\x02"+one+"."), "", "is no file of PyTorch's"},
		{packed("net/data.pkl", zip.Deflate, "net/data.pkl", "\x80\x02"+one+".", "net/data/0", numbers), "", `record "net/data.pkl"` + again},
		{packed("net/data/0", zip.Deflate, "net/data.pkl", "\x80\x02"+one+".", "net/data/0", numbers), "",
			`tensor "a": record "net/data/0"` + again},
		{packed("net/byteorder", zip.Deflate, "net/data.pkl", "\x80\x02"+one+".", "net/data/0", numbers, "net/byteorder", "little"), "",
			`record "net/byteorder"` + again},
		{archive(t, one, "net/byteorder", "littl"), "", `byteorder is "littl", want little or big`},
		{archive(t, one, "net/byteorder", "big "+strings.Repeat("b", 99)), "", `byteorder is "big bbbbbbbbbbbb", want little or big`},
		{archive(t, "K"), "", "is a file of PyTorch's whose data.pkl cannot be read: pickle, byte 4: it is cut off"},
		{archive(t, one)[:200], "",
			"is an archive (.pth, .pt, .npz or another zip file) without the list of contents that ends it: it is cut off or damaged"},
		{[]byte("words"), "", "is no file of PyTorch's"}, {nil, "", "is no file of PyTorch's"},
	} {
		f, err := read(test.file)
		if test.want == "" && (err != nil || f.Format != test.format) || test.want != "" && (err == nil || err.Error() != test.want) {
			t.Errorf("got %+v, %v, want %s, %q", f, err, test.format, test.want)
		}
		if other := test.want == "is no file of PyTorch's"; errors.Is(err, pytorch.ErrOther) != other {
			t.Errorf("%v is ErrOther: %v", err, !other)
		}
	}
	for head, want := range map[string]bool{"PK\x03\x04": true, "PK\x03": false, "PK\x05\x06": false, "": false,
		"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.": true, "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19": false} {
		if pytorch.Begins([]byte(head)) != want {
			t.Errorf("%q begins a file of PyTorch's: %v", head, !want)
		}
	}
}

// A stream is told to be cut off wherever it ends, and what is not as PyTorch writes it is told with what it is.
func TestStreamsAreReadToTheirEnds(t *testing.T) {
	one := dict("a", tensor(storage("0", 4), 1, tuple(2), tuple(1)))
	whole := stream(one, 4)
	f, err := read(whole)
	want := &pytorch.File{Format: "PyTorch before 1.6", Tensors: []pytorch.Tensor{{Name: "a", DType: "F32", Width: 4, Shape: []int{2},
		Strides: []int{1},
		Begin:   int64(len(whole) - 12)}}}
	if err != nil || !reflect.DeepEqual(f, want) {
		t.Errorf("got %+v, %v, want %+v", f, err, want)
	}
	for size := 15; size < len(whole); size++ {
		if f, err := read(whole[:size]); err == nil || !strings.Contains(err.Error(), "it is cut off") {
			t.Errorf("%d of %d bytes: %+v, %v", size, len(whole), f, err)
		}
	}
	_, pickles, _ := strings.Cut(string(whole), "M\xe9\x03.")
	with := func(old, other string) string { return strings.Replace(string(whole), old, other, 1) }
	cut := func(n int) string { return string(whole[:len(whole)-n]) }
	keys := "\x80\x02]" + text("0") + "a."
	const unread = "is a file of PyTorch's whose "
	for _, test := range []struct{ file, want string }{
		{with("M\xe9\x03", "M\xea\x03"), "is of another version of PyTorch's format than 1001"},
		{string(whole[:15]), unread + "version cannot be read: pickle, byte 0: it is cut off"},
		{with(pickles, "\x7f"), unread + "facts of the machine cannot be read: pickle, byte 1: 0x7f is no instruction of a pickle"},
		{with(pickles, "N."), unread + "object cannot be read: pickle, byte 0: it is cut off"},
		{with(pickles, "N.N."), unread + "keys cannot be read: pickle, byte 0: it is cut off"},
		{with(pickles, "N.N.]."), "holds no tensors that have names"},
		{with(keys, "\x80\x02}."), "the keys of its storages are no list"},
		{with(keys, "\x80\x02]."), `tensor "a": there is no storage "0"`},
		{with(keys, "\x80\x02]Na."), `the object refers to no storage ""`},
		{cut(17), fmt.Sprintf("the file ends at byte %d, before its storage \"0\": it is cut off", len(whole)-17)},
		{cut(1), `storage "0" would have 4 elements of 4 bytes, the file ends 15 bytes later: it is cut off or damaged`},
	} {
		if f, err := read([]byte(test.file)); err == nil || err.Error() != test.want {
			t.Errorf("got %+v, %v, want %s", f, err, test.want)
		}
	}
}
