package data

// Levels are the normalised values of all raw values: channel, raw value → what a network gets.
type Levels [][256]float32

// Levels is the table by which the images of the set are normalised. A quotient of a difference rounds the same on
// every machine, because there is no product that a compiler could fuse.
func (n Info) Levels() Levels {
	table := make(Levels, n.Channels)
	for c := range table {
		mean, std := 0.0, 1.0
		if n.Mean != nil {
			mean = n.Mean[c]
		}
		if n.Std != nil {
			std = n.Std[c]
		}
		for v := range table[c] {
			table[c][v] = float32((float64(v)/255 - mean) / std)
		}
	}
	return table
}

// Normalise writes raw [channels, height, width] to dst of the same shape.
func (l Levels) Normalise(raw []uint8, dst []float32) {
	plane := len(raw) / len(l)
	for c := range l {
		level, out := &l[c], dst[c*plane:(c+1)*plane]
		for i, v := range raw[c*plane : (c+1)*plane] {
			out[i] = level[v]
		}
	}
}
