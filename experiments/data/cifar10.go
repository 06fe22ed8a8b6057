package data

import (
	"context"
	"slices"

	"workbench/experiments/data/release"
)

const (
	cifarSite = "https://www.cs.toronto.edu/~kriz/cifar.html"
	cifarHome = "https://www.cs.toronto.edu/~kriz"
)

func init() {
	Register(Source{
		Name:  "cifar10",
		Holds: Holds{Train: 50000, Test: 10000, Classes: 10, Channels: 3, Side: 32},
		Doc: "60,000 photographs of ten kinds of things, 32×32 RGB (Krizhevsky 2009), from the official files, binary or for Python; " +
			"mean (0.4914, 0.4822, 0.4465), std (0.2470, 0.2435, 0.2616)",
		Files: cifar10.forms[0].Folders[0],
		Options: []Option{
			{Name: "train", Default: 0, Max: 50000, Doc: "training images, the first of the files; 0: all 50,000"},
			{Name: "test", Default: 0, Max: 10000, Doc: "test images, the first of the file; 0: all 10,000"},
			{Name: "labels", Default: cleanLabels, Choices: slices.Clone(humanLabels), Later: true,
				Doc: "of the training images: clean, or what people said who were asked (CIFAR-10N, Wei et al. 2022), which needs their " +
					"file CIFAR-10_human.pt; of three, the majority (aggre, 9 % wrong), one (random1 to 3, 17 to 18 %), or a wrong one if " +
					"there was any (worse, 40 %). Test images and held-out ones keep the clean ones"},
		},
		Bundles: []Bundle{cifar10Bundle, cifar10nBundle},
		Locate:  cifar10.locate,
		Open: func(ctx context.Context, dir string, s Settings) (Set, error) {
			set, err := cifar10.open(ctx, dir, limits{Train: s.Int("train"), Test: s.Int("test")})
			if kind := s.String("labels"); err == nil && kind != cleanLabels {
				return relabelled(set, dir, kind)
			}
			return set, err
		},
	})
}

var cifar10Bundle = Bundle{Name: "cifar10", Folder: "cifar-10-batches-bin", Site: cifarSite, Downloads: []release.Download{
	release.Below("cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530", 170052171, cifarHome).Unpacked(cifar10Files, ""),
}}

var cifar10Files = []release.File{
	{Name: "data_batch_1.bin", Bytes: 30730000, SHA256: "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"},
	{Name: "data_batch_2.bin", Bytes: 30730000, SHA256: "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"},
	{Name: "data_batch_3.bin", Bytes: 30730000, SHA256: "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"},
	{Name: "data_batch_4.bin", Bytes: 30730000, SHA256: "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"},
	{Name: "data_batch_5.bin", Bytes: 30730000, SHA256: "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"},
	{Name: "test_batch.bin", Bytes: 30730000, SHA256: "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"},
}

// cifar10 has the SHA-256 digests of the members of the cifar-10-binary.tar.gz, and the MD5 digests of those of the
// cifar-10-python.tar.gz, that have the MD5 of the set's home page. Mean and std are those of the training pixels, in
// the four digits in common use.
var cifar10 = published{
	Info: Info{
		Name:     "cifar10",
		Classes:  []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"},
		Channels: 3, Height: cifarSide, Width: cifarSide,
		Mean: []float64{0.4914, 0.4822, 0.4465}, Std: []float64{0.2470, 0.2435, 0.2616},
	},
	forms: []form{{
		Release: release.Release{
			Folders: []string{"cifar-10-batches-bin"}, Archives: []string{"cifar-10-binary.tar.gz"},
			Files: cifar10Files,
		},
		parts: map[Split][]string{
			Train: {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"},
			Test:  {"test_batch.bin"},
		},
		read: cifar10Records.binary,
	}, {
		Release: release.Release{
			Folders: []string{"cifar-10-batches-py"}, Archives: []string{"cifar-10-python.tar.gz"},
			Files: []release.File{
				{Name: "data_batch_1", Bytes: 31035704, MD5: "c99cafc152244af753f735de768cd75f"},
				{Name: "data_batch_2", Bytes: 31035320, MD5: "d4bba439e000b95fd0a9bffe97cbabec"},
				{Name: "data_batch_3", Bytes: 31035999, MD5: "54ebc095f3ab1f0389bbae665268c751"},
				{Name: "data_batch_4", Bytes: 31035696, MD5: "634d18415352ddfa80567beed471001a"},
				{Name: "data_batch_5", Bytes: 31035623, MD5: "482c414d41f54cd18b22e5b47cb7c3cb"},
				{Name: "test_batch", Bytes: 31035526, MD5: "40351d587109b95175f43aff81a1287e"},
			}},
		parts: map[Split][]string{
			Train: {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"},
			Test:  {"test_batch"},
		},
		read: cifar10Records.python(map[string]string{"data_batch_1": "data_batch_1.bin", "data_batch_2": "data_batch_2.bin",
			"data_batch_3": "data_batch_3.bin", "data_batch_4": "data_batch_4.bin", "data_batch_5": "data_batch_5.bin",
			"test_batch": "test_batch.bin"}),
	}},
	fetch: cifar10Bundle.Get(),
}

var cifar10Records = cifarRecords{keys: []string{"labels"}, classes: []int{10}}
