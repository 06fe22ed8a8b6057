package data

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"workbench/experiments/data/release"
)

// published is a set of pictures of one size in the files that its authors give out.
type published struct {
	Info
	forms    []form   // in which it is published, the one to take first first
	settings []string // that decide what the set is beyond its files and counts: part of its digest
	fetch    string   // how to get the files
}

// form is one form in which a set is published.
type form struct {
	release.Release
	parts map[Split][]string // names of the files of each split, in their order
	read  func(release.Content) (piece, error)
}

// piece is what one file has: labels, pictures [n, channels, height, width], or both.
type piece struct {
	labels []int32
	pixels []byte

	// What the digest of the set tells of the file, where the form is not the first: the name and the SHA-256 of the file
	// of the first form that has the same content.
	name, sha256 string
}

// limits are how many images of a split are wanted, the first of its files; 0: all.
type limits map[Split]int

// files are the names of all files that are needed.
func (f form) files(wanted limits) (names []string) {
	for split := range splits {
		if _, asked := wanted[Split(split)]; asked {
			names = append(names, f.parts[Split(split)]...)
		}
	}
	return names
}

// open reads and checks every file of the wanted splits, also those beyond the wanted number of images.
func (p published) open(ctx context.Context, dir string, wanted limits) (Set, error) {
	f, place, err := p.find(dir)
	if err != nil {
		return nil, err
	}
	collectors := map[string]*collector{}
	var order []*collector
	for split := range splits {
		if limit, asked := wanted[Split(split)]; asked {
			s := newCollector(p.Info, f, Split(split), limit)
			order = append(order, s)
			for _, name := range s.names {
				collectors[name] = s
			}
		}
	}
	sums, err := place.Read(ctx, f.files(wanted), func(c release.Content) error {
		piece, err := f.read(c)
		if err == nil {
			err = p.check(piece)
		}
		if err != nil {
			return p.damaged(c, err)
		}
		collectors[c.Name].put(c.Name, piece)
		return nil
	})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, p.hinted(err)
	}
	var all albums
	for _, s := range order {
		if all[s.split], err = s.album(place.Path); err != nil {
			return nil, p.hinted(err)
		}
	}
	set := newPictures(p.Info, p.digest(all, order, sums), all)
	for _, s := range order {
		s.prove(p.forms[0], sums)
	}
	return released{set, p.origin(place, f.files(wanted), sums)}, nil
}

// find returns the first form of which something is there.
func (p published) find(dir string) (form, release.Place, error) {
	if dir == "" {
		return form{}, release.Place{}, fmt.Errorf("no data folder given: %s", p.fetch)
	}
	var wanted []string
	for _, f := range p.forms {
		place, there, err := f.Find(dir)
		if err != nil {
			return f, place, fmt.Errorf("%w: %s", err, p.fetch)
		}
		if there {
			return f, place, nil
		}
		wanted = append(append(wanted, f.Folders...), f.Archives...)
	}
	return form{}, release.Place{}, fmt.Errorf("there is none of %s in %s: %s", strings.Join(wanted, ", "), dir, p.fetch)
}

// locate says where the set's files lie; "": nowhere.
func (p published) locate(dir string) (string, error) {
	for _, f := range p.forms {
		if place, there, err := f.Find(dir); there || err != nil {
			return place.Path, err
		}
	}
	return "", nil
}

// damaged is the error for a file that cannot be what it should.
func (p published) damaged(c release.Content, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("it is cut short (%w)", err)
	}
	return fmt.Errorf("%s: %w: the file is damaged, or none of %s; %s", c.Path, err, p.Name, p.fetch)
}

// hinted is an error that says how to get the files.
func (p published) hinted(err error) error {
	if strings.Contains(err.Error(), p.fetch) {
		return err
	}
	return fmt.Errorf("%w; %s", err, p.fetch)
}

// check says what is wrong with what a file has.
func (p published) check(f piece) error {
	if n := len(f.pixels); n%p.Size() != 0 {
		return fmt.Errorf("it has %d bytes of pictures, want a multiple of %d", n, p.Size())
	}
	for i, label := range f.labels {
		if label < 0 || int(label) >= len(p.Classes) {
			return fmt.Errorf("record %d (counted from 0) has label %d, want 0 to %d", i, label, len(p.Classes)-1)
		}
	}
	return nil
}

// digest of what decides images and labels.
func (p published) digest(all albums, order []*collector, sums map[string]release.Sums) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s reader 1 train=%d test=%d mean=%v std=%v\n",
		p.Name, len(all[Train].labels), len(all[Test].labels), p.Mean, p.Std)
	for _, s := range p.settings {
		fmt.Fprintln(h, s)
	}
	if n := len(all[Unlabeled].labels); n > 0 {
		fmt.Fprintf(h, "unlabeled=%d\n", n)
	}
	for _, s := range order {
		for _, name := range s.names {
			if same := s.same[name]; same != nil {
				fmt.Fprintln(h, same.name, same.sha256)
			} else {
				fmt.Fprintln(h, name, sums[name].SHA256)
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// exactly reads all of a file whose length may be known.
func exactly(c release.Content) ([]byte, error) {
	if c.Size < 0 {
		return io.ReadAll(c)
	}
	raw := make([]byte, c.Size) // at most Most, which was checked
	n, err := io.ReadFull(c, raw)
	if err != nil {
		return nil, fmt.Errorf("reading %d bytes, got %d: %w", c.Size, n, err)
	}
	return raw, nil
}
