package data

import (
	"context"

	"workbench/experiments/data/release"
)

func init() {
	Register(Source{
		Name:  "cifar100",
		Holds: Holds{Train: 50000, Test: 10000, Classes: 100, Channels: 3, Side: 32},
		Doc: "60,000 photographs of a hundred kinds of things in twenty groups, 32×32 RGB (Krizhevsky 2009), from the official files, " +
			"binary or for Python; mean (0.5071, 0.4865, 0.4409), std (0.2673, 0.2564, 0.2762)",
		Files: "cifar-100-binary",
		Options: []Option{
			{Name: "train", Default: 0, Max: 50000, Doc: "training images, the first of the file; 0: all 50,000"},
			{Name: "test", Default: 0, Max: 10000, Doc: "test images, the first of the file; 0: all 10,000"},
			{Name: "labels", Default: "fine", Choices: []string{"fine", "coarse"}, Doc: "fine: the hundred classes; coarse: the twenty groups"},
		},
		Bundles: []Bundle{cifar100Bundle},
		Locate:  cifar100("fine").locate,
		Open: func(ctx context.Context, dir string, s Settings) (Set, error) {
			return cifar100(s.String("labels")).open(ctx, dir, limits{Train: s.Int("train"), Test: s.Int("test")})
		},
	})
}

var cifar100Bundle = Bundle{Name: "cifar100", Folder: "cifar-100-binary", Site: cifarSite, Downloads: []release.Download{
	release.Below("cifar-100-binary.tar.gz", "03b5dce01913d631647c71ecec9e9cb8", 168513733, cifarHome).Unpacked(cifar100Files, ""),
}}

var cifar100Files = []release.File{
	{Name: "train.bin", Bytes: 153700000, MD5: "6172c7755cfe09b2fe270c85cebc1b15"},
	{Name: "test.bin", Bytes: 30740000, MD5: "4499cfba6c016c1be1438163640a0898"},
}

// cifar100 has the MD5 digests of the members of the archives that have the MD5 of the set's home page. The coarse
// label stands before the fine one. Mean and std are those of the training pixels.
func cifar100(labels string) published {
	p := published{
		Info: Info{Name: "cifar100", Classes: cifar100Fine, Channels: 3, Height: cifarSide, Width: cifarSide,
			Mean: []float64{0.5071, 0.4865, 0.4409}, Std: []float64{0.2673, 0.2564, 0.2762}},
		settings: []string{"labels=" + labels},
		fetch:    cifar100Bundle.Get(),
	}
	records := cifarRecords{keys: []string{"coarse_labels", "fine_labels"}, label: 1, classes: []int{len(cifar100Coarse), len(cifar100Fine)}}
	if labels == "coarse" {
		p.Classes, records.label = cifar100Coarse, 0
	}
	p.forms = []form{{
		Release: release.Release{
			Folders: []string{"cifar-100-binary"}, Archives: []string{"cifar-100-binary.tar.gz"},
			Files: cifar100Files,
		},
		parts: map[Split][]string{Train: {"train.bin"}, Test: {"test.bin"}},
		read:  records.binary,
	}, {
		Release: release.Release{
			Folders: []string{"cifar-100-python"}, Archives: []string{"cifar-100-python.tar.gz"},
			Files: []release.File{
				{Name: "train", Bytes: 155249918, MD5: "16019d7e3df5f24257cddd939b257f8d"},
				{Name: "test", Bytes: 31049908, MD5: "f0ef6b0ae62326f3e7ffdfab6717acfc"},
			}},
		parts: map[Split][]string{Train: {"train"}, Test: {"test"}},
		read:  records.python(map[string]string{"train": "train.bin", "test": "test.bin"}),
	}}
	return p
}

// The names in the order of their labels, as fine_label_names.txt and coarse_label_names.txt have them.
var cifar100Fine = []string{
	"apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl", "boy", "bridge",
	"bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle", "chair", "chimpanzee", "clock", "cloud", "cockroach",
	"couch", "crab", "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish", "forest", "fox", "girl", "hamster",
	"house", "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion", "lizard", "lobster", "man", "maple_tree",
	"motorcycle", "mountain", "mouse", "mushroom", "oak_tree", "orange", "orchid", "otter", "palm_tree", "pear", "pickup_truck",
	"pine_tree", "plain", "plate", "poppy", "porcupine", "possum", "rabbit", "raccoon", "ray", "road", "rocket", "rose", "sea",
	"seal", "shark", "shrew", "skunk", "skyscraper", "snail", "snake", "spider", "squirrel", "streetcar", "sunflower",
	"sweet_pepper", "table", "tank", "telephone", "television", "tiger", "tractor", "train", "trout", "tulip", "turtle",
	"wardrobe", "whale", "willow_tree", "wolf", "woman", "worm",
}

var cifar100Coarse = []string{
	"aquatic_mammals", "fish", "flowers", "food_containers", "fruit_and_vegetables", "household_electrical_devices",
	"household_furniture", "insects", "large_carnivores", "large_man-made_outdoor_things", "large_natural_outdoor_scenes",
	"large_omnivores_and_herbivores", "medium_mammals", "non-insect_invertebrates", "people", "reptiles", "small_mammals",
	"trees", "vehicles_1", "vehicles_2",
}
