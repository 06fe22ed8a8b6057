package data

// cifar100Groups are the twenty groups of five classes each of which the files have the labels, too (cifar100Coarse).
var cifar100Groups = grouping{
	{"aquatic_mammals", []string{"beaver", "dolphin", "otter", "seal", "whale"}},
	{"fish", []string{"aquarium_fish", "flatfish", "ray", "shark", "trout"}},
	{"flowers", []string{"orchid", "poppy", "rose", "sunflower", "tulip"}},
	{"food_containers", []string{"bottle", "bowl", "can", "cup", "plate"}},
	{"fruit_and_vegetables", []string{"apple", "mushroom", "orange", "pear", "sweet_pepper"}},
	{"household_electrical_devices", []string{"clock", "keyboard", "lamp", "telephone", "television"}},
	{"household_furniture", []string{"bed", "chair", "couch", "table", "wardrobe"}},
	{"insects", []string{"bee", "beetle", "butterfly", "caterpillar", "cockroach"}},
	{"large_carnivores", []string{"bear", "leopard", "lion", "tiger", "wolf"}},
	{"large_man-made_outdoor_things", []string{"bridge", "castle", "house", "road", "skyscraper"}},
	{"large_natural_outdoor_scenes", []string{"cloud", "forest", "mountain", "plain", "sea"}},
	{"large_omnivores_and_herbivores", []string{"camel", "cattle", "chimpanzee", "elephant", "kangaroo"}},
	{"medium_mammals", []string{"fox", "porcupine", "possum", "raccoon", "skunk"}},
	{"non-insect_invertebrates", []string{"crab", "lobster", "snail", "spider", "worm"}},
	{"people", []string{"baby", "boy", "girl", "man", "woman"}},
	{"reptiles", []string{"crocodile", "dinosaur", "lizard", "snake", "turtle"}},
	{"small_mammals", []string{"hamster", "mouse", "rabbit", "shrew", "squirrel"}},
	{"trees", []string{"maple_tree", "oak_tree", "palm_tree", "pine_tree", "willow_tree"}},
	{"vehicles_1", []string{"bicycle", "bus", "motorcycle", "pickup_truck", "train"}},
	{"vehicles_2", []string{"lawn_mower", "rocket", "streetcar", "tank", "tractor"}},
}
