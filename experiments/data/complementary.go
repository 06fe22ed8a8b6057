package data

import "fmt"

// Complementary is p with complementary labels: of each image a class that it is not of, all the others being equally
// likely (Ishida et al. 2017, arXiv 1705.07541). Which one depends on seed, split and image alone.
func Complementary(p Part, seed uint64) (Part, error) {
	if p.Labels != nil {
		return Part{}, fmt.Errorf("complementary labels: the %s has other labels than the set's, which say nothing of what an image is not", p)
	}
	p, err := Noise{Kind: Symmetric, Rate: 1, Seed: seed}.Of(p)
	if err != nil {
		return Part{}, fmt.Errorf("complementary labels: %w", err)
	}
	return p, nil
}
