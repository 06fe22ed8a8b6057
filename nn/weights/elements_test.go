package weights

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"workbench/nn/op"
)

// Every type of whole numbers and of floats is read by the definition of its bits, from either order of bytes.
func TestEveryTypeIsReadByItsBits(t *testing.T) {
	for _, test := range []struct {
		dtype  DType
		bytes  string // of one element, the least first
		whole  int64
		float  float32
		wanted string // of an error
	}{
		{dtype: "BOOL", bytes: "\x01", whole: 1}, {dtype: "U8", bytes: "\xff", whole: 255}, {dtype: "I8", bytes: "\x80", whole: -128},
		{dtype: "U16", bytes: "\x01\xff", whole: 0xff01}, {dtype: "I16", bytes: "\x01\x80", whole: -0x7fff},
		{dtype: "U32", bytes: "\x01\x00\x00\xff", whole: 0xff000001}, {dtype: "I32", bytes: "\x01\x00\x00\x80", whole: -0x7fffffff},
		{dtype: I64, bytes: "\x01\x00\x00\x00\x00\x00\x00\x80", whole: -0x7fffffffffffffff},
		{dtype: I64, bytes: "\x00\x00\x00\x00\x01\x00\x00\x00", whole: 1 << 32},
		{dtype: F32, bytes: "\x01\x00\x80\x3f", float: 1 + 1.0/(1<<23)}, {dtype: F16, bytes: "\x01\x3c", float: 1 + 1.0/(1<<10)},
		{dtype: BF16, bytes: "\x81\xbf", float: -1 - 1.0/(1<<7)},
		// A double is rounded to the nearest float32, and to the even one of two.
		{dtype: F64, bytes: "\x01\x00\x00\x10\x00\x00\xf0\x3f", float: 1 + 1.0/(1<<23)},
		{dtype: F64, bytes: "\x00\x00\x00\x10\x00\x00\xf0\x3f", float: 1},
		{dtype: F64, bytes: "\x00\x00\x00\x30\x00\x00\xf0\xbf", float: -1 - 1.0/(1<<22)},
		{dtype: F64, bytes: "\x00\x00\x00\x00\x00\x00\xf0\x7f", float: float32(math.Inf(1))},
		{dtype: "C64", bytes: strings.Repeat("\x00", 8), wanted: "elements are C64, want one of F32, F16, BF16, F64"},
		{dtype: "U64", bytes: strings.Repeat("\x00", 8), wanted: "elements are U64, want one of F32, F16, BF16, F64"},
		{dtype: "F4", bytes: "\x00", wanted: "elements are F4, want one of F32, F16, BF16, F64"},
	} {
		_, isWhole := wholes[test.dtype]
		for _, big := range []bool{false, true} {
			one := []byte(test.bytes)
			if big {
				slices.Reverse(one)
			}
			raw := slices.Concat([]byte("before"), one, one, []byte("behind"))
			e := Entry{Name: "a", DType: test.dtype, Shape: op.Shape{2}, begin: 6, end: 6 + uint64(2*len(one)), big: big}
			f := &File{from: bytes.NewReader(raw)}
			got, err := f.Floats(e)
			whole, problem := f.Ints(e)
			switch {
			case isWhole && (problem != nil || !slices.Equal(whole, []int64{test.whole, test.whole})):
				t.Errorf("%s %x: %v, %v, want %d twice", test.dtype, one, whole, problem, test.whole)
			case !isWhole && (problem == nil || problem.Error() != fmt.Sprintf("tensor \"a\": elements are %s, want whole numbers", test.dtype)):
				t.Errorf("%s as whole numbers: %v, %v", test.dtype, whole, problem)
			case test.wanted != "" && (err == nil || err.Error() != `tensor "a": `+test.wanted):
				t.Errorf("%s as floats: %v, %v", test.dtype, got, err)
			case isWhole && (err == nil || err.Error() != fmt.Sprintf("tensor \"a\": elements are %s, want one of F32, F16, BF16, F64",
				test.dtype)):
				t.Errorf("%s as floats: %v, %v", test.dtype, got, err)
			case !isWhole && test.wanted == "" && (err != nil || !slices.Equal(got, []float32{test.float, test.float})):
				t.Errorf("%s %x: %v, %v, want %v twice", test.dtype, one, got, err, test.float)
			}
		}
	}
}

// counted tells how much of a file was read.
type counted struct {
	io.ReaderAt
	bytes, times int
}

func (c *counted) ReadAt(b []byte, at int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(b, at)
	c.bytes, c.times = c.bytes+n, c.times+1
	return n, err
}

// Element [i, j, …] of a tensor with strides lies i·strides[0] + j·strides[1] + … elements behind the first, whatever
// the strides: of a transposed tensor, of a part of one, of a row that stands for many.
func TestElementsLieWhereTheStridesSay(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	raw := make([]byte, 1<<20)
	for i := range raw {
		raw[i] = byte(r.Uint32())
	}
	for _, test := range []struct {
		shape   op.Shape
		strides []int
		most    int // times that the file is read
	}{
		{op.Shape{}, []int{}, 1}, {op.Shape{3}, []int{0}, 1}, {op.Shape{3}, []int{2}, 1}, {op.Shape{2, 3}, []int{1, 2}, 1},
		{op.Shape{4, 3}, []int{3, 1}, 1},
		{op.Shape{2, 3, 4}, []int{0, 4, 1}, 1}, {op.Shape{2, 3, 4}, []int{1, 8, 2}, 1}, {op.Shape{2, 1, 3}, []int{5, 1000, 7}, 1},
		{op.Shape{0, 3}, []int{3, 1}, 0},
		{op.Shape{300, 200}, []int{1, 300}, 3}, {op.Shape{100, 5}, []int{1, 50_000}, 5}, {op.Shape{5, 40}, []int{40_000, 1}, 5},
		{op.Shape{3, 2}, []int{100_000, 20_000}, 6}, {op.Shape{70}, []int{1000}, 2}, {op.Shape{70}, []int{1024}, 70},
		{op.Shape{3}, []int{5000}, 3},
	} {
		for _, form := range []struct {
			dtype DType
			size  int
		}{{"I16", 2}, {"I32", 4}} {
			for _, big := range []bool{false, true} {
				var want []int64
				at := make([]int, len(test.shape))
				for range test.shape.Size() {
					place := 10
					for k, i := range at {
						place += form.size * i * test.strides[k]
					}
					b := slices.Clone(raw[place : place+form.size])
					if big {
						slices.Reverse(b)
					}
					v := int64(int16(binary.LittleEndian.Uint16(b)))
					if form.size == 4 {
						v = int64(int32(binary.LittleEndian.Uint32(b)))
					}
					want = append(want, v)
					for k := len(at) - 1; k >= 0; k-- {
						if at[k]++; at[k] < test.shape[k] {
							break
						}
						at[k] = 0
					}
				}
				from := &counted{ReaderAt: bytes.NewReader(raw)}
				e := Entry{DType: form.dtype, Shape: test.shape, strides: test.strides, begin: 10, big: big, from: from}
				e.end = e.begin + uint64(form.size*test.shape.Size())
				got, err := new(File).Ints(e)
				if err != nil || !slices.Equal(got, want) {
					t.Errorf("%v of %v by %v, big %v: %v\n%v, want\n%v", form.dtype, test.shape, test.strides, big, err, got, want)
				}
				if form.size == 4 && from.times > test.most {
					t.Errorf("%v by %v: the file is read %d times (%d bytes), want %d", test.shape, test.strides, from.times, from.bytes, test.most)
				}
			}
		}
	}
}

// broken fails where it is read.
type broken struct{}

func (broken) ReadAt([]byte, int64) (int, error) { return 0, io.ErrClosedPipe }

// What is not there any more is told with the element at which it ends.
func TestElementsThatAreNotThere(t *testing.T) {
	const closed = "element 0 of 2: io: read/write on closed pipe"
	for _, test := range []struct {
		want string
		e    Entry
	}{
		{"element 1 of 2: unexpected EOF", Entry{Shape: op.Shape{2}, end: 8, from: strings.NewReader("123456")}},
		{"element 0 of 2: EOF", Entry{Shape: op.Shape{2}, end: 8, from: strings.NewReader("")}},
		{"element 2 of 3: unexpected EOF", Entry{Shape: op.Shape{3}, begin: 1, end: 13, strides: []int{1},
			from: strings.NewReader("1234567890")}},
		{"element 1 of 2: unexpected EOF", Entry{Shape: op.Shape{2}, end: 8, strides: []int{2}, from: strings.NewReader("12345678")}},
		{closed, Entry{Shape: op.Shape{2}, end: 8, from: broken{}}},
		{closed, Entry{Shape: op.Shape{2}, end: 8, strides: []int{4}, from: broken{}}},
	} {
		test.e.Name, test.e.DType = "a", F32
		if got, err := new(File).Floats(test.e); err == nil || err.Error() != `tensor "a": `+test.want {
			t.Errorf("%v by %v: %v, %v, want %s", test.e.Shape, test.e.strides, got, err, test.want)
		}
	}
}

// Elements that cannot be read are not changed, and not written into any network.
func TestChangedElementsThatAreNotThere(t *testing.T) {
	n := net("fc", "conv.weight 1 3 1 1")
	for _, o := range []Options{{}, {BGR: true}} {
		f := of("conv.weight 1 3 1 1")
		f.Entries[0].end, f.from = 12, strings.NewReader("12345678")
		r, err := Compare(f, n, o)
		if err != nil || r.Verdict != Complete {
			t.Fatalf("%v\n%s", err, r)
		}
		written := 0
		err = r.Load(func(Taken, []float32) error { written++; return nil })
		if err == nil || err.Error() != `tensor "conv.weight": element 2 of 3: EOF` || written > 0 {
			t.Errorf("%+v: %v, %d are written", o, err, written)
		}
	}
}
