package data

import "testing"

// A set may have more classes than a byte can number.
func TestLabelsAreNotBytes(t *testing.T) {
	s := newPictures(Info{}, "", album{labels: []int32{7, 999}}, album{})
	if got := s.Label(Train, 1); got != 999 {
		t.Errorf("label %d, want 999", got)
	}
}
