package data

import (
	"context"
	"fmt"
	"strings"

	"workbench/experiments/data/idx"
	"workbench/experiments/data/release"
)

func init() {
	for _, k := range []idxSet{mnist, fashionMNIST} {
		Register(Source{
			Name: k.name, Doc: k.doc, Files: k.folders[0],
			Holds: Holds{Train: 60000, Test: 10000, Classes: 10, Channels: 1, Side: 28},
			Options: []Option{
				{Name: "train", Default: 0, Max: 60000, Doc: "training images, the first of the file; 0: all 60,000"},
				{Name: "test", Default: 0, Max: 10000, Doc: "test images, the first of the file; 0: all 10,000"},
			},
			Bundles: []Bundle{k.bundle()},
			Locate:  k.set().locate,
			Open: func(ctx context.Context, dir string, s Settings) (Set, error) {
				return k.set().open(ctx, dir, limits{Train: s.Int("train"), Test: s.Int("test")})
			},
		})
	}
}

// idxSet is a set of 60,000 training and 10,000 test pictures [28, 28] in the files of MNIST's names.
type idxSet struct {
	name, doc string
	folders   []string
	classes   []string
	mean, std float64
	site      string
	servers   []string
	gzip, md5 [4]string // digests of the files, as mnistFiles has them
	bytes     [4]int64  // of NAME.gz
}

// mnistFiles are the names and lengths of the files.
var mnistFiles = [4]struct {
	name  string
	bytes int64
}{
	{"train-images-idx3-ubyte", 47040016}, {"train-labels-idx1-ubyte", 60008},
	{"t10k-images-idx3-ubyte", 7840016}, {"t10k-labels-idx1-ubyte", 10008},
}

// mnist has the digests that torchvision 0.20 (datasets/mnist.py) checks, and those of the unpacked files. Mean and std
// are those of the training pixels, as PyTorch's example and nearly everybody since has them.
var mnist = idxSet{
	name: "mnist", doc: "70,000 handwritten digits, 28×28 grey (LeCun et al. 1998), from the official idx files; mean 0.1307, std 0.3081",
	folders: []string{"mnist", "MNIST/raw"},
	classes: strings.Split(digits, ""),
	mean:    0.1307, std: 0.3081,
	site:    "http://yann.lecun.com/exdb/mnist",
	servers: []string{"https://ossci-datasets.s3.amazonaws.com/mnist", "http://yann.lecun.com/exdb/mnist"},
	gzip: [4]string{"f68b3c2dcbeaaa9fbdd348bbdeb94873", "d53e105ee54ea40749a09fcbcd1e9432",
		"9fb629c4189551a2d022fa330f9573f3", "ec29112dd5afa0611ce80d1b7f02629c"},
	md5: [4]string{"6bbc9ace898e44ae57da46a324031adb", "a25bea736e30d166cdddb491f175f624",
		"2646ac647ad5339dbf082846283269ea", "27ae3e4e09519cfbb04c329615203637"},
	bytes: [4]int64{9912422, 28881, 1648877, 4542},
}

// fashionMNIST has the digests of the set's home page. Mean and std are those of the training pixels.
var fashionMNIST = idxSet{
	name: "fashion_mnist", doc: "70,000 pictures of ten kinds of clothes, 28×28 grey (Xiao et al. 2017), from the official idx files; " +
		"mean 0.2860, std 0.3530",
	folders: []string{"fashion_mnist", "fashion-mnist", "FashionMNIST/raw"},
	classes: []string{"T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"},
	mean:    0.2860, std: 0.3530,
	site:    "https://github.com/zalandoresearch/fashion-mnist",
	servers: []string{"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"},
	gzip: [4]string{"8d4fb7e6c68d591d4c3dfef9ec88bf0d", "25c81989df183df01b3e8a0aad5dffbe",
		"bef4ecab320f06d8554ea6380940ec79", "bb300cfdad3c16e7a12a480ee83cd310"},
	md5: [4]string{"f4a8712d7a061bf5bd6d2ca38dc4d50a", "9018921c3c673c538a1fc5bad174d6f9",
		"8181f5470baa50b63fa0f6fddb340f0a", "15d484375f8d13e6eb1aabb0c3f46965"},
	bytes: [4]int64{26421880, 29515, 4422102, 5148},
}

func (k idxSet) bundle() Bundle {
	b := Bundle{Name: k.name, Folder: k.folders[0], Site: k.site}
	for i, f := range mnistFiles {
		b.Downloads = append(b.Downloads, release.Below(f.name+".gz", k.gzip[i], k.bytes[i], k.servers...))
	}
	return b
}

// others are the files of sets whose files have the same names.
func (k idxSet) others() map[string]string {
	all := map[string]string{}
	for _, other := range []idxSet{mnist, fashionMNIST} {
		for i, sum := range other.md5 {
			if other.name != k.name {
				all[sum] = mnistFiles[i].name + " of " + other.name
			}
		}
	}
	return all
}

func (k idxSet) set() published {
	f := form{
		Release: release.Release{Folders: k.folders},
		parts: map[Split][]string{
			Train: {mnistFiles[0].name, mnistFiles[1].name},
			Test:  {mnistFiles[2].name, mnistFiles[3].name},
		},
		read: idxReader{side: mnistSide}.read,
	}
	for i, file := range mnistFiles {
		f.Files = append(f.Files, release.File{Name: file.name, Bytes: file.bytes, MD5: k.md5[i], Gzip: k.gzip[i], Others: k.others()})
	}
	return published{
		Info: Info{Name: k.name, Classes: k.classes, Channels: 1, Height: mnistSide, Width: mnistSide,
			Mean: []float64{k.mean}, Std: []float64{k.std}},
		forms: []form{f}, fetch: k.bundle().Get(),
	}
}

const mnistSide = 28

// idxReader reads idx files of square pictures and of labels. A file of bytes has pictures if it has three dimensions.
type idxReader struct {
	side      int
	first     int32 // the lowest label in the files
	transpose bool  // rows and columns of the pictures are exchanged
}

func (r idxReader) read(c release.Content) (piece, error) {
	if imagesNamed(c.Name) {
		shape, pixels, err := idx.Read(c, []int{0, r.side, r.side}, c.Most())
		if err == nil && r.transpose {
			transpose(pixels, r.side)
		}
		if err == nil && shape[0] == 0 {
			err = fmt.Errorf("it has no pictures")
		}
		return piece{pixels: pixels}, err
	}
	_, raw, err := idx.Read(c, []int{0}, c.Most())
	p := piece{labels: make([]int32, len(raw))}
	for i, label := range raw {
		if p.labels[i] = int32(label) - r.first; p.labels[i] < 0 {
			return p, fmt.Errorf("record %d (counted from 0) has label %d, want at least %d", i, label, r.first)
		}
	}
	return p, err
}

// transpose exchanges rows and columns of square planes of bytes.
func transpose(planes []byte, side int) {
	for ; len(planes) >= side*side; planes = planes[side*side:] {
		for y := range side {
			for x := range y {
				planes[y*side+x], planes[x*side+y] = planes[x*side+y], planes[y*side+x]
			}
		}
	}
}
