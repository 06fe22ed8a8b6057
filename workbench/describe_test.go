package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"workbench/nn"
)

// Layers of two networks stand beside one another where their places are equal, in order, however many are between.
func TestAlign(t *testing.T) {
	layers := func(text string) (all []nn.Layer) {
		for _, word := range strings.Fields(text) {
			path, kind, _ := strings.Cut(word, ":")
			all = append(all, nn.Layer{Path: path, Kind: kind, Size: 1})
		}
		return all
	}
	for _, c := range []struct{ a, b, want string }{
		{"x:conv y:linear", "x:conv y:linear", "x=x y=y"},
		{"x:conv :relu y:conv :relu z:linear", "x:conv :silu z:linear", "x=x = y+ + z=z"},
		{"x:conv", "x:linear", "x+ +x"},
		{"a:conv c:conv", "a:conv b:conv c:conv d:conv", "a=a +b c=c +d"},
		{"", "a:conv", "+a"},
		{"a:conv", "", "a+"},
	} {
		var got []string
		for _, pair := range align(layers(c.a), layers(c.b)) {
			switch {
			case pair[1] == nil:
				got = append(got, pair[0].Path+"+")
			case pair[0] == nil:
				got = append(got, "+"+pair[1].Path)
			default:
				got = append(got, pair[0].Path+"="+pair[1].Path)
			}
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%q beside %q: got %q, want %q", c.a, c.b, text, c.want)
		}
	}
}

func TestWindow(t *testing.T) {
	one, two := [2]int{1, 1}, [2]int{2, 2}
	for want, l := range map[string]nn.Layer{
		"":             {Kind: "relu"},
		"3×3":          {Kind: "conv", In: []int{8, 4, 4}, Kernel: [2]int{3, 3}, Stride: one, Dilation: one, Groups: 1},
		"1×5 /2×1":     {Kind: "max pool", Kernel: [2]int{1, 5}, Stride: [2]int{2, 1}, Dilation: one},
		"3×3 /2 dw d2": {Kind: "conv", In: []int{8, 4, 4}, Kernel: [2]int{3, 3}, Stride: two, Dilation: two, Groups: 8},
		"3×3 g4":       {Kind: "conv", In: []int{8, 4, 4}, Kernel: [2]int{3, 3}, Stride: one, Dilation: one, Groups: 4},
	} {
		if got := window(l).text; got != want {
			t.Errorf("%+v: got %q, want %q", l, got, want)
		}
	}
}

// Memory is that of as many images as --batch says, in every table of one network and of two.
func TestMemoryIsThatOfTheBatch(t *testing.T) {
	one, err := description{}.subject("vgg_mini", nil)
	if err != nil {
		t.Fatal(err)
	}
	two, err := description{}.subject("vgg_mini", []string{"width=32"})
	if err != nil {
		t.Fatal(err)
	}
	for name, shows := range map[string]func(*app, int) error{
		"layers":     func(a *app, batch int) error { return a.showLayers(one, description{batch: batch}) },
		"difference": func(a *app, batch int) error { return a.showDifference(one, two, batch) },
	} {
		var tables [2]map[string]json.RawMessage
		for i, batch := range []int{1, 3} {
			var out bytes.Buffer
			if err := shows(&app{out: &out, format: "json"}, batch); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(out.Bytes(), &tables[i]); err != nil {
				t.Fatal(err)
			}
		}
		seen := 0
		for _, key := range slices.Sorted(maps.Keys(tables[0])) {
			if key == "remarks" {
				continue
			}
			few, many := bytesIn(t, tables[0][key]), bytesIn(t, tables[1][key])
			seen += len(few)
			for i, n := range few {
				if len(many) != len(few) || many[i] != 3*n {
					t.Errorf("%s, %s: of 1 image %v bytes, of 3 images %v", name, key, few, many)
					break
				}
			}
		}
		if seen < 10 {
			t.Errorf("%s: only %d sizes are told", name, seen)
		}
	}
}

// bytesIn are the sizes in a table of JSON, in its order: what stands under a key of bytes, or in a row of that name.
func bytesIn(t *testing.T, table json.RawMessage) (all []float64) {
	t.Helper()
	var v any
	if err := json.Unmarshal(table, &v); err != nil {
		t.Fatal(err)
	}
	var walk func(v any, size bool)
	walk = func(v any, size bool) {
		switch v := v.(type) {
		case float64:
			if size {
				all = append(all, v)
			}
		case []any:
			for _, item := range v {
				walk(item, size)
			}
		case map[string]any:
			name, _ := v["name"].(string)
			for _, key := range slices.Sorted(maps.Keys(v)) {
				walk(v[key], strings.Contains(key, "_bytes") || strings.HasSuffix(name, "_bytes") && key != "ratio")
			}
		}
	}
	walk(v, false)
	return all
}
