package zoo

import (
	"strings"
	"testing"
)

func TestCitations(t *testing.T) {
	for name, want := range map[string]string{
		"alexnet": "Krizhevsky 2014", "alexnet_2012": "Krizhevsky et al. 2012", "vgg16": "Simonyan and Zisserman 2014",
		"resnet18":  "He et al. 2015",
		"googlenet": "Szegedy et al. 2014", "mobilenet_v1_1.0_224": "Howard et al. 2017", "efficientnet_b0": "Tan and Le 2019",
	} {
		v, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := v.Citation(); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	for _, name := range Names() {
		if got := variants[name].Citation(); len(got) > 32 || !strings.Contains(got, " 20") {
			t.Errorf("%s: cited as %q", name, got)
		}
	}
}

func TestFind(t *testing.T) {
	for pattern, want := range map[string]string{
		"": "alexnet", "resnet18": "resnet18 resnet18_optA seresnet18", "vgg1?": "vgg11 vgg13 vgg16 vgg19",
		"GoogLeNet": "googlenet googlenet_aux googlenet_torchvision",
		"wrn_[24]*": "wrn_22_10 wrn_22_8 wrn_28_10 wrn_28_12 wrn_28_2 wrn_40_1 wrn_40_10 wrn_40_2 wrn_40_4 wrn_40_8",
	} {
		found, err := Find(pattern)
		if err != nil {
			t.Errorf("%q: %v", pattern, err)
			continue
		}
		var names []string
		for _, v := range found {
			names = append(names, v.Name)
		}
		if got := strings.Join(names, " "); got != want && !(pattern == "" && len(names) == len(Names())) {
			t.Errorf("%q: found %s, want %s", pattern, got, want)
		}
	}
	for pattern, want := range map[string]string{
		"[": "want a part of a name", "vgg17*": "did you mean vgg11", "resnet_18": "did you mean resnet18",
	} {
		if _, err := Find(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", pattern, err, want)
		}
	}
}
