package augment

import "workbench/nn/option"

func init() {
	Register(Augmentation{
		Name: "autoaugment", Order: 152, Paper: "Cubuk et al. 2018 (arXiv 1805.09501); torchvision's AutoAugment",
		Doc: "applies one of 25 pairs of operations that were searched for CIFAR-10",
		Options: []option.Option{{Name: "autoaugment", Default: false,
			Doc: "apply one of 25 pairs of operations, whose probabilities and strengths were searched for CIFAR-10"}},
		New: func(_ option.Settings, size Size) (Policy, error) { return newAutoAugment(cifar10, size), size.seen() },
	})
}

// step is an operation of a policy that was searched: how likely it is, and at which of ten strengths.
type step struct {
	name        string
	probability float64
	bin         int
}

// cifar10 is the policy for CIFAR-10 as torchvision has it.
var cifar10 = [][2]step{
	{{"Invert", 0.1, 0}, {"Contrast", 0.2, 6}},
	{{"Rotate", 0.7, 2}, {"TranslateX", 0.3, 9}},
	{{"Sharpness", 0.8, 1}, {"Sharpness", 0.9, 3}},
	{{"ShearY", 0.5, 8}, {"TranslateY", 0.7, 9}},
	{{"AutoContrast", 0.5, 0}, {"Equalize", 0.9, 0}},
	{{"ShearY", 0.2, 7}, {"Posterize", 0.3, 7}},
	{{"Color", 0.4, 3}, {"Brightness", 0.6, 7}},
	{{"Sharpness", 0.3, 9}, {"Brightness", 0.7, 9}},
	{{"Equalize", 0.6, 0}, {"Equalize", 0.5, 0}},
	{{"Contrast", 0.6, 7}, {"Sharpness", 0.6, 5}},
	{{"Color", 0.7, 7}, {"TranslateX", 0.5, 8}},
	{{"Equalize", 0.3, 0}, {"AutoContrast", 0.4, 0}},
	{{"TranslateY", 0.4, 3}, {"Sharpness", 0.2, 6}},
	{{"Brightness", 0.9, 6}, {"Color", 0.2, 8}},
	{{"Solarize", 0.5, 2}, {"Invert", 0, 0}},
	{{"Equalize", 0.2, 0}, {"AutoContrast", 0.6, 0}},
	{{"Equalize", 0.2, 0}, {"Equalize", 0.6, 0}},
	{{"Color", 0.9, 9}, {"Equalize", 0.6, 0}},
	{{"AutoContrast", 0.8, 0}, {"Solarize", 0.2, 8}},
	{{"Brightness", 0.1, 3}, {"Color", 0.7, 0}},
	{{"Solarize", 0.4, 5}, {"AutoContrast", 0.9, 0}},
	{{"TranslateY", 0.9, 9}, {"TranslateY", 0.7, 9}},
	{{"AutoContrast", 0.9, 0}, {"Solarize", 0.8, 3}},
	{{"Equalize", 0.8, 0}, {"Invert", 0.1, 0}},
	{{"TranslateY", 0.7, 9}, {"AutoContrast", 0.9, 0}},
}

// autoBins is how many strengths AutoAugment has, that of none included.
const autoBins = 10

// autoAugment has the pairs of a policy, one of which each picture gets.
type autoAugment [][2]struct {
	dose
	probability float64
}

func newAutoAugment(policy [][2]step, size Size) autoAugment {
	pairs := make(autoAugment, len(policy))
	for i, pair := range policy {
		for k, s := range pair {
			pairs[i][k].dose, pairs[i][k].probability = modest(size).doses(s.name, autoBins)[s.bin], s.probability
		}
	}
	return pairs
}

func (a autoAugment) Apply(p *Picture, c *Chance) {
	pair := &a[c.Below(len(a))]
	for k := range pair {
		if c.Happens(pair[k].probability) {
			pair[k].give(p, c)
		}
	}
}
