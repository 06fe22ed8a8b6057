package augment

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"workbench/nn/rng"
)

// whatPicturesBecome are digests of what settings make of pictures. In the same run a picture becomes the same on
// every machine. If a line fails, runs that were recorded saw other pictures than the program gives now. Then undo the
// change, or raise identityVersion in experiments.
var whatPicturesBecome = []struct {
	given    map[string]any
	coloured string // of pictures of three channels, 10 high and 12 wide
	grey     string // of one channel, 13 high and 9 wide
}{
	{map[string]any{"pad": 3}, "eeec73702b0a", "518af124b87e"},
	{map[string]any{"flip": true}, "e72a30c9fa18", "28c1868b3f03"},
	{map[string]any{"pad": 4, "flip": true}, "2cf720ff5467", "9fef43f18ded"},
	{map[string]any{"resized_crop": true}, "116f94a13cd1", "f0320ba0a763"},
	{map[string]any{"resized_crop": true, "resized_crop_scale": []float64{0.5, 0.9}, "resized_crop_ratio": []float64{2, 3}},
		"9dbb0dde2e44", "e8d5c2195b22"},
	{map[string]any{"alternating_flip": true}, "de016f74ea4b", "3d588ac9bce8"},
	{map[string]any{"rotation": 70.0}, "9829f499fe6c", "2e4af7bd7306"},
	{map[string]any{"jitter": 0.7}, "30b238febbe8", "6bb6d6c60d4f"},
	{map[string]any{"jitter": 1.0, "jitter_brightness": 0.9, "jitter_contrast": 0.1, "jitter_saturation": 0.8, "jitter_hue": 0.4},
		"60f110496a0a", "99869bb1768a"},
	{map[string]any{"greyscale": 0.5}, "3797045c779a", "05a1694ca359"},
	{map[string]any{"blur": 0.8}, "4938eb2e3b42", "467fb228e787"},
	{map[string]any{"blur": 1.0, "blur_kernel": 7, "blur_sigma": []float64{1, 3}}, "6cd3639b627c", "4ec04886f264"},
	{map[string]any{"solarize": 0.6}, "e02374a84976", "2cebf1c1f5cf"},
	{map[string]any{"solarize": 1.0, "solarize_threshold": 40}, "32311159ec2e", "9089a72755dc"},
	{map[string]any{"autoaugment": true}, "55dcd025b641", "b93fa2c10abf"},
	{map[string]any{"randaugment": 2}, "876acaab39ba", "efb17f3db722"},
	{map[string]any{"randaugment": 3, "randaugment_magnitude": 25}, "1d558a7c894b", "5382943bcb8b"},
	{map[string]any{"trivial": true}, "ce8407c9a7f3", "d6f3823f0366"},
	{map[string]any{"fixmatch_strong": 3}, "20b60e8f5a71", "d5b6975b7a10"},
	{map[string]any{"fixmatch_strong": 5, "fixmatch_strong_probability": 0.5, "fixmatch_strong_cutout": 0.9}, "870972b46ccd", "a297febdace6"},
	{map[string]any{"fixmatch_paper": true}, "6bb7b64acded", "951b679a4c99"},
	{map[string]any{"cutout": 5}, "50d53a02e4f1", "966c4fe7568f"},
	{map[string]any{"cutout": 4, "cutout_value": []float64{200}}, "8b9ba17c8867", "9a1aaa12b321"},
	{map[string]any{"erasing": 0.6}, "8328cf0aced9", "ab4cf11c9f59"},
	{map[string]any{"erasing": 1.0, "erasing_scale": []float64{0.2, 0.8}, "erasing_ratio": []float64{1, 4},
		"erasing_value": []float64{9}}, "a8b4ca48d339", "a8e26049a6fc"},
	{map[string]any{"erasing": 1.0, "erasing_noise": true}, "7c39142d97e6", "ac0ba7c3a780"},
	{map[string]any{"resized_crop": true, "flip": true, "jitter": 0.8, "greyscale": 0.2, "blur": 0.5, "solarize": 0.2, "cutout": 3},
		"306232625851", "17603b434627"},
}

func TestWhatPicturesBecomeStays(t *testing.T) {
	tried := map[string]bool{}
	for _, c := range whatPicturesBecome {
		for name := range c.given {
			tried[name] = true
		}
		for size, want := range map[Size]string{{Channels: 3, Height: 10, Width: 12}: c.coloured, {Channels: 1, Height: 13, Width: 9}: c.grey} {
			if got := becomes(t, c.given, size); got != want {
				t.Errorf("%v on %v: got %q, want %q", c.given, size, got, want)
			}
		}
	}
	for _, o := range Options() {
		if owner, _ := Owner(o.Name); !tried[o.Name] && !added("0 "+owner.Name) {
			t.Errorf("nothing is recorded with the option %s", o.Name)
		}
	}
}

// becomes is a digest of what settings make of 24 pictures in two epochs.
func becomes(t *testing.T, given map[string]any, size Size) string {
	t.Helper()
	chain, err := New(given, size)
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	for epoch := range uint64(2) {
		chain.Start("stream/a/", 5, epoch)
		for i := range 24 {
			p := NewPicture(size)
			for k := range p.Values {
				p.Values[k] = uint8(rng.Below(uint64(i), uint64(k/2), 250) + k%2*5)
			}
			chain.Apply(&p, i)
			h.Write(p.Values)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:6])
}
