package evaluate

import (
	"context"
	"fmt"
	"math"
	"sort"

	"gonum.org/v1/gonum/blas/blas32"

	"workbench/nn/option"
)

func init() {
	register(Evaluator{
		Name: "knn", Doc: "weighted vote of the most similar training pictures, by cosine of features; nothing is trained",
		Paper: "Wu et al. 2018, section 3.4", Reads: Features, Bank: Training,
		Quantities: []string{"knn_top1", "knn_top5"},
		Options: []option.Option{
			{Name: "k", Default: 200, Min: 1, Max: 10000, Doc: "neighbours that vote; the bank has as many or more"},
			{Name: "temperature", Default: 0.1, Above: true,
				Doc: "a neighbour's vote is exp(cosine/temperature); lightly and Wu et al. have 0.1, DINO 0.07"},
		},
		start: func(s option.Settings, shape Shape) (measure, error) {
			return &knn{
				k: s.Int("k"), temperature: s.Float("temperature"), classes: shape.Classes,
				test: labelled{rows: newRows(shape.Features)}, block: newRows(shape.Features),
			}, nil
		},
	})
}

// knn holds the features under test, and for each of them the k best of the bank so far; the bank passes by in blocks.
// So memory is 4·features + 8·k bytes for each row under test, and 4 bytes for each of the bank, which may be far
// larger.
type knn struct {
	k           int
	temperature float64
	classes     int
	test        labelled // of norm 1
	block       *rows    // of the bank, of norm 1: those that no row under test has seen
	seen        int      // rows of the bank before those of block
	bank        []int32  // labels of the bank
	nearest     []neighbour
	spare       []float32 // a row
}

// neighbour is a row of the bank and its cosine with a row under test.
type neighbour struct {
	similarity float32
	row        int32
}

func (m *knn) add(features []float32, labels []int32) {
	for n := range labels {
		m.test.rows.add(m.normalised(features[n*m.test.width : (n+1)*m.test.width]))
	}
	m.test.labels = append(m.test.labels, labels...)
}

func (m *knn) addBank(features []float32, labels []int32) {
	for n := range labels {
		m.block.add(m.normalised(features[n*m.test.width : (n+1)*m.test.width]))
		if m.block.n == blockRows {
			m.compare()
		}
	}
	m.bank = append(m.bank, labels...)
}

// normalised is a row divided by its Euclidean norm, valid until the next call. A row of zeros stays as it is.
func (m *knn) normalised(row []float32) []float32 {
	m.spare = append(m.spare[:0], row...)
	if norm := norm(row); norm > 0 {
		for i, v := range row {
			m.spare[i] = float32(float64(v) / norm)
		}
	}
	return m.spare
}

// norm is the Euclidean norm, summed in float64.
func norm(row []float32) float64 {
	sum := 0.0
	for _, v := range row {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}

// compare shows the block to all rows under test.
func (m *knn) compare() {
	if m.nearest == nil {
		m.nearest = make([]neighbour, m.test.n*m.k)
	}
	spread(m.test.n, blockRows, func(_, from, to int) {
		for i := from; i < to; i++ {
			query, nearest := m.vector(m.test.row(i)), m.nearest[i*m.k:(i+1)*m.k]
			held := min(m.seen, m.k)
			for j := range m.block.n {
				s := blas32.Dot(query, m.vector(m.block.row(j)))
				held = insert(nearest, held, neighbour{s, int32(m.seen + j)})
			}
		}
	})
	m.seen += m.block.n
	m.block.n = 0
}

func (m *knn) vector(row []float32) blas32.Vector {
	return blas32.Vector{N: m.test.width, Inc: 1, Data: row}
}

// insert puts a neighbour into its place among the first held ones, which fall in similarity, and returns how many
// there are now. Of equal ones the first stays before. The last goes if there is no place for it.
func insert(nearest []neighbour, held int, n neighbour) int {
	if held == len(nearest) && n.similarity <= nearest[held-1].similarity {
		return held
	}
	at := sort.Search(held, func(i int) bool { return nearest[i].similarity < n.similarity })
	held = min(held+1, len(nearest))
	copy(nearest[at+1:held], nearest[at:held-1])
	nearest[at] = n
	return held
}

// result has the shares of rows whose label has the most votes, or is among the five with the most; of equal votes the
// lower class is first. A label without any vote is a miss. There is no knn_top5 for five classes or fewer.
func (m *knn) result(ctx context.Context) (Result, error) {
	if m.k > len(m.bank) {
		return Result{}, fmt.Errorf("option k: want at most the %d rows of the bank, got %d", len(m.bank), m.k)
	}
	if m.block.n > 0 {
		m.compare()
	}
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	var hits Hits
	for i, label := range m.test.labels {
		votes := m.votes(m.nearest[i*m.k : (i+1)*m.k])
		if votes[label] > 0 {
			hits.count(above(votes, int(label)))
		}
	}
	return Result{Values: shares("knn_", hits, m.test.n, m.classes)}, nil
}

// votes of the classes: exp(cosine/temperature) of each neighbour, divided by that of the first so that none overflows.
func (m *knn) votes(nearest []neighbour) []float64 {
	votes := make([]float64, m.classes)
	for _, n := range nearest {
		less := float64(n.similarity) - float64(nearest[0].similarity)
		votes[m.bank[n.row]] += math.Exp(less / m.temperature)
	}
	return votes
}

// shares are top1, and top5 if there are more than five classes, under names with a prefix.
func shares(prefix string, hits Hits, images, classes int) []Value {
	values := []Value{{prefix + "top1", float64(hits.Top1) / float64(images)}}
	if classes > 5 {
		values = append(values, Value{prefix + "top5", float64(hits.Top5) / float64(images)})
	}
	return values
}
