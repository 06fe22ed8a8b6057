package op_test

import (
	"testing"

	"workbench/nn/op"
)

// These operators move elements, multiply matrices or leave samples out.
func init() {
	matrix := tensorOf(op.Shape{2, 3}, 1, 2, 3, 4, 5, 6)
	square := tensorOf(op.Shape{2, 2}, 1, 10, 100, 1000)
	six := tensorOf(op.Shape{1, 6, 1, 1}, 0, 1, 2, 3, 4, 5)
	kernelCases = append(kernelCases, []kernelCase{
		{op.ChannelsBwd{From: 1, Of: 3}, []operand{tensorOf(op.Shape{2, 1, 1, 2}, 1, 2, 3, 4)},
			tensorOf(op.Shape{2, 3, 1, 2}, 0, 0, 1, 2, 0, 0, 0, 0, 3, 4, 0, 0)},
		{op.ChannelShuffle{Groups: 2}, []operand{six}, tensorOf(op.Shape{1, 6, 1, 1}, 0, 3, 1, 4, 2, 5)},
		{op.ChannelShuffle{Groups: 3}, []operand{six}, tensorOf(op.Shape{1, 6, 1, 1}, 0, 2, 4, 1, 3, 5)},
		{op.TransposeTo(1, 0), []operand{matrix}, tensorOf(op.Shape{3, 2}, 1, 4, 2, 5, 3, 6)},
		{op.TransposeTo(2, 0, 1), []operand{tensorOf(op.Shape{1, 2, 3}, 1, 2, 3, 4, 5, 6)}, tensorOf(op.Shape{3, 1, 2}, 1, 4, 2, 5, 3, 6)},
		{op.MatMul{}, []operand{square, matrix}, tensorOf(op.Shape{2, 3}, 41, 52, 63, 4100, 5200, 6300)},
		{op.MatMul{TransA: true}, []operand{square, matrix}, tensorOf(op.Shape{2, 3}, 401, 502, 603, 4010, 5020, 6030)},
		{op.MatMul{TransB: true}, []operand{matrix, matrix}, tensorOf(op.Shape{2, 2}, 14, 32, 32, 77)},
		{op.MatMul{}, []operand{tensorOf(op.Shape{2, 1, 2}, 1, 2, 3, 4), tensorOf(op.Shape{2, 2, 1}, 10, 100, 1000, 10000)},
			tensorOf(op.Shape{2, 1, 1}, 210, 43000)},
		{op.DropPath{P: 0}, []operand{matrix, intsOf(1, 2, 3, 4)}, matrix},
	}...)
	shapeCases = append(shapeCases, []shapeCase{
		{op.ChannelsBwd{From: 2, Of: 3}, []op.Shape{{1, 2, 2, 2}}, []string{"channels_bwd: channels: [2, 4) is not inside the 3 channels"}},
		{op.ChannelShuffle{Groups: 2}, []op.Shape{{1, 3, 2, 2}}, []string{"channel_shuffle: 2 groups must divide the 3 channels"}},
		{op.TransposeTo(1, 0), []op.Shape{{1, 3, 2}}, []string{"transpose: input (1, 3, 2) has 3 axes, want 2"}},
		{op.TransposeTo(1, 1), []op.Shape{{1, 3}}, []string{"transpose: axes [1 1] are not an order of 0 to 1"}},
		{op.MatMul{}, []op.Shape{{2, 3}, {2, 3}}, []string{"matmul: rows of (2, 3)", "have 3 elements, columns of (2, 3)", "have 2"}},
		{op.MatMul{}, []op.Shape{{2, 3}, {1, 3, 2}}, []string{"have 2 and 3 axes"}},
		{op.MatMul{}, []op.Shape{{2, 2, 3}, {1, 3, 2}}, []string{"batches of 2 and 1 matrices"}},
		{op.DropPath{P: 0.5}, []op.Shape{{2, 3}, {3}}, []string{"drop_path: key is (3), want (4)"}},
		{op.DropPath{P: 1}, []op.Shape{{2, 3}, {4}}, []string{"drop_path: want a probability", "got 1"}},
		{op.DropPath{}, []op.Shape{{2}, {4}}, []string{"drop_path: input (2) has 1 axes"}},
	}...)
	product := func(name string, v op.MatMul, a, b op.Shape) gradientCase {
		return gradientCase{name: "matmul " + name, spec: v, in: []op.Shape{a, b}}
	}
	gradientCases = append(gradientCases, []gradientCase{
		pool("channels", op.Channels{From: 1, Count: 2}, op.Shape{2, 4, 2, 1}),
		pool("channel shuffle", op.ChannelShuffle{Groups: 3}, op.Shape{2, 6, 2, 1}),
		pool("transpose", op.TransposeTo(3, 1, 0, 2), op.Shape{2, 3, 4, 5}),
		pool("transpose of a matrix", op.TransposeTo(1, 0), op.Shape{2, 3}),
		product("", op.MatMul{}, op.Shape{2, 3}, op.Shape{3, 4}),
		product("aᵀ", op.MatMul{TransA: true}, op.Shape{3, 2}, op.Shape{3, 4}),
		product("bᵀ", op.MatMul{TransB: true}, op.Shape{2, 3}, op.Shape{4, 3}),
		product("aᵀ bᵀ", op.MatMul{TransA: true, TransB: true}, op.Shape{3, 2}, op.Shape{4, 3}),
		product("of a batch, aᵀ bᵀ", op.MatMul{TransA: true, TransB: true}, op.Shape{2, 3, 2}, op.Shape{2, 4, 3}),
		product("of a batch", op.MatMul{}, op.Shape{3, 2, 3}, op.Shape{3, 3, 1}),
		{name: "drop path", spec: op.DropPath{P: 0.4, Stream: 3}, in: []op.Shape{{6, 3}}, ints: []int32{1, 0, -7, 2}},
	}...)
}

// A sample survives or falls as a whole, and from the same key drop path draws another mask than dropout does.
func TestDropPathTakesWholeSamples(t *testing.T) {
	const n, size = 1000, 3
	in := op.Allocate(op.Shape{n, size}, false)
	for i := range in.F32 {
		in.F32[i] = 1
	}
	out, elements := op.Allocate(op.Shape{n, size}, false), op.Allocate(op.Shape{n}, false)
	key := intsOf(7, 0, 3, 0).buffer(false)
	op.DropPath{P: 0.75, Stream: 1}.Run(op.Call{In: []op.Buffer{in, key}, Out: out})
	op.Dropout{P: 0.75, Stream: 1}.Run(op.Call{In: []op.Buffer{{Shape: op.Shape{n}, F32: in.F32[:n]}, key}, Out: elements})
	kept, same := 0, 0
	for i := range n {
		sample := out.F32[i*size : (i+1)*size]
		if sample[0] != sample[1] || sample[0] != sample[2] || sample[0] != 0 && sample[0] != 4 {
			t.Fatalf("sample %d is %v, want all 0 or all 4", i, sample)
		}
		if sample[0] > 0 {
			kept++
		}
		if sample[0] == elements.F32[i] {
			same++
		}
	}
	if kept < 180 || kept > 320 { // 250, five standard deviations
		t.Errorf("%d of %d samples survived", kept, n)
	}
	if same == n {
		t.Error("dropout and drop path draw the same mask")
	}
}
