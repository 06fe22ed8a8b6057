// Package confident finds wrong labels by confident learning (Northcutt et al. 2021, arXiv 1911.00068), from the
// probabilities that networks give to images which they were not trained on. It follows cleanlab 2.9.0
// (filter.find_label_issues, count.compute_confident_joint), which the tests compare with.
package confident

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Filters are the ways to choose labels. The first three prune as many as the confident joint says: of each pair of
// classes those of largest margin, of each class those of least self-confidence, or what both find. Then those that
// the joint counts off its diagonal, and all that the largest probability does not agree with.
const (
	ByNoiseRate = "prune_by_noise_rate"
	ByClass     = "prune_by_class"
	Both        = "both"
	OffDiagonal = "confident_learning"
	Argmax      = "predicted_neq_given"
)

// Filters in the order of their documentation.
var Filters = []string{ByNoiseRate, ByClass, Both, OffDiagonal, Argmax}

// slack is how far below its threshold a probability still counts, and by how much a tie is for the label.
const slack = 1e-6

// Find tells which of the labels [n], each from 0 to classes − 1, are taken to be wrong, by the probabilities
// [n, classes] of a network that was not trained on the image.
func Find(probabilities []float32, labels []int32, classes int, filter string) ([]bool, error) {
	if !slices.Contains(Filters, filter) {
		return nil, fmt.Errorf("unknown filter %q, want one of %v", filter, Filters)
	}
	if classes < 2 || len(probabilities) != len(labels)*classes {
		return nil, fmt.Errorf("%d probabilities of %d images and %d classes, want %d, and 2 classes at least",
			len(probabilities), len(labels), classes, len(labels)*classes)
	}
	for i, label := range labels {
		if label < 0 || int(label) >= classes {
			return nil, fmt.Errorf("image %d has label %d, want 0 to %d", i, label, classes-1)
		}
	}
	e := examples{probabilities, labels, classes}
	found := make([]bool, len(labels))
	switch counts, off := e.joint(); filter {
	case OffDiagonal:
		copy(found, off)
	case Argmax:
		for i := range found {
			found[i] = true // but for those that agree
		}
	default:
		prune := pruned(e.calibrated(counts))
		rate, class := e.byNoiseRate(prune), e.byClass(prune)
		for i := range found {
			found[i] = (rate[i] || filter == ByClass) && (class[i] || filter == ByNoiseRate)
		}
	}
	for i := range found {
		found[i] = found[i] && !e.agrees(i)
	}
	return found, nil
}

// Ranked are the images whose labels were found to be wrong, the least believed first: by the probability of the given
// class (cleanlab's self-confidence), of equal ones in their order.
func Ranked(probabilities []float32, labels []int32, classes int, found []bool) []int {
	var images []int
	for i, is := range found {
		if is {
			images = append(images, i)
		}
	}
	e := examples{probabilities, labels, classes}
	believed := func(i int) float64 { return e.of(i, int(labels[i])) }
	slices.SortStableFunc(images, func(a, b int) int { return cmp.Compare(believed(a), believed(b)) })
	return images
}

// examples are labelled images with probabilities.
type examples struct {
	p       []float32
	labels  []int32
	classes int
}

func (e examples) of(i, class int) float64 { return float64(e.p[i*e.classes+class]) }

// labelled are the images with a label, in their order.
func (e examples) labelled(class int) []int {
	var all []int
	for i, label := range e.labels {
		if int(label) == class {
			all = append(all, i)
		}
	}
	return all
}

// agrees tells whether no class is more likely than the label.
func (e examples) agrees(i int) bool {
	for class := range e.classes {
		if label := int(e.labels[i]); class != label && e.of(i, class) > e.of(i, label)+slack {
			return false
		}
	}
	return true
}

// joint is the confident joint: how many images of a label (first) are confidently of a class (second), at least one
// of each class being right; off are the images that it counts off its diagonal. A class is confident where its
// probability is at least the mean of what images of this label have.
func (e examples) joint() (counts [][]float64, off []bool) {
	thresholds := make([]float64, e.classes)
	for class := range thresholds {
		thresholds[class] = 2 // which no probability reaches
		if of := e.labelled(class); len(of) > 0 {
			sum := 0.0
			for _, i := range of {
				sum += e.of(i, class)
			}
			thresholds[class] = max(sum/float64(len(of)), 2*slack)
		}
	}
	counts, off = square(e.classes), make([]bool, len(e.labels))
	for i, label := range e.labels {
		confident, guess, likeliest := 0, 0, 0
		for class := range e.classes {
			if e.of(i, class) > e.of(i, likeliest) {
				likeliest = class
			}
			if e.of(i, class) >= thresholds[class]-slack {
				if confident++; confident == 1 {
					guess = class
				}
			}
		}
		if confident == 0 {
			continue
		}
		if confident > 1 {
			guess = likeliest
		}
		counts[label][guess]++
		off[i] = guess != int(label)
	}
	for class := range counts {
		counts[class][class] = max(counts[class][class], 1)
	}
	return counts, off
}

// calibrated is the joint with as many images of each label as there are, in whole numbers.
func (e examples) calibrated(counts [][]float64) [][]float64 {
	for label, row := range counts {
		sum, n := 0.0, float64(len(e.labelled(label)))
		for _, count := range row {
			sum += count
		}
		for class := range row {
			row[class] *= n / sum
		}
		counts[label] = whole(row)
	}
	return counts
}

// pruned are how many images to take away of a class (first) with a label (second); on the diagonal how many to leave.
// One of each label at least stays.
func pruned(joint [][]float64) [][]float64 {
	prune := square(len(joint))
	for label, row := range joint {
		kept, others := max(row[label], 1), 0.0
		for _, count := range row {
			if count != 0 {
				others++
			}
		}
		for class, count := range row {
			prune[class][label] = max(count-(kept-row[label])/max(others-1, 1), 0)
		}
		prune[label][label] = kept
	}
	for class, row := range prune {
		for label := range row {
			row[label] = math.Trunc(row[label])
		}
		prune[class] = whole(row)
	}
	return prune
}

// byNoiseRate chooses of every pair of classes the images whose class is likeliest by the largest margin to the label.
func (e examples) byNoiseRate(prune [][]float64) []bool {
	found := make([]bool, len(e.labels))
	for label := range e.classes {
		of := e.labelled(label)
		if len(of) <= 1 {
			continue
		}
		for class := range e.classes {
			if n := int(prune[class][label]); class != label && n > 0 {
				mark(found, of, n, func(i int) float64 { return e.of(i, label) - e.of(i, class) })
			}
		}
	}
	return found
}

// byClass chooses of every label the images for which it is least likely.
func (e examples) byClass(prune [][]float64) []bool {
	found := make([]bool, len(e.labels))
	for label := range e.classes {
		of := e.labelled(label)
		if n := len(of) - int(prune[label][label]); len(of) > 1 && n > 0 {
			mark(found, of, n, func(i int) float64 { return e.of(i, label) })
		}
	}
	return found
}

// mark sets found of the n images whose scores are least.
func mark(found []bool, images []int, n int, score func(i int) float64) {
	ordered := slices.Clone(images)
	slices.SortStableFunc(ordered, func(a, b int) int { return cmp.Compare(score(a), score(b)) })
	for _, i := range ordered[:min(n, len(ordered))] {
		found[i] = true
	}
}

// whole rounds numbers and keeps their sum: what is missing is added where rounding took most, and what is too much
// taken away where it gave most.
func whole(x []float64) []float64 {
	sum, got := 0.0, 0.0
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = math.RoundToEven(v)
		sum, got = sum+v, got+y[i]
	}
	for missing := math.RoundToEven(sum) - got; missing != 0; {
		step := math.Copysign(1, missing)
		order := make([]int, len(x))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(step*(x[b]-y[b]), step*(x[a]-y[a])) })
		for _, i := range order[:min(int(math.Abs(missing)), len(x))] {
			y[i] += step
			missing -= step
		}
	}
	return y
}

func square(n int) [][]float64 {
	rows := make([][]float64, n)
	for i := range rows {
		rows[i] = make([]float64, n)
	}
	return rows
}
