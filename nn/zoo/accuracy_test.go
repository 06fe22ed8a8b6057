package zoo

import (
	"slices"
	"strings"
	"testing"
)

func TestPublishedAccuraciesHaveASource(t *testing.T) {
	for model, all := range published {
		if _, err := Lookup(model); err != nil {
			t.Errorf("published.csv: %v", err)
		}
		headlines := 0
		for _, p := range all {
			if !slices.Contains([]string{"ImageNet", "ILSVRC-2010", "CIFAR-10", "CIFAR-100"}, p.Data) || p.Evaluation == "" || len(p.Source) < 10 {
				t.Errorf("%s: %+v lacks its data, evaluation or source", model, p)
			}
			if p.Top1 == 0 && p.Top5 == 0 || p.Top1 < 0 || p.Top1 >= 60 || p.Top5 < 0 || p.Top1 > 0 && p.Top5 >= p.Top1 {
				t.Errorf("%s: %+v: want errors in percent, top-5 below top-1", model, p)
			}
			if !p.Headline {
				continue
			}
			headlines++
			if p.Top1 == 0 || strings.Contains(p.Evaluation, "networks") || p.Data == "CIFAR-100" || p.Data == "ILSVRC-2010" {
				t.Errorf("%s: %+v cannot stand for one network", model, p)
			}
			crop := func(p Published) bool { return strings.Contains(p.Evaluation, "1 crop") && p.Top1 > 0 }
			if p.Data == "ImageNet" && !crop(p) && slices.ContainsFunc(all, crop) {
				t.Errorf("%s: %+v stands for it, and there is one with one crop", model, p)
			}
		}
		if headlines > 1 {
			t.Errorf("%s has %d headlines", model, headlines)
		}
	}
	for model, want := range map[string]float64{"resnet50": 24.7, "vgg16": 28.408, "densenet121": 25.02, "resnet20_cifar": 8.75} {
		v, err := Lookup(model)
		if err != nil {
			t.Fatal(err)
		}
		if p, found := v.Headline(); !found || p.Top1 != want {
			t.Errorf("%s: headline %+v, want %v", model, p, want)
		}
	}
	v, err := Lookup("resnet_mini")
	if err != nil {
		t.Fatal(err)
	}
	if p, found := v.Headline(); found || len(v.Published()) != 0 {
		t.Errorf("resnet_mini, which nobody published: %+v", p)
	}
}
