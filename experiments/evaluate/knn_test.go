package evaluate

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"
)

func TestKNNAgreesWithDINO(t *testing.T) {
	f := recorded(t)
	for _, want := range f.KNN {
		r := measured(t, f, Use{Name: "knn", Options: map[string]any{"k": want.K, "temperature": want.Temperature}})
		near(t, "top-1", r.value(t, "knn_top1"), want.Top1, 1e-14)
		near(t, "top-5", r.value(t, "knn_top5"), want.Top5, 1e-14)
	}
}

// By hand: the picture (1, 0) has the neighbours (2, 0) of class 1 with cosine 1, and (3, 3) and (1, 1) of class 0 with
// cosine √½. Their votes are 1 and 2 exp((√½ − 1)/T), which are equal at T = (1 − √½)/log 2 = 0.4226.
func TestKNNByHand(t *testing.T) {
	in := input{rows: []float32{1, 0}, width: 2, bank: []float32{3, 3, 2, 0, -1, 0, 1, 1}, bankLabels: []int32{0, 1, 2, 0}}
	for _, c := range []struct {
		label       int32
		k           int
		temperature float64
		want        float64
	}{
		{1, 3, 0.42, 1}, {0, 3, 0.42, 0}, {0, 3, 0.43, 1}, {1, 3, 0.43, 0},
		{1, 1, 100, 1}, {0, 2, 100, 0}, {0, 3, 100, 1},
		{1, 4, 1e-6, 1}, // exp(cosine/T) alone would overflow
	} {
		in.labels = []int32{c.label}
		r, err := in.run(t, Use{Name: "knn", Options: map[string]any{"k": c.k, "temperature": c.temperature}}, 3)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.value(t, "knn_top1"); got != c.want {
			t.Errorf("%+v: got %v", c, got)
		}
	}
}

// Of equal neighbours the first of the bank comes first, wherever the blocks end.
func TestKNNTies(t *testing.T) {
	const n = 3*blockRows + 7
	bank, labels := make([]float32, 0, 5*n), make([]int32, n)
	for i := range n {
		bank = append(bank, 1, 2, 3, 4, 5)
		labels[i] = int32(min(i, 6)) // row 0 has class 0, ..., and all from row 6 on have class 6
	}
	for k := 1; k < 7; k++ {
		m, err := Use{Name: "knn", Options: map[string]any{"k": k}}.New(Shape{Classes: 7, Features: 5})
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Add([]float32{2, 4, 6, 8, 10}, []int32{int32(k - 1)}); err != nil {
			t.Fatal(err)
		}
		if err := m.AddBank(bank, labels); err != nil {
			t.Fatal(err)
		}
		r, err := m.Result(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		hits := map[bool]float64{true: 1}
		near(t, "equal votes: top-1 is class 0", r.value(t, "knn_top1"), hits[k == 1], 0)
		near(t, "class k − 1 voted", r.value(t, "knn_top5"), hits[k <= 5], 0)
		for i, n := range m.measure.(*knn).nearest {
			if int(n.row) != i {
				t.Errorf("neighbour %d is row %d", i, n.row)
			}
		}
	}
}

// A label that no neighbour has is a miss, though it is among the first five of equal classes.
func TestKNNWithoutVotes(t *testing.T) {
	in := input{rows: []float32{1, 0}, labels: []int32{0}, width: 2, bank: []float32{1, 0}, bankLabels: []int32{5}}
	r, err := in.run(t, Use{Name: "knn", Options: map[string]any{"k": 1}}, 7)
	if err != nil || r.value(t, "knn_top5") != 0 {
		t.Errorf("got %v, %v, want a miss", r.Values, err)
	}
}

func TestKNNWantsAsManyAsVote(t *testing.T) {
	in := input{rows: []float32{1, 0}, labels: []int32{0}, width: 2, bank: []float32{1, 0, 0, 0}, bankLabels: []int32{5, 1}}
	_, err := in.run(t, Use{Name: "knn"}, 7)
	if want := "evaluator knn: option k: want at most the 2 rows of the bank, got 200"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if r, err := in.run(t, Use{Name: "knn", Options: map[string]any{"k": 2}}, 7); err != nil || len(r.Values) != 2 {
		t.Errorf("a row of zeros: got %v, %v", r, err)
	}
}

// The definition sorts the whole bank.
func TestNearestAgreesWithSorting(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		n, k := 1+r.IntN(60), 1+r.IntN(20)
		var all []neighbour
		nearest, held := make([]neighbour, k), 0
		for row := range n {
			v := neighbour{float32(r.IntN(8)), int32(row)} // ties are likely
			all = append(all, v)
			held = insert(nearest, held, v)
		}
		slices.SortStableFunc(all, func(a, b neighbour) int { return cmp.Compare(b.similarity, a.similarity) })
		if want := all[:min(n, k)]; !slices.Equal(nearest[:held], want) {
			t.Fatalf("got %v, want %v", nearest[:held], want)
		}
	}
}

// Equal rows have equal cosines only if all begin at multiples of 16 bytes.
func TestRowsAreAligned(t *testing.T) {
	for width := 1; width < 70; width++ {
		r := newRows(width)
		r.add(make([]float32, 2*blockRows*width))
		for i := range r.n {
			if at := uintptr(unsafe.Pointer(unsafe.SliceData(r.row(i)))); at%16 != 0 {
				t.Fatalf("row %d of width %d begins %d bytes after a multiple of 16", i, width, at%16)
			}
		}
	}
}
