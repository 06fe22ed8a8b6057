package experiments_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"workbench/experiments"
)

// Whole numbers come back from a record with every digit, also above 2^53, where a float64 takes two of them for one.
func TestWholeNumbersComeBackExactly(t *testing.T) {
	for _, text := range []string{"20240115", "9007199254740993", "-9007199254740993", "0", "1e+21", "0.06", `[9007199254740993,0.5]`} {
		c := experiments.Defaults()
		recorded := []byte(`{"dataset":{"name":"shapes","options":{"seed":` + text + `}}}`)
		if err := json.Unmarshal(recorded, &c); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(c.Dataset.Options["seed"])
		if err != nil || string(again) != text {
			t.Errorf("%s came back as %s (%v)", text, again, err)
		}
		var a experiments.Assignment
		if err := json.Unmarshal([]byte(`{"path":"dataset.seed","value":`+text+`}`), &a); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(a.Value, c.Dataset.Options["seed"]) {
			t.Errorf("%s came back as %T %v in a level, as %T in a configuration", text, a.Value, a.Value, c.Dataset.Options["seed"])
		}
	}
	var a experiments.Assignment
	if err := json.Unmarshal([]byte(`{"path":"dataset.seed"}`), &a); err != nil || a.Value != nil {
		t.Errorf("a level without a value came back as %v (%v)", a.Value, err)
	}
	if err := json.Unmarshal([]byte(`{"dataset":[1]}`), &experiments.Config{}); err == nil {
		t.Error("a list was taken for a section")
	}
}
