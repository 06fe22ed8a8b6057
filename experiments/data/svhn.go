package data

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"workbench/experiments/data/matfile"
	"workbench/experiments/data/release"
)

func init() {
	Register(Source{
		Name:  "svhn",
		Holds: Holds{Train: 73257, Test: 26032, Classes: 10, Channels: 3, Side: 32},
		Doc: "99,289 digits of house numbers, 32×32 RGB (Netzer et al. 2011), from the official files of cropped digits; " +
			"mean (0.4377, 0.4438, 0.4728), std (0.1980, 0.2010, 0.1970)",
		Files: svhnBundle.Folder,
		Options: []Option{
			{Name: "train", Default: 0, Max: 604388, Doc: "training images, the first of the files; 0: all 73,257, with extra all 604,388"},
			{Name: "test", Default: 0, Max: 26032, Doc: "test images, the first of the file; 0: all 26,032"},
			{Name: "extra", Default: false,
				Doc: "the 531,131 easier images of extra_32x32.mat follow the training images; they take 1.6 GB of memory"},
		},
		Bundles: []Bundle{svhnBundle, svhnExtraBundle},
		Locate:  svhn(false).locate,
		Open: func(ctx context.Context, dir string, s Settings) (Set, error) {
			return svhn(s.Bool("extra")).open(ctx, dir, limits{Train: s.Int("train"), Test: s.Int("test")})
		},
	})
}

const (
	svhnSite = "http://ufldl.stanford.edu/housenumbers"
	svhnSide = 32

	svhnLicence = "non-commercial use only"
)

var (
	svhnBundle = Bundle{Name: "svhn", Folder: "svhn", Site: svhnSite, Licence: svhnLicence, Downloads: []release.Download{
		release.Below("train_32x32.mat", "e26dedcc434d2e4c54c9b2d4a06d8373", 182040794, svhnSite),
		release.Below("test_32x32.mat", "eb5a983be6a315427106f1b164d9cef3", 64275384, svhnSite),
	}}
	svhnExtraBundle = Bundle{Name: "svhn_extra", Folder: "svhn", Site: svhnSite, Licence: svhnLicence, Downloads: []release.Download{
		release.Below("extra_32x32.mat", "a93ce644f1a588dc4d68dda5feec44a7", 1329278602, svhnSite),
	}}
)

// svhn has the MD5 digests that torchvision checks (datasets/svhn.py). Mean and std are those of the pixels of
// train_32x32.mat.
func svhn(extra bool) published {
	p := published{
		Info: Info{Name: "svhn", Classes: strings.Split(digits, ""), Channels: 3, Height: svhnSide, Width: svhnSide,
			Mean: []float64{0.4377, 0.4438, 0.4728}, Std: []float64{0.1980, 0.2010, 0.1970}},
		fetch: svhnBundle.Get(),
	}
	// The lengths are those of the arrays, which the files have compressed.
	f := form{
		Release: release.Release{Folders: []string{"svhn", "SVHN"}, Files: []release.File{
			{Name: "train_32x32.mat", Bytes: 73257 * (svhnSide*svhnSide*3 + 1), MD5: "e26dedcc434d2e4c54c9b2d4a06d8373"},
			{Name: "test_32x32.mat", Bytes: 26032 * (svhnSide*svhnSide*3 + 1), MD5: "eb5a983be6a315427106f1b164d9cef3"},
		}},
		parts: map[Split][]string{Train: {"train_32x32.mat"}, Test: {"test_32x32.mat"}},
		read:  readSVHN,
	}
	if extra {
		p.fetch += "; " + svhnExtraBundle.Get()
		f.parts[Train] = append(f.parts[Train], "extra_32x32.mat")
		f.Files = append(f.Files,
			release.File{Name: "extra_32x32.mat", Bytes: 531131 * (svhnSide*svhnSide*3 + 1), MD5: "a93ce644f1a588dc4d68dda5feec44a7"})
	}
	p.forms = []form{f}
	return p
}

// readSVHN reads the variables X [height, width, channels, n], the first index fastest, and y [n, 1], in which 10 is
// the digit 0.
func readSVHN(c release.Content) (piece, error) {
	variables, err := matfile.Read(c, []string{"X", "y"}, c.Most())
	if err != nil {
		return piece{}, err
	}
	x, y := variables["X"], variables["y"]
	pixels, err := x.Bytes()
	if err != nil {
		return piece{}, fmt.Errorf("variable X: %w", err)
	}
	if len(x.Shape) == 3 { // MATLAB drops a last dimension of 1
		x.Shape = append(x.Shape, 1)
	}
	if len(x.Shape) != 4 || !slices.Equal(x.Shape[:3], []int{svhnSide, svhnSide, 3}) {
		return piece{}, fmt.Errorf("variable X is %v, want [%d %d 3 n]", x.Shape, svhnSide, svhnSide)
	}
	labels, err := y.Ints()
	if err != nil {
		return piece{}, fmt.Errorf("variable y: %w", err)
	}
	if len(labels) != x.Shape[3] {
		return piece{}, fmt.Errorf("variable y has %d labels for %d images", len(labels), x.Shape[3])
	}
	transpose(pixels, svhnSide)
	p := piece{labels: make([]int32, len(labels)), pixels: pixels}
	for i, label := range labels {
		if label < 1 || label > 10 {
			return p, fmt.Errorf("image %d (counted from 0) has label %d, want 1 to 10", i, label)
		}
		p.labels[i] = int32(label % 10)
	}
	return p, nil
}
