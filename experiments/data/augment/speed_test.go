package augment

import "testing"

// simclr is the policy of both views: SimCLR's for CIFAR-10, with the strengths of solo-learn.
var simclr = map[string]any{
	"resized_crop": true, "flip": true, "greyscale": 0.2, "blur": 0.5,
	"jitter": 0.8, "jitter_brightness": 0.8, "jitter_contrast": 0.8, "jitter_saturation": 0.8, "jitter_hue": 0.2,
}

// BenchmarkTwoViews makes the two views of a picture of 32×32 pixels; testdata/speed.py measures the same in
// torchvision.
func BenchmarkTwoViews(b *testing.B) {
	size := Size{3, 32, 32}
	chain, start, p := chainOf(b, size, simclr), noisy(size), NewPicture(size)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		for range 2 {
			copy(p.Values, start.Values)
			chain.Apply(&p, i)
			i++
		}
	}
}
