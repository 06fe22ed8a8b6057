package data

import (
	"context"
	"fmt"
	"strings"

	"workbench/experiments/data/release"
)

func init() {
	Register(Source{
		Name:  "stl10",
		Holds: Holds{Train: 5000, Test: 8000, Classes: 10, Channels: 3, Side: 96},
		Doc: "13,000 photographs of ten kinds of things and 100,000 without labels, 96×96 RGB (Coates et al. 2011), from the official " +
			"binary files; mean (0.4467, 0.4398, 0.4066), std (0.2603, 0.2566, 0.2713)",
		Files: stl10Bundle.Folder,
		Options: []Option{
			{Name: "train", Default: 0, Max: 5000, Doc: "training images, the first of the file; 0: all 5,000"},
			{Name: "test", Default: 0, Max: 8000, Doc: "test images, the first of the file; 0: all 8,000"},
			{Name: "unlabeled", Default: 0, Max: 100000,
				Doc: "images without labels, the first of the file, each of 27,648 bytes in memory; 0: none"},
		},
		Bundles: []Bundle{stl10Bundle},
		Locate:  stl10.locate,
		Open: func(ctx context.Context, dir string, s Settings) (Set, error) {
			wanted := limits{Train: s.Int("train"), Test: s.Int("test")}
			if n := s.Int("unlabeled"); n > 0 {
				wanted[Unlabeled] = n
			}
			return stl10.open(ctx, dir, wanted)
		},
	})
}

const stl10Side = 96

var stl10Classes = []string{"airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck"}

var stl10Bundle = Bundle{Name: "stl10", Folder: "stl10_binary", Site: "https://cs.stanford.edu/~acoates/stl10",
	Downloads: []release.Download{
		release.Below("stl10_binary.tar.gz", "91f7769df0f17e558f3565bffb0c7dfb", 2640397119, "http://ai.stanford.edu/~acoates/stl10").
			Unpacked(stl10Files, ""),
	}}

var stl10Files = []release.File{
	{Name: "train_X.bin", Bytes: 5000 * 3 * stl10Side * stl10Side, MD5: "918c2871b30a85fa023e0c44e0bee87f"},
	{Name: "train_y.bin", Bytes: 5000, MD5: "5a34089d4802c674881badbb80307741"},
	{Name: "test_X.bin", Bytes: 8000 * 3 * stl10Side * stl10Side, MD5: "7f263ba9f9e0b06b93213547f721ac82"},
	{Name: "test_y.bin", Bytes: 8000, MD5: "36f9794fa4beb8a2c72628de14fa638e"},
	{Name: "unlabeled_X.bin", Bytes: 100000 * 3 * stl10Side * stl10Side, MD5: "5242ba1fed5e4be9e1e742405eb56ca4"},
}

// stl10 has the MD5 digests that torchvision checks (datasets/stl10.py). Mean and std are those of the pixels of the
// training images.
var stl10 = published{
	Info: Info{Name: "stl10", Classes: stl10Classes,
		Channels: 3, Height: stl10Side, Width: stl10Side,
		Mean: []float64{0.4467, 0.4398, 0.4066}, Std: []float64{0.2603, 0.2566, 0.2713}},
	forms: []form{{
		Release: release.Release{Folders: []string{"stl10_binary"}, Archives: []string{"stl10_binary.tar.gz"}, Files: stl10Files},
		parts: map[Split][]string{
			Train: {"train_X.bin", "train_y.bin"}, Test: {"test_X.bin", "test_y.bin"}, Unlabeled: {"unlabeled_X.bin"},
		},
		read: readSTL10,
	}},
	fetch: stl10Bundle.Get(),
}

// readSTL10 reads pictures [n, 3, width, height], or labels from 1 on.
func readSTL10(c release.Content) (piece, error) {
	raw, err := exactly(c)
	if err != nil {
		return piece{}, err
	}
	if strings.HasSuffix(c.Name, "_X.bin") {
		if picture := 3 * stl10Side * stl10Side; len(raw)%picture != 0 {
			return piece{}, fmt.Errorf("it has %d bytes, want a multiple of %d (pictures of 3 × %d × %d)", len(raw), picture, stl10Side, stl10Side)
		}
		transpose(raw, stl10Side)
		return piece{pixels: raw}, nil
	}
	p := piece{labels: make([]int32, len(raw))}
	for i, label := range raw {
		if p.labels[i] = int32(label) - 1; label < 1 || int(label) > len(stl10Classes) {
			return p, fmt.Errorf("record %d (counted from 0) has label %d, want 1 to %d", i, label, len(stl10Classes))
		}
	}
	return p, nil
}
