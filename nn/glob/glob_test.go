package glob

import "testing"

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"fc.weight", "fc.weight", true},
		{"fc.weight", "fc.weights", false},
		{"fc", "fc.weight", false},
		{"fc.weight.more", "fc.weight", false},
		{"layer1.**", "layer1.0.conv1.weight", true},
		{"layer1.**", "layer1", true},
		{"layer1.**", "layer10.0.conv1.weight", false},
		{"**.bias", "bias", true},
		{"**.bias", "layer1.0.bn1.bias", true},
		{"**.bias", "layer1.bias.weight", false},
		{"**.bn*.**", "layer1.0.bn1.weight", true},
		{"**.bn*.**", "layer1.0.conv1.weight", false},
		{"layer?.0.*.weight", "layer3.0.conv2.weight", true},
		{"layer?.0.*.weight", "layer3.0.downsample.0.weight", false},
		{"layer[12].**.weight", "layer2.1.conv1.weight", true},
		{"layer[12].**.weight", "layer3.1.conv1.weight", false},
		{"**", "anything.at.all", true},
		{"*", "fc.weight", false},
		{"**.**.weight", "weight", true},
		{"[", "[", false},
	} {
		if got := Match(c.pattern, c.name); got != c.want {
			t.Errorf("%q matches %q: %v, want %v", c.pattern, c.name, got, c.want)
		}
	}
}

func TestCheck(t *testing.T) {
	for pattern, good := range map[string]bool{"layer1.**": true, "**": true, "a*.[bc].?": true, "": false, "a..b": false, "layer1.": false,
		"layer**": false, "a.[": false} {
		if err := Check(pattern); (err == nil) != good {
			t.Errorf("%q: got error %v, want good: %v", pattern, err, good)
		}
	}
}
