package analysis

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// Every field is written under its tag, and NaN as null.
func TestAblationAsJSON(t *testing.T) {
	s := ablated()
	a, err := AblateAgainst(s, trained(t, s, map[string][]float64{onLow: {0.5, 0.6}, onHigh: {0.7, 0.9}, offLow: {0.4}}), Against{By: "lr"})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var tree struct {
		Rows    []map[string]any
		Effects []map[string]any
	}
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	hasFields(t, tree.Rows[1], reflect.TypeFor[AblationRow]())
	diff := tree.Rows[1]["diff"].(map[string]any)
	hasFields(t, diff, reflect.TypeFor[Paired]())
	hasFields(t, tree.Effects[0], reflect.TypeFor[Paired](), reflect.TypeFor[Effect]())
	if diff["p"] != nil || diff["holm"] != nil || diff["effect"] != nil || diff["mean"] != 0.25 || diff["n"] != 2.0 {
		t.Errorf("two pairs are written as %v", diff)
	}
	if i := diff["interval"].(map[string]any); len(i) != 2 || i["low"] != nil || i["high"] != nil {
		t.Errorf("an interval that is not defined is written as %v", i)
	}
	if tree.Rows[3]["mean"] != nil || tree.Rows[3]["train"] != nil || tree.Rows[3]["seconds"] != nil || tree.Rows[2]["sd"] != nil {
		t.Errorf("rows without values are written as %v, %v", tree.Rows[2], tree.Rows[3])
	}
	if tree.Rows[1]["mean"] != 0.8 {
		t.Errorf("mean %v, want 0.8", tree.Rows[1]["mean"])
	}
}

// hasFields fails unless the object has exactly the fields of the types.
func hasFields(t *testing.T, object map[string]any, types ...reflect.Type) {
	t.Helper()
	want := map[string]bool{}
	for _, typ := range types {
		for i := range typ.NumField() {
			if f := typ.Field(i); !f.Anonymous {
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				want[name] = true
			}
		}
	}
	for name := range want {
		if _, has := object[name]; !has {
			t.Errorf("%s lacks %q", types[0], name)
		}
	}
	for name := range object {
		if !want[name] {
			t.Errorf("%s is written with %q", types[0], name)
		}
	}
}
