package data

import "fmt"

// apportion divides total images among classes in proportion to their sizes, by largest remainders (Hamilton's method):
// each class gets its quota total·size/Σ sizes rounded down, and what is then left goes to those with the largest
// remainders, of equal ones to the lower class. A class of at least two images gets at least one, and at most all but
// one; a class of one gets none. What that takes from proportion comes from the classes furthest above their quota.
func apportion(total int, sizes []int) ([]int, error) {
	all, least, most := 0, 0, 0
	counts, sum := make([]int, len(sizes)), 0
	for _, n := range sizes {
		all, least, most = all+n, least+fewest(n), most+greatest(n)
	}
	switch {
	case total < least:
		return nil, fmt.Errorf("got %d images, want at least %d: one of each class that has two or more", total, least)
	case total > most:
		return nil, fmt.Errorf("got %d images, want at most %d: each class keeps one", total, most)
	case total == 0:
		return counts, nil
	}
	for c, n := range sizes {
		counts[c] = min(max(total*n/all, fewest(n)), greatest(n))
		sum += counts[c]
	}
	below := func(c int) int { return total*sizes[c] - counts[c]*all } // its quota, times all
	for ; sum < total; sum++ {
		best := -1
		for c, n := range sizes {
			if counts[c] < greatest(n) && (best < 0 || below(c) > below(best)) {
				best = c
			}
		}
		counts[best]++
	}
	for ; sum > total; sum-- {
		best := -1
		for c, n := range sizes {
			if counts[c] > fewest(n) && (best < 0 || below(c) <= below(best)) {
				best = c
			}
		}
		counts[best]--
	}
	return counts, nil
}

// fewest and greatest are how many images a class of n can give so that it is lost on neither side.
func fewest(n int) int   { return min(1, n/2) }
func greatest(n int) int { return max(0, n-1) }
