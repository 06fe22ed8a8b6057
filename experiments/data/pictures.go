package data

// pictures is a set that has the bytes of all its images in memory.
type pictures struct {
	info   Info
	digest string
	albums albums
}

// album is one split: n labels and n images [channels, height, width] of bytes, one after another.
type album struct {
	labels []int32
	pixels func() []byte // the same slice at each call, cheap after the first
}

// albums are the splits of a set; the zero album has no images.
type albums [len(splits)]album

func newPictures(info Info, digest string, a albums) *pictures {
	return &pictures{info: info, digest: digest, albums: a}
}

func (p *pictures) Info() Info                   { return p.info }
func (p *pictures) Digest() string               { return p.digest }
func (p *pictures) Len(split Split) int          { return len(p.albums[split].labels) }
func (p *pictures) Label(split Split, i int) int { return int(p.albums[split].labels[i]) }

func (p *pictures) Pixels(split Split, i int, dst []uint8) error {
	size := p.info.Size()
	copy(dst, p.albums[split].pixels()[i*size:(i+1)*size])
	return nil
}
