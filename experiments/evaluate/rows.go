package evaluate

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// blockRows is how many rows are worked on at a time: a megabyte of float32 features of width 2048, so that a block
// stays in a core's cache. Results may depend on it in the last bits, so it is no setting.
const blockRows = 128

// rows are [n, width] numbers in blocks of blockRows. A block never moves, so that growing costs no copy.
type rows struct {
	width int
	// stride is width rounded up to four: every row begins at a multiple of 16 bytes within its block. The assembly of
	// gonum's dot product adds in an order that depends on that.
	stride int
	n      int
	blocks [][]float32
}

func newRows(width int) *rows { return &rows{width: width, stride: (width + 3) &^ 3} }

// add appends values [m, width].
func (r *rows) add(values []float32) {
	for ; len(values) > 0; values = values[r.width:] {
		if r.n == len(r.blocks)*blockRows {
			r.blocks = append(r.blocks, make([]float32, blockRows*r.stride))
		}
		r.n++
		copy(r.row(r.n-1), values)
	}
}

// row is row i, [width].
func (r *rows) row(i int) []float32 {
	from := i % blockRows * r.stride
	return r.blocks[i/blockRows][from : from+r.width]
}

// labelled are rows with their labels.
type labelled struct {
	*rows
	labels []int32 // [n]
}

func (l *labelled) add(values []float32, labels []int32) {
	l.rows.add(values)
	l.labels = append(l.labels, labels...)
}

// spread calls work for the parts of 0..n−1, each of size items but for the last, on all processors. What a part does
// must not depend on others; a sum over parts is then made in their order.
func spread(n, size int, work func(part, from, to int)) {
	parts := (n + size - 1) / size
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), parts) {
		wait.Go(func() {
			for part := int(next.Add(1)) - 1; part < parts; part = int(next.Add(1)) - 1 {
				work(part, part*size, min((part+1)*size, n))
			}
		})
	}
	wait.Wait()
}
