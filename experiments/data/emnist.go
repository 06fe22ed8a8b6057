package data

import (
	"context"
	"slices"
	"strings"

	"workbench/experiments/data/release"
)

func init() {
	Register(Source{
		Name:  "emnist",
		Holds: Holds{Train: 112800, Test: 18800, Classes: 47, Channels: 1, Side: 28},
		Doc: "handwritten digits and letters, 28×28 grey, upright (Cohen et al. 2017), from the official idx files; mean 0.1751, " +
			"std 0.3332, those of the division balanced",
		Files: emnistBundle.Folder,
		Options: []Option{
			{Name: "division", Default: "balanced", Choices: emnistNames(), Doc: "balanced: 47 classes, 131,600 images, as many of each; byclass: " +
				"62 classes, 814,255 images; bymerge: the same, with 15 small letters counted as their capitals; letters: 26 classes, " +
				"145,600 images, capital or small; digits: 280,000 images"},
			{Name: "train", Default: 0, Max: 697932, Doc: "training images, the first of the file; 0: all"},
			{Name: "test", Default: 0, Max: 116323, Doc: "test images, the first of the file; 0: all"},
		},
		Bundles: []Bundle{emnistBundle},
		Locate:  emnist("balanced").locate,
		Open: func(ctx context.Context, dir string, s Settings) (Set, error) {
			return emnist(s.String("division")).open(ctx, dir, limits{Train: s.Int("train"), Test: s.Int("test")})
		},
	})
}

var emnistBundle = Bundle{Name: "emnist", Folder: "emnist", Site: "https://www.nist.gov/itl/products-and-services/emnist-dataset",
	Downloads: []release.Download{
		release.Below("gzip.zip", "58c8d27c78d21e728a6bc7b3cc06412e", 561753746, "https://biometrics.nist.gov/cs_links/EMNIST").
			Unpacked(emnistFiles(), ".gz"),
	}}

const (
	digits = "0123456789"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lower  = "abcdefghijklmnopqrstuvwxyz"
)

// emnistDivision is one way in which the authors divide the set.
type emnistDivision struct {
	name        string
	classes     string
	first       int32 // the lowest label
	train, test int64 // images
}

// files of a part, which is train or test: pictures and labels.
func (d emnistDivision) files(part string) []release.File {
	n, begin := d.train, "emnist-"+d.name+"-"+part
	if part == "test" {
		n = d.test
	}
	return []release.File{{Name: begin + "-images-idx3-ubyte", Bytes: 16 + n*mnistSide*mnistSide},
		{Name: begin + "-labels-idx1-ubyte", Bytes: 8 + n}}
}

// emnistFiles are those of all divisions.
func emnistFiles() (all []release.File) {
	for _, d := range emnistDivisions {
		all = append(append(all, d.files("train")...), d.files("test")...)
	}
	return all
}

// emnistDivisions are the ways in which the authors divide the set, with the numbers of images that their files have.
// The classes are in the order of the files emnist-*-mapping.txt. The labels of letters begin at 1.
var emnistDivisions = []emnistDivision{
	{"balanced", digits + upper + "abdefghnqrt", 0, 112800, 18800},
	{"byclass", digits + upper + lower, 0, 697932, 116323},
	{"bymerge", digits + upper + "abdefghnqrt", 0, 697932, 116323},
	{"letters", upper, 1, 124800, 20800},
	{"digits", digits, 0, 240000, 40000},
}

func emnistNames() (names []string) {
	for _, d := range emnistDivisions {
		names = append(names, d.name)
	}
	return names
}

// emnist is one division of the set. There are no published digests of its files, only of the archive. Rows and
// columns of all pictures are exchanged in the files.
func emnist(division string) published {
	d := emnistDivisions[slices.Index(emnistNames(), division)]
	f := form{
		Release: release.Release{Folders: []string{"emnist", "gzip", "EMNIST/raw"}, Archives: []string{"emnist/gzip.zip", "gzip.zip"}},
		parts:   map[Split][]string{},
		read:    idxReader{side: mnistSide, first: d.first, transpose: true}.read,
	}
	for split, part := range map[Split]string{Train: "train", Test: "test"} {
		for _, file := range d.files(part) {
			f.parts[split] = append(f.parts[split], file.Name)
			f.Files = append(f.Files, file)
		}
	}
	return published{
		Info: Info{Name: "emnist", Classes: strings.Split(d.classes, ""), Channels: 1, Height: mnistSide, Width: mnistSide,
			Mean: []float64{0.1751}, Std: []float64{0.3332}},
		forms: []form{f}, settings: []string{"division=" + division}, fetch: emnistBundle.Get(),
	}
}

// imagesNamed tells files of pictures from files of labels, as MNIST and its followers name them.
func imagesNamed(name string) bool { return strings.Contains(name, "-images-") }
