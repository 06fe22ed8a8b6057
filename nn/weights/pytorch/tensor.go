package pytorch

import (
	"fmt"
	"math/bits"

	"workbench/nn/pickle"
)

// mostAxes is how many axes PyTorch itself allows.
const mostAxes = 64

// functions make tensors of a storage, an offset, a shape and strides, the first four arguments (torch/_utils.py).
var functions = map[string]bool{
	"_rebuild_tensor": true, "_rebuild_tensor_v2": true, "_rebuild_tensor_v3": true, "_rebuild_qtensor": true,
}

// wrappers make tensors of tensors, the first argument.
var wrappers = map[string]bool{"_rebuild_parameter": true, "_rebuild_parameter_with_state": true}

// strange are functions that make tensors without such numbers.
var strange = map[string]bool{
	"_rebuild_sparse_tensor": true, "_rebuild_sparse_csr_tensor": true, "_rebuild_meta_tensor_no_storage": true,
	"_rebuild_device_tensor_from_numpy": true, "_rebuild_device_tensor_from_cpu_tensor": true, "_rebuild_xla_tensor": true,
	"_rebuild_mlc_tensor": true, "_rebuild_wrapper_subclass": true, "_rebuild_nested_tensor": true,
}

// mostWrapped is how many functions a tensor may be wrapped in.
const mostWrapped = 8

// tensorCall unwraps a call that makes a tensor: its function and its arguments. is tells whether it makes one.
func tensorCall(v any) (function string, args pickle.Tuple, is bool) {
	c, isCall := v.(*pickle.Call)
	for range mostWrapped {
		if !isCall {
			return "", nil, false
		}
		f, named := c.Func.(pickle.Global)
		args, _ := c.Args.(pickle.Tuple)
		if !named {
			return "", nil, false
		}
		switch {
		case f.Module == "torch._utils" && (functions[f.Name] || strange[f.Name]):
			return f.Name, args, true
		case f.Module == "torch._utils" && wrappers[f.Name] && len(args) > 0,
			f.Module == "torch.nn.parameter" && f.Name == "Parameter" && len(args) > 0:
			c, isCall = args[0].(*pickle.Call)
		case f.Module == "torch._tensor" && f.Name == "_rebuild_from_type_v2" && len(args) > 2: // function, class, arguments, state
			c, isCall = &pickle.Call{Func: args[0], Args: args[2]}, true
		default:
			return "", nil, false
		}
	}
	return "", nil, false
}

// tensor reads the arguments of a function that makes one.
func (w *walker) tensor(function string, args pickle.Tuple) (t Tensor, err error) {
	if strange[function] {
		return t, fmt.Errorf("is made by torch._utils.%s, which is not read", function)
	}
	if len(args) < 4 {
		return t, fmt.Errorf("torch._utils.%s has %d arguments, want at least 4", function, len(args))
	}
	s, err := w.storages.open(args[0])
	if err != nil {
		return t, err
	}
	if s.untyped && function == "_rebuild_tensor_v3" && len(args) > 6 {
		dtype, _ := args[6].(pickle.Global)
		var known bool
		if s.element, known = elements[dtype.Name]; !known {
			return t, fmt.Errorf("is of an unknown type, %.60q", dtype.String())
		}
	}
	offset, counted := args[1].(int64)
	shape, formed := sizes(args[2])
	strides, stepped := sizes(args[3])
	if !counted || !formed || !stepped || offset < 0 || offset > mostElements || len(shape) != len(strides) || len(shape) > mostAxes {
		return t, fmt.Errorf("has no shape and place that PyTorch would have written")
	}
	t = Tensor{DType: s.name, Width: int(s.width), Shape: shape, Strides: strides, Begin: s.begin + offset*s.width, Big: s.big}
	return t, within(t, offset, s.bytes/s.width, w.size)
}

// sizes reads a tuple or torch.Size of whole numbers.
func sizes(v any) ([]int, bool) {
	if c, is := v.(*pickle.Call); is && pickle.Named(c.Func, "torch", "Size") {
		if args, is := c.Args.(pickle.Tuple); is && len(args) == 1 {
			v = args[0]
		}
	}
	values, is := v.(pickle.Tuple)
	if !is {
		return nil, false
	}
	all := make([]int, len(values))
	for i, v := range values {
		n, is := v.(int64)
		if !is || n < 0 || n > mostElements {
			return nil, false
		}
		all[i] = int(n)
	}
	return all, true
}

// within checks that the elements of a tensor lie in its storage of so many, and that they are not more than the bytes
// of the file, though each may stand for several.
func within(t Tensor, offset, numel, size int64) error {
	count, last := uint64(1), uint64(offset)
	for _, n := range t.Shape {
		high, low := bits.Mul64(count, uint64(n))
		if count = low; high != 0 {
			return fmt.Errorf("has the shape %v, which is more than there can be", t.Shape)
		}
	}
	if count == 0 {
		return nil
	}
	for i, n := range t.Shape {
		high, low := bits.Mul64(uint64(n-1), uint64(t.Strides[i]))
		if last += low; high != 0 || last > mostElements {
			return fmt.Errorf("has the shape %v and the strides %v, which reach beyond its storage", t.Shape, t.Strides)
		}
	}
	if last >= uint64(numel) {
		return fmt.Errorf("reaches to element %d of its storage, which has %d", last, numel)
	}
	if count > uint64(size) {
		return fmt.Errorf("has the shape %v, more elements than the file has bytes", t.Shape)
	}
	return nil
}
