package studyfile_test

import (
	"regexp"
	"strings"
	"testing"

	"workbench/experiments/studyfile"
	"workbench/nn/definition"
)

// The network that init writes is one, and every kind of layer with every setting stands in its comments.
func TestTheFirstNetworkIsOneAndNamesAllLayers(t *testing.T) {
	text := studyfile.FirstNetwork()
	if _, err := studyfile.ParseNetwork("my_net.yaml", text); err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "# All layers")
	for _, k := range definition.Kinds() {
		at := regexp.MustCompile(`(?m)(^# |, |: )` + k.Name + `( |,|$)`).FindStringIndex(table)
		if at == nil {
			t.Errorf("the layer %s is not named", k.Name)
			continue
		}
		for _, o := range k.Fields {
			if section, _, _ := strings.Cut(table[at[0]:], "\n#\n"); !strings.Contains(section, "\n#     "+o.Name+":") {
				t.Errorf("%s has a setting %s, which is not named", k.Name, o.Name)
			}
		}
	}
}
