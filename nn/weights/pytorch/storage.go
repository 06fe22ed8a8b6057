package pytorch

import (
	"fmt"
	"strings"

	"workbench/nn/pickle"
)

// element is a type of elements.
type element struct {
	name  string // as safetensors has it
	width int64  // bytes
}

// elements are PyTorch's types by their names (torch.dtype), and storageTypes by those of the classes of storages.
var (
	elements = map[string]element{
		"float64": {"F64", 8}, "float32": {"F32", 4}, "float16": {"F16", 2}, "bfloat16": {"BF16", 2},
		"int64": {"I64", 8}, "int32": {"I32", 4}, "int16": {"I16", 2}, "int8": {"I8", 1}, "bool": {"BOOL", 1},
		"uint64": {"U64", 8}, "uint32": {"U32", 4}, "uint16": {"U16", 2}, "uint8": {"U8", 1},
		"complex64": {"C64", 8}, "complex128": {"C128", 16}, "float8_e4m3fn": {"F8_E4M3", 1}, "float8_e5m2": {"F8_E5M2", 1},
		"qint8": {"QI8", 1}, "quint8": {"QU8", 1}, "qint32": {"QI32", 4},
	}
	storageTypes = map[string]string{
		"Double": "float64", "Float": "float32", "Half": "float16", "BFloat16": "bfloat16",
		"Long": "int64", "Int": "int32", "Short": "int16", "Char": "int8", "Byte": "uint8", "Bool": "bool",
		"ComplexFloat": "complex64", "ComplexDouble": "complex128", "QInt8": "qint8", "QUInt8": "quint8", "QInt32": "qint32",
		"Untyped": "uint8", "": "uint8", // torch.storage.UntypedStorage, torch.UntypedStorage
	}
)

// storage is a run of numbers in the file, of which tensors are views.
type storage struct {
	element
	untyped bool // then a tensor has the type
	begin   int64
	bytes   int64
	big     bool
}

// storages finds a storage by its key. numel is how many elements of so many bytes it should have.
type storages func(key string, numel, width int64) (storage, error)

// reference is what a pickle says of a storage: ('storage', class, key, location, numel, view).
type reference struct {
	element
	untyped bool
	key     string // of a view, that of the storage of which it is a part
	numel   int64
	offset  int64 // in elements from the beginning of the key's storage
}

// refer reads a reference; nil if p stands for something else, such as the source of a class.
func refer(p pickle.Persistent) (*reference, error) {
	id, is := p.ID.(pickle.Tuple)
	if !is || len(id) < 5 || id[0] != "storage" {
		return nil, nil
	}
	class, named := id[1].(pickle.Global)
	key, keyed := id[2].(string)
	numel, counted := id[4].(int64)
	if !named || !keyed || !counted || numel < 0 {
		return nil, fmt.Errorf("a storage is described by values of other types than PyTorch's")
	}
	kind, is := storageTypes[strings.TrimSuffix(class.Name, "Storage")]
	if !is || !strings.HasSuffix(class.Name, "Storage") || class.Module != "torch" && !strings.HasPrefix(class.Module, "torch.") {
		return nil, fmt.Errorf("storage %.40q is of an unknown type, %.60q", key, class.String())
	}
	r := &reference{element: elements[kind], untyped: class.Name == "UntypedStorage", key: key, numel: numel}
	if len(id) < 6 || id[5] == nil {
		return r, nil
	}
	view, is := id[5].(pickle.Tuple) // (key, offset, size), before PyTorch 0.4
	if !is || len(view) != 3 {
		return nil, fmt.Errorf("storage %.40q is a view that is not understood", key)
	}
	root, keyed := view[0].(string)
	offset, counted := view[1].(int64)
	size, sized := view[2].(int64)
	if !keyed || !counted || !sized || offset < 0 || size < 0 || offset > mostElements || size > mostElements {
		return nil, fmt.Errorf("storage %.40q is a view that is not understood", key)
	}
	r.key, r.offset, r.numel = root, offset, size
	return r, nil
}

// mostElements is more than any file has, and small enough that no product with an element's bytes overflows.
const mostElements = 1 << 48

// open finds the numbers that a pickle refers to.
func (s storages) open(v any) (storage, error) {
	p, is := v.(pickle.Persistent)
	if !is {
		return storage{}, fmt.Errorf("its numbers are not in a storage of the file")
	}
	r, err := refer(p)
	if err == nil && r == nil {
		err = fmt.Errorf("its numbers are not in a storage of the file")
	}
	if err != nil {
		return storage{}, err
	}
	if r.numel > mostElements {
		return storage{}, fmt.Errorf("storage %.40q would have %d elements", r.key, r.numel)
	}
	found, err := s(r.key, r.offset+r.numel, r.width)
	if err != nil {
		return storage{}, err
	}
	found.element, found.untyped = r.element, r.untyped
	found.begin += r.offset * r.width
	found.bytes = r.numel * r.width
	return found, nil
}
