package data

func init() {
	Register(Source{
		Name: "cifar10",
		Doc: "60,000 photographs of ten kinds of things, 32×32 RGB (Krizhevsky 2009), from the official binary files; " +
			"mean (0.4914, 0.4822, 0.4465), std (0.2470, 0.2435, 0.2616)",
		Files: cifar10.Folder,
		Options: []Option{
			{Name: "train", Default: 0, Max: 50000, Doc: "training images, the first of the files; 0: all 50,000"},
			{Name: "test", Default: 0, Max: 10000, Doc: "test images, the first of the file; 0: all 10,000"},
		},
		Open: cifar10.open,
	})
}

// cifar10 is the official binary version: files of 10,000 records, each of a label byte and 3 × 32 × 32 pixel bytes
// (the red, the green and the blue plane). The SHA-256 digests are those of the members of the cifar-10-binary.tar.gz
// that has the MD5 of the set's home page (https://www.cs.toronto.edu/~kriz/cifar.html). Mean and std are those of the
// training pixels, in the four digits in common use.
var cifar10 = recordLayout{
	Info: Info{
		Name:     "cifar10",
		Classes:  []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"},
		Channels: 3, Height: 32, Width: 32,
		Mean: []float64{0.4914, 0.4822, 0.4465}, Std: []float64{0.2470, 0.2435, 0.2616},
	},
	Folder:     "cifar-10-batches-bin",
	Archive:    "cifar-10-binary.tar.gz",
	ArchiveMD5: "c32a1d4ab5d03f1284b67883e8d87530",
	Site:       "https://www.cs.toronto.edu/~kriz/cifar.html",
	Lookalike:  "cifar-10-batches-py",
	Train: []recordFile{
		{"data_batch_1.bin", 10000, "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"},
		{"data_batch_2.bin", 10000, "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"},
		{"data_batch_3.bin", 10000, "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"},
		{"data_batch_4.bin", 10000, "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"},
		{"data_batch_5.bin", 10000, "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"},
	},
	Test: []recordFile{
		{"test_batch.bin", 10000, "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"},
	},
}
