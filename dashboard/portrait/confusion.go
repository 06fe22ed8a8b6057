package portrait

import (
	"cmp"
	"math"
	"slices"

	kept "workbench/experiments/portrait"
	"workbench/experiments/stats"
)

// Confusion is a confusion matrix with what follows from it.
type Confusion struct {
	Step int64 `json:"step"`
	kept.Confusion
	Images int     `json:"images"`
	Right  int     `json:"right"`
	Each   []Class `json:"per_class"`
	Pairs  []Pair  `json:"most_confused"`
}

// Class is how often images of a class are answered right, with its 95 % interval (Wilson). Shares are from 0 to 1, and
// NaN without images.
type Class struct {
	Name     string  `json:"class"`
	Images   int     `json:"images"`
	Right    int     `json:"right"`
	Accuracy float64 `json:"accuracy"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
}

// Pair is a wrong answer that images of a class get.
type Pair struct {
	Label  string  `json:"label"`
	Said   string  `json:"said"`
	Images int     `json:"images"`
	Share  float64 `json:"share"` // of the images with the label
}

const mostPairs = 20

func confusionOf(step int64, t kept.Confusion) *Confusion {
	c := &Confusion{Step: step, Confusion: t, Pairs: []Pair{}}
	for i, row := range t.Counts {
		sum := 0
		for _, n := range row {
			sum += n
		}
		in := stats.Share(row[i], sum)
		c.Each = append(c.Each, Class{t.Classes[i], sum, row[i], float64(row[i]) / float64(sum), in.Low, in.High})
		c.Images, c.Right = c.Images+sum, c.Right+row[i]
		for j, n := range row {
			if i != j && n > 0 {
				c.Pairs = append(c.Pairs, Pair{t.Classes[i], t.Classes[j], n, float64(n) / float64(sum)})
			}
		}
	}
	slices.SortStableFunc(c.Pairs, func(a, b Pair) int {
		return cmp.Or(cmp.Compare(b.Images, a.Images), cmp.Compare(b.Share, a.Share))
	})
	c.Pairs = c.Pairs[:min(len(c.Pairs), mostPairs)]
	return c
}

// share of the images of a class that get an answer; 0 without images.
func (c Confusion) share(label, said int) float64 {
	if c.Each[label].Images == 0 {
		return 0
	}
	return float64(c.Counts[label][said]) / float64(c.Each[label].Images)
}

// Difference is what another run answers otherwise: its shares less those of the first.
type Difference struct {
	Classes []string          `json:"classes"`
	Counts  [][]int           `json:"counts"` // differences, if both have seen equally many images of each class; else none
	Shares  [][]float64       `json:"shares"` // differences of the shares of the images with a label, −1 to 1
	Each    []ClassDifference `json:"per_class"`
	Fixed   []PairDifference  `json:"fewer"` // confusions that the other makes less often
	Added   []PairDifference  `json:"more"`  // and those that it makes more often
}

// ClassDifference is how much more often the other is right, with its 95 % interval (Newcombe, as of two samples).
type ClassDifference struct {
	Name   string  `json:"class"`
	First  float64 `json:"first"`
	Second float64 `json:"second"`
	Mean   float64 `json:"difference"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

// PairDifference is a confusion of two classes in both runs.
type PairDifference struct {
	Label      string  `json:"label"`
	Said       string  `json:"said"`
	First      int     `json:"first"` // images
	Second     int     `json:"second"`
	Difference float64 `json:"difference"` // of shares
}

// Differ compares the answers of two runs; nil if they are not about the same classes.
func Differ(a, b *Confusion) *Difference {
	if a == nil || b == nil || !slices.Equal(a.Classes, b.Classes) {
		return nil
	}
	d := &Difference{Classes: a.Classes}
	alike := true
	for i := range a.Classes {
		p, q := a.Each[i], b.Each[i]
		alike = alike && p.Images == q.Images
		in := stats.ShareDifference(p.Right, p.Images, q.Right, q.Images)
		d.Each = append(d.Each, ClassDifference{p.Name, p.Accuracy, q.Accuracy, q.Accuracy - p.Accuracy, in.Low, in.High})
		counts, shares := make([]int, len(a.Classes)), make([]float64, len(a.Classes))
		for j := range counts {
			counts[j], shares[j] = b.Counts[i][j]-a.Counts[i][j], b.share(i, j)-a.share(i, j)
			if one := (PairDifference{p.Name, a.Classes[j], a.Counts[i][j], b.Counts[i][j], shares[j]}); i != j && shares[j] < 0 {
				d.Fixed = append(d.Fixed, one)
			} else if i != j && shares[j] > 0 {
				d.Added = append(d.Added, one)
			}
		}
		d.Counts, d.Shares = append(d.Counts, counts), append(d.Shares, shares)
	}
	if !alike {
		d.Counts = nil
	}
	for _, list := range []*[]PairDifference{&d.Fixed, &d.Added} {
		slices.SortStableFunc(*list, func(x, y PairDifference) int {
			return cmp.Compare(math.Abs(y.Difference), math.Abs(x.Difference))
		})
		*list = (*list)[:min(len(*list), mostPairs/2)]
	}
	return d
}
