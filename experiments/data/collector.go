package data

import (
	"fmt"
	"slices"

	"workbench/experiments/data/release"
)

// collector collects the files of one split, which may come in any order.
type collector struct {
	info   Info
	split  Split
	names  []string           // of the files, in the order of the split
	limit  int                // images that are wanted; 0: all
	shares map[string]float64 // of a published file: how often its length fits into that of all
	early  map[string]piece
	same   map[string]*piece // files whose digest is told as that of another form
	next   int               // index of the file that is to be appended
	labels []int32
	pixels []byte
}

func newCollector(info Info, f form, split Split, limit int) *collector {
	s := &collector{info: info, split: split, names: f.parts[split], limit: limit, shares: map[string]float64{},
		early: map[string]piece{}, same: map[string]*piece{}}
	all := 0.0
	for _, name := range s.names {
		file, _ := f.File(name)
		s.shares[name] = 1 / float64(file.Bytes)
		all += float64(file.Bytes)
	}
	for name := range s.shares {
		s.shares[name] *= all
	}
	return s
}

// put a file to the others, as soon as those before it are there.
func (s *collector) put(name string, p piece) {
	if p.sha256 != "" {
		s.same[name] = &piece{name: p.name, sha256: p.sha256}
	}
	if s.limit > 0 {
		p = p.first(s.limit, s.info.Size())
	}
	s.early[name] = p
	for s.next < len(s.names) {
		p, there := s.early[s.names[s.next]]
		if !there {
			return
		}
		delete(s.early, s.names[s.next])
		s.labels = append(s.labels, p.labels...)
		s.append(p.pixels, s.shares[s.names[s.next]])
		s.next++
		if s.limit > 0 {
			s.labels = s.labels[:min(len(s.labels), s.limit)]
			s.pixels = s.pixels[:min(len(s.pixels), s.limit*s.info.Size())]
		}
	}
}

// append the pictures of a file. If others will follow, there is room for them at once, so that memory is not copied.
func (s *collector) append(pixels []byte, share float64) {
	if len(s.pixels) == 0 && share < 1.5 {
		s.pixels = pixels
		return
	}
	if s.pixels == nil {
		room := int(share * float64(len(pixels)))
		if s.limit > 0 {
			room = min(room, s.limit*s.info.Size())
		}
		s.pixels = make([]byte, 0, max(room, len(pixels)))
	}
	s.pixels = append(s.pixels, pixels...)
}

// first n images of a file, in memory of their own.
func (p piece) first(n, size int) piece {
	if len(p.labels) > n {
		p.labels = slices.Clone(p.labels[:n])
	}
	if len(p.pixels) > n*size {
		p.pixels = slices.Clone(p.pixels[:n*size])
	}
	return p
}

// album is the split, if it has as many labels as pictures and as many images as were wanted.
func (s *collector) album(where string) (album, error) {
	images := len(s.pixels) / s.info.Size()
	if s.split == Unlabeled {
		s.labels = slices.Repeat([]int32{-1}, images)
	}
	switch n := len(s.labels); {
	case n != images:
		return album{}, fmt.Errorf("%s: %d labels and %d pictures in the %s files, want as many", where, n, images, s.split)
	case images == 0:
		return album{}, fmt.Errorf("%s: the %s files have no images", where, s.split)
	case images < s.limit:
		return album{}, fmt.Errorf("%s: dataset.%s is %d, and the %s files have %d images", where, s.split, s.limit, s.split, images)
	}
	pixels := s.pixels
	return album{labels: s.labels, pixels: func() []byte { return pixels }}, nil
}

// prove files by what they have in common with published ones of the first form.
func (s *collector) prove(first form, sums map[string]release.Sums) {
	for name, same := range s.same {
		if file, known := first.File(same.name); known && file.SHA256 != "" && file.SHA256 == same.sha256 {
			proved := sums[name]
			proved.Official, proved.Proved = true, true
			sums[name] = proved
		}
	}
}
