package data

// pictures is a set whose raw values are bytes, where 0 is black and 255 is full. They stay bytes in memory and become
// float32 when an image is read.
type pictures struct {
	info   Info
	digest string
	levels [][256]float32 // channel, raw byte → normalised value
	splits [2]album
}

// album is one split: n labels and n images [channels, height, width] of bytes, one after another.
type album struct {
	labels []uint8
	pixels func() []byte // the same slice at each call, cheap after the first
}

func newPictures(info Info, digest string, train, test album) *pictures {
	p := &pictures{info: info, digest: digest, levels: make([][256]float32, info.Channels), splits: [2]album{train, test}}
	for c := range p.levels {
		for v := range p.levels[c] {
			p.levels[c][v] = info.Normalise(c, float64(v)/255)
		}
	}
	return p
}

func (p *pictures) Info() Info                   { return p.info }
func (p *pictures) Digest() string               { return p.digest }
func (p *pictures) Len(split Split) int          { return len(p.splits[split].labels) }
func (p *pictures) Label(split Split, i int) int { return int(p.splits[split].labels[i]) }

func (p *pictures) Image(split Split, i int, dst []float32) {
	size, plane := p.info.Size(), p.info.Height*p.info.Width
	raw := p.splits[split].pixels()[i*size : (i+1)*size]
	for c := range p.levels {
		level := &p.levels[c]
		out := dst[c*plane : (c+1)*plane]
		for j, v := range raw[c*plane : (c+1)*plane] {
			out[j] = level[v]
		}
	}
}
