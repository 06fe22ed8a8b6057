package data

import "testing"

// A set may have more classes than a byte can number.
func TestLabelsAreNotBytes(t *testing.T) {
	s := newPictures(Info{}, "", albums{Train: {labels: []int32{7, 999}}})
	if got := s.Label(Train, 1); got != 999 {
		t.Errorf("label %d, want 999", got)
	}
}
